"""The documents of the fake Sheets: tabs, cells, and the batch requests that rmflow makes.

Every other request is refused, and of these what Google refuses: unknown and repeated ids and
names, places beyond the grid, a sheet without rows, moves across what is frozen. Google's words
are quoted where somebody has published them (`No grid with id`, `No sheet with id`, `You can't
remove all the sheets in a document.`); others are ours.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Cell = dict[str, Any]
_LONGEST_TEXT = 50_000
_MOST_CELLS = 10_000_000


class RefusedError(Exception):
    """What Google says with status 400."""


@dataclass
class Tab:
    """One sheet. `cells` by row and column from 0; `columns_` and `rows_` are their properties."""

    id: int
    title: str
    rows: int = 1000
    columns: int = 26
    hidden: bool = False
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    row_properties: dict[int, dict[str, Any]] = field(default_factory=dict)
    column_properties: dict[int, dict[str, Any]] = field(default_factory=dict)
    frozen_rows: int = 0
    frozen_columns: int = 0
    gridlines_hidden: bool = False
    rules: list[dict[str, Any]] = field(default_factory=list)
    charts: dict[int, dict[str, Any]] = field(default_factory=dict)
    filter: dict[str, Any] | None = None
    protected: bool = False

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell at a place, made if it is not there."""
        return self.cells.setdefault((row, column), {})

    def reorder(self, dimension: str, order: Sequence[int | None]) -> None:
        """Let row (or column) n be what was number order[n]; None is a new one."""
        new = {old: place for place, old in enumerate(order) if old is not None}
        if dimension == "ROWS":
            self.cells = {(new[r], c): cell for (r, c), cell in self.cells.items() if r in new}
            self.row_properties = {new[r]: p for r, p in self.row_properties.items() if r in new}
            self.rows = len(order)
        else:
            self.cells = {(r, new[c]): cell for (r, c), cell in self.cells.items() if c in new}
            kept = {new[c]: p for c, p in self.column_properties.items() if c in new}
            self.column_properties = kept
            self.columns = len(order)

    def count(self, dimension: str) -> int:
        return self.rows if dimension == "ROWS" else self.columns

    def frozen(self, dimension: str) -> int:
        return self.frozen_rows if dimension == "ROWS" else self.frozen_columns


@dataclass
class Document:
    """A spreadsheet. `roles`: who may do what, by mail address."""

    title: str
    tabs: list[Tab] = field(default_factory=lambda: [Tab(0, "Sheet1")])
    roles: dict[str, str] = field(default_factory=dict)
    formulas: int = 0  # how many were written through the API
    revisions: int = 0

    def tab(self, title: str) -> Tab:
        return next(tab for tab in self.tabs if tab.title == title)

    def batch(self, requests: Sequence[Mapping[str, Any]]) -> None:
        """Apply all requests or, raising RefusedError, none."""
        if not requests:
            raise RefusedError("Must specify at least one request.")
        draft = copy.deepcopy(self)
        for number, request in enumerate(requests):
            ((kind, body),) = request.items()
            try:
                _ACTIONS[kind](draft, body)
            except KeyError as error:
                raise RefusedError(f"Invalid requests[{number}]: {error} is missing") from error
            except RefusedError as error:
                raise RefusedError(f"Invalid requests[{number}].{kind}: {error}") from error
            if not any(not tab.hidden for tab in draft.tabs):
                raise RefusedError("You can't remove all the visible sheets in a document.")
        if sum(tab.rows * tab.columns for tab in draft.tabs) > _MOST_CELLS:
            raise RefusedError("This action would increase the number of cells above the limit.")
        self.tabs, self.formulas = draft.tabs, draft.formulas
        self.revisions += 1

    def grid(self, id: int) -> Tab:
        """Return the sheet with this id."""
        for tab in self.tabs:
            if tab.id == id:
                return tab
        raise RefusedError(f"No grid with id: {id}")

    def editable(self, id: int) -> Tab:
        tab = self.grid(id)
        if tab.protected:
            raise RefusedError("You are trying to edit a protected cell or object.")
        return tab


def _add_sheet(document: Document, body: Mapping[str, Any]) -> None:
    properties = body["properties"]
    title, grid = properties["title"], properties["gridProperties"]
    if any(tab.id == properties["sheetId"] for tab in document.tabs):
        raise RefusedError(f"Sheet with id {properties['sheetId']} already exists.")
    if any(tab.title.casefold() == title.casefold() for tab in document.tabs):
        raise RefusedError(
            f'A sheet with the name "{title}" already exists. Please enter another name.'
        )
    if not title or len(title) > 100 or properties["sheetId"] < 0:
        raise RefusedError("A sheet needs a name of 1 to 100 characters and an id.")
    if grid["rowCount"] < 1 or grid["columnCount"] < 1:
        raise RefusedError("A grid has a row and a column at least.")
    tab = Tab(properties["sheetId"], title, grid["rowCount"], grid["columnCount"])
    tab.hidden = properties.get("hidden", False)
    document.tabs.insert(properties.get("index", len(document.tabs)), tab)


def _delete_sheet(document: Document, body: Mapping[str, Any]) -> None:
    gone = [tab for tab in document.tabs if tab.id == body["sheetId"]]
    if not gone:
        raise RefusedError(f"No sheet with id: {body['sheetId']}")
    if len(document.tabs) == 1:
        raise RefusedError("You can't remove all the sheets in a document.")
    document.tabs.remove(document.editable(body["sheetId"]))


def _sheet_properties(document: Document, body: Mapping[str, Any]) -> None:
    tab = document.editable(body["properties"]["sheetId"])
    grid = body["properties"]["gridProperties"]
    if body["fields"] != "gridProperties(frozenRowCount,frozenColumnCount,hideGridlines)":
        raise RefusedError(f"the fake does not know the fields {body['fields']}")
    if grid["frozenRowCount"] >= tab.rows or grid["frozenColumnCount"] >= tab.columns:
        raise RefusedError("You can't freeze all visible rows on the sheet.")
    tab.frozen_rows, tab.frozen_columns = grid["frozenRowCount"], grid["frozenColumnCount"]
    tab.gridlines_hidden = grid["hideGridlines"]


def _append(document: Document, body: Mapping[str, Any]) -> None:
    tab = document.editable(body["sheetId"])
    if body["length"] < 1:
        raise RefusedError("length must be at least 1.")
    lines: list[int | None] = list(range(tab.count(body["dimension"])))
    tab.reorder(body["dimension"], lines + [None] * body["length"])


def _dimension(
    document: Document, area: Mapping[str, Any], *, beyond: bool = False
) -> tuple[Tab, str, int, int]:
    tab, dimension = document.editable(area["sheetId"]), area["dimension"]
    start, end, count = area["startIndex"], area["endIndex"], tab.count(area["dimension"])
    if not 0 <= start < end or (start >= count if beyond else end > count):
        raise RefusedError(f"range [{start}, {end}) is beyond the {count} {dimension} there are.")
    return tab, dimension, start, end


def _insert(document: Document, body: Mapping[str, Any]) -> None:
    tab, dimension, start, end = _dimension(document, body["range"], beyond=True)
    if body.get("inheritFromBefore") and start == 0:
        raise RefusedError("inheritFromBefore cannot be set if inserting at 0.")
    lines: list[int | None] = list(range(tab.count(dimension)))
    lines[start:start] = [None] * (end - start)
    tab.reorder(dimension, lines)
    model = start - 1 if body.get("inheritFromBefore") else end
    _inherit(tab, dimension, range(start, end), model)


def _inherit(tab: Tab, dimension: str, new: range, model: int) -> None:
    """Give new lines the formats of their neighbour."""
    for (row, column), cell in list(tab.cells.items()):
        line, other = (row, column) if dimension == "ROWS" else (column, row)
        if line == model:
            kept: Cell = {k: cell[k] for k in ("userEnteredFormat", "dataValidation") if k in cell}
            for place in new:
                where = (place, other) if dimension == "ROWS" else (other, place)
                tab.cell(*where).update(copy.deepcopy(kept))


def _delete(document: Document, body: Mapping[str, Any]) -> None:
    tab, dimension, start, end = _dimension(document, body["range"])
    lines = list(range(tab.count(dimension)))
    del lines[start:end]
    if not lines[tab.frozen(dimension) :]:
        raise RefusedError(f"Sorry, it is not possible to delete all non-frozen {dimension}.")
    tab.reorder(dimension, lines)


def _move(document: Document, body: Mapping[str, Any]) -> None:
    tab, dimension, start, end = _dimension(document, body["source"])
    to = body["destinationIndex"]
    if not 0 <= to <= tab.count(dimension) or start < to < end:
        raise RefusedError(f"destinationIndex {to} is beyond the grid or inside of the source.")
    boundary = tab.frozen(dimension)
    if boundary and (start < boundary) != (to < boundary):
        raise RefusedError("moved across what is frozen.")
    lines = list(range(tab.count(dimension)))
    moved = lines[start:end]
    before = [line for line in lines[:to] if line not in moved]
    after = [line for line in lines[to:] if line not in moved]
    tab.reorder(dimension, [*before, *moved, *after])


def _update_cells(document: Document, body: Mapping[str, Any]) -> None:
    start = body["start"]
    tab = document.editable(start["sheetId"])
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    for row, line in enumerate(body["rows"], start=top):
        for column, data in enumerate(line.get("values", ()), start=left):
            if row >= tab.rows or column >= tab.columns:
                raise RefusedError(f"Attempting to write row {row}, column {column}: beyond.")
            _update_cell(document, tab.cell(row, column), data, body["fields"])


def _update_cell(document: Document, cell: Cell, data: Mapping[str, Any], fields: str) -> None:
    if fields == "userEnteredValue":
        enter(cell, data.get("userEnteredValue"))
        document.formulas += "formulaValue" in data.get("userEnteredValue", ())
    elif fields == "note":
        cell["note"] = data.get("note", "")
    elif fields == "userEnteredFormat.numberFormat":
        form = cell.setdefault("userEnteredFormat", {})
        form["numberFormat"] = data["userEnteredFormat"]["numberFormat"]
    else:
        raise RefusedError(f"the fake does not know the fields {fields}")


def enter(cell: Cell, value: Mapping[str, Any] | None) -> None:
    """Put a value into a cell; None empties it and leaves its format."""
    cell.pop("userEnteredValue", None)
    cell.pop("effectiveValue", None)
    if not value:
        return
    if len(value) != 1 or "errorValue" in value:
        raise RefusedError("Exactly one value must be set, and no error.")
    if len(str(value.get("stringValue", ""))) > _LONGEST_TEXT:
        raise RefusedError(f"Your input contains more than {_LONGEST_TEXT} characters in a cell.")
    cell["userEnteredValue"] = dict(value)
    if "formulaValue" not in value:
        cell["effectiveValue"] = dict(value)


def _area(document: Document, area: Mapping[str, Any]) -> tuple[Tab, range, range]:
    """Return what a GridRange covers; without an end it goes to the end of the sheet."""
    tab = document.editable(area["sheetId"])
    rows = range(area.get("startRowIndex", 0), area.get("endRowIndex", tab.rows))
    columns = range(area.get("startColumnIndex", 0), area.get("endColumnIndex", tab.columns))
    if rows.stop > tab.rows or columns.stop > tab.columns or not rows or not columns:
        raise RefusedError(f"range {area} is not within {tab.rows} x {tab.columns}.")
    return tab, rows, columns


def _repeat_cell(document: Document, body: Mapping[str, Any]) -> None:
    tab, rows, columns = _area(document, body["range"])
    if not body["fields"].startswith("userEnteredFormat(") or set(body["cell"]) != {
        "userEnteredFormat"
    }:
        raise RefusedError(f"the fake does not know the fields {body['fields']}")
    for row in rows:
        for column in columns:
            cell = tab.cell(row, column)
            form = copy.deepcopy(body["cell"]["userEnteredFormat"])
            cell["userEnteredFormat"] = {**cell.get("userEnteredFormat", {}), **form}


def _line_properties(document: Document, body: Mapping[str, Any]) -> None:
    tab, dimension, start, end = _dimension(document, body["range"])
    there = tab.row_properties if dimension == "ROWS" else tab.column_properties
    for line in range(start, end):
        there.setdefault(line, {})[body["fields"]] = body["properties"][body["fields"]]


def _add_rule(document: Document, body: Mapping[str, Any]) -> None:
    rule = body["rule"]
    ((tab, _, _),) = (_area(document, area) for area in rule["ranges"])
    if not rule["booleanRule"]["condition"]["type"] or not rule["booleanRule"]["format"]:
        raise RefusedError("A rule needs a condition and a format.")
    tab.rules.insert(body.get("index", 0), copy.deepcopy(rule))


def _delete_rule(document: Document, body: Mapping[str, Any]) -> None:
    tab = document.editable(body["sheetId"])
    if not 0 <= body["index"] < len(tab.rules):
        raise RefusedError(f"No conditional format on sheet: {tab.id} at index: {body['index']}")
    del tab.rules[body["index"]]


def _validation(document: Document, body: Mapping[str, Any]) -> None:
    tab, rows, columns = _area(document, body["range"])
    for row in rows:
        for column in columns:
            tab.cell(row, column)["dataValidation"] = copy.deepcopy(body["rule"])


def _filter(document: Document, body: Mapping[str, Any]) -> None:
    tab, _, _ = _area(document, body["filter"]["range"])
    tab.filter = copy.deepcopy(body["filter"])


def _add_chart(document: Document, body: Mapping[str, Any]) -> None:
    chart = body["chart"]
    anchor = chart["position"]["overlayPosition"]["anchorCell"]
    tab = document.editable(anchor["sheetId"])
    if any(chart["chartId"] in other.charts for other in document.tabs):
        raise RefusedError(f"An object with id {chart['chartId']} already exists.")
    if not 0 < chart["chartId"] < 2**31:
        raise RefusedError("An object id is a positive 32-bit number.")
    basic = chart["spec"]["basicChart"]
    for source in (
        *(domain["domain"] for domain in basic["domains"]),
        *(series["series"] for series in basic["series"]),
    ):
        for area in source["sourceRange"]["sources"]:
            _, rows, columns = _area(document, area)
            if min(len(rows), len(columns)) != 1:
                raise RefusedError("A source must be one row or one column.")
    tab.charts[chart["chartId"]] = copy.deepcopy(chart)


def _delete_object(document: Document, body: Mapping[str, Any]) -> None:
    for tab in document.tabs:
        if tab.charts.pop(body["objectId"], None):
            return
    raise RefusedError(f"No object with id: {body['objectId']}")


_ACTIONS: Mapping[str, Callable[[Document, Mapping[str, Any]], None]] = {
    "addSheet": _add_sheet,
    "deleteSheet": _delete_sheet,
    "updateSheetProperties": _sheet_properties,
    "appendDimension": _append,
    "insertDimension": _insert,
    "deleteDimension": _delete,
    "moveDimension": _move,
    "updateCells": _update_cells,
    "repeatCell": _repeat_cell,
    "updateDimensionProperties": _line_properties,
    "addConditionalFormatRule": _add_rule,
    "deleteConditionalFormatRule": _delete_rule,
    "setDataValidation": _validation,
    "setBasicFilter": _filter,
    "addChart": _add_chart,
    "deleteEmbeddedObject": _delete_object,
}
