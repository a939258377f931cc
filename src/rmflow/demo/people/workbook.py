"""Typing into one cell of a workbook (.xlsx, ECMA-376), as an office program saves it."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def type_into(path: Path, sheet: str, *, row_with: str, column: str, text: str) -> None:
    """Put a text where the row that holds `row_with` meets the column titled `column`.

    Everything else in the file stays as it is. Raises LookupError when there is no such cell.
    """
    with ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    name = _part_of(parts, sheet)
    page = etree.fromstring(parts[name])
    words = _shared_texts(parts)
    cells = {(_number(row), _letters(cell)): _text(cell, words) for row, cell in _cells(page)}
    under = _find(cells, column)[1]
    row = _find(cells, row_with)[0]
    _write(page, row, under, text)
    parts[name] = etree.tostring(page, xml_declaration=True, encoding="UTF-8", standalone=True)
    draft = path.with_name(f"~{path.name}")
    with ZipFile(draft, "w", ZIP_DEFLATED) as book:
        for each, content in parts.items():
            book.writestr(each, content)
    draft.replace(path)


def _part_of(parts: dict[str, bytes], sheet: str) -> str:
    """Return the name of the part that holds a sheet."""
    book = etree.fromstring(parts["xl/workbook.xml"])
    named = {each.get("name"): each.get(_LINK) for each in book.iter(f"{{{_MAIN}}}sheet")}
    links = etree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    targets = {link.get("Id"): link.get("Target") for link in links}
    return f"xl/{targets[named[sheet]]}"


def _shared_texts(parts: dict[str, bytes]) -> list[str]:
    root = etree.fromstring(parts["xl/sharedStrings.xml"])
    return [_inner_text(item) for item in root]


def _cells(page: etree._Element) -> Iterator[tuple[etree._Element, etree._Element]]:
    for row in page.iter(f"{{{_MAIN}}}row"):
        for cell in row:
            yield row, cell


def _text(cell: etree._Element, words: list[str]) -> str:
    value = _inner_text(cell)
    return words[int(value)] if cell.get("t") == "s" else value


def _find(cells: dict[tuple[str, str], str], text: str) -> tuple[str, str]:
    found = next((place for place, said in cells.items() if said == text), None)
    if found is None:
        raise LookupError(f'no cell says "{text}"')
    return found


def _write(page: etree._Element, number: str, letters: str, text: str) -> None:
    """Put the cell into its row; the cells of a row stand in order."""
    row = next(row for row in page.iter(f"{{{_MAIN}}}row") if _number(row) == number)
    old = next((cell for cell in row if _letters(cell) == letters), None)
    fresh = etree.Element(f"{{{_MAIN}}}c", r=f"{letters}{number}", t="inlineStr")
    said = etree.SubElement(etree.SubElement(fresh, f"{{{_MAIN}}}is"), f"{{{_MAIN}}}t")
    said.text = text
    if old is not None:
        row.replace(old, fresh)
        return
    before = sum(_order(_letters(cell)) < _order(letters) for cell in row)
    row.insert(before, fresh)


def _inner_text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext()))


def _number(row: etree._Element) -> str:
    return str(row.get("r"))


def _letters(cell: etree._Element) -> str:
    return str(cell.get("r")).rstrip("0123456789")


def _order(letters: str) -> tuple[int, str]:
    return len(letters), letters
