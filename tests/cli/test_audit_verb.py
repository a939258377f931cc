"""`rmflow audit`: what was done is told by ids, and every change of it is found."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from builders import at
from coordinator import settle, type_in
from office import NAMES, Office, address
from terminal import Said, at_the_office

STRANGER = b"From: stranger@fabrikam.example\nTo: mentoring@contoso.example\n\nHello?\n"
NOTHING = "person = '', pairing = '', about = '', facts_json = '', blind = ''"


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A first day, and an agenda request; a backup was made between the two."""
    folder = tmp_path_factory.mktemp("audit") / "office"
    office = Office(folder, pairs=2, start=at("2026-10-05 09:00"))
    assert at_the_office(office, "run").code == 0
    assert at_the_office(office, "backup", folder / "copy.bak").code == 0
    office.at(at("2026-10-08 11:00"))
    assert at_the_office(office, "run").code == 0
    return office


@pytest.fixture
def office(lived_in: Office, tmp_path: Path) -> Office:
    return lived_in.copied(tmp_path / "office")


def tampered(office: Office, *statements: str) -> Said:
    """Say what the verb says after somebody with a SQL shell was at the database."""
    with closing(sqlite3.connect(office.folder / "state.db")) as database, database:
        for statement in statements:
            database.execute(statement)
    return at_the_office(office, "audit")


def told(office: Office, *words: str) -> list[dict[str, object]]:
    said = at_the_office(office, "audit", "--json", *words)
    assert said.code == 0, said.err
    entries: list[dict[str, object]] = json.loads(said.out)["entries"]
    return entries


def newest(office: Office) -> str:
    heads: list[str] = re.findall(r"Unbroken up to (\S+)", at_the_office(office, "audit").out)
    return heads[0]


def test_every_effect_and_every_run_has_its_entry(office: Office) -> None:
    entries = told(office)
    assert [each["number"] for each in entries] == list(range(1, len(entries) + 1))
    assert [each["event"] for each in entries[-4:]] == [
        "run started", "effect done", "effect done", "run ended",
    ]  # fmt: skip
    with office.ports() as ports:
        keys = {effect.key for effect in ports.store.latest(100)}
    assert {each["about"] for each in entries if each["event"] == "effect done"} == keys
    assert entries[-1]["facts"] == {"done": 2, "plan": entries[-4]["facts"]["plan"]}  # type: ignore[index]


def test_a_run_with_nothing_to_do_adds_nothing(office: Office) -> None:
    before = newest(office)
    assert at_the_office(office, "run").code == 0
    assert newest(office) == before


def test_what_people_choose_is_on_record(office: Office, tmp_path: Path) -> None:
    office.deliver(STRANGER)
    office.deliver(STRANGER.replace(b"Hello", b"Good day"))
    office.at(at("2026-10-08 12:00"))
    assert at_the_office(office, "run").code == 0
    mail, _ = (line[:8] for line in at_the_office(office, "inbox list").out.splitlines())
    start = len(told(office))
    for verb in (
        ("inbox show", mail),
        ("inbox discard", mail),
        ("export", NAMES[0], tmp_path / "x"),
    ):
        assert at_the_office(office, *verb).code == 0
    assert at_the_office(office, "run").code == 0  # the workbook shows the other one alone
    settle(office, "discard")
    assert at_the_office(office, "run", "--plan", office.plan().digest).code == 0
    events = [(each["event"], each["facts"]) for each in told(office)[start:]]
    assert [event for event, _ in events] == [
        "mail shown",
        "settled by a person",
        "person exported",
        "plan confirmed",
        "run started",
        "settled by a person",
        "run ended",
    ]
    assert events[1][1] == events[5][1] == {"choice": "discard"}


def test_what_the_coordinator_chooses_for_a_pair_is_on_record(office: Office) -> None:
    """A second invitation has somebody who wanted it."""
    type_in(office, "pair-1", "Do next", "resend invitation")
    assert at_the_office(office, "run").code == 0
    [chosen] = [each for each in told(office) if each["event"] == "chosen for a pair"]
    assert (chosen["pair"], chosen["facts"]) == ("pair-1", {"choice": "resend invitation"})


def test_the_list_is_narrowed_to_a_pair_a_person_or_a_time(office: Office) -> None:
    pair = told(office, "--pair", "pair-2")
    assert {each["pair"] for each in pair} == {"pair-2"}
    mara = told(office, "--person", NAMES[0])
    assert mara == told(office, "--person", address(NAMES[0]))
    assert {each["pair"] for each in mara} == {"pair-1"}
    assert len({each["person"] for each in mara}) == 1
    assert told(office, "--since", "2026-10-08")[0]["event"] == "run started"
    assert at_the_office(office, "audit", "--person", "Nobody").code == 1


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE audit SET pairing = 'pair-9' WHERE number = 4", 4),
        ("UPDATE audit SET at = '2026-10-05 06:00:00.000000' WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number > 11", 14),
        ("DELETE FROM audit", 9),
        (f"UPDATE audit SET {NOTHING} WHERE number = 4", 4),
    ],
    ids=["changed row", "changed time", "deleted row", "cut tail", "all gone", "emptied row"],
)  # fmt: skip
def test_a_change_is_found_with_its_place(office: Office, statement: str, place: int) -> None:
    """The log file knows how far the list had come each time: 9, 10, then 14."""
    said = tampered(office, statement)
    assert said.code == 1
    assert f"problem  audit log, entry {place}: " in said.err


def test_swapped_rows_are_found(office: Office) -> None:
    swap = (
        "UPDATE audit SET number = {} WHERE number = {}".format(*n)
        for n in ((99, 4), (4, 5), (5, 99))
    )
    assert "audit log, entry 4: " in tampered(office, *swap).err


def test_where_the_log_file_is_gone_a_mark_kept_elsewhere_finds_a_cut_end(office: Office) -> None:
    head = newest(office)
    (office.folder / "rmflow.log").unlink()
    assert tampered(office, "DELETE FROM audit WHERE number > 11").code == 0
    said = at_the_office(office, "audit", "--head", head)
    assert (said.code, "the end was cut off" in said.err) == (1, True)
    assert at_the_office(office, "audit", "--head", "nonsense").code == 2


def test_another_secret_does_not_make_a_list_that_fits(office: Office) -> None:
    (office.folder / "secret.key").write_text("a secret that somebody else has made\n")
    assert "audit log, entry 1: " in at_the_office(office, "audit").err


def test_a_restored_database_tells_so_and_is_unbroken(office: Office) -> None:
    """What came after the backup is in the replaced database, and its numbers are not used again."""
    assert at_the_office(office, "restore", office.folder / "copy.bak").code == 0
    office.at(at("2026-10-08 12:00"))
    assert at_the_office(office, "run").code == 0
    said = at_the_office(office, "audit")
    assert said.code == 0, said.err
    assert "up to 14: in the database that was replaced" in said.out
    assert [each["number"] for each in told(office)][8:10] == [9, 15]


def test_a_database_put_back_by_hand_is_found_until_somebody_says_so(office: Office) -> None:
    shutil.copy(office.folder / "copy.bak", office.folder / "state.db")
    said = at_the_office(office, "audit")
    assert (said.code, "say `rmflow restore`" in said.err) == (1, True)
    assert at_the_office(office, "restore").code == 0
    said = at_the_office(office, "audit")
    assert said.code == 0, said.err


def test_a_log_that_is_put_away_for_its_age_keeps_what_is_new(office: Office) -> None:
    log = office.folder / "rmflow.log"
    fresh = log.read_text()
    old = '{"at": "2020-01-01T00:00:00+0000", "level": "info", "event": "run done"}\n'
    log.write_text(old * 3 + "what is no JSON stays\n" + fresh)
    assert at_the_office(office, "run").code == 0
    text = log.read_text()
    assert "2020" not in text
    assert text.startswith("what is no JSON stays\n" + fresh)


def test_no_name_is_in_the_list(office: Office) -> None:
    said = at_the_office(office, "audit").out + at_the_office(office, "audit", "--json").out
    with closing(sqlite3.connect(office.folder / "state.db")) as database:
        said += str(database.execute("SELECT * FROM audit").fetchall())
    assert not re.search(r"@|vogel|adler|mara|jens", said, re.IGNORECASE)


def test_who_is_forgotten_is_in_it_no_more_and_it_is_unbroken(office: Office) -> None:
    """Neither their pair, nor the alias that their address would lead to, nor keys of letters."""
    alias = told(office, "--person", NAMES[0])[0]["person"]
    assert isinstance(alias, str)
    del office.rows[0]
    office.people = [row for row in office.people if row[1] not in (NAMES[0], "Jens Adler")]
    office.save_roster()
    office.at(at("2026-10-16 10:00")).run(confirmed=office.plan().digest)
    assert at_the_office(office, "forget", address(NAMES[0]), "--yes").code == 0
    said = at_the_office(office, "audit")
    assert said.code == 0, said.err
    with closing(sqlite3.connect(office.folder / "state.db")) as database:
        rows = str(database.execute("SELECT * FROM audit").fetchall())
    assert alias not in rows
    assert "pair-1" not in rows
    assert "(forgotten)" in said.out
    assert "person forgotten" in said.out
    assert at_the_office(office, "forget", address(NAMES[0]), "--readmit").code == 0
    assert told(office)[-1]["event"] == "person readmitted"
