"""The pairs of a roster: rows to pairings, each checked against the others."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rmflow.domain.keys import key_of
from rmflow.domain.pairing import Pairing, PairingId, PairingStatus
from rmflow.domain.people import PersonId
from rmflow.domain.programme import Programme
from rmflow.formats.roster.cells import read_choice, read_date, read_line, squeezed
from rmflow.formats.roster.people import Directory, read_reference
from rmflow.formats.roster.slot import read_slot
from rmflow.formats.roster.view import Findings, Spot, View
from rmflow.formats.table import Cell

# 40 bits: among 100,000 pairs two of one id are a matter of 1 in 200 (28 bits: of certainty).
_ID_DIGITS = 10
_PAIR_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
_STATUSES = {
    PairingStatus.ACTIVE: """active, aktiv, laufend, läuft, ongoing, running, actif, active, en cours,
        activo, activa, en curso""",
    PairingStatus.PAUSED: """paused, pause, on hold, pausiert, en pause, suspendu, suspendue, pausado,
        pausada, en pausa""",
    PairingStatus.CLOSED: """closed, ended, finished, done, beendet, abgeschlossen, geschlossen, fertig,
        terminé, terminée, fini, clos, close, clôturé, cerrado, cerrada, terminado, terminada,
        finalizado""",
}
_STATUS_OF = {squeezed(word): s for s, words in _STATUSES.items() for word in words.split(",")}


@dataclass(frozen=True, slots=True)
class Pairings:
    """The pairings of a roster, and the cell of each."""

    by_id: dict[PairingId, Pairing] = field(default_factory=dict)
    spots: dict[PairingId, Spot] = field(default_factory=dict)


def read_pairings(
    view: View, directory: Directory, programme: Programme, findings: Findings
) -> Pairings:
    """Return the pairings of all rows whose two people are known.

    Notes everything that is wrong with a row, and rows that contradict each other.
    """
    pairings = Pairings()
    couples: dict[tuple[PersonId, PersonId], PairingId] = {}
    for row, pairing in _known_pairings(view, directory, programme):
        if contradiction := _contradiction(pairing, pairings, couples, findings):
            view.note(row, *contradiction)
            continue
        pairings.by_id[pairing.id] = pairing
        pairings.spots[pairing.id] = view.spot(row, "mentor")
        if pairing.status is not PairingStatus.CLOSED:
            couples[pairing.mentor, pairing.mentee] = pairing.id
    return pairings


def _known_pairings(
    view: View, directory: Directory, programme: Programme
) -> Iterator[tuple[int, Pairing]]:
    """Yield the rows whose two people are known, and their pairings."""

    def read_cadence(cell: Cell) -> str:
        return read_choice(cell, "cadence", cadences, programme.cadences)

    def read_known(cell: Cell) -> str:
        # Most references are spelled like in the directory: nothing to parse.
        return str(cell) if directory.find(str(cell)) else read_reference(cell)

    cadences = {squeezed(name): name for name in programme.cadences}
    for row, mentor_text, mentee_text, cadence, start, slot, location, status, given in zip(
        view.rows,
        view.read("mentor", read_known),
        view.read("mentee", read_known),
        view.read("cadence", read_cadence),
        view.read("start", read_date),
        view.read("slot", read_slot),
        view.read("location", read_line),
        view.read("status", _read_status),
        view.read("pair_id", _read_pair_id),
        strict=True,
    ):
        mentor = _person(view, row, "mentor", mentor_text, directory)
        mentee = _person(view, row, "mentee", mentee_text, directory)
        if mentor is not None and mentee is not None:
            yield (
                row,
                Pairing(
                    id=given or _pairing_id(programme.salt, mentor, mentee),
                    mentor=mentor,
                    mentee=mentee,
                    cadence=cadence or programme.default_cadence,
                    start=start,
                    slot=slot,
                    location=location or "",
                    status=status or PairingStatus.ACTIVE,
                    place=view.place(row, "mentor"),
                ),
            )


def _person(
    view: View, row: int, role: str, text: str | None, directory: Directory
) -> PersonId | None:
    """Return who a cell means; notes an empty cell and a person whom nobody knows."""
    if text is None:
        if view.is_empty(row, role):
            view.note(row, role, f"the {role} is empty; write a mail address")
        return None
    entry = directory.find(text)
    if entry is None:
        reason, advice = directory.why_not(text), directory.advice(text)
        view.note(row, role, f'{role} "{text}" {reason}; {advice}')
        return None
    # Without an address, their own row is wrong, which was noted there.
    return entry.id if entry.address is not None else None


def _read_status(cell: Cell) -> PairingStatus:
    return read_choice(cell, "status", _STATUS_OF, [status.value for status in PairingStatus])


def _read_pair_id(cell: Cell) -> PairingId:
    text = str(cell)
    if not _PAIR_ID.fullmatch(text):
        raise ValueError(f'pair_id "{text}" is not usable; take up to 40 letters, digits and . _ -')
    return PairingId(text)


def _pairing_id(salt: bytes, mentor: PersonId, mentee: PersonId) -> PairingId:
    """Return the id of a pair without one of its own: it stays when its row moves."""
    return PairingId("p" + key_of(salt, "pairing", mentor, mentee)[:_ID_DIGITS])


def _contradiction(
    pairing: Pairing,
    pairings: Pairings,
    couples: Mapping[tuple[PersonId, PersonId], PairingId],
    findings: Findings,
) -> tuple[str, str] | None:
    """Return the field and the text of what rules this pairing out, given the rows above it.

    Closed pairings may meet again; their ids stay taken.
    """
    if pairing.mentor == pairing.mentee:
        return "mentee", "mentor and mentee are the same person; correct one of them"
    if pairing.status is not PairingStatus.CLOSED:
        if same := couples.get((pairing.mentor, pairing.mentee)):
            place = findings.cell(pairings.spots[same])
            return "mentor", f"the same pair is in {place}; remove one of the rows"
        if mirrored := couples.get((pairing.mentee, pairing.mentor)):
            place = findings.cell(pairings.spots[mirrored])
            return "mentor", f"the same two are in {place}, the other way round; remove one row"
    if pairing.id in pairings.spots:
        place = findings.cell(pairings.spots[pairing.id])
        return "pair_id", f'the id "{pairing.id}" belongs to {place}; give this row another pair_id'
    return None
