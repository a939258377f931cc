"""Google Sheets on loopback: documents that are shared, read by field masks, changed in batches.

    with GoogleSheets() as sheets:
        sheets.document.roles[ACCOUNT] = "writer"
        sheets.login.write_key(folder / "key.json", f"{sheets.url}/token")

What is asked and answered is judged by Google's discovery document. `mistakes` are what it finds:
leaving the service raises them. Not known here: `ranges`, `values.*`, developer metadata, tables.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from google_discovery import DiscoveryCheck
from google_login import ACCOUNT, GoogleLogin
from sheets_document import Document, RefusedError, Tab
from web_server import FakeService, Request, Response

ID = "1mRq0vBq7nYf3L2xkT9aUcW5sHjD8pEo"
_ROOT = "/v4/spreadsheets/"


@dataclass
class State:
    documents: dict[str, Document] = field(default_factory=lambda: {ID: Document("Mentoring")})


@cache
def _check() -> DiscoveryCheck:
    return DiscoveryCheck("sheets", "v4")


class AccountLogin(GoogleLogin):
    """A service account may act for itself, without any delegation."""

    def _for_account(self, assertion: str) -> Response:
        import base64

        claims_text = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(claims_text + "=" * (-len(claims_text) % 4)))
        if "sub" in claims:
            return super()._for_account(assertion)
        return self._granted(ACCOUNT, frozenset(claims["scope"].split()))


class GoogleSheets(FakeService):
    """The service. `busy` requests are answered with 429 before anything is done.

    `meanwhile` is what a person does right before the next batch is applied.
    """

    def __init__(self) -> None:
        super().__init__(State())
        self.login = AccountLogin(frozenset({"mentoring@contoso.example"}))
        self.mistakes: list[str] = []
        self.busy = 0
        self.meanwhile: Callable[[Document], None] | None = None

    @property
    def document(self) -> Document:
        """The spreadsheet with the id ID."""
        found: Document = self.state.documents[ID]
        return found

    def is_write(self, request: Request) -> bool:
        return request.path.endswith(":batchUpdate")

    def handle(self, request: Request, state: Any) -> Response:
        if request.path == "/token":
            return self.login.answer(request)
        if self.meanwhile and self.is_write(request):
            act, self.meanwhile = self.meanwhile, None
            act(self.document)
        self.mistakes += _check().request(request)
        response = self._answer(request, state)
        self.mistakes += _check().answer(request, _abridged(response))
        return response

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        if error[0] is None:
            assert self.mistakes == []

    def _answer(self, request: Request, state: State) -> Response:
        if self.busy:
            self.busy -= 1
            return _error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric.")
        granted = self.login.scopes(request)
        method = _check().method(request)
        if granted is None or method is None:
            return _error(401, "UNAUTHENTICATED", "Request had invalid credentials.")
        if not method.scopes & granted:
            return _error(403, "PERMISSION_DENIED", "Insufficient scopes.", scope=True)
        document = state.documents.get(_id(request))
        if document is None:
            return _error(404, "NOT_FOUND", "Requested entity was not found.")
        role = document.roles.get(self.login.user(request))
        if role is None or (role == "reader" and self.is_write(request)):
            return _error(403, "PERMISSION_DENIED", "The caller does not have permission")
        try:
            return _answered(request, document)
        except RefusedError as error:
            return _error(400, "INVALID_ARGUMENT", str(error))


def _id(request: Request) -> str:
    return request.path.removeprefix(_ROOT).removesuffix(":batchUpdate")


def _answered(request: Request, document: Document) -> Response:
    (fields,) = request.query.get("fields", ["*"])
    if request.method == "GET":
        if "ranges" in request.query:
            raise RefusedError("the fake does not know ranges")
        return Response.of_json(200, _masked(as_told(document), fields, "Spreadsheet"))
    body = request.json()
    _masked({}, fields, "BatchUpdateSpreadsheetResponse")  # a wrong mask is refused first
    document.batch(body["requests"])
    answer: dict[str, Any] = {
        "spreadsheetId": _id(request),
        "replies": [{} for _ in body["requests"]],
    }
    if body.get("includeSpreadsheetInResponse"):
        answer["updatedSpreadsheet"] = as_told(document)
    return Response.of_json(200, _masked(answer, fields, "BatchUpdateSpreadsheetResponse"))


def _abridged(response: Response) -> Response:
    """Return an answer with each different cell once, which is all that a judge need see."""
    body = json.loads(response.body)
    for sheet in body.get("updatedSpreadsheet", body).get("sheets", ()):
        for data in sheet.get("data", ()):
            cells = [cell for row in data.get("rowData", ()) for cell in row.get("values", ())]
            different = {json.dumps({**cell, **_shortened(cell)}): cell for cell in cells}
            data["rowData"] = [{"values": list(different.values())}]
    return Response(response.status, json.dumps(body).encode(), response.headers)


def _shortened(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a cell by their kinds alone."""
    return {name: list(cell[name]) for name in cell if name.endswith("Value")}


def as_told(document: Document) -> dict[str, Any]:
    """Return a document as the service tells it to who asks for everything."""
    properties = {"title": document.title, "locale": "de_DE", "timeZone": "Europe/Berlin"}
    sheets = [_sheet(tab, index) for index, tab in enumerate(document.tabs)]
    return {"spreadsheetId": ID, "properties": properties, "sheets": sheets}


def _sheet(tab: Tab, index: int) -> dict[str, Any]:
    grid = {"rowCount": tab.rows, "columnCount": tab.columns}
    if tab.frozen_rows:
        grid |= {"frozenRowCount": tab.frozen_rows, "frozenColumnCount": tab.frozen_columns}
    properties = {
        "sheetId": tab.id,
        "title": tab.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": grid,
    }
    found: dict[str, Any] = {"properties": properties, "data": [_data(tab)]}
    if tab.hidden:
        properties["hidden"] = True
    if tab.rules:
        found["conditionalFormats"] = tab.rules
    if tab.charts:
        found["charts"] = list(tab.charts.values())
    return found


def _data(tab: Tab) -> dict[str, Any]:
    """Return the cells; what is empty at the end of a row, and of the sheet, is left out."""
    full = [place for place, cell in tab.cells.items() if cell]
    if not full:
        return {}
    lines: list[dict[str, Any]] = []
    widths: dict[int, int] = {}
    for row, column in full:
        widths[row] = max(widths.get(row, 0), column + 1)
    for row in range(max(widths) + 1):
        cells = [_cell(tab.cells.get((row, c), {})) for c in range(widths.get(row, 0))]
        lines.append({"values": cells} if cells else {})
    return {"rowData": lines}


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in cell.items() if key != "effectiveFormat"}
    form = {**cell.get("userEnteredFormat", {}), **cell.get("effectiveFormat", {})}
    return told | ({"effectiveFormat": form} if form else {})


def _error(status: int, code: str, message: str, *, scope: bool = False) -> Response:
    reason = {400: "badRequest", 403: "forbidden", 404: "notFound", 429: "rateLimitExceeded"}
    errors = [{"message": message, "domain": "global", "reason": reason.get(status, "authError")}]
    error: dict[str, Any] = {"code": status, "message": message, "status": code, "errors": errors}
    if scope:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
    return Response.of_json(status, {"error": error})


# Field masks (developers.google.com/workspace/sheets/api/guides/field-masks).

_Mask = dict[str, "_Mask"]


def _masked(value: Any, fields: str, schema: str) -> Any:
    """Return what the mask lets pass. A field that does not exist is refused."""
    if fields == "*":
        return value
    mask, rest = _parsed(fields)
    if rest:
        raise RefusedError(f"Invalid field selection {fields}")
    _judge(mask, _check()._document["schemas"][schema])
    return _passed(value, mask)


def _parsed(text: str) -> tuple[_Mask, str]:
    """Return a mask, and what follows its closing parenthesis."""
    mask: _Mask = {}
    while text and text[0] != ")":
        text = text.removeprefix(",")
        end = next((i for i, c in enumerate(text) if c in ",()"), len(text))
        inner = mask
        for name in text[:end].replace("/", ".").split("."):
            inner = inner.setdefault(name, {})
        text = text[end:]
        if text.startswith("("):
            more, text = _parsed(text[1:])
            inner.update(more)
            text = text.removeprefix(")")
    return mask, text


def _judge(mask: _Mask, schema: Mapping[str, Any]) -> None:
    schemas = _check()._document["schemas"]
    for name, inner in mask.items():
        part = schema.get("properties", {}).get(name)
        if part is None:
            raise RefusedError(f"Invalid field selection {name}")
        part = part.get("items", part)
        _judge(inner, schemas[part["$ref"]] if "$ref" in part else part)


def _passed(value: Any, mask: _Mask) -> Any:
    if not mask:
        return value
    if isinstance(value, list):
        return [_passed(item, mask) for item in value]
    return {name: _passed(value[name], inner) for name, inner in mask.items() if name in value}
