"""What operators and calendars write, bent: refused with its place, or read; never an exception."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import reply_corpus as corpus
from calendar_answers import COUNTER, GOOGLE, OUTLOOK
from config_mutants import mutated_file
from mail_mutants import TOKENS
from mutants import coded_anew, ends_changed, lines_changed, mutant

from rmflow.domain.documents import from_json, to_json
from rmflow.domain.series import Response
from rmflow.errors import ConfigError, Problem
from rmflow.formats.calendar.itip import method_of, read_responses
from rmflow.formats.settings.forms import read_forms
from rmflow.formats.settings.topics import read_topics
from rmflow.wiring import load_config

FUZZING = bool(os.environ.get("RMFLOW_FUZZ"))
ALL, SLICE = (2_500, 250) if FUZZING else (40, 40)
ANSWERS = tuple(text.replace("\n", "\r\n").encode() for text in (OUTLOOK, GOOGLE, COUNTER))


def numbers(slice: int) -> range:
    first = slice * SLICE if FUZZING else random.randrange(10**9)
    return range(first, first + SLICE)


def _loaded(text: bytes, folder: Path) -> tuple[Problem, ...]:
    path = folder / "programme.toml"
    path.write_bytes(text)
    try:
        return load_config(path).warnings
    except ConfigError as error:
        return tuple(error.problems)


def _forms(text: bytes, _: Path) -> tuple[Problem, ...]:
    return tuple(read_forms(text.decode("utf-8", "replace"), "forms.toml")[1])


def _topics(text: bytes, _: Path) -> tuple[Problem, ...]:
    return tuple(read_topics(text.decode("utf-8", "replace"), "topics.toml")[1])


@pytest.mark.parametrize("slice", range(ALL // SLICE))
@pytest.mark.parametrize(
    ("name", "read"),
    [("programme.toml", _loaded), ("forms.toml", _forms), ("topics.toml", _topics)],
)
def test_a_bent_configuration_is_refused_by_its_lines(
    name: str,
    read: Callable[[bytes, Path], tuple[Problem, ...]],
    slice: int,
    tmp_path: Path,
) -> None:
    """An operator mends what has a place; a traceback has none for them."""
    (tmp_path / "secret.key").write_text("a secret that only this test knows\n")
    for number in numbers(slice):
        problems = read(mutated_file(name, number), tmp_path)
        assert all(problem.place and problem.text for problem in problems), number


@pytest.mark.parametrize("slice", range(ALL // SLICE))
def test_a_bent_answer_from_a_calendar_is_read_or_left(slice: int) -> None:
    """What is read of it can be stored, whatever it says of its zone and its dates."""
    for number in numbers(slice):
        content = mutant(number, ANSWERS, (lines_changed, ends_changed, coded_anew), TOKENS)
        method_of(content)
        for response in read_responses(content[: 256 * 1024], received_at=corpus.RECEIVED):
            assert from_json(Response, to_json(response)) == response, number
            assert response.stamped_at <= corpus.RECEIVED
