"""Our own corpus: 638 mails of some thirty programs in thirteen languages and more, read as a run reads them.

The first reading of all, before anything was mended: the new words right in 427 of the 483 rows of
the grid, the fields in 409, a wrong value in 73 of them; kind and attribution right in every one.
Of the 84 rows written one by one, after that, 83 were right, none had a wrong value. Of sixty more,
written last of all: `docs/replies.md`. Eleven came later, each with the rule it is about.
"""

from functools import cache

import pytest
from corpus_clients import CLIENTS
from corpus_fresh import fresh
from corpus_oddities import oddities
from corpus_reading import misread, read, wrong
from corpus_rows import Row, rows
from corpus_ways import SAYS

from rmflow.domain.reading import Reading

ROWS = [*rows(), *oddities(), *fresh()]


@cache
def _readings() -> list[tuple[Row, Reading]]:
    return [(row, read(row.raw, row.locale)) for row in ROWS]


def _misread(part: str) -> list[str]:
    return [row.name for row, reading in _readings() if part in misread(row, reading)]


def test_the_corpus_is_as_wide_as_it_says() -> None:
    assert len(ROWS) >= 300
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert len(CLIENTS) >= 12
    assert len(SAYS) >= 10


@pytest.mark.parametrize(
    ("part", "most"), [("text", 0.02), ("fields", 0.03), ("kind", 0.0), ("attribution", 0.0)]
)
def test_what_is_understood_is_right_often_enough(part: str, most: float) -> None:
    """The new words in 98 of 100 mails, the fields in 97, what mail it is and whose in all."""
    missed = _misread(part)
    assert len(missed) <= most * len(ROWS), missed


def test_not_one_value_is_wrong() -> None:
    """A value may be missing; one that nobody meant would be published."""
    assert [row.name for row, reading in _readings() if wrong(row, reading)] == []


def test_what_is_missing_is_never_passed_over() -> None:
    """Who reads less than was written says so: the mail waits for a person, or is partial."""
    silent = [
        row.name
        for row, reading in _readings()
        if set(row.answers) - set(reading.answers) and reading.status.value == "ok"
    ]
    assert silent == []
