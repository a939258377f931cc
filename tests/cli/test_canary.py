"""A canary: a name, an address, words and a password that occur nowhere else.

Whatever runs, whatever fails: none of them comes into the log, an error's text, a plan, a temporary
file. Every logger of every library is listened to, at its most talkative.
"""

import io
import logging
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from builders import at
from correspondence import bounce, stranger
from office import Office
from terminal import Said, at_the_office

NAME = "Quetzalina Xylander"
WORDS = "Marzipanschweinchen"
PASSWORD = "hunter2-Vogelbeere"
CANARIES = ("quetzalina", "xylander", WORDS.lower(), PASSWORD.lower(), "a secret that only")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Give all that any library logs, with its tracebacks."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Quetzalina is mentored by Mara. There is no folder for temporary files: whoever wants to lay
    something down there fails.
    """
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    canary = (NAME.lower().replace(" ", ".") + "@contoso.example", NAME)
    office.people[2] = (*canary, *office.people[2][2:])
    office.rows[0] = (*office.rows[0][:2], canary[0], *office.rows[0][3:])
    office.save_roster()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    return office


def found(*texts: str) -> list[str]:
    return [canary for canary in CANARIES for text in texts if canary in text.lower()]


def live_through_it(office: Office) -> list[Said]:
    """Invite, remind, read a summary, a bounce and a stranger; look at the plan each time."""
    said = []
    for moment in ("2026-10-05 09:00", "2026-10-08 11:00", "2026-10-09 11:00", "2026-10-13 16:00"):
        office.at(at(moment))
        said += [at_the_office(office, "plan"), at_the_office(office, "run", "--json")]
        said.append(at_the_office(office, "status"))
    office.answer(NAME, "summary-request", f"Key takeaways: {WORDS}\nRating: 5")
    bounce(office, NAME, "invitation")
    stranger(office)
    office.at(at("2026-10-14 10:00"))
    return [*said, at_the_office(office, "plan", "--json"), at_the_office(office, "run", "--json")]


def test_a_life_leaves_no_canary_in_log_or_plan(
    office: Office, logged: io.StringIO, tmp_path: Path
) -> None:
    said = live_through_it(office)
    assert [s.code for s in said if s.code not in (0, 1)] == []
    log = (office.folder / "rmflow.log").read_text()
    assert "send invitation" in log
    for text in (log, logged.getvalue(), *(s.err for s in said), *(s.out for s in said)):
        assert found(text) == [], text
    assert not (tmp_path / "nowhere").exists()


def test_what_is_on_record_about_a_life_is_no_canary(office: Office) -> None:
    """The audit log is for auditors: neither its rows nor what is shown of them name anybody."""
    live_through_it(office)
    shown = at_the_office(office, "inbox list").out[:8]
    assert at_the_office(office, "inbox show", shown).code == 0
    office.at(at("2026-11-16 10:00"))
    said = [at_the_office(office, verb) for verb in ("plan", "status", "run", "audit")]
    said.append(at_the_office(office, "audit", "--json", "--person", NAME))
    with closing(sqlite3.connect(office.folder / "state.db")) as database:
        rows = str(database.execute("SELECT * FROM audit").fetchall())
    assert "mail shown" in rows
    assert "old words deleted" in rows
    assert found(rows, said[-1].out, said[-2].out, *(s.err for s in said)) == []
    assert found((office.folder / "rmflow.log").read_text()) == []


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (lambda office: (office.folder / "state.db").write_bytes(b"no database" * 999), 5),
        (lambda office: (office.folder / "calendars").rename(office.folder / "elsewhere"), None),
        (lambda office: (office.folder / "out").chmod(0o000), None),
        (lambda office: (office.folder / "secret.key").write_text(""), 2),
    ],
    ids=["database", "calendar", "outbox", "secret"],
)
def test_an_error_shows_none_either(
    office: Office, logged: io.StringIO, broken: object, code: int | None
) -> None:
    live_through_it(office)
    assert callable(broken)
    broken(office)
    office.at(at("2026-11-05 11:00"))
    said = at_the_office(office, "run")
    assert code is None or said.code == code
    log = (office.folder / "rmflow.log").read_text()
    assert found(said.out, said.err, log, logged.getvalue()) == []


def test_a_mail_server_that_refuses_does_not_make_us_say_the_password(
    office: Office, logged: io.StringIO
) -> None:
    """Nobody listens at that port; libraries like to show what they were called with."""
    text = office.config_path.read_text()
    smtp = (
        'kind = "smtp"\nhost = "127.0.0.1"\nport = 1\nusername = "mentoring"\n'
        'password = "env:MAIL_PASSWORD"'
    )
    office.config_path.write_text(text.replace('kind = "maildir"\npath = "out"', smtp))
    said = [at_the_office(office, verb) for verb in ("check", "doctor", "plan", "run")]
    assert said[-1].code == 1
    log = (office.folder / "rmflow.log").read_text()
    assert found(log, logged.getvalue(), *(s.out + s.err for s in said)) == []


def test_a_mistake_of_ours_is_told_without_the_words_it_was_about(
    office: Office, logged: io.StringIO
) -> None:
    """A message of Python, or of a library, shows the value that was wrong."""
    live_through_it(office)
    with closing(sqlite3.connect(office.folder / "state.db")) as database:
        database.execute("UPDATE people SET person_json = ?", (f'{{"name": "{NAME}", {WORDS}',))
        database.commit()
    said = at_the_office(office, "status")
    assert (said.code, "app/overview.py" in said.err) == (70, True)
    assert found(said.out, said.err, logged.getvalue()) == []


LOUD = f"""
import atexit, logging, sys
from rmflow.cli import main
def cry():
    logging.getLogger("exchangelib.util").error("<m:CreateItem>%s</m:CreateItem>", "{WORDS}")
    logging.getLogger("urllib3.connectionpool").warning("Retrying: /?password={PASSWORD}")
atexit.register(cry)
main()
"""


def test_libraries_that_log_whole_requests_are_heard_by_nobody(office: Office) -> None:
    """exchangelib does (util.py, at an unknown error), urllib3 shows addresses with their keys.
    Python writes to standard error what nobody listens to; cron makes a mail of that.
    """
    command = [sys.executable, "-c", LOUD, "plan", "--config", str(office.config_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found(said.stdout, said.stderr) == []


def test_a_child_process_is_given_no_secret_and_no_name(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody on a machine may read the arguments of a process, its user the environment."""
    seen = tmp_path / "seen"
    spy = tmp_path / "python"
    spy.write_text(f'#!/bin/sh\nenv >> {seen}\necho "$@" >> {seen}\nexec {sys.executable} "$@"\n')
    spy.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(spy))
    office.run()
    assert "spreadsheet_child" in seen.read_text()
    assert found(seen.read_text()) == []
    assert "MAIL_PASSWORD" not in seen.read_text()
