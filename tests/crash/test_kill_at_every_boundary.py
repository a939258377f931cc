"""SIGKILL at every boundary of claim, act and settle: each planned effect exactly once.

Layer A of docs/reliability.md. The office is real (SQLite, .ics files, maildirs, workbook), the
relay and the count of what happened are outside of the killed process. A naive loop, which records
after it has acted, goes through the same test and shows duplicates: the test can fail.
"""

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from outside import Boundaries, Journal, outside

from builders import at
from office import Office
from rmflow.app.letters import writing_desk
from rmflow.app.ports import Ports
from rmflow.app.run import propose, run
from rmflow.domain.records import EffectState
from rmflow.planner.actions import SendLetter

Loop = Callable[[Ports], object]


def a_first_day(office: Office) -> datetime:
    """Series and invitations for everybody."""
    return at("2026-10-05 09:00")


def a_day_of_answers(office: Office) -> datetime:
    """A decline that changes a series, and an acceptance; nothing else is due that would wake them."""
    _through(office, "2026-10-05 09:00")
    _at(office, "2026-10-07 15:00")
    session = "20261013T080000Z"
    office.respond("Jens Adler", "DECLINED", extra=(f"RECURRENCE-ID:{session}",))
    office.respond("Ruth Kaya", "ACCEPTED")
    return at("2026-10-07 16:00")


def a_day_of_summaries(office: Office) -> datetime:
    """Two summaries, one mail that waits for a person, one reminder, one pair that left."""
    _through(office, "2026-10-05 09:00", "2026-10-08 11:00", "2026-10-09 11:00", "2026-10-13 14:00")
    office.answer("Jens Adler", "summary-request", "We talked about hiring. Very good.")
    office.answer("Ruth Kaya", "summary-request", "Key takeaways: listen first")
    office.deliver(b"From: stranger@fabrikam.example\nTo: mentoring@contoso.example\n\nHello?\n")
    office.rows.pop()
    office.save_roster()
    return at("2026-10-16 14:00")


MOMENTS = [a_first_day, a_day_of_answers, a_day_of_summaries]


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_effect_happens_exactly_once_wherever_the_run_is_cut_off(
    moment: Callable[[Office], datetime], tmp_path: Path
) -> None:
    base = _prepared(moment, tmp_path)
    wanted, boundaries = _undisturbed(base, tmp_path / "undisturbed")
    assert set(wanted.values()) == {1}

    for deadly in range(1, len(boundaries) + 1):
        folder = shutil.copytree(base.folder, tmp_path / "killed")
        name = f"{deadly}: {boundaries[deadly - 1]}"
        assert _killed(folder, base, deadly, run) == signal.SIGKILL, name
        assert _killed(folder, base, 0, run) == 0, name
        assert Journal(folder / "outside.log").counted() == wanted, name
        _check_books(folder, base, name)
        shutil.rmtree(folder)


def test_a_loop_that_records_after_it_acts_shows_duplicates(tmp_path: Path) -> None:
    """The positive control: with this loop the same kills repeat mails."""
    base = _prepared(a_first_day, tmp_path)
    _undisturbed(base, tmp_path / "undisturbed")
    duplicates = 0
    for deadly in range(1, 30):
        folder = shutil.copytree(base.folder, tmp_path / "killed")
        _killed(folder, base, deadly, naive_run)
        _killed(folder, base, 0, naive_run)
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


def _prepared(moment: Callable[[Office], datetime], tmp_path: Path) -> Office:
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.at(moment(office))
    (office.folder / "outside.log").unlink(missing_ok=True)
    return office


def _through(office: Office, *days: str) -> None:
    for day in days:
        office.at(at(day)).run()


def _at(office: Office, day: str) -> None:
    office.at(at(day))


def _undisturbed(base: Office, folder: Path) -> tuple[Counter[str], list[str]]:
    """Return what happens when nobody kills anybody, and the boundaries on the way."""
    shutil.copytree(base.folder, folder)
    office = _moved(base, folder)
    boundaries = Boundaries()
    with office.ports() as ports:
        run(outside(ports, folder, boundaries))
    return Journal(folder / "outside.log").counted(), boundaries.names


def _killed(folder: Path, base: Office, deadly: int, loop: Loop) -> int:
    """Run in a child that dies at a boundary (0: nowhere); return the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            office = _moved(base, folder)
            with office.ports() as ports:
                loop(outside(ports, folder, Boundaries(deadly)))
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the child must not return into pytest
            import traceback

            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _check_books(folder: Path, base: Office, name: str) -> None:
    """No doubt is left, nothing waits in the inbox, and another run has nothing to do."""
    office = _moved(base, folder)
    with office.ports() as ports:
        assert ports.store.doubts() == [], name
        assert ports.store.unread() == [], name
        states = {effect.state for effect in ports.store.latest(1000)}
        assert states <= {EffectState.DONE.value}, name
    assert not list((folder / "in").glob("new/*")), name
    with office.ports() as ports:
        again = run(outside(ports, folder, Boundaries()))
    assert again.nothing, name


def _moved(base: Office, folder: Path) -> Office:
    """Return the same office in another folder."""
    office = object.__new__(Office)
    office.__dict__.update(base.__dict__)
    office.folder = folder
    return office
