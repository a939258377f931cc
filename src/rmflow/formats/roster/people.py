"""The people of a roster: rows to participants, and the directory that finds them again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.programme import Programme
from rmflow.formats.roster.cells import closest, read_address, read_date, read_line, read_list
from rmflow.formats.roster.view import Findings, Spot, View
from rmflow.formats.roster.whereabouts import read_locale, read_region, read_timezone
from rmflow.formats.table import Cell


def read_reference(cell: Cell) -> str:
    """Return how a cell refers to a person: a mail address in one spelling, an id, or a name."""
    return read_address(cell) if "@" in str(cell) else read_line(cell)


def read_addresses(cell: Cell) -> tuple[Address, ...]:
    """Return the addresses in a cell, separated like any list."""
    return tuple(map(read_address, read_list(cell)))


def read_references(cell: Cell) -> tuple[str, ...]:
    """Return the people a cell refers to, separated like any list."""
    return tuple(map(read_reference, read_list(cell)))


_READERS: Mapping[str, Callable[[Cell], Any]] = {
    "email": read_address,
    "name": read_line,
    "given_name": read_line,
    "family_name": read_line,
    "manager": read_reference,
    "timezone": read_timezone,
    "locale": read_locale,
    "location": read_line,
    "region": read_region,
    "team": read_line,
    "assistant": read_address,
    "aliases": read_addresses,
    "employee_id": read_line,
    "start_date": read_date,
    "avoid": read_references,
    "interests": read_list,
}
# Looking for what a misspelt name may have meant takes time, and nobody reads a hundred of them.
_SUGGESTIONS = 20
_COMPARISONS = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as their row says. `address` None: the row's address is wrong, and noted."""

    view: View
    row: int
    address: Address | None
    fields: dict[str, Any]

    def spot(self, field: str) -> Spot:
        """Return the cell of a field."""
        return self.view.spot(self.row, field)

    @property
    def id(self) -> PersonId:
        """The employee id where there is one: it outlives a change of the address."""
        return PersonId(self.fields.get("employee_id") or self.address or "")

    @property
    def name(self) -> str:
        """The full name, "" when there is none."""
        name: str = self.fields.get("name", "")
        return name


def _full_name(fields: Mapping[str, Any]) -> str:
    """Return the name; put together where its parts are in columns of their own."""
    name: str = fields.get("name", "")
    given, family = fields.get("given_name", ""), fields.get("family_name", "")
    before = given if given not in name else ""
    after = family if family not in name else ""
    return " ".join(filter(None, (before, name, after)))


class Directory:
    """Everybody in the roster, found by mail address, employee id, or a name that is unique."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._suggestions_left = _SUGGESTIONS
        self._found: dict[str, Entry | None] = {}  # None: a name that several people have
        for entry in self.entries:
            name = entry.name.casefold()
            self._found[name] = None if name in self._found else entry
        for entry in self.entries:
            self._found[entry.fields.get("employee_id", "").casefold()] = entry
        for entry in self.entries:
            self._found[entry.address or ""] = entry
        self._found.pop("", None)

    def find(self, text: str) -> Entry | None:
        """Return the person that a reference means (see `read_reference`), None if not one."""
        return self._found.get(text.casefold())

    def why_not(self, text: str) -> str:
        """Return why `find` found nobody, to go after the name."""
        return (
            f"is {'the name of several people' if self._is_shared(text) else 'not in the roster'}"
        )

    def advice(self, text: str) -> str:
        """Return what to do when `find` found nobody."""
        if self._is_shared(text):
            return "write the mail address"
        meant = self._closest(text)
        return f"did you mean {meant}?" if meant else "add them, or correct it"

    def _is_shared(self, text: str) -> bool:
        return text.casefold() in self._found

    def _closest(self, text: str) -> str | None:
        """Return a name or address much like this one; a slip spares its beginning or its end."""
        if not self._suggestions_left:
            return None
        self._suggestions_left -= 1
        key = text.casefold()
        head, tail = key[:3], key.partition("@")[0][-3:]
        alike = (k for k in self._found if k.startswith(head) or k.partition("@")[0].endswith(tail))
        key = closest(key, {k: k for k in islice(alike, _COMPARISONS)}) or ""
        entry = self._found.get(key)
        return entry.name if entry and key == entry.name.casefold() else key or None


def read_people(views: Iterable[View], findings: Findings, *, merge: bool) -> Directory:
    """Return the directory of all rows with people.

    A person must have one row, unless `merge`: then the rows add to each other and must agree.
    """
    kept: list[Entry] = []
    by_key: dict[tuple[str, str], Entry] = {}
    for entry in chain.from_iterable(map(_entries, views)):
        twin = by_key.get(("email", entry.address or ""))
        if merge and twin is not None:
            _merge(twin, entry, findings)
        elif not _is_repeated(entry, by_key, findings):
            kept.append(entry)
    return Directory(kept)


def _entries(view: View) -> Iterator[Entry]:
    """Yield the people of a view; notes those without an address or a name."""
    columns = [view.read(field, _READERS[field]) for field in view.columns]
    for row, *values in zip(view.rows, *columns, strict=True):
        pairs = zip(view.columns, values, strict=True)
        fields = {field: value for field, value in pairs if value is not None}
        if "given_name" in fields or "family_name" in fields:
            fields["name"] = _full_name(fields)
        entry = Entry(view, row, fields.get("email"), fields)
        for field, there in (("email", entry.address), ("name", entry.name)):
            if not there and view.is_empty(row, field):
                view.note(row, field, f"the {field} is empty; every person needs one")
        yield entry


def _is_repeated(entry: Entry, by_key: dict[tuple[str, str], Entry], findings: Findings) -> bool:
    """Note a person who was there before, by address or employee id; remember a new one."""
    for field in ("email", "employee_id"):
        text = entry.fields.get(field, "")
        twin = by_key.setdefault((field, text.casefold()), entry) if text else entry
        if twin is not entry:
            place = findings.cell(twin.spot(field))
            entry.view.note(entry.row, field, f'"{text}" is also in {place}; keep one of them')
            return True
    return False


def _merge(twin: Entry, entry: Entry, findings: Findings) -> None:
    """Add what a further row of a flat table says of a person; note what it says differently."""
    for field, value in entry.fields.items():
        if twin.fields.setdefault(field, value) != value:
            place = findings.cell(twin.spot(field))
            entry.view.note(
                entry.row, field, f"{twin.name} has another {field} in {place}; make them the same"
            )


def participants(
    directory: Directory, programme: Programme, findings: Findings
) -> dict[PersonId, Participant]:
    """Return everybody with a valid address; where the roster is silent, the programme speaks."""
    managers = _managers(directory, findings)
    taken = {entry.address: entry for entry in directory.entries if entry.address}
    people = {}
    for entry in directory.entries:
        if entry.address is None:
            continue
        if entry.address == programme.mailbox:
            text = "is the programme's own mailbox; write the person's address"
            findings.add(entry.spot("email"), f'"{entry.address}" {text}')
        said = entry.fields
        people[entry.id] = Participant(
            id=entry.id,
            address=entry.address,
            name=entry.name,
            timezone=said.get("timezone", programme.timezone),
            locale=said.get("locale", programme.language),
            region=said.get("region", programme.region),
            location=said.get("location", ""),
            team=said.get("team", ""),
            manager=managers.get(entry.address),
            assistant=said.get("assistant"),
            employee_id=said.get("employee_id", ""),
            start_date=said.get("start_date"),
            avoid=_avoided(entry, directory, findings),
            interests=said.get("interests", ()),
            aliases=_aliases(entry, taken, programme, findings),
        )
    return people


def _managers(directory: Directory, findings: Findings) -> dict[Address, Address]:
    """Return the manager's address of each; warn once of each manager who has no row."""
    managers: dict[Address, Address] = {}
    strangers: dict[str, list[Entry]] = {}
    for entry in directory.entries:
        text = entry.fields.get("manager")
        if text is None or entry.address is None:
            continue
        found = directory.find(text)
        if found is None:
            strangers.setdefault(text, []).append(entry)
        manager = found.address if found else Address(text) if "@" in text else None
        # Directories write the head of the house as their own manager.
        if manager is not None and manager != entry.address:
            managers[entry.address] = manager
    for text, entries in strangers.items():
        more = f" ({len(entries)} people report to them)" if len(entries) > 1 else ""
        findings.add(
            entries[0].spot("manager"),
            f'manager "{text}" {directory.why_not(text)}: nobody above them is checked{more}',
            warning=True,
        )
    return managers


def _aliases(
    entry: Entry, taken: dict[Address, Entry], programme: Programme, findings: Findings
) -> tuple[Address, ...]:
    """Return a person's other addresses; an address that is not theirs alone is noted."""
    found = [a for a in dict.fromkeys(entry.fields.get("aliases", ())) if a != entry.address]
    for address in found:
        other = taken.setdefault(address, entry)
        if other is not entry:
            text = f'"{address}" is also an address of {other.name}; keep one of them'
            findings.add(entry.spot("aliases"), text)
        if address == programme.mailbox:
            text = f'"{address}" is the programme\'s own mailbox; take it out'
            findings.add(entry.spot("aliases"), text)
    return tuple(found)


def _avoided(entry: Entry, directory: Directory, findings: Findings) -> frozenset[Address]:
    """Return the addresses of those a person must not be paired with; unknown names are noted."""
    addresses = set()
    for text in entry.fields.get("avoid", ()):
        found = directory.find(text)
        if found is not None and found.address is not None:
            addresses.add(found.address)
        elif "@" in text:
            addresses.add(Address(text))
        elif found is None:
            findings.add(
                entry.spot("avoid"), f'"{text}" {directory.why_not(text)}; {directory.advice(text)}'
            )
    return frozenset(addresses)
