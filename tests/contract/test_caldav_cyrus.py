"""A server that invites people by itself (RFC 6638): Cyrus, with attendees of its own."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from a_series import MENTEE, MENTOR, a_series
from caldav_fixtures import Hands, opened
from calendar_contract import CalendarContract
from cyrus import DOMAIN, PASSWORD, Cyrus, start_cyrus
from dav_proxy import DavProxy, Unknown
from web_server import Fault

from rmflow.adapters.standards.caldav import CalDavCalendar
from rmflow.domain.people import Address
from rmflow.domain.series import Attendee, ParticipationStatus, SeriesSpec
from rmflow.errors import DeniedError, UnavailableError, UncertainError
from rmflow.formats.calendar.ics import StoredSeries, read_stored
from rmflow.ports.calendar import Calendar, Capability

pytestmark = pytest.mark.server

ORGANISER = "mentoring"
JONAS, HELENA, RUTH = "jonas.weber", "helena.fuchs", "ruth.kaya"
STRANGER = Attendee(Address("kim.larsen@fabrikam.example"), "Kim Larsen")
Open = Callable[..., CalDavCalendar]


def to_come(**changes: object) -> SeriesSpec:
    """Return a series of the future: Cyrus invites nobody to one that is over."""
    return a_series(start=datetime(2041, 3, 5, 9), **changes)


@dataclass(frozen=True)
class Guest:
    """Somebody with a calendar on the server, and a program that answers invitations."""

    server: Cyrus
    name: str

    def series(self) -> StoredSeries | None:
        """Return what the guest's calendar holds."""
        answer = self._hands("Default").ask("GET", self._item)
        return read_stored(answer.content) if answer.ok else None

    def notices(self) -> list[str]:
        """Return the METHOD of every message that has come, in any order."""
        inbox = self._hands("Inbox")
        listing = inbox.ask("PROPFIND", "", headers={"Depth": "1"}).text
        names = re.findall(r"/Inbox/([^/<]+\.ics)<", listing)
        messages = [inbox.ask("GET", name).text for name in names]
        return [method for text in messages for method in re.findall(r"METHOD:(\w+)", text)]

    def answer(self, status: ParticipationStatus) -> None:
        """Set the guest's own PARTSTAT; the server sends the reply."""
        calendar = self._hands("Default")
        lines = calendar.ask("GET", self._item).text.replace("\r\n ", "").splitlines()
        mine = [i for i, line in enumerate(lines) if line.endswith(f":mailto:{self._address}")]
        (attendee,) = [i for i in mine if lines[i].startswith("ATTENDEE")]
        lines[attendee] = re.sub(r"PARTSTAT=[-A-Z]+", f"PARTSTAT={status.value}", lines[attendee])
        calendar.put(self._item, "\r\n".join([*lines, ""]).encode())

    def _hands(self, collection: str) -> Hands:
        url = self.server.calendar_url(self.name).replace("Default", collection)
        return Hands(url, (self._address, PASSWORD))

    @property
    def _address(self) -> str:
        return f"{self.name}@{DOMAIN}"

    @property
    def _item(self) -> str:
        return f"{a_series().uid}.ics"


@pytest.fixture
def cyrus() -> Iterator[Cyrus]:
    with start_cyrus() as server:
        for user in (ORGANISER, JONAS, HELENA, RUTH):  # a calendar is made at the first request
            Guest(server, user).series()
        yield server


@pytest.fixture
def open_calendar(cyrus: Cyrus, tmp_path: Path) -> Iterator[Open]:
    calendars = []

    def open_calendar(**options: object) -> CalDavCalendar:
        login = {"username": f"{ORGANISER}@{DOMAIN}", "scheduling": "server", "free_busy": True}
        where = {"url": cyrus.calendar_url(ORGANISER)}
        calendar = opened(tmp_path, **(where | login | options))
        calendars.append(calendar)
        return calendar

    yield open_calendar
    for calendar in calendars:
        calendar.close()


@pytest.fixture
def calendar(open_calendar: Open) -> CalDavCalendar:
    return open_calendar()


@pytest.fixture
def jonas(cyrus: Cyrus) -> Guest:
    return Guest(cyrus, JONAS)


@pytest.fixture
def helena(cyrus: Cyrus) -> Guest:
    return Guest(cyrus, HELENA)


class TestCyrus(CalendarContract):
    @pytest.fixture
    def outside(self, cyrus: Cyrus) -> Hands:
        return Hands(cyrus.calendar_url(ORGANISER), (f"{ORGANISER}@{DOMAIN}", PASSWORD))

    @pytest.mark.xfail(reason="Cyrus 3.6.1 reads ^' in a name as RFC 6868 says: a double quote")
    def test_names_and_words_of_every_script_survive(self, calendar: Calendar) -> None:
        """We write the ^ as it is: few programs know RFC 6868."""
        super().test_names_and_words_of_every_script_survive(calendar)

    def test_the_server_invites(self, calendar: CalDavCalendar) -> None:
        """So rmflow mails no invitations."""
        assert calendar.capabilities == {Capability.SENDS_INVITATIONS, Capability.FREE_BUSY}


def test_an_invitation_is_in_the_guests_calendar_once(
    calendar: CalDavCalendar, jonas: Guest
) -> None:
    calendar.create(to_come())
    there = jonas.series()
    assert there is not None
    assert there.spec.start == to_come().start
    assert jonas.notices() == ["REQUEST"]


def test_an_answer_is_seen_and_does_not_stand_in_the_way(
    calendar: CalDavCalendar, jonas: Guest, helena: Guest
) -> None:
    """Neither of the revision nor of the other guest's answer."""
    etag = calendar.create(to_come())
    token = calendar.changes("", [to_come().uid]).token
    jonas.answer(ParticipationStatus.ACCEPTED)
    helena.answer(ParticipationStatus.TENTATIVE)
    (seen,) = calendar.changes(token, [to_come().uid]).series
    answers = {response.attendee: response.status for response in seen.responses}
    assert answers == {
        MENTOR.address: ParticipationStatus.ACCEPTED,
        MENTEE.address: ParticipationStatus.TENTATIVE,
    }
    assert seen.etag != etag  # or the run that looked would not notice that it looked too early
    calendar.revise(to_come(location="Canteen", sequence=1), etag)
    kept = calendar.look([to_come().uid])[to_come().uid]
    assert {response.attendee: response.status for response in kept.responses} == answers


def test_a_revision_moves_what_guests_have(calendar: CalDavCalendar, jonas: Guest) -> None:
    moved = to_come(sequence=1, moved=((datetime(2041, 3, 5, 9), datetime(2041, 3, 6, 11)),))
    calendar.revise(moved, calendar.create(to_come()))
    there = jonas.series()
    assert there is not None
    assert there.spec.moved == moved.moved


def test_what_the_server_counts_is_no_revision_of_ours(calendar: CalDavCalendar) -> None:
    """Or a revision whose answer was lost would seem to have happened."""
    moved = to_come(moved=((datetime(2041, 3, 5, 9), datetime(2041, 3, 6, 11)),))
    calendar.create(moved)
    assert calendar.look([moved.uid])[moved.uid].spec.sequence == 0


def test_new_times_ask_everybody_again(calendar: CalDavCalendar, jonas: Guest) -> None:
    """Who accepted Tuesdays has not accepted Thursdays."""
    etag = calendar.create(to_come())
    jonas.answer(ParticipationStatus.ACCEPTED)
    later = to_come().start + timedelta(hours=3)
    calendar.revise(replace(to_come(), start=later, sequence=1), etag)
    assert calendar.look([to_come().uid])[to_come().uid].responses == ()


def test_who_is_taken_out_is_uninvited_and_who_is_new_is_invited(
    cyrus: Cyrus, calendar: CalDavCalendar, helena: Guest
) -> None:
    successor = Attendee(Address(f"{RUTH}@{DOMAIN}"), "Ruth Kaya")
    etag = calendar.create(to_come())
    calendar.revise(to_come(attendees=(MENTOR, successor), sequence=1), etag)
    assert sorted(helena.notices()) == ["CANCEL", "REQUEST"]
    assert Guest(cyrus, RUTH).notices() == ["REQUEST"]


def test_a_cancellation_reaches_everybody_as_one(
    calendar: CalDavCalendar, jonas: Guest, helena: Guest
) -> None:
    """As METHOD:CANCEL, also to those who had answered; the item stays, with nobody in it."""
    etag = calendar.create(to_come())
    jonas.answer(ParticipationStatus.ACCEPTED)
    calendar.cancel(to_come(sequence=1), etag)
    calendar.cancel(to_come(sequence=1), etag)
    for guest in (jonas, helena):
        there = guest.series()
        assert there is None or there.cancelled
        assert sorted(guest.notices()) == ["CANCEL", "REQUEST"]
    left = calendar.look([to_come().uid])[to_come().uid]
    assert (left.cancelled, left.spec.attendees) == (True, ())


def test_people_elsewhere_get_one_mail_for_each_change(
    cyrus: Cyrus, calendar: CalDavCalendar
) -> None:
    """RFC 6638 section 3.2.8: the server mails to those whom it does not have."""
    people = (MENTOR, STRANGER)
    etag = calendar.create(to_come(attendees=people))
    etag = calendar.revise(to_come(attendees=people, location="Canteen", sequence=1), etag)
    calendar.cancel(to_come(attendees=people, sequence=2), etag)
    mails = [json.loads(mail) for mail in settled(cyrus, 3)]
    assert {mail["recipient"] for mail in mails} == {STRANGER.address}
    methods = [re.findall(r"METHOD:(\w+)", mail["ical"]) for mail in mails]
    assert sorted(methods) == [["CANCEL"], ["REQUEST"], ["REQUEST"]]


@pytest.mark.parametrize(
    "fault", [Fault.RESETS_AFTER, Fault.FAILS_503_AFTER, Fault.COMMITS_LATE, Fault.BUSY_BEFORE]
)
def test_a_lost_answer_makes_no_second_invitation(
    cyrus: Cyrus, open_calendar: Open, jonas: Guest, fault: Fault
) -> None:
    """Three runs of cron: the first goes wrong, the second looks before it acts."""
    with DavProxy(cyrus.url, Unknown(cyrus.folder)) as service:
        url = cyrus.calendar_url(ORGANISER).replace(cyrus.url, service.url)
        service.fail(fault)
        for _ in range(3):
            calendar = open_calendar(url=url, timeout_s=service.timeout_s)
            with suppress(UnavailableError, UncertainError):
                if not calendar.look([to_come().uid]):
                    calendar.create(to_come())
            service.settle()
    assert set(open_calendar().look([to_come().uid])) == {to_come().uid}
    assert jonas.notices() == ["REQUEST"]


def test_nobody_hears_of_it_from_a_server_when_rmflow_mails(
    cyrus: Cyrus, open_calendar: Open, jonas: Guest
) -> None:
    """C22: each notice once, from one of the two."""
    calendar = open_calendar(scheduling="mail", free_busy=False)
    people = (MENTOR, MENTEE, STRANGER)
    etag = calendar.create(to_come(attendees=people))
    etag = calendar.revise(to_come(attendees=people, location="Canteen", sequence=1), etag)
    calendar.cancel(to_come(attendees=people, sequence=2), etag)
    assert (jonas.notices(), jonas.series(), settled(cyrus, 0)) == ([], None, [])


def test_busy_times_are_those_of_whom_the_server_knows(calendar: CalDavCalendar) -> None:
    """Ours are among them; a stranger's times are not "no times"."""
    calendar.create(to_come())
    start = datetime(2041, 3, 1, tzinfo=UTC)
    found = calendar.busy([MENTOR.address, STRANGER.address], start, start + timedelta(days=7))
    assert set(found) == {MENTOR.address}
    (busy,) = found[MENTOR.address]
    assert (busy.start, busy.end, busy.away) == (
        datetime(2041, 3, 5, 8, tzinfo=UTC),
        datetime(2041, 3, 5, 8, 45, tzinfo=UTC),
        False,
    )


def test_an_organiser_whom_the_server_does_not_take_for_us_is_refused(
    calendar: CalDavCalendar, jonas: Guest
) -> None:
    """It would store the item and tell nobody."""
    with pytest.raises(DeniedError, match="no address of this account"):
        calendar.create(to_come(organiser=Address("programme@contoso.example")))
    assert calendar.look([to_come().uid]) == {}


def test_the_calendar_is_found_by_its_name(cyrus: Cyrus, open_calendar: Open) -> None:
    """Over .well-known (RFC 6764), which redirects, and the principal."""
    calendar = open_calendar(url=cyrus.url, calendar="Default")
    calendar.create(to_come())
    assert set(open_calendar().look([to_come().uid])) == {to_come().uid}


def settled(cyrus: Cyrus, number: int) -> list[str]:
    """Return the mails, once there are that many and no more come."""
    deadline = time.monotonic() + 30
    while len(cyrus.mails()) < number and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    return cyrus.mails()
