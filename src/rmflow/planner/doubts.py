"""Doubts: what a run that was cut off left behind, resolved before anything else is planned."""

from collections.abc import Mapping
from dataclasses import replace

from rmflow.domain.pairing import PairingId
from rmflow.domain.records import LetterRecord, NoteRecord, PairingRecord, SeriesRecord
from rmflow.planner.actions import DropDoubt, HoldDoubt, SettleDoubt
from rmflow.planner.state import Doubt, Found, History, Journal, Observed, known_of


def resolution(doubt: Doubt) -> SettleDoubt | HoldDoubt | DropDoubt:
    """Return what to do about a doubt, by what looking showed."""
    match doubt.found:
        case Found.HAPPENED:
            return SettleDoubt(doubt.key, doubt.pairing, doubt.kind)
        case Found.UNKNOWABLE:
            return HoldDoubt(doubt.key, doubt.pairing, doubt.kind)
        case Found.DID_NOT:
            return DropDoubt(doubt.key, doubt.pairing, doubt.kind)


def settled(journal: Journal, observed: Observed) -> tuple[Journal, Observed]:
    """Return both snapshots as they are once the doubts are resolved.

    What happened is part of the past, with everything that was to be written down with it: the
    series as it was changed, the choice of the coordinator that had changed it, and the letter,
    from which reminders count. What nobody can know counts as done: it is never repeated.
    """
    happened = [doubt for doubt in journal.doubts if doubt.found is Found.HAPPENED]
    final = [doubt for doubt in journal.doubts if doubt.found is not Found.DID_NOT]
    keys = frozenset(key for doubt in final for key in (doubt.key, *doubt.covers))
    pairs = dict(journal.pairs)
    for doubt in happened:
        pairs[doubt.pairing] = _with(pairs.get(doubt.pairing, History()), doubt)
        for record in doubt.records:
            if isinstance(record, LetterRecord):  # a merged one is about several pairings
                history = pairs.get(record.pairing, History())
                pairs[record.pairing] = replace(history, letters=(*history.letters, record))
    obeyed = _obeyed(happened)
    commands = tuple(c for c in observed.commands if obeyed.get(c.pairing) != c.text)
    journal = replace(journal, done=journal.done | keys, pairs=pairs)
    return journal, replace(observed, commands=commands)


def _with(history: History, doubt: Doubt) -> History:
    for record in doubt.records:
        match record:
            case SeriesRecord():
                others = (known for known in history.series if known.spec.uid != record.uid)
                series = sorted((*others, known_of(record)), key=lambda known: known.generation)
                history = replace(history, series=tuple(series))
            case PairingRecord():
                history = replace(history, record=record)
            case _:
                pass
    return history


def _obeyed(happened: list[Doubt]) -> Mapping[PairingId, str]:
    """Return the choices of the coordinator that were carried out before the crash."""
    notes = (r for doubt in happened for r in doubt.records if isinstance(r, NoteRecord))
    return {PairingId(note.row): note.text for note in notes}
