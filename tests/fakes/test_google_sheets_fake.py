"""The fake of Google Sheets refuses what Google refuses, and tells of every misspelling."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from google_login import ACCOUNT
from google_sheets import ID, GoogleSheets
from sheets_document import Document, RefusedError
from web_server import Request, Response

_SCOPE = "https://www.googleapis.com/auth/spreadsheets"
_READING = "fields=sheets(properties(title),data(rowData(values(effectiveValue))))"


@pytest.fixture
def sheets() -> GoogleSheets:
    service = GoogleSheets()
    service._server.server_close()  # asked directly, without a wire
    service.document.roles[ACCOUNT] = "writer"
    service.login.tokens["token"] = (ACCOUNT, frozenset({_SCOPE}))
    return service


def asked(sheets: GoogleSheets, query: str = _READING, body: Any = None, **named: str) -> Response:
    method, end = ("GET", "") if body is None else ("POST", ":batchUpdate")
    path = f"/v4/spreadsheets/{named.get('id', ID)}{end}"
    headers = {"authorization": f"Bearer {named.get('token', 'token')}"}
    headers |= {"content-type": "application/json"}
    content = b"" if body is None else json.dumps(body).encode()
    request = Request(method, path, parse_qs(query), headers, content)
    return sheets.handle(request, sheets.state)


def test_what_is_asked_and_answered_is_judged(sheets: GoogleSheets) -> None:
    assert asked(sheets).status == 200
    assert sheets.mistakes == []


@pytest.mark.parametrize(
    "query",
    [
        "fields=sheets(propertys(title))",
        "fields=sheets(properties(title)))",
        "fields=sheets(data(rowData(values(effectivValue))))",
    ],
)
def test_a_wrong_field_mask_is_refused(sheets: GoogleSheets, query: str) -> None:
    response = asked(sheets, query)
    assert response.status == 400
    assert b"Invalid field selection" in response.body


@pytest.mark.parametrize(
    "request_",
    [
        {"addSheet": {"propertes": {"title": "x"}}},
        {"updateCells": {"start": {"sheetId": 0}, "row": [], "fields": "userEnteredValue"}},
        {"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROW", "startIndex": 0}}},
    ],
)
def test_a_misspelling_is_told(sheets: GoogleSheets, request_: dict[str, Any]) -> None:
    """Google ignores some and refuses others; here each ends the test."""
    asked(sheets, "", {"requests": [request_]})
    assert sheets.mistakes


@pytest.mark.parametrize(
    ("named", "status"),
    [({"id": "unknown"}, 404), ({"token": "stolen"}, 401)],
)
def test_strangers_are_refused(sheets: GoogleSheets, named: dict[str, str], status: int) -> None:
    assert asked(sheets, **named).status == status


def test_reading_is_no_right_to_write(sheets: GoogleSheets) -> None:
    body = {"requests": [{"deleteSheet": {"sheetId": 0}}]}
    sheets.login.tokens["token"] = (ACCOUNT, frozenset({f"{_SCOPE}.readonly"}))
    assert asked(sheets, "", body).status == 403
    assert asked(sheets).status == 200
    sheets.login.tokens["token"] = (ACCOUNT, frozenset({_SCOPE}))
    sheets.document.roles[ACCOUNT] = "reader"
    assert asked(sheets, "", body).status == 403


def _area(start: int, end: int, dimension: str = "ROWS") -> dict[str, Any]:
    return {"sheetId": 0, "dimension": dimension, "startIndex": start, "endIndex": end}


def _cell(value: dict[str, Any], row: int = 0) -> dict[str, Any]:
    start = {"sheetId": 0, "rowIndex": row, "columnIndex": 0}
    rows = [{"values": [{"userEnteredValue": value}]}]
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def _sheet(id: int, title: str) -> dict[str, Any]:
    grid = {"rowCount": 1, "columnCount": 1}
    return {"addSheet": {"properties": {"sheetId": id, "title": title, "gridProperties": grid}}}


@pytest.mark.parametrize(
    ("requests", "words"),
    [
        ([], "at least one request"),
        ([{"deleteSheet": {"sheetId": 9}}], "No sheet with id: 9"),
        ([{"deleteSheet": {"sheetId": 0}}], "remove all the sheets"),
        ([_sheet(0, "Other")], "already exists"),
        ([_sheet(1, "SHEET1")], "Please enter another name"),
        ([{"deleteDimension": {"range": _area(0, 1000)}}], "delete all non-frozen"),
        ([{"deleteDimension": {"range": _area(990, 1001)}}], "beyond"),
        ([{"insertDimension": {"range": _area(1000, 1001)}}], "beyond"),
        ([{"moveDimension": {"source": _area(3, 6), "destinationIndex": 5}}], "inside"),
        ([_cell({"stringValue": "x"}, row=1000)], "beyond"),
        ([_cell({"stringValue": "x" * 50_001})], "more than 50000 characters"),
        ([_cell({"stringValue": "x", "numberValue": 1})], "Exactly one value"),
        ([{"deleteEmbeddedObject": {"objectId": 1}}], "No object with id"),
        ([{"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}}], "No conditional format"),
        ([{"sortRange": {}}], "sortRange"),
    ],
)
def test_a_batch_is_refused_as_a_whole(requests: list[dict[str, Any]], words: str) -> None:
    document = Document("Mentoring")
    harmless = [_cell({"stringValue": "written"})] if requests else []
    with pytest.raises(RefusedError, match=words):
        document.batch([*harmless, *requests])
    assert document.tabs[0].cells == {}


def test_a_move_counts_before_the_lines_are_taken_away() -> None:
    """The example of the API's own description: 0 1 2 3 4, rows 1 to 3 to 4, gives 0 3 1 2 4."""
    document = Document("Mentoring")
    document.batch([_cell({"numberValue": n}, row=n) for n in range(5)])
    document.batch([{"moveDimension": {"source": _area(1, 3), "destinationIndex": 4}}])
    cells = document.tabs[0].cells
    assert [cells[row, 0]["effectiveValue"]["numberValue"] for row in range(5)] == [0, 3, 1, 2, 4]
