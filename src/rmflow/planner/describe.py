"""A plan in words: one line an action, the same for people, for the digest and for JSON."""

from rmflow.domain.letter import LetterKind
from rmflow.domain.pairing import PairingId
from rmflow.domain.reason import said
from rmflow.planner.actions import (
    Action,
    CancelSeries,
    CreateSeries,
    DropDoubt,
    HoldDoubt,
    Note,
    NoteKind,
    ReviseSeries,
    SendLetter,
    SettleDoubt,
)

_LETTERS = {
    LetterKind.INVITATION: "the invitation",
    LetterKind.UPDATE: "the changed invitation",
    LetterKind.CANCELLATION: "the cancellation",
    LetterKind.AGENDA_REQUEST: "the question for an agenda",
    LetterKind.PROMPT: "the topic of the meeting",
    LetterKind.SUMMARY_REQUEST: "the question for a summary",
    LetterKind.SUMMARY_REMINDER: "a reminder of the summary",
    LetterKind.RECEIPT: "the receipt of a summary",
    LetterKind.NEW_TIMES: "other times to choose from",
    LetterKind.PAUSED: "the news of a pause",
    LetterKind.RESUMED: "the end of a pause",
    LetterKind.PASSED_ON: "the receipt of a wish",
}


def about(action: Action) -> tuple[PairingId, ...]:
    """Return the pairings that an action is about: a merged letter is about several."""
    if isinstance(action, SendLetter):
        return tuple(item.pairing for item in action.letter.items)
    return (action.pairing,)


def verb(action: Action) -> str:
    """Return what kind of action it is, in one or two words, for journals and JSON."""
    match action:
        case CreateSeries():
            return "create series"
        case ReviseSeries():
            return "revise series"
        case CancelSeries():
            return "cancel series"
        case SendLetter(letter=letter):
            return f"send {letter.kind.value}"
        case Note(kind=kind):
            return kind.value
        case SettleDoubt():
            return "settle doubt"
        case HoldDoubt():
            return "hold doubt"
        case DropDoubt():
            return "drop doubt"


def what(action: Action) -> str:
    """Return what an action does, in plain words and with ids only."""
    match action:
        case CreateSeries(spec=spec):
            return f"create the meetings, first on {spec.start:%a %d %b %Y %H:%M} {spec.zone}"
        case ReviseSeries(because=because):
            return f"change the meetings ({said(because)})"
        case CancelSeries():
            return "cancel the meetings"
        case SendLetter(letter=letter):
            more = f", {len(letter.items)} pairs in one mail" if len(letter.items) > 1 else ""
            return f"send {_LETTERS[letter.kind]} to the {letter.items[0].role.value}{more}"
        case Note(kind=NoteKind.MAIL_WAITS):  # why it waits may name a stranger
            return NoteKind.MAIL_WAITS.value
        case Note(kind=kind, text=text):
            return f"{kind.value}: {text}"
        case SettleDoubt(kind=kind):
            return f"settle after an interruption: {kind} had happened"
        case HoldDoubt(kind=kind):
            return f"hold after an interruption: nobody can know whether {kind} happened"
        case DropDoubt(kind=kind):
            return f"forget after an interruption: {kind} had not happened"


def line(action: Action) -> str:
    """Return one line: key, pairing, what."""
    return f"{action.key[:8]}  {action.pairing or '-':<12}  {what(action)}"
