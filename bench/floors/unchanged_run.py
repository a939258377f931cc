"""Floor of row 2: read the roster, and what is known of every pair and person."""

import sqlite3
import sys
from pathlib import Path

from python_calamine import CalamineWorkbook

folder = Path(sys.argv[1])
workbook = CalamineWorkbook.from_path(folder / "roster.xlsx")
roster = {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}
database = sqlite3.connect(folder / "state.db")
people = dict(database.execute("SELECT id, person_json FROM people"))
pairs = {row[0]: row for row in database.execute("SELECT id, pairing_json, wake_at FROM pairings")}
assert len(pairs) == len(roster["Pairs"]) - 1
