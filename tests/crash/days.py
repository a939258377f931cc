"""Days in an office, to be cut off: what was before, what people do, and when the run comes."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from killing import command_line, ended
from places import AtAService, Place

from builders import at
from coordinator import settle, type_in
from office import Office, address
from rmflow.domain.documents import from_json
from rmflow.domain.records import SeriesRecord
from rmflow.domain.recurrence import original_wall_start
from rmflow.domain.series import ParticipationStatus, Response, SeriesSpec, SessionId

START = "2026-10-05 09:00"
_ENDS = "end = 2027-03-31\n"  # the fakes reckon with every meeting that there will be
CANARY = "a canary that no log may sing of"
_STRANGER = b"""From: stranger@fabrikam.example\r
To: mentoring@contoso.example\r
Message-ID: <hello@fabrikam.example>\r
\r
Hello?\r
"""


class Premises(Office):
    """An office of four pairs, three of them in the roster, whose mail goes through a place."""

    def __init__(self, folder: Path, place: Place, start: datetime) -> None:
        super().__init__(folder, pairs=4, calendar=place.calendar, programme=_ENDS, start=start)
        self.place = place
        self.newcomer = self.rows.pop()
        self.save_roster()
        place.configure(self.config_path)

    def deliver(self, raw: bytes) -> bytes:
        if not self.place.deliver(self.folder, raw, self.now):
            super().deliver(raw)
        return raw

    def at(self, now: datetime) -> "Premises":
        super().at(now)
        return self

    def cron(self) -> str:
        """Let a run happen, in a process of its own, and people get what it sent."""
        said = self.folder.with_suffix(".said")
        said.unlink(missing_ok=True)
        code = ended(command_line(self), said)
        assert code == 0, said.read_text()
        self.place.rest(self.folder)
        self._collect()
        return said.read_text()

    def _collect(self) -> None:
        for recipient, raw in self.place.letters() or ():
            inbox = self.folder / "out" / recipient / "new"
            inbox.mkdir(parents=True, exist_ok=True)
            (inbox / f"{sha256(raw).hexdigest()}.rmflow").write_bytes(raw)

    def say(self, person: str, status: str, session: str = "") -> None:
        """Let a person answer an invitation, or one meeting of it, by whatever way there is."""
        if isinstance(self.place, AtAService):
            self._note(self.place, person, status, SessionId(session) if session else None)
        elif self.place.calendar != "vdir":  # a mere folder invites nobody
            extra = (f"RECURRENCE-ID:{session}",) if session else ()
            self.respond(person, status, extra=extra)

    def _note(self, place: AtAService, person: str, status: str, session: SessionId | None) -> None:
        with self.ports() as ports:
            specs = [from_json(SeriesSpec, r.spec_json) for r in ports.store.read(SeriesRecord)]
        who = address(person)
        spec = next(s for s in specs if who in {a.address for a in s.attendees})
        said = ParticipationStatus(status)
        response = Response(
            uid=spec.uid,
            session=session,
            attendee=next(a.address for a in spec.attendees if a.address == who),
            status=said,
            sequence=0,
            stamped_at=self.now,
        )
        original = original_wall_start(spec, session) if session else None
        assert place.service.answer(spec, response, original)


@dataclass(frozen=True)
class Moment:
    """A day of the office: the runs before it, and what people do just before the run.

    `quiet`: a last run before, which finds nothing to do; what happens later is then all that
    wakes anybody. "" where there is none.
    """

    name: str
    runs: tuple[str, ...]
    quiet: str
    happens: Callable[[Premises], None]
    at: str


def _nothing(office: Premises) -> None:
    """Everybody waits for their first invitation, and the database for its tables."""


def _answers_come(office: Premises) -> None:
    """A decline that changes a series, and an acceptance, on a day with nothing else to do."""
    office.say("Jens Adler", "DECLINED", "20261013T080000Z")
    office.say("Ruth Kaya", "ACCEPTED")


def _a_meeting_is_declined(office: Premises) -> None:
    """A decline that changes a series, and is told to both."""
    office.say("Jens Adler", "DECLINED", "20261110T090000Z")


def _much_happens(office: Premises) -> None:
    """Summaries, a stranger, a pair that leaves, one that comes, one that moves; and a typed note."""
    office.answer("Jens Adler", "summary-request", f"We talked about hiring, {CANARY}. Good.")
    office.answer("Ruth Kaya", "summary-request", "Key takeaways: listen first\nRating: 5")
    office.deliver(_STRANGER)
    moved = office.rows[1]
    office.rows[1:] = [(*moved[:4], "Tue 11:00", *moved[5:]), office.newcomer]
    office.save_roster()
    type_in(office, "pair-1", "Coordinator notes", "they go on in spring")


def _a_mail_is_settled(office: Premises) -> None:
    """The coordinator gives a stranger's mail to a pair; a first run only lays it before them."""
    office.deliver(_STRANGER)
    office.cron()
    settle(office, "assign to pair-2")


FIRST_DAY = Moment("a first day", (), "", _nothing, START)
ANSWERS = Moment("answers", (START,), "2026-10-07 15:00", _answers_come, "2026-10-07 16:00")
FULL_DAY = Moment(
    "a full day",
    (START, "2026-10-08 11:00", "2026-10-09 11:00", "2026-10-13 14:00"),
    "2026-10-14 09:00",
    _much_happens,
    "2026-10-14 10:00",
)
SETTLED = Moment(
    "a mail is settled",
    (START, "2026-10-13 14:00"),
    "2026-10-14 09:00",
    _a_mail_is_settled,
    "2026-10-14 10:00",
)
# Memory is older than two weeks: it is believed, and nobody looks twice for what it does not know.
LATER_ON = Moment(
    "later on",
    (START, "2026-10-08 11:00", "2026-10-13 14:00", "2026-10-16 11:00", "2026-10-26 11:00"),
    "2026-10-26 15:00",
    _a_meeting_is_declined,
    "2026-10-26 16:00",
)
MOMENTS = (FIRST_DAY, ANSWERS, FULL_DAY, SETTLED)


class Day:
    """A moment at a place, prepared; `fresh` gives it as often as it takes."""

    def __init__(self, moment: Moment, place: Place, nothing: Any, folder: Path) -> None:
        """`nothing` is what the place remembered before anything happened."""
        self.moment, self.place = moment, place
        place.put_back(nothing, folder)  # the day before was later
        Premises(folder / "warm", place, at(START)).run()  # forks have then everything imported
        place.put_back(nothing, folder)
        office = Premises(folder / "base", place, at(START))
        for day in moment.runs:
            office.at(at(day)).cron()
        if moment.quiet:
            office.at(at(moment.quiet)).cron()
            assert office.cron() == "Nothing to do.\n"
        moment.happens(office.at(at(moment.at)))
        self._base = office
        self._kept = place.keep()

    def fresh(self, folder: Path) -> Premises:
        """Return the office on the day, everything having happened but the run."""
        office = object.__new__(Premises)
        office.__dict__.update(self._base.__dict__)
        office.rows = list(self._base.rows)
        if folder.exists():
            shutil.rmtree(folder)
        office.folder = Path(shutil.copytree(self._base.folder, folder, copy_function=_same))
        self.place.put_back(self._kept, folder)
        return office.at(at(self.moment.at))


def _same(old: str, new: str) -> str:
    """Let a file be there under a second name where files are only ever replaced.

    A calendar and a workbook are then those that were looked at before, in number and time.
    """
    if Path(old).suffix in (".ics", ".xlsx"):
        os.link(old, new)
    else:
        shutil.copy2(old, new)
    return new
