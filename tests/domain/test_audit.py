"""A list of what was done that cannot be changed unnoticed: each lie is told here, and found."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rmflow.domain.audit import (
    NO_HEAD,
    Broken,
    Entry,
    Event,
    Head,
    Logged,
    alias_of,
    check,
    facts,
    head_in,
    logged,
    numbers_in,
    spans,
)
from rmflow.domain.people import PersonId

SALT = b"a salt that only this test knows"
START = datetime(2026, 10, 5, 7, tzinfo=UTC)
MARA = PersonId("mara.vogel@contoso.example")


def entry(number: int, event: Event = Event.DONE, **values: object) -> Entry:
    at = START + timedelta(minutes=number)
    return replace(Entry(at, event, "pair-1", MARA, f"{number:032x}"), **values)  # type: ignore[arg-type]  # the fields of a test's entry


def written(entries: Iterable[Entry], *, after: Head = NO_HEAD) -> list[Logged]:
    rows: list[Logged] = []
    for each in entries:
        row = logged(each, after, salt=SALT, blind=f"blind {each.at}", uid=1000)
        rows.append(row)
        after = row.head
    return rows


def broken(rows: Iterable[Logged], *heads: Head, salt: bytes = SALT) -> Broken | None:
    return check(rows, heads, salt)[1]


def empty(row: Logged) -> Logged:
    return replace(row, pairing="", person="", about="", facts_json="", blind="")


@pytest.fixture
def rows() -> list[Logged]:
    return written(entry(n) for n in range(1, 10))


def test_a_log_that_nobody_touched_is_unbroken(rows: list[Logged]) -> None:
    assert check(rows, [rows[3].head, rows[-1].head], SALT) == (rows[-1].head, None)
    assert check([], [], SALT) == (NO_HEAD, None)


@pytest.mark.parametrize(
    "lie",
    [
        {"at": START},
        {"event": "effect held"},
        {"uid": 0},
        {"pairing": "pair-2"},
        {"person": alias_of(SALT, PersonId("jens.adler@contoso.example"))},
        {"about": "0" * 32},
        {"facts_json": '{"kind":"send prompt"}'},
        {"blind": "another"},
        {"seal": "0" * 32},
        {"chain": "0" * 32},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_changed_entry_is_found_in_its_place(rows: list[Logged], lie: dict[str, object]) -> None:
    rows[4] = replace(rows[4], **lie)  # type: ignore[arg-type]
    found = broken(rows)
    assert found is not None
    assert found.number == 5


def test_a_deleted_entry_is_found(rows: list[Logged]) -> None:
    found = broken([*rows[:4], *rows[5:]])
    assert found is not None
    assert (found.number, "next one is 6" in found.why) == (5, True)


def test_the_first_entries_cannot_be_left_out(rows: list[Logged]) -> None:
    assert broken(rows[2:]) == Broken(1, "it is not there, or not in its place; the next one is 3")


def test_a_deleted_entry_is_found_though_the_rest_was_renumbered(rows: list[Logged]) -> None:
    rest = [replace(row, number=row.number - 1) for row in rows[5:]]
    found = broken([*rows[:4], *rest])
    assert found is not None
    assert found.number == 5


@pytest.mark.parametrize("renumbered", [True, False])
def test_swapped_entries_are_found(rows: list[Logged], *, renumbered: bool) -> None:
    rows[4], rows[5] = rows[5], rows[4]
    if renumbered:
        rows[4], rows[5] = replace(rows[4], number=5), replace(rows[5], number=6)
    found = broken(rows)
    assert found is not None
    assert found.number == 5


def test_an_end_that_was_cut_off_is_found_by_a_mark_kept_elsewhere(rows: list[Logged]) -> None:
    """The chain alone cannot know of what came after: that is what heads are for."""
    assert broken(rows[:6]) is None
    found = broken(rows[:6], rows[2].head, rows[7].head)
    assert found is not None
    assert (found.number, "cut off" in found.why) == (8, True)


def test_a_log_written_anew_without_the_secret_is_found(rows: list[Logged]) -> None:
    forged = [logged(entry(1), NO_HEAD, salt=b"guessed", blind="", uid=1000)]
    assert broken(forged) == Broken(1, "what it says was changed")


def test_an_end_that_was_written_anew_with_the_secret_is_found_by_a_head(
    rows: list[Logged],
) -> None:
    """Whoever reads the secret can write a chain of their own, but not what was kept elsewhere."""
    anew = written([entry(20), entry(21)], after=rows[6].head)
    found = broken([*rows[:7], *anew], rows[8].head)
    assert found is not None
    assert (found.number, "another entry" in found.why) == (9, True)


def test_entries_emptied_for_a_forgotten_person_do_not_break_it(rows: list[Logged]) -> None:
    gone = Entry(START, Event.FORGOTTEN, facts_json=facts(entries="2-4,7"))
    emptied = [empty(row) if row.number in (2, 3, 4, 7) else row for row in rows]
    assert broken([*emptied, *written([gone], after=rows[-1].head)]) is None


def test_an_entry_emptied_for_nobody_is_found(rows: list[Logged]) -> None:
    gone = Entry(START, Event.FORGOTTEN, facts_json=facts(entries="2-4"))
    emptied = [empty(row) if row.number in (2, 3, 4, 7) else row for row in rows]
    found = broken([*emptied, *written([gone], after=rows[-1].head)])
    assert found == Broken(7, "it was emptied, and nobody was forgotten for it")


def test_what_was_emptied_cannot_be_guessed_with_the_secret(rows: list[Logged]) -> None:
    """Its random number is gone as well: any guess gives another seal."""
    row = rows[0]
    guesses = (replace(row, blind=blind) for blind in ("", "0" * 32))
    assert all(broken([guess]) for guess in guesses)


def test_a_database_that_was_restored_explains_its_gap(rows: list[Logged]) -> None:
    """A backup from after entry 4; the replaced database had come to entry 9."""
    back = Entry(START, Event.RESTORED, after=9)
    restored = [*rows[:4], *written([back, entry(30)], after=rows[3].head)]
    assert [row.number for row in restored[4:]] == [10, 11]
    assert broken(restored, rows[2].head, rows[6].head, rows[8].head, restored[-1].head) is None


def test_no_other_entry_explains_a_gap(rows: list[Logged]) -> None:
    late = written([entry(30, after=9)], after=rows[3].head)
    found = broken([*rows[:4], *late])
    assert found is not None
    assert found.number == 5


def test_a_database_put_back_by_hand_excuses_the_marks_of_the_replaced_one(
    rows: list[Logged],
) -> None:
    other = written([entry(40), entry(41)], after=rows[3].head)
    back = Entry(START, Event.RESTORED, facts_json=facts(**{"from": 5}), after=9)
    restored = [*rows[:4], *other, *written([back], after=other[-1].head)]
    assert broken(restored, rows[4].head, rows[8].head) is None
    assert broken(restored[:-1], rows[4].head) is not None


def test_people_are_named_by_an_alias_that_does_not_tell_their_address() -> None:
    alias = alias_of(SALT, MARA)
    assert alias == alias_of(SALT, MARA) != alias_of(b"another", MARA)
    assert len(alias) == 12
    assert "mara" not in alias
    assert alias_of(SALT, PersonId("")) == ""


def test_numbers_are_written_in_short() -> None:
    assert spans([9, 3, 4, 5]) == "3-5,9"
    assert list(numbers_in("3-5,9")) == [3, 4, 5, 9]
    assert list(numbers_in(spans([]))) == []


def test_a_mark_is_read_as_it_was_written(rows: list[Logged]) -> None:
    assert head_in(f" {rows[2].head}\n") == rows[2].head
    for wrong in ("", "3", "x:" + "0" * 32, "3:short"):
        with pytest.raises(ValueError, match="NUMBER:CODE"):
            head_in(wrong)
