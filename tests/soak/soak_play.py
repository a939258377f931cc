"""A programme played on a service as cron would run it, and what has become of it in the end."""

import email
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from unittest.mock import patch

from soak_towns import TOWNS, Climate, Town
from tenacity import nap
from townspeople import Person, Roster, names

from rmflow.adapters.clock import StoppedClock
from rmflow.app.ports import Ports
from rmflow.app.run import run
from rmflow.demo.tracking import WrittenWhenSaved
from rmflow.domain.documents import from_json
from rmflow.domain.reading import Reading
from rmflow.domain.records import AnswerRecord, LetterRecord, ReadingRecord, SeriesRecord
from rmflow.domain.recurrence import original_wall_start
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid
from rmflow.errors import BackendError
from rmflow.wiring import load_config, open_ports

FIRST_DAY = date(2026, 10, 5)
# Berlin is one hour ahead of that, in summer two.
_TIMES = (time(8, 10, tzinfo=UTC), time(13, 10, tzinfo=UTC), time(14, 40, tzinfo=UTC))
_FINE_DAYS = 5  # working days at the end without a fault
_CONFIG = """\
[programme]
id = "soak"
name = "Reverse Mentoring"
secret = "file:secret.key"
timezone = "Europe/Berlin"
start = 2026-10-19
end = 2027-07-30
[mailbox]
address = "mentoring@contoso.example"
name = "Reverse Mentoring"
[coordinator]
address = "hanna.brandt@contoso.example"
name = "Hanna Brandt"
[roster]
path = "roster.xlsx"
[tracking]
path = "tracking.xlsx"
[store]
url = "sqlite:///state.db"
[log]
path = "rmflow.log"
[clock]
stopped_at = 2026-10-05T08:10:00Z
"""


@dataclass
class Ending:
    """What was left when the play was over."""

    letters: Counter[tuple[str, ...]] = field(default_factory=Counter)
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    known: frozenset[str] = frozenset()
    told: Counter[str] = field(default_factory=Counter)
    summaries: Counter[tuple[str, ...]] = field(default_factory=Counter)
    series: Mapping[str, SeriesSpec | None] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    early: list[str] = field(default_factory=list)
    cut_short: int = 0  # runs that could not read something
    unfinished: tuple[str, ...] = ()
    unheard: frozenset[str] = frozenset()  # Message-IDs of mails to us that were never read


class _Sleep:
    """What tenacity sleeps with: the clock of the play moves on, and nobody waits."""

    def __init__(self, clock: StoppedClock) -> None:
        self._clock = clock

    def sleep(self, seconds: float) -> None:
        self._clock.wait(timedelta(seconds=seconds))


def moments(days: int) -> Iterator[datetime]:
    """Yield when cron runs, on working days."""
    for number in range(days):
        day = FIRST_DAY + timedelta(days=number)
        if day.weekday() < 5:
            yield from (datetime.combine(day, at) for at in _TIMES)


class Play:
    """One programme on one service."""

    def __init__(self, folder: Path, town: str, *, pairs: int, share: float, seed: str) -> None:
        folder.mkdir(parents=True)
        self.clock = StoppedClock(datetime.combine(FIRST_DAY, _TIMES[0]))
        people = names(pairs)
        self.town: Town = TOWNS[town](people, self.clock, Climate(share, seed))
        self._people = {address: Person(name) for address, name in people.items()}
        self._roster = Roster(folder / "roster.xlsx", pairs)
        self._pairs = pairs
        (folder / "programme.toml").write_text(_CONFIG + self.town.sections(folder))
        (folder / "secret.key").write_text("a secret that only this test knows\n")
        for path in folder.iterdir():
            path.chmod(0o600)
        self._config = load_config(folder / "programme.toml")
        self._done: set[tuple[str, str]] = set()
        self._read = 0
        self.delivered = 0
        self._said: set[str] = set()
        self._opened: Ports | None = None
        self._token = ""
        self._seen: dict[Uid, ObservedSeries] = {}
        self._uids: frozenset[Uid] = frozenset()
        self.ending = Ending()

    def play(self, days: int) -> Ending:
        """Play so many days; the weather is fine in the last week."""
        times = list(moments(days))
        fine = times[-_FINE_DAYS * len(_TIMES)]
        for at in times:
            if at >= fine:
                for weather in self.town.weathers.values():
                    weather.share = 0
            self._coordinate(at)
            self._live(at)
            self.clock.at = at
            if self._opened is None or at.weekday() == 0:
                self._reopen()
            self._run()
        return self._ended()

    # The programme.

    def _run(self) -> None:
        ports = self._ports
        with _virtual_time(self.clock):
            try:
                with self._weather():
                    report = run(ports)
                self.ending.unfinished = tuple(f"{o.ending} {o.detail}" for o in report.unfinished)
            except BackendError as error:
                self.ending.cut_short += 1
                self.ending.unfinished = (str(error),)
        self._uids = frozenset(r.uid for r in ports.store.read(SeriesRecord))
        changes = ports.calendar.changes(self._token, self._uids)
        self._token = changes.token
        self._seen |= {seen.spec.uid: seen for seen in changes.series}

    def _reopen(self) -> None:
        """Begin with fresh connections. The workbook is not what is tried here."""
        if self._opened:
            self._opened.close()
        ports = open_ports(self._config, self.clock)
        self._opened = replace(ports, tracking=WrittenWhenSaved(ports.tracking))

    @property
    def _ports(self) -> Ports:
        assert self._opened
        return self._opened

    @contextmanager
    def _weather(self) -> Iterator[None]:
        weathers = self.town.weathers.values()
        for weather in weathers:
            weather.on = True
        try:
            yield
        finally:
            for weather in weathers:
                weather.on = False
                weather.settle()

    # The people.

    def _coordinate(self, at: datetime) -> None:
        day = (at.date() - FIRST_DAY).days
        if at.timetz() != _TIMES[0]:
            return
        if day == 0:
            self._roster.save()
        elif day == 63:
            self._roster.save(leavers=self._leavers())
        elif day == 91:
            self._roster.save(leavers=self._leavers(), moved=True)

    def _leavers(self) -> frozenset[int]:
        return frozenset(n for n in range(self._pairs) if n % 25 == 3)

    def _live(self, at: datetime) -> None:
        letters = self.town.letters()
        for recipient, raw in letters[self._read :]:
            reply = self._people[recipient].reply(raw, at) if recipient in self._people else None
            if reply:
                self.town.deliver(reply, at)
                self.delivered += 1
                self._said.add(str(email.message_from_bytes(reply)["Message-ID"]))
        self._read = len(letters)
        for uid, seen in sorted(self._seen.items()):
            if not seen.cancelled and at.timetz() == _TIMES[0]:
                self._respond(uid, seen.spec, at)

    def _respond(self, uid: Uid, spec: SeriesSpec, at: datetime) -> None:
        guests = [self._people[a.address] for a in spec.attendees if a.address in self._people]
        for guest in guests:
            if self._first(uid, f"answers {guest.address}"):
                answer = guest.answer(spec, at)
                if answer:
                    self.town.answer(spec, answer, None)
            if (uid, f"declines {guest.address}") not in self._done:
                answer = guest.declined(spec, at.date(), at)
                if answer and answer.session and self._first(uid, f"declines {guest.address}"):
                    self.town.answer(spec, answer, original_wall_start(spec, answer.session))
        drag = guests[0].drag(spec, at.date()) if (uid, "drag") not in self._done else None
        if drag and self._first(uid, "drag"):
            self.town.drag(spec, drag.original, drag.start)

    def _first(self, uid: Uid, what: str) -> bool:
        first = (uid, what) not in self._done
        self._done.add((uid, what))
        return first

    # The end.

    def _ended(self) -> Ending:
        ending = self.ending
        for name, weather in self.town.weathers.items():
            ending.calls[name] = weather.calls
            ending.met += Counter(weather.met)
            ending.early += weather.early
        letters = self._ports.store.read(LetterRecord)
        ending.known = frozenset(letter.key for letter in letters)
        ending.letters = Counter((r.kind, r.person, r.pairing, r.session) for r in letters)
        read = self._ports.store.read(ReadingRecord)
        heard = {from_json(Reading, r.reading_json).message_id for r in read}
        ending.unheard = frozenset(self._said - heard)
        answers = self._ports.store.read(AnswerRecord)
        ending.summaries = Counter(
            (r.pairing, r.session, r.form, r.author, r.answers_json) for r in answers
        )
        seen = self._ports.calendar.look(self._uids)
        ending.series = {
            uid: None if s.cancelled else replace(s.spec, sequence=0) for uid, s in seen.items()
        }
        ending.mails = Counter((to, _message_id(raw)) for to, raw in self.town.letters())
        ending.told = Counter(self.town.told())
        return ending

    def close(self) -> None:
        """Stop the service."""
        if self._opened:
            self._opened.close()
        self.town.close()


def _message_id(raw: bytes) -> str:
    return str(email.message_from_bytes(raw.partition(b"\r\n\r\n")[0])["X-Rmflow-Key"])


@contextmanager
def _virtual_time(clock: StoppedClock) -> Iterator[None]:
    with patch.object(nap, "time", _Sleep(clock)):
        yield
