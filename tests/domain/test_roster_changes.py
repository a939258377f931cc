"""What is new in a roster."""

from dataclasses import replace

from rmflow.domain.pairing import Pairing, PairingId, Roster
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.roster_changes import Change, changes

MARA, JENS, TOMO = (
    Participant(PersonId(name), Address(f"{name}@contoso.example"), name.title(), "Europe/Berlin")
    for name in ("mara", "jens", "tomo")
)
FIRST = Pairing(PairingId("p1"), MARA.id, JENS.id, "pilot", place="roster.xlsx, Pairs!A2")
SECOND = Pairing(PairingId("p2"), TOMO.id, JENS.id, "pilot", place="roster.xlsx, Pairs!A3")


def roster(*entries: Participant | Pairing) -> Roster:
    return Roster(
        {entry.id: entry for entry in entries if isinstance(entry, Participant)},
        {entry.id: entry for entry in entries if isinstance(entry, Pairing)},
    )


def test_in_the_first_roster_everybody_is_new() -> None:
    found = changes(None, roster(MARA, JENS, FIRST))
    assert (found.joined, found.added) == ((MARA, JENS), (FIRST,))
    assert (found.left, found.removed, found.shrunk_share) == ((), (), 0.0)


def test_people_and_pairings_come_and_go() -> None:
    found = changes(roster(MARA, JENS, FIRST), roster(JENS, TOMO, SECOND))
    assert (found.joined, found.left) == ((TOMO,), (MARA,))
    assert (found.added, found.removed) == ((SECOND,), (FIRST,))
    assert found.shrunk_share == 1.0


def test_a_new_address_is_a_change_of_the_same_person() -> None:
    moved = replace(MARA, address=Address("mara.vogel@fabrikam.example"))
    found = changes(roster(MARA, JENS), roster(moved, JENS))
    assert found.changed == (Change(MARA, moved),)
    assert (found.joined, found.left) == ((), ())


def test_a_pairing_whose_row_moved_is_not_revised() -> None:
    before = roster(MARA, JENS, FIRST)
    assert changes(before, roster(MARA, JENS, replace(FIRST, place="Pairs!A9"))).revised == ()
    later = replace(FIRST, cadence="hour-monthly")
    assert changes(before, roster(MARA, JENS, later)).revised == (Change(FIRST, later),)


def test_the_share_by_which_a_roster_shrank_counts_pairings_that_are_gone() -> None:
    """The safety stop reads it: one removed and one added is a half, not nothing."""
    third = replace(SECOND, id=PairingId("p3"))
    people = (MARA, JENS, TOMO)
    found = changes(roster(*people, FIRST, SECOND), roster(*people, FIRST, third))
    assert found.shrunk_share == 0.5
