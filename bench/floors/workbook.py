"""Floor of row 6: XlsxWriter writes the cells into a table, dates as dates, and nothing else."""

import io
import sys
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook

sys.path.insert(0, str(Path(__file__).parents[1]))
from cells import COLUMNS, rows

content = io.BytesIO()
workbook = Workbook(content, {"in_memory": True})
day = workbook.add_format({"num_format": "d mmm yyyy"})
minute = workbook.add_format({"num_format": "d mmm yyyy hh:mm"})
page = workbook.add_worksheet("Meetings")
body = list(rows())
headers = [{"header": title} for title, _ in COLUMNS]
page.add_table(0, 0, len(body), len(COLUMNS) - 1, {"columns": headers})
for number, cells in enumerate(body, 1):
    for index, value in enumerate(cells):
        if isinstance(value, str):
            page.write_string(number, index, value)
        elif isinstance(value, int | float):
            page.write_number(number, index, value)
        else:
            look = minute if isinstance(value, datetime) else day
            page.write_datetime(number, index, value, look)
workbook.close()
Path(sys.argv[1], "tracking.xlsx").write_bytes(content.getvalue())
