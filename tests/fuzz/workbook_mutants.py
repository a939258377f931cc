"""Mutated rosters: cells that nobody expects, XML that no office program writes, bent archives."""

import io
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import openpyxl
from mutants import coded_anew, ends_changed, lines_changed, mutant
from roster_samples import PAIRS, PEOPLE
from spreadsheet_samples import handmade, row, write_workbook

from rmflow.formats.table import Cell

_HOSTILE: tuple[Cell, ...] = (
    '=HYPERLINK("http://a.example")', "=1+1", "+1", "-1", "@x", "\t=1", "＝1", "=?utf-8?q?x?=",
    "m\u0430ra.vogel@contoso.example", "mara.vogel@c\u043entoso.example", "mara.vogel@contoso.example\r\nBcc: x@y.example",
    "mara vogel", "Mara Vogel <mara.vogel@contoso.example>", "mailto:mara.vogel@contoso.example", "a@b@c.example",
    "", " ", "\u00a0", "\u200b", "\u202ereversed", "x" * 40_000, "é" * 2_000, "1,2;3\n4", "#REF!", "NULL", "nan",
    0, -1, 3.5, 1e300, 4711, 99_999_999_999_999, True, False, None, None, None,
    "31.02.2026", "3/4/26", "2026-11-03", "Tue 10:00", "25:99", "weekly", "closed", "Europe/Nowhere", "../../etc",
    "de", "xx-YY", "DE-ZZ", "jens.adler@contoso.example", "tomo.sato@contoso.example", "p1", "p1", "pilot", "mentor", "email", "Name",
)  # fmt: skip
_TOKENS = (*(text.encode() for text in (
        '<row r="1048576">', '<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>', '<dimension ref="A1:XFD1048576"/>',
        't="s"', 't="str"', 't="e"', 't="b"', 't="d"', 't="inlineStr"', "<v>999999999</v>", "<v>-1</v>", "<v>nan</v>", "<v>1e999</v>",
        "<f>A1</f>", '<f t="shared" ref="A1:A9" si="0"/>', '<mergeCell ref="A1:XFD1"/>', 'r="A0"', 'r="ZZZZZZ9"', 'r=""', 'hidden="1"',
        "&lol;", "&#0;", "&#xD800;", "<!DOCTYPE x>", "<!--", "<![CDATA[", "]]>", "<?xml", 'encoding="utf-7"', 'date1904="1"',
        'Target="../../../etc/passwd"', 'Target="http://a.example/"', 'TargetMode="External"', 'r:id="rId99"', "</sheetData>", "<sheetData>",
        "\r\n", ";", ",", "\t", '"', '""', "sep=|", "=cmd|' /C calc'!A0", "\u00e4\u00f6",
    )),
    *(b"\x00", b"\xff\xfe", b"PK\x03\x04", b"PK\x05\x06", b"\xff\xff\xff\xff", b"\x80"),
)  # fmt: skip
_TEXT_CHANGES = (lines_changed, ends_changed, coded_anew)


def mutated_workbook(number: int) -> tuple[str, bytes]:
    """Return the file ending and the content of mutant `number` of a roster."""
    chance = Random(number)
    match chance.randrange(10):
        case 0 | 1 | 2:
            return ".xlsx", _with_hostile_cells(chance)
        case 3 | 4 | 5:
            return ".xlsx", _with_hostile_xml(chance, number)
        case 6:
            return ".ods", _ods_with_hostile_xml(number)
        case 7:
            return ".xlsx", mutant(number, _books(), (), _TOKENS)
        case _:
            return ".csv", mutant(number, _texts(), _TEXT_CHANGES, _TOKENS)


def _grid(chance: Random) -> dict[str, list[list[Cell]]]:
    """Return the sheets of a roster with some cells exchanged, some rows and columns doubled."""
    sheets = {"People": [*map(list, PEOPLE)], "Pairs": [*map(list, PAIRS)]}
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        rows = sheets[chance.choice(("People", "Pairs"))]
        line = chance.choice(rows)
        match chance.randrange(8):
            case 0:
                rows.insert(chance.randrange(len(rows) + 1), list(line))
            case 1 if len(rows) > 1:
                rows.remove(line)
            case 2:
                for each in rows:
                    each.append(each[chance.randrange(len(each))])
            case _:
                line[chance.randrange(len(line))] = chance.choice(_HOSTILE)
    if chance.random() < 0.1:
        sheets[chance.choice(("People ", "Personen", "Copy", "Pairs (2)"))] = sheets["People"]
    return sheets


def _with_hostile_cells(chance: Random) -> bytes:
    """Return a workbook as an office program saves it, merged cells and hidden rows included."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in _grid(chance).items():
        sheet = book.create_sheet(name[:31])
        for cells in rows:
            sheet.append([_storable(cell) for cell in cells])
        if chance.random() < 0.2:
            first = chance.randint(1, 3)
            sheet.merge_cells(start_row=first, end_row=first + 1, start_column=1, end_column=2)
        if chance.random() < 0.2:
            sheet.row_dimensions[chance.randint(1, 4)].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _storable(cell: Cell) -> Cell:
    return cell[:32_000] if isinstance(cell, str) else cell


def _with_hostile_xml(chance: Random, number: int) -> bytes:
    """Return a workbook with one of its parts bent."""
    parts = _parts(chance.choice(_books()))
    name = chance.choice(sorted(parts))
    parts[name] = mutant(number, (parts[name],), _TEXT_CHANGES, _TOKENS)
    if chance.random() < 0.1:
        parts.pop(chance.choice(sorted(parts)))
    return _zipped(parts, chance)


def _ods_with_hostile_xml(number: int) -> bytes:
    content = mutant(number, (_ods_content(),), _TEXT_CHANGES, _TOKENS)
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    parts = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": b"<manifest/>"}
    return _zipped(parts, Random(number))


def _zipped(parts: Mapping[str, bytes], chance: Random) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            odd = chance.random() < 0.02
            archive.writestr(f"../{name}" if odd else name, content)
    return stream.getvalue()


def _parts(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@cache
def _books() -> tuple[bytes, ...]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "roster.xlsx")
        usual = write_workbook(path, {"People": PEOPLE, "Pairs": PAIRS}).read_bytes()
    lines = "".join(row(n, A=f"p{n}@contoso.example", B=f"Person {n}") for n in range(2, 300))
    people = row(1, A="email", B="name") + lines
    return usual, handmade(f"<sheetData>{people}</sheetData>")


@cache
def _texts() -> tuple[bytes, ...]:
    head = "mentor email;mentor name;mentee email;mentee name;slot\r\n"
    flat = head + "mara@contoso.example;Mara Vögel;jens@contoso.example;Jens Adler;Di 10:00\r\n" * 3
    quoted = flat.replace(";", ",").replace("Jens Adler", '"Adler, Jens ""J"""')
    texts = (flat, quoted, "sep=;\r\n" + flat, flat.replace(";", "\t"))
    codings = ("utf-8", "utf-8-sig", "cp1252", "utf-16")
    return tuple(text.encode(coding) for text in texts for coding in codings)


@cache
def _ods_content() -> bytes:
    names = "".join(
        f'<table:table table:name="{name}">{"".join(map(_ods_row, rows))}</table:table>'
        for name, rows in (("People", PEOPLE), ("Pairs", PAIRS))
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    return (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:text="{space}:text:1.0" '
        f'xmlns:table="{space}:table:1.0"><office:body><office:spreadsheet>{names}'
        "</office:spreadsheet></office:body></office:document-content>"
    ).encode()


def _ods_row(cells: list[Cell]) -> str:
    inner = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell or ""}</text:p></table:table-cell>'
        for cell in cells
    )
    return f"<table:table-row>{inner}</table:table-row>"
