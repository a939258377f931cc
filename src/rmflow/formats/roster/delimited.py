"""Delimited text (csv) to a table: encoding and delimiter are found out, all cells are text."""

import codecs
import contextlib
import csv
import io
from collections import Counter
from itertools import islice

from rmflow.formats.table import Cell, Table

_DELIMITERS = ",;\t"
_ENCODINGS_BY_MARK = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def read_delimited(content: bytes, file_name: str, *, max_rows: int, max_columns: int) -> Table:
    """Return the table in a csv file; it is named like the file without its ending.

    Raises ValueError, with a text that tells the owner of the file what to do.
    """
    text = _decoded(content)
    declared, first_row, text = _declared_delimiter(text)
    rows: list[tuple[Cell, ...]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=declared or _delimiter(text))
        for row in reader:
            if len(row) > max_columns:
                raise ValueError(
                    f"line {reader.line_num} has {len(row)} columns, more than {max_columns}; "
                    "remove the stray ones"
                )
            if len(rows) == max_rows:
                raise ValueError(f"has more than {max_rows:,} rows; remove what is no roster")
            rows.append(tuple(cell or None for cell in row))
    except csv.Error as error:
        raise ValueError(f"is not a csv file ({error}); save it as .xlsx or .csv again") from error
    stem = file_name.rpartition(".")[0] or file_name
    return Table(file_name, stem, tuple(rows), first_row=first_row)


def _decoded(content: bytes) -> str:
    """Return the text: by its byte order mark, else UTF-8, else what Windows writes."""
    marked = [name for mark, name in _ENCODINGS_BY_MARK.items() if content.startswith(mark)]
    for encoding in marked or ["utf-8", "cp1252"]:
        with contextlib.suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            if "\0" not in text:  # as in UTF-16 without a mark
                return text
    raise ValueError('is text of an unknown encoding; save it as "CSV UTF-8"')


def _declared_delimiter(text: str) -> tuple[str | None, int, str]:
    """Return what Excel's first line "sep=;" declares, the number of the first row, and the rest."""
    line, _, rest = text.partition("\n")
    line = line.strip("\r")
    if len(line) == 5 and line.lower().startswith("sep="):
        return line[-1], 2, rest
    return None, 1, text


def _delimiter(text: str) -> str:
    """Return the delimiter that splits most of the first lines, and them most evenly.

    A header rarely has a comma in a title: that tells apart "name;interests" above lists.
    """

    def fitness(delimiter: str) -> tuple[int, int]:
        lines = islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 10)
        widths = Counter(len(line) for line in lines if len(line) > 1)
        return widths.total(), max((width * count for width, count in widths.items()), default=0)

    return max(_DELIMITERS, key=fitness)
