"""SIGKILL at every boundary of claim, act and settle: each planned effect exactly once.

Layer A of docs/reliability.md. The office is real (SQLite, .ics files, maildirs, workbook), the
relay and the count of what happened are outside of the killed process. A naive loop, which records
after it has acted, goes through the same test and shows duplicates: the test can fail.
"""

import os
import shutil
import signal
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from outside import Boundaries, Journal, outside

from builders import at
from coordinator import settle
from office import Office
from rmflow.app.letters import writing_desk
from rmflow.app.ports import Ports
from rmflow.app.run import propose, run
from rmflow.domain.records import EffectState
from rmflow.planner.actions import SendLetter

Loop = Callable[[Ports], object]


@dataclass(frozen=True)
class Moment:
    """A day of the office: how it got there, and what people do just before the run.

    The run of `quiet` finds nothing to do: what happens later is then all that wakes anybody.
    """

    name: str
    runs: tuple[str, ...]
    quiet: str
    happens: Callable[[Office], None]
    at: str


def _nothing(office: Office) -> None:
    """Everybody waits for their first invitation."""


def _answers_come(office: Office) -> None:
    """A decline that changes a series, and an acceptance, on a day with nothing else to do."""
    session = "20261013T080000Z"
    office.respond("Jens Adler", "DECLINED", extra=(f"RECURRENCE-ID:{session}",))
    office.respond("Ruth Kaya", "ACCEPTED")


def _summaries_come(office: Office) -> None:
    """Two summaries, a mail that waits for a person, and a pair that left the roster."""
    office.answer("Jens Adler", "summary-request", "We talked about hiring. Very good.")
    office.answer("Ruth Kaya", "summary-request", "Key takeaways: listen first")
    office.deliver(b"From: stranger@fabrikam.example\nTo: mentoring@contoso.example\n\nHello?\n")
    office.rows.pop()
    office.save_roster()


def _a_mail_is_settled(office: Office) -> None:
    """The coordinator gives a stranger's mail to a pair; a first run only lays it before them."""
    office.deliver(b"From: stranger@fabrikam.example\nTo: mentoring@contoso.example\n\nWe met.\n")
    office.run()
    settle(office, "assign to pair-2")


START = "2026-10-05 09:00"
FIRST_DAY = Moment("a first day", (), "", _nothing, START)
MOMENTS = [
    FIRST_DAY,
    Moment("answers", (START,), "2026-10-07 15:00", _answers_come, "2026-10-07 16:00"),
    Moment(
        "summaries",
        (START, "2026-10-08 11:00", "2026-10-09 11:00", "2026-10-13 14:00"),
        "2026-10-14 09:00",
        _summaries_come,
        "2026-10-14 10:00",
    ),
    Moment(
        "a mail is settled",
        (START, "2026-10-13 14:00"),
        "2026-10-14 09:00",
        _a_mail_is_settled,
        "2026-10-14 10:00",
    ),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_every_effect_happens_exactly_once_wherever_the_run_is_cut_off(
    moment: Moment, tmp_path: Path
) -> None:
    base = _prepared(moment, tmp_path)
    wanted, boundaries = _undisturbed(moment, base, tmp_path / "undisturbed")
    assert set(wanted.values()) == {1}

    for deadly in range(1, len(boundaries) + 1):
        folder = tmp_path / "killed"
        office = _day(moment, base, folder)
        name = f"{deadly}: {boundaries[deadly - 1]}"
        assert _killed(office, deadly, run) == signal.SIGKILL, name
        assert _killed(office, 0, run) == 0, name
        assert Journal(folder / "outside.log").counted() == wanted, name
        _check_books(office, name)
        shutil.rmtree(folder)


def test_a_loop_that_records_after_it_acts_shows_duplicates(tmp_path: Path) -> None:
    """The positive control: with this loop the same kills repeat mails."""
    base = _prepared(FIRST_DAY, tmp_path)
    duplicates = 0
    for deadly in range(1, 30):
        folder = tmp_path / "killed"
        office = _day(FIRST_DAY, base, folder)
        _killed(office, deadly, naive_run)
        _killed(office, 0, naive_run)
        counted = Journal(folder / "outside.log").counted()
        duplicates += sum(number - 1 for number in counted.values())
        shutil.rmtree(folder)
    assert duplicates > 5


def naive_run(ports: Ports) -> None:
    """Act, then record: what everybody writes first. Series go through, letters are the point."""
    now = ports.clock.now()
    found = propose(ports, now)
    series = [action for action in found.plan.actions if not isinstance(action, SendLetter)]
    from rmflow.app.apply import apply
    from rmflow.app.effects import effect_of
    from rmflow.app.payloads import freeze

    with ports.store.lease() as fence:
        apply(ports, found.observation.desired, series, fence=fence, now=now)
        for action in found.plan.actions:
            if not isinstance(action, SendLetter):
                continue
            desk = writing_desk(ports, found.observation.desired, [action.letter], now)
            payload = desk.write(action.letter)
            effect = effect_of(action, freeze(payload))
            ports.mailer.send(payload.mail(effect))
            ports.store.claim([effect], fence=fence, now=now)
            ports.store.settle(effect.key, payload.records, fence=fence, now=now)


def _prepared(moment: Moment, tmp_path: Path) -> Office:
    office = Office(tmp_path / "office", pairs=2, start=at(START))
    for day in moment.runs:
        office.at(at(day)).run()
    return office


def _day(moment: Moment, base: Office, folder: Path) -> Office:
    """Return a copy of the office on the day, everything having happened but the run."""
    office = object.__new__(Office)
    office.__dict__.update(base.__dict__)
    office.rows = list(base.rows)
    office.folder = Path(shutil.copytree(base.folder, folder))
    if moment.quiet:  # a copied calendar has other file times: that has been looked at by then
        assert not office.at(at(moment.quiet)).run().outcomes
    (folder / "outside.log").unlink(missing_ok=True)
    moment.happens(office.at(at(moment.at)))
    return office


def _undisturbed(moment: Moment, base: Office, folder: Path) -> tuple[Counter[str], list[str]]:
    """Return what happens when nobody kills anybody, and the boundaries on the way."""
    boundaries = Boundaries()
    with _day(moment, base, folder).ports() as ports:
        run(outside(ports, folder, boundaries))
    return Journal(folder / "outside.log").counted(), boundaries.names


def _killed(office: Office, deadly: int, loop: Loop) -> int:
    """Run in a child that dies at a boundary (0: nowhere); return the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            with office.ports() as ports:
                loop(outside(ports, office.folder, Boundaries(deadly)))
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the child must not return into pytest
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _check_books(office: Office, name: str) -> None:
    """No doubt is left, nothing waits in the inbox, and another run has nothing to do."""
    with office.ports() as ports:
        assert ports.store.doubts() == [], name
        assert ports.store.unread() == [], name
        states = {effect.state for effect in ports.store.latest(1000)}
        assert states <= {EffectState.DONE.value}, name
    assert not list((office.folder / "in").glob("new/*")), name
    with office.ports() as ports:
        again = run(outside(ports, office.folder, Boundaries()))
    assert again.nothing, name
