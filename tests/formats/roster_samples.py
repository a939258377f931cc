"""Tables and programmes for the tests of the roster."""

from collections.abc import Sequence

from rmflow.domain.people import Address
from rmflow.domain.programme import Programme
from rmflow.formats.roster.understanding import RosterReading, understand
from rmflow.formats.table import Cell, Table

Rows = list[list[Cell]]

PROGRAMME = Programme(
    id="contoso",
    name="Fresh eyes",
    mailbox=Address("mentoring@contoso.example"),
    mailbox_name="Fresh eyes",
    coordinator=Address("hr@contoso.example"),
    coordinator_name="Ines Roth",
    salt=b"0123456789abcdef",
    language="en",
    timezone="Europe/Berlin",
    region="DE",
)


def grid(text: str) -> Rows:
    """Return the cells of a drawn table: digits are a number, nothing is an empty cell."""
    return [[_cell(cell.strip()) for cell in line.split("|")] for line in text.strip().splitlines()]


def _cell(text: str) -> Cell:
    return int(text) if text.isdigit() else text or None


PEOPLE = grid("""
    email                      | name       | manager | team  | start_date | employee_id
    mara.vogel@contoso.example | Mara Vogel |         | Data  | 2024-09-01 | 4711
    jens.adler@contoso.example | Jens Adler |         | Board |            | 4712
    tomo.sato@contoso.example  | Tomo Sato  |         | Labs  |            | 4713
    aisha.khan@contoso.example | Aisha Khan |         | Sales |            | 4714
""")
PAIRS = grid("""
    mentor                     | mentee                     | cadence
    mara.vogel@contoso.example | jens.adler@contoso.example | pilot
    tomo.sato@contoso.example  | aisha.khan@contoso.example |
""")


def table(name: str, rows: Sequence[Sequence[Cell]], source: str = "roster.xlsx") -> Table:
    """Return a table that starts in A1."""
    return Table(source, name, tuple(tuple(row) for row in rows))


def read(
    people: Rows = PEOPLE, pairs: Rows = PAIRS, programme: Programme = PROGRAMME
) -> RosterReading:
    """Return what becomes of two sheets."""
    return understand([table("People", people), table("Pairs", pairs)], programme)


def told(reading: RosterReading) -> str:
    """Return the problems as a coordinator reads them; warnings are marked."""
    return "\n".join(f"{'(warning) ' * p.warning}{p}" for p in reading.problems)
