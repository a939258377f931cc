"""What a coordinator does in LibreOffice, by UNO; run by a Python that has `uno`.

    python3 libreoffice_editing.py SOFFICE PROFILE SOURCE TARGET

Opens SOURCE, edits the sheet Pairs as described in `edit`, and saves it as TARGET, in the format
of TARGET's name.
"""

# ruff: noqa: FBT003 - the methods of UNO take no keywords

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uno  # type: ignore[import-not-found,unused-ignore]
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found,unused-ignore]
from com.sun.star.connection import (  # type: ignore[import-not-found,unused-ignore]
    NoConnectException,
)
from com.sun.star.table import TableSortField  # type: ignore[import-not-found,unused-ignore]

FILTERS = {".xlsx": "Calc MS Excel 2007 XML", ".ods": "calc8"}


def prop(name: str, value: Any) -> Any:
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def cells(sheet: Any) -> tuple[int, int, dict[str, int]]:
    """Return the header row, the row below the last one, and the columns by title."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    end = cursor.RangeAddress
    for row in range(end.EndRow + 1):
        titles = {
            sheet.getCellByPosition(column, row).String: column
            for column in range(end.EndColumn + 1)
        }
        if "Coordinator notes" in titles:
            return row, end.EndRow + 1, titles
    raise LookupError("no header")


def edit(document: Any) -> None:
    sheet = document.Sheets.getByName("Pairs")
    header, below, at = cells(sheet)

    for row in range(header + 1, below):  # type a note
        if sheet.getCellByPosition(at["Pair"], row).String == "P02":
            sheet.getCellByPosition(at["Coordinator notes"], row).String = "typed in LibreOffice"

    own = max(at.values()) + 1  # a column of their own: a number, a date, a formula
    sheet.getCellByPosition(own, header).String = "Budget"
    for row in range(header + 1, below):
        if sheet.getCellByPosition(at["Pair"], row).String == "P01":
            sheet.getCellByPosition(own, row).Value = 120.5
        if sheet.getCellByPosition(at["Pair"], row).String == "P03":
            sheet.getCellByPosition(own, row).Formula = "=40+2"

    ranges = document.DatabaseRanges  # take the filters away
    for name in ranges.ElementNames:
        ranges.getByName(name).AutoFilter = False

    field = TableSortField()  # sort by mentor, downwards, the hidden column with the others
    field.Field, field.IsAscending = at["Mentor"], False
    area = sheet.getCellRangeByPosition(0, header, own, below - 1)
    fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
    area.sort((prop("SortFields", fields), prop("ContainsHeader", True)))

    sheet.getCellByPosition(at["Mentor"], below).String = "a row of my own"
    sheet.Columns.insertByIndex(at["Mentor"], 1)  # and move everything about
    sheet.Rows.insertByIndex(0, 2)
    sheet.Name = "Paare"

    document.Sheets.insertNewByName("My list", 0)
    mine = document.Sheets.getByName("My list")
    mine.getCellByPosition(1, 2).String = "=not a formula"
    mine.getCellByPosition(2, 2).Value = 7


def connected(soffice: subprocess.Popen[bytes], pipe: str) -> Any:
    """Return the desktop of an office that is just starting."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    deadline = time.monotonic() + 60
    while soffice.poll() is None and time.monotonic() < deadline:
        try:
            office = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.1)
        else:
            return office.ServiceManager.createInstanceWithContext(
                "com.sun.star.frame.Desktop", office
            )
    raise TimeoutError("LibreOffice does not answer")


def main(soffice: str, profile: str, source: str, target: str) -> None:
    pipe = f"rmflow{time.time_ns()}"
    office = subprocess.Popen(
        [
            soffice,
            "--headless",
            "--norestore",
            f"-env:UserInstallation={Path(profile).as_uri()}",
            f"--accept=pipe,name={pipe};urp;",
        ]
    )
    desktop = connected(office, pipe)
    document = desktop.loadComponentFromURL(
        Path(source).as_uri(), "_blank", 0, (prop("Hidden", True),)
    )
    edit(document)
    document.storeToURL(Path(target).as_uri(), (prop("FilterName", FILTERS[Path(target).suffix]),))
    document.close(True)
    desktop.terminate()
    office.wait(timeout=30)


if __name__ == "__main__":
    main(*sys.argv[1:])
