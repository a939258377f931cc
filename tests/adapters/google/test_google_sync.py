"""Google Calendar read in pieces and under refusals: tokens, pages, free/busy, checkups."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from a_series import MENTOR, a_series
from google_calendar import MAILBOX, GoogleCalendarService, People
from google_events import Refusal
from google_opened import OUTSIDER, opened
from web_server import Request

from findings import the, troubles, verdicts
from rmflow.adapters.google.calendar import GoogleCalendar
from rmflow.adapters.google.event import event_id
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.domain.series import Uid
from rmflow.errors import DeniedError, RejectedError, UnavailableError
from rmflow.ports.calendar import Capability
from rmflow.ports.checkup import Verdict

SERIES = a_series()
OTHER = a_series(uid=Uid("5" * 32))
KNOWN = (SERIES.uid, OTHER.uid)
ID = event_id(SERIES.uid)
SECOND = f"{ID}_20260324T080000Z"
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def google() -> Iterator[GoogleCalendarService]:
    with GoogleCalendarService() as service:
        yield service


@pytest.fixture
def people(google: GoogleCalendarService) -> People:
    return People(google)


@pytest.fixture
def calendar(google: GoogleCalendarService, tmp_path: Path) -> Iterator[GoogleCalendar]:
    calendar = opened(google, tmp_path)
    yield calendar
    calendar.close()


def reads(google: GoogleCalendarService) -> list[Request]:
    return [r for r in google.requests if not google.is_write(r) and r.path != "/token"]


def test_it_invites_and_knows_rooms_and_times(calendar: GoogleCalendar) -> None:
    """What the planner may count on."""
    assert calendar.capabilities == {
        Capability.SENDS_INVITATIONS,
        Capability.FREE_BUSY,
        Capability.ROOMS,
    }
    assert calendar.settling >= timedelta(minutes=1)


# Tokens.


def test_a_run_in_which_nothing_happened_is_one_request(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """Google's own next token is another one; a stored one must not change every run."""
    calendar.create(SERIES)
    token = calendar.changes("", [SERIES.uid]).token
    google.requests.clear()
    assert calendar.changes(token, [SERIES.uid]).token == token
    assert len(reads(google)) == 1


def test_exceptions_of_one_series_are_read_once(
    calendar: GoogleCalendar, google: GoogleCalendarService, people: People
) -> None:
    """Each arrives by itself, with nothing but its id when it is cancelled."""
    calendar.create(SERIES)
    calendar.create(OTHER)
    token = calendar.changes("", KNOWN).token
    people.delete(SECOND)
    people.delete(f"{ID}_20260414T070000Z")
    people.drag(f"{ID}_20260505T070000Z", datetime(2026, 5, 6, 8, tzinfo=UTC))
    google.requests.clear()
    (series,) = calendar.changes(token, KNOWN).series
    assert (len(series.spec.excluded), len(series.spec.moved)) == (2, 1)
    assert len(reads(google)) == 3  # what changed; the series; its exceptions


@pytest.mark.parametrize("token", ["expired", "of another calendar"])
def test_a_token_that_is_good_no_more_costs_a_full_reading(
    calendar: GoogleCalendar, people: People, token: str
) -> None:
    """410 GONE, or 400: nothing is lost, and nothing is doubled."""
    calendar.create(SERIES)
    calendar.create(OTHER)
    if token == "expired":
        token = calendar.changes("", KNOWN).token
        people.expire()
    people.delete(ID)
    found = calendar.changes(token, KNOWN)
    assert {(s.spec.uid, s.cancelled) for s in found.series} == {
        (SERIES.uid, True),
        (OTHER.uid, False),
    }
    assert calendar.changes(found.token, KNOWN).series == ()


def test_a_long_calendar_comes_in_pages(tmp_path: Path) -> None:
    """The token is on the last one."""
    with GoogleCalendarService(page_size=2) as google:
        calendar = opened(google, tmp_path)
        spec = replace(
            SERIES,
            moved=tuple((at, at + HOUR) for at in (SERIES.start + 21 * DAY * n for n in (1, 2, 3))),
        )
        calendar.create(spec)
        calendar.create(OTHER)
        found = calendar.changes("", KNOWN)
        calendar.close()
    assert {series.spec for series in found.series} == {spec, OTHER}
    assert found.token


def test_a_series_that_was_emptied_from_the_bin_has_vanished(
    calendar: GoogleCalendar, people: People
) -> None:
    """Only a full listing can tell."""
    calendar.create(SERIES)
    calendar.create(OTHER)
    people.purge(ID)
    found = calendar.changes("", KNOWN)
    assert (found.vanished, found.complete) == (frozenset({SERIES.uid}), True)


def test_a_calendar_without_any_series_of_ours_deletes_nothing(calendar: GoogleCalendar) -> None:
    """It is the wrong one, sooner than that three hundred people deleted theirs."""
    found = calendar.changes("", KNOWN)
    assert (found.series, found.vanished, found.complete) == ((), frozenset(), False)


def test_a_deleted_series_that_lost_all_but_its_id_has_vanished(
    calendar: GoogleCalendar, google: GoogleCalendarService, people: People
) -> None:
    """ "Only guaranteed to have the id field populated", says the reference of Events."""
    calendar.create(SERIES)
    calendar.create(OTHER)
    token = calendar.changes("", KNOWN).token
    people.delete(ID)
    for name in google.events.masters[ID].keys() - {"id", "status", "etag", "updated", "changed"}:
        del google.events.masters[ID][name]
    for since in (token, ""):
        found = calendar.changes(since, KNOWN)
        assert found.vanished == {SERIES.uid}
    calendar.cancel(SERIES, "")
    with pytest.raises(RejectedError, match="deleted"):  # nobody can look: a person is asked
        calendar.create(SERIES)


# Refusals.


def change(calendar: GoogleCalendar) -> object:
    return calendar.create(SERIES)


def ask(calendar: GoogleCalendar) -> object:
    return calendar.changes("", KNOWN)


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (403, "rateLimitExceeded", UnavailableError),
        (403, "quotaExceeded", UnavailableError),
        (403, "forbiddenForServiceAccounts", DeniedError),
        (403, "insufficientPermissions", DeniedError),
        (401, "authError", DeniedError),
        (400, "invalid", RejectedError),
        (404, "notFound", DeniedError),
    ],
)
def test_a_refusal_says_who_acts(
    calendar: GoogleCalendar,
    google: GoogleCalendarService,
    status: int,
    reason: str,
    error: type[Exception],
) -> None:
    """developers.google.com/workspace/calendar/api/guides/errors."""
    google.refusal = Refusal(status, reason, "words")
    for step in (change, ask):
        with pytest.raises(error):
            step(calendar)


def test_the_cap_on_invitations_parks_for_hours(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """ "Calendar usage limits exceeded": asking again soon makes it worse."""
    google.meanwhile = lambda: setattr(google, "refusal", Refusal(403, "quotaExceeded", "words"))
    with pytest.raises(UnavailableError) as caught:
        calendar.create(SERIES)
    assert caught.value.retry_after == timedelta(hours=6)
    assert len(google.writes) == 1


def test_an_unknown_calendar_is_the_operators_business(
    google: GoogleCalendarService, tmp_path: Path
) -> None:
    """Read and written, with what to look at."""
    calendar = opened(google, tmp_path, calendar="nobody@contoso.example")
    for step in (change, ask):
        with pytest.raises(DeniedError, match="look at `calendar`"):
            step(calendar)
    calendar.close()


@pytest.mark.parametrize(
    "typo",
    [{"recurrences": []}, {"start": {"datetime": "2026-03-03T09:00:00"}}, {"attendees": ["a@b.c"]}],
    ids=min,
)
def test_a_misspelt_body_would_be_noticed(
    calendar: GoogleCalendar, google: GoogleCalendarService, typo: dict[str, Any]
) -> None:
    """Google ignores what it does not know: the fake must not."""
    body = {"id": "0misspelt0", "start": {"date": "2026-03-03"}, "end": {"date": "2026-03-04"}}
    with pytest.raises(RejectedError):
        calendar._events.insert({**body, **typo}, "none")
    assert google.wrong
    google.wrong.clear()


# Free and busy.


def test_busy_times_of_many_people_over_months_are_asked_in_pieces(
    calendar: GoogleCalendar, google: GoogleCalendarService, people: People
) -> None:
    """50 calendars a query, two months a query; what crosses a border is one."""
    crowd = [Address(f"person{number:02}@contoso.example") for number in range(60)]
    border = MARCH + timedelta(days=60)
    people.busy(crowd[7], border - HOUR, border + HOUR)
    people.busy(crowd[7], border, border + 2 * HOUR)
    people.busy(crowd[59], MARCH - HOUR, MARCH + HOUR)
    answer = calendar.busy(crowd, MARCH, MARCH + timedelta(days=100))
    assert set(answer) == set(crowd)
    assert answer[crowd[7]] == (BusyTime(border - HOUR, border + 2 * HOUR),)
    assert answer[crowd[59]] == (BusyTime(MARCH, MARCH + HOUR),)
    assert answer[crowd[0]] == ()
    assert len(reads(google)) == 4


def test_who_cannot_be_seen_is_missing(calendar: GoogleCalendar) -> None:
    """Nobody is free for being a stranger. Our own meetings count."""
    calendar.create(a_series(attendees=(MENTOR, OUTSIDER)))
    answer = calendar.busy([MENTOR.address, OUTSIDER.address], MARCH, MARCH + 10 * DAY)
    at = datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert answer == {MENTOR.address: (BusyTime(at, at + SERIES.duration),)}
    assert calendar.busy([], MARCH, MARCH + DAY) == {}


# Checkups.


def test_a_healthy_calendar_passes_and_keeps_no_probe(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """Nobody is told of the probe."""
    assert verdicts(calendar.checkup()) == [
        ("read", "fine"),
        ("clock", "fine"),
        ("role", "fine"),
        ("write", "fine"),
        ("free/busy", "fine"),
        ("excess rights", "fine"),
    ]
    assert [event["status"] for event in google.events.masters.values()] == ["cancelled"]
    assert google.notices == []


def test_a_calendar_that_is_only_shared_for_reading_is_found(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """Before three hundred creations fail."""
    google.role = "reader"
    found = the("role", calendar.checkup())
    assert found.verdict is Verdict.FAILED
    assert "share the calendar" in found.advice
    assert google.writes == []


@pytest.mark.parametrize(
    ("missing", "check"), [("calendar.events", "write"), ("calendar.events.freebusy", "free/busy")]
)
def test_a_scope_that_is_missing_is_named(
    google: GoogleCalendarService, tmp_path: Path, missing: str, check: str
) -> None:
    """The administrator grants them one by one."""
    google.scopes.remove(f"https://www.googleapis.com/auth/{missing}")
    calendar = opened(google, tmp_path)
    (trouble,) = troubles(calendar.checkup())
    calendar.close()
    assert (trouble.check, trouble.verdict) == (check, Verdict.FAILED)
    assert "scope" in trouble.advice


def test_a_login_that_may_read_mail_is_warned_of(
    google: GoogleCalendarService, tmp_path: Path
) -> None:
    """A key that opens more than it must is lost with more."""
    google.scopes.add("https://mail.google.com/")
    calendar = opened(google, tmp_path)
    (trouble,) = troubles(calendar.checkup())
    calendar.close()
    assert (trouble.check, trouble.verdict) == ("excess rights", Verdict.WARNING)
    assert "mail.google.com" in trouble.text


def test_a_service_account_that_could_read_mail_is_warned_of(
    google: GoogleCalendarService, tmp_path: Path
) -> None:
    """It gets what it asks for, so it asks."""
    google.login.delegated.add("https://mail.google.com/")
    google.login.write_key(tmp_path / "key.json", f"{google.url}/token")
    account = {"credentials": "service-account", "key": "file:key.json", "subject": MAILBOX}
    calendar = opened(google, tmp_path, **account)
    (trouble,) = troubles(calendar.checkup())
    calendar.close()
    assert (trouble.check, trouble.verdict) == ("excess rights", Verdict.WARNING)
    assert "mail.google.com" in trouble.text


def test_no_login_ends_the_checkup(calendar: GoogleCalendar, google: GoogleCalendarService) -> None:
    """What depends on it is not tried."""
    google.login.consents.clear()
    assert verdicts(calendar.checkup()) == [("read", "failed")]
