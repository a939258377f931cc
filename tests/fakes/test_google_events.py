"""The fake Google Calendar refuses what Google refuses, and shows what Google shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google_events import Events, Refusal

BERLIN = {"timeZone": "Europe/Berlin"}
START = {"dateTime": "2026-03-03T09:00:00", **BERLIN}
END = {"dateTime": "2026-03-03T09:45:00", **BERLIN}
SERIES = {"id": "abc12", "start": START, "end": END, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=8"]}
FIRST = "abc12_20260303T080000Z"


@pytest.fixture
def events() -> Events:
    events = Events("mentoring@contoso.example")
    events.insert(SERIES)
    return events


@pytest.mark.parametrize(
    "change",
    [
        {"id": "abc"},
        {"id": "ABC12"},
        {"id": "xyz12"},
        {"iCalUID": "abc@contoso.example"},
        {"start": {"dateTime": "2026-03-03T09:00:00+01:00"}},
        {"end": {"dateTime": "2026-03-03T09:45:00+01:00"}},
        {"start": {"dateTime": "2026-03-03T09:00:00", "timeZone": "W. Europe Standard Time"}},
        {"start": {"dateTime": "03.03.2026 09:00", **BERLIN}},
        {"start": {"date": "2026-03-03", **START}},
        {"start": BERLIN},
        {"end": {"dateTime": "2026-03-03T08:59:00", **BERLIN}},
        {"recurrence": ["RRULE:FREQ=FORTNIGHTLY"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3;UNTIL=20260401T000000Z"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20260401T000000"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=XX"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=WE"]},
        {"recurrence": ["FREQ=WEEKLY"]},
        {"recurrence": ["DTSTART;TZID=Europe/Berlin:20260303T090000", "RRULE:FREQ=WEEKLY"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY", "EXDATE:next Tuesday"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY", "EXDATE;TZID=Mars/Olympus:20260310T090000"]},
        {"attendees": [{"displayName": "Nobody"}]},
        {"attendees": [{"email": "a@contoso.example", "responseStatus": "ACCEPTED"}]},
        {"extendedProperties": {"private": {"k" * 45: "v"}}},
        {"extendedProperties": {"private": {"k": "v" * 1025}}},
        {"status": "CONFIRMED"},
    ],
    ids=str,
)
def test_what_google_refuses_is_refused(events: Events, change: dict[str, Any]) -> None:
    """400, each with a reason of its own."""
    with pytest.raises(Refusal) as refusal:
        events.insert({**SERIES, "id": "def34", **change})
    assert refusal.value.status == 400
    assert list(events.masters) == ["abc12"]


def test_an_id_is_taken_for_good(events: Events) -> None:
    """409, also once it is deleted; deleting twice is 410."""
    for _ in range(2):
        with pytest.raises(Refusal) as refusal:
            events.insert(SERIES)
        assert refusal.value.status == 409
        if events.shown("abc12")["status"] == "confirmed":
            events.delete("abc12")
    with pytest.raises(Refusal) as refusal:
        events.delete("abc12")
    assert refusal.value.status == 410


@pytest.mark.parametrize("id", ["abc99", "abc12_20260304T080000Z", "abc12_soon"])
def test_what_is_not_there_is_404(events: Events, id: str) -> None:
    with pytest.raises(Refusal) as refusal:
        events.shown(id)
    assert refusal.value.status == 404


def test_a_meeting_that_is_taken_out_by_a_line_is_not_there(events: Events) -> None:
    """Nobody can change what does not take place."""
    events.patch("abc12", {"recurrence": [*SERIES["recurrence"], "EXDATE:20260303T080000Z"]})
    with pytest.raises(Refusal):
        events.shown(FIRST)
    assert len(list(events.meetings("abc12"))) == 7


def test_nine_stays_nine(events: Events) -> None:
    """Instances are named in UTC; the clocks change on 29 March."""
    ids = [meeting["id"] for meeting in events.meetings("abc12")]
    assert ids[3:5] == ["abc12_20260324T080000Z", "abc12_20260331T070000Z"]


def test_every_change_makes_another_etag(events: Events) -> None:
    """An answer to one meeting too, that of its series with it."""
    before = {id: events.shown(id)["etag"] for id in ("abc12", FIRST)}
    guest = {"email": "a@contoso.example", "responseStatus": "accepted"}
    events.patch(FIRST, {"attendees": [guest]})
    assert all(events.shown(id)["etag"] != etag for id, etag in before.items())


@pytest.mark.parametrize("inherits", [True, False])
def test_an_exception_keeps_what_was_said_of_it(*, inherits: bool) -> None:
    """What was not said follows its series, or does not: both are tried on us."""
    events = Events("mentoring@contoso.example", inherits)
    events.insert(SERIES | {"location": "Tower"})
    events.patch(FIRST, {"summary": "Kick-off"})
    events.patch("abc12", {"location": "Garden", "summary": "Talk"})
    shown = events.shown(FIRST)
    assert shown["summary"] == "Kick-off"
    assert shown["location"] == ("Garden" if inherits else "Tower")


def test_a_cancelled_exception_shows_no_more_than_which_it_was(events: Events) -> None:
    """The reference of Events, `status`."""
    events.delete(FIRST)
    shown = next(event for _, event in events.listed() if event["id"] == FIRST)
    assert shown["status"] == "cancelled"
    assert datetime.fromisoformat(shown["originalStartTime"]["dateTime"]) == datetime(
        2026, 3, 3, 8, tzinfo=UTC
    )
    assert "start" not in shown


def test_a_rule_is_shown_in_an_order_of_googles_own(events: Events) -> None:
    """Whoever compares rules as text is wrong."""
    rule = "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=TU;WKST=MO"
    shown = events.patch("abc12", {"recurrence": [rule]})
    assert shown["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=3;INTERVAL=2;BYDAY=TU"]
    span = datetime.fromisoformat(shown["end"]["dateTime"]) - datetime.fromisoformat(
        shown["start"]["dateTime"]
    )
    assert span == timedelta(minutes=45)
