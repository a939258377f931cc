"""Floor of row 3: read the roster and write a row for every person and pair."""

import sqlite3
import sys
from pathlib import Path

from python_calamine import CalamineWorkbook

folder = Path(sys.argv[1])
workbook = CalamineWorkbook.from_path(folder / "roster.xlsx")
database = sqlite3.connect(folder / "state.db")
for name in workbook.sheet_names:
    head, *rows = workbook.get_sheet_by_name(name).to_python()
    columns = ", ".join(f'"{title}"' for title in head)
    database.execute(f'CREATE TABLE "{name}" ({columns}, PRIMARY KEY ("{head[0]}"))')
    places = ", ".join("?" * len(head))
    database.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)
database.commit()
