"""The judge of Google's fakes: what it lets pass, and each kind of mistake that it must find."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from google_discovery import DiscoveryCheck
from web_server import Request, Response

CALENDAR = DiscoveryCheck("calendar", "v3")
GMAIL = DiscoveryCheck("gmail", "v1")
SHEETS = DiscoveryCheck("sheets", "v4")
EVENTS = "/calendar/v3/calendars/primary/events"
AT = {"dateTime": "2026-12-01T10:00:00", "timeZone": "Europe/Berlin"}
EVENT = {"id": "abc12", "start": AT, "end": AT, "recurrence": ["RRULE:FREQ=WEEKLY"]}


def a_request(method: str, path: str, query: str = "", body: Any = None) -> Request:
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    return Request(method, path, parse_qs(query, keep_blank_values=True), headers, content)


@pytest.mark.parametrize(
    ("check", "request_", "method"),
    [
        (
            CALENDAR,
            a_request("POST", EVENTS, "sendUpdates=all&alt=json", EVENT),
            "calendar.events.insert",
        ),
        (CALENDAR, a_request("DELETE", f"{EVENTS}/abc"), "calendar.events.delete"),
        (CALENDAR, a_request("GET", f"{EVENTS}/abc/instances"), "calendar.events.instances"),
        (
            GMAIL,
            a_request("POST", "/gmail/v1/users/me/messages/send", "", {"raw": "QUJD"}),
            "gmail.users.messages.send",
        ),
        (
            GMAIL,
            a_request("POST", "/upload/gmail/v1/users/me/messages/send", "uploadType=media"),
            "gmail.users.messages.send",
        ),
        (
            SHEETS,
            a_request("POST", "/v4/spreadsheets/abc:batchUpdate", "", {"requests": []}),
            "sheets.spreadsheets.batchUpdate",
        ),
        (
            SHEETS,
            a_request(
                "PUT",
                "/v4/spreadsheets/abc/values/Sheet1!A1:B2",
                "valueInputOption=RAW",
                {"values": [["a", 1, None, True]]},
            ),
            "sheets.spreadsheets.values.update",
        ),
        (
            SHEETS,
            a_request("GET", "/v4/spreadsheets/abc/values:batchGet", "ranges=A1&ranges=B1"),
            "sheets.spreadsheets.values.batchGet",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_right_request_is_recognised(
    check: DiscoveryCheck, request_: Request, method: str
) -> None:
    """Or the mistakes below would prove nothing."""
    found = check.method(request_)
    assert found is not None
    assert (found.id, check.request(request_)) == (method, [])


@pytest.mark.parametrize(
    ("check", "request_", "complaint"),
    [
        (CALENDAR, a_request("POST", EVENTS, "sendUpdate=all", EVENT), "sendUpdate is unknown"),
        (CALENDAR, a_request("POST", EVENTS, "sendUpdates=yes", EVENT), "not one of all"),
        (CALENDAR, a_request("POST", EVENTS, "", EVENT | {"recurrences": []}), "recurrences"),
        (CALENDAR, a_request("POST", EVENTS, "", {"start": AT}), "end is missing"),
        (
            CALENDAR,
            a_request("POST", EVENTS, "", EVENT | {"start": {"datetime": "x"}}),
            "datetime",
        ),
        (CALENDAR, a_request("POST", EVENTS), "body: missing"),
        (CALENDAR, a_request("GET", EVENTS, "", {}), "takes none"),
        (CALENDAR, a_request("GET", EVENTS, "singleEvents=True"), "neither true nor false"),
        (CALENDAR, a_request("GET", EVENTS, "timeMin=2026-12-01T00:00:00"), "RFC 3339"),
        (CALENDAR, a_request("GET", EVENTS, "maxResults=many"), "no whole number"),
        (CALENDAR, a_request("GET", EVENTS, "maxResults=0"), "not between"),
        (CALENDAR, a_request("GET", EVENTS, "q=a&q=b"), "q is repeated"),
        (CALENDAR, a_request("PUT", "/calendar/v3/event"), "no method"),
        (
            GMAIL,
            a_request("POST", "/gmail/v1/users/me/messages/send", "", {"raw": "a b"}),
            "does not match",
        ),
        (GMAIL, a_request("GET", "/gmail/v1/users/me/history", "startHistoryId=x"), "no number"),
        (
            SHEETS,
            a_request("PUT", "/v4/spreadsheets/a/values/A1", "valueInputOption=RAWW", {}),
            "not one of",
        ),
        (
            SHEETS,
            a_request("POST", "/v4/spreadsheets/a:batchUpdate", "", {"request": []}),
            "request",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_is_found(check: DiscoveryCheck, request_: Request, complaint: str) -> None:
    """Each of these is taken, ignored or refused by Google in ways that are noticed late."""
    (found,) = check.request(request_)
    assert complaint in found


def test_a_body_that_is_not_called_json_is_a_mistake() -> None:
    """Google answers 400 to it."""
    wrong = Request("POST", EVENTS, {}, {"content-type": "text/plain"}, json.dumps(EVENT).encode())
    assert CALENDAR.request(wrong) == ['body: its Content-Type is "text/plain"']


@pytest.mark.parametrize(
    ("response", "wrong"),
    [
        (Response.of_json(200, EVENT), False),
        (Response.of_json(200, EVENT | {"sumary": "x"}), True),
        (Response(200, b"{"), True),
        (Response.of_json(404, {"error": {"code": 404, "message": "Not Found"}}), False),
        (Response.of_json(404, {"error": "Not Found"}), True),
        (Response.of_json(404, {"error": {"code": 400, "message": "Not Found"}}), True),
    ],
)
def test_a_fake_that_answers_unlike_google_is_found(response: Response, *, wrong: bool) -> None:
    """A fake that is kinder than Google proves nothing."""
    assert bool(CALENDAR.answer(a_request("POST", EVENTS, "", EVENT), response)) is wrong


def test_a_method_says_its_scopes_and_arguments() -> None:
    """So that a fake can refuse a token that may not."""
    method = CALENDAR.method(a_request("DELETE", f"{EVENTS}/abc12"))
    assert method is not None
    assert method.arguments(f"{EVENTS}/abc12") == {"calendarId": "primary", "eventId": "abc12"}
    assert "https://www.googleapis.com/auth/calendar.events" in method.scopes
    assert "https://www.googleapis.com/auth/calendar.readonly" not in method.scopes
