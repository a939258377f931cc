"""`rmflow doctor`: what it says, whole; that it leaves nothing behind; that it never stops half-way."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builders import at
from findings import tree, verdicts
from office import Office
from rmflow.app.doctor import examined
from rmflow.errors import ConfigError, Problem, UnavailableError
from rmflow.ports.checkup import Examination, Finding, Verdict
from terminal import Said, at_the_office, rmflow

_FINE = Finding("write", Verdict.FINE, "can be written")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))


def told(said: Said) -> dict[str, list[str]]:
    """Return the lines of each subject, without what differs from day to day."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "NOW", said.out)
    text = re.sub(r"[\d.]+ GB are free", "enough is free", text)
    text = re.sub(r"\d{3} are known", "600 are known", text)
    blocks: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith(" "):
            blocks[line] = []
        elif line:
            blocks[list(blocks)[-1]].append(line.strip())
    return blocks


def test_a_new_folder_has_nothing_wrong_and_is_as_new_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "mentoring"
    rmflow("init", folder)
    before = tree(folder)

    said = rmflow("doctor", "--config", folder)

    assert (said.code, said.err) == (0, "")
    assert tree(folder) == before
    assert told(said) == {
        "configuration": ["ok       settings: programme.toml is in order"],
        "clock": ["ok       time: this machine says NOW", "ok       time zones: 600 are known"],
        "templates": told(said)["templates"],
        "roster (file)": [
            "ok       read: roster.xlsx (sheets: 2, rows: 2)",
            "warning  content: understood (people: 0, pairs: 0)",
            "→ fill in the sheets People and Pairs",
        ],
        "calendar (imip)": [f"ok       write: {folder}/calendar is made when it is first needed"],
        "mail_out (maildir)": [f"ok       write: {folder}/outbox is made when it is first needed"],
        "mail_in (maildir)": [
            f"warning  inbox: there is no folder {folder}/inbox",
            "→ correct path in [mail_in], unless no mail has ever come",
        ],
        "tracking (xlsx)": [
            f"ok       write: {folder} can be written",
            "ok       workbook: tracking.xlsx is made by a run",
        ],
        "store (sql)": [
            f"ok       write: {folder} can be written",
            "ok       tables: state.db is made by the first run",
            "ok       disk: enough is free",
        ],
        "DNS of the sender": [
            "skipped  name servers: mails are laid down as files, so nobody asks for it"
        ],
        "ok 12, warning 2, failed 0, skipped 1.": [],
    }


def test_after_runs_it_changes_nothing(office: Office) -> None:
    office.run()
    office.respond("Jens Adler", "ACCEPTED")
    before = [line for line in tree(office.folder) if "state.db-" not in line]
    digest = office.plan().digest

    said = at_the_office(office, "doctor")

    assert (said.code, said.err) == (0, "")
    assert [line for line in tree(office.folder) if "state.db-" not in line] == before
    assert office.plan().digest == digest
    assert told(said)["store (sql)"][1] == (
        "ok       tables: revision 0001, as this rmflow wants them"
    )
    assert told(said)["roster (file)"][-1] == "ok       content: understood (people: 4, pairs: 2)"


def test_a_rehearsal_is_named_and_servers_are_compared_with_the_machine(office: Office) -> None:
    """Who forgets `stopped_at` wonders for days why nobody is invited."""
    said = at_the_office(office, "doctor")
    shown = re.findall(r"this machine says (.+) UTC", said.out)[0]
    assert abs(datetime.now(UTC) - datetime.fromisoformat(f"{shown}+00:00")) < timedelta(minutes=5)
    lines = told(said)["clock"]
    assert lines[1].startswith("warning  time: rmflow's own stands still at 2026-10-05T09:00:00")


def test_whatever_fails_is_named_the_others_are_looked_at_and_the_end_is_1(office: Office) -> None:
    (office.folder / "roster.xlsx").unlink()
    (office.folder / "out").touch()

    said = at_the_office(office, "doctor")

    assert said.code == 1
    missing = f"there is no such file in {office.folder}; check path in [roster]"
    assert told(said)["roster (file)"] == [f"failed   read: roster.xlsx: {missing}"]
    assert told(said)["mail_out (maildir)"] == [
        f"failed   write: {office.folder}/out: File exists",
        f"→ let rmflow's user write to {office.folder}/out",
    ]
    assert "ok" in told(said)["store (sql)"][0]


def test_every_mistake_of_the_roster_is_a_line(office: Office) -> None:
    office.rows[0] = (*office.rows[0][:3], "fortnight", "Tue 10:00", "")
    office.save_roster()

    said = at_the_office(office, "doctor")

    assert said.code == 1
    assert told(said)["roster (file)"][1].startswith(
        'failed   content: roster.xlsx, Pairs!D2: cadence "fortnight" is unknown'
    )


class TestTemplates:
    @pytest.fixture
    def own(self, office: Office) -> Path:
        text = office.config_path.read_text()
        office.config_path.write_text(f'{text}[files]\ntemplates = "own"\n')
        return office.folder / "own" / "mail"

    def lines(self, office: Office) -> list[str]:
        return told(at_the_office(office, "doctor"))["templates"]

    def test_a_mistake_in_ones_own_is_said_once(self, office: Office, own: Path) -> None:
        """The footer is below every letter: one mistake, not sixteen."""
        (own / "de").mkdir(parents=True)
        (own / "de" / "footer.txt.j2").write_text("{{ nobody.knows.this }}")
        (line,) = self.lines(office)
        assert line.startswith("failed   mails: templates/mail/de/footer.txt.j2, line 1: 'nobody'")

    def test_a_language_of_ones_own_is_tried_as_well(self, office: Office, own: Path) -> None:
        (own / "es").mkdir(parents=True)
        (own / "es" / "prompt.txt.j2").write_text("Asunto: hola\n\nHola")
        (line,) = self.lines(office)
        assert line.startswith("failed   mails: templates/mail/es/prompt.txt.j2: the first line")
        (own / "es" / "prompt.txt.j2").write_text("Subject: hola\n\nHola")
        (own / "es" / "footer.txt.j2").write_text("Adiós")
        (line,) = self.lines(office)
        assert line.startswith("ok ")
        assert line.endswith(", in de, en, es, fr")


def test_json_has_every_finding_and_nothing_else(office: Office) -> None:
    said = at_the_office(office, "doctor", "--json")

    findings = json.loads(said.out)
    assert (said.code, said.err) == (0, "")
    assert {"subject", "check", "verdict", "text", "advice"} == set(findings[0])
    assert {finding["verdict"] for finding in findings} == {"fine", "warning", "skipped"}


def test_on_a_terminal_it_says_what_it_is_looking_at(office: Office) -> None:
    """A server may take a minute to answer."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rmflow", "doctor", "--config", str(office.config_path)]
    done = subprocess.run(command, stderr=theirs, stdout=subprocess.PIPE, check=False)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "looking at calendar (imip) …\r\x1b[K" in shown
    assert b"\x1b" not in done.stdout


class TestOneThatFails:
    """The findings of an examination that does not keep its promise."""

    def of(self, error: Exception) -> list[Finding]:
        def findings() -> Iterator[Finding]:
            yield _FINE
            raise error

        return list(examined(Examination("calendar (sundial)", findings)))

    def test_a_crash_is_a_finding_that_asks_to_be_reported(self) -> None:
        first, crash = self.of(KeyError("etag"))
        assert first == _FINE
        assert crash.verdict is Verdict.FAILED
        assert crash.text.startswith("the check itself failed: builtins.KeyError\n")
        assert "test_doctor.py" in crash.text
        assert "etag" not in crash.text  # an error's own words may be somebody's
        assert crash.advice.startswith("report it")

    def test_an_outage_is_a_finding(self) -> None:
        found = self.of(UnavailableError("sundial", "read", "it is night"))
        assert verdicts(found) == [("write", "fine"), ("read", "failed")]

    def test_every_problem_of_a_setting_is_a_finding(self) -> None:
        found = self.of(ConfigError([Problem("[calendar] kind", "no"), Problem("[store]", "no")]))
        assert verdicts(found)[1:] == [("settings", "failed")] * 2
