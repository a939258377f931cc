"""The play as a whole: what a stranger finds who runs `rmflow demo`."""

import hashlib
from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from click.testing import CliRunner, Result
from demo_files import raw_mails, written

from rmflow.cli import cli
from rmflow.demo.play import Moment, play
from rmflow.domain.records import MailRecord, ReadingRecord
from rmflow.wiring import load_config, open_store

pytest_plugins = ("demo_played",)


def command(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def hashes(folder: Path) -> dict[str, str]:
    """Every file of a folder but the log, with a hash of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "rmflow.log"
    }


def mails(folder: Path) -> dict[str, str]:
    return {name: digest for name, digest in hashes(folder).items() if name.startswith("mail/")}


def test_the_same_seed_gives_the_same_mails_and_another_gives_others(
    october: Path, tmp_path: Path
) -> None:
    """A report about a demo can be repeated by whoever reads it."""
    told = command("demo", tmp_path / "again", "--months", 1)
    play(tmp_path / "other", seed=2, months=1, force=False, told=lambda _: None)

    assert told.exit_code == 0, told.output
    assert mails(tmp_path / "again") == mails(october)
    assert mails(tmp_path / "other") != mails(october)
    assert "October 2026" in told.output
    assert f" status --config {tmp_path / 'again'}\n" in told.output


def test_six_months_end_well_and_another_run_changes_no_byte(tmp_path: Path) -> None:
    """The issue's promise about `make demo`, and everything that must hold at the end of it."""
    folder = tmp_path / "demo"
    moments: list[Moment] = []

    play(folder, seed=1, months=6, force=False, told=moments.append)

    assert [o for moment in moments for o in moment.report.unfinished] == []
    assert [str(p) for moment in moments for p in moment.report.problems] == []
    before = hashes(folder)
    again = command("run", "--config", folder)
    assert (again.exit_code, again.output) == (0, "Nothing to do.\n")
    assert hashes(folder) == before
    assert command("plan", "--exit-code", "--config", folder).exit_code == 0
    every_mail_is_accounted_for(folder)
    nobody_was_invited_twice(folder)
    the_storm_was_heard_and_not_answered(folder)
    what_the_coordinator_typed_is_still_there(folder)


def every_mail_is_accounted_for(folder: Path) -> None:
    """Nothing that came in is lost: it was filed, put away, or waits for a person.

    Only what waits, and what is recent, is still there as it came.
    """
    store = open_store(load_config(folder / "programme.toml"))
    kept = {mail.id for mail in store.read(MailRecord)}
    readings = store.read(ReadingRecord)
    store.close()
    inbox = folder / "mail" / "in"
    states = Counter(reading.state for reading in readings)

    assert len(written(folder)) == len(readings)
    newest = max(reading.received_at for reading in readings)
    recent = {r.mail_id for r in readings if newest - r.received_at < timedelta(days=7)}
    waiting = {r.mail_id for r in readings if r.state == "waiting"}
    assert recent | waiting <= kept < {reading.mail_id for reading in readings}
    assert raw_mails(inbox) == []
    assert states["waiting"] == len(raw_mails(inbox / ".Needs you")) == 3
    assert states["filed"] > 100
    assert states["ignored"] == 41


def nobody_was_invited_twice(folder: Path) -> None:
    """One invitation an attendee and series; thirteen pairs, and one leader who moved."""
    invited: Counter[tuple[str, str]] = Counter()
    for raw in raw_mails(*(folder / "mail" / "out").iterdir()):
        mail = message_from_bytes(raw, policy=default)
        if mail["X-Rmflow-Kind"] == "invitation":
            calendar = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
            lines = calendar.get_content().splitlines()
            uid = next(line for line in lines if line.startswith("UID:"))
            invited[uid, mail["To"].addresses[0].addr_spec] += 1

    assert set(invited.values()) == {1}
    assert len({uid for uid, _ in invited}) == 13
    assert len(invited) == 2 * 13 + 1


def the_storm_was_heard_and_not_answered(folder: Path) -> None:
    """Forty automatic replies in an hour make no mail of ours (RFC 3834 section 2)."""
    automatic = [mail for mail in written(folder) if mail["Auto-Submitted"]]
    receipts = [
        raw
        for raw in raw_mails(folder / "mail" / "out" / "carmen.ibanez.ruiz@contoso.example")
        if b"X-Rmflow-Kind: receipt" in raw
    ]
    summaries = [
        mail
        for mail in written(folder)
        if mail["From"].addresses[0].addr_spec.startswith("carmen")
        and mail["Subject"].startswith("Re: How was")
    ]

    assert len(automatic) == 41
    assert len(receipts) == len(summaries)


def what_the_coordinator_typed_is_still_there(folder: Path) -> None:
    from rmflow.adapters.spreadsheet import read_tables

    tables = read_tables(folder / "tracking.xlsx")
    texts = {str(cell) for table in tables for row in table.rows for cell in row}

    assert any(text.startswith("Met Marcus at lunch") for text in texts)
    assert "closed" in texts
