"""What the store knows about the matter of a mail, and what every reading makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.programme import Programme
from rmflow.domain.reading import Reading
from rmflow.domain.records import LetterRecord
from rmflow.domain.series import SeriesSpec, SessionId, Uid
from rmflow.domain.signal import Signal, SignalKind
from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.replies.reply import Extract, new_text


@dataclass(frozen=True, slots=True)
class Context:
    """What the store said about the clues.

    `letters` are those with one of the tokens or Message-IDs, `thread` all letters to the same
    person about the same pairing and session: a reply may quote any of them.
    """

    programme: Programme
    letters: tuple[LetterRecord, ...]
    thread: tuple[LetterRecord, ...]
    people: Mapping[PersonId, Participant]
    series: Mapping[Uid, SeriesSpec]


def with_matter(reading: Reading, letters: Sequence[LetterRecord]) -> Reading:
    """Return the reading with the pairing and session that all these letters are about."""
    pairing, session = matter_of(letters)
    return replace(reading, pairing=pairing, session=session)


def matter_of(letters: Sequence[LetterRecord]) -> tuple[PairingId | None, SessionId | None]:
    """Return the pairing and the session that all these letters are about."""
    pairings = {letter.pairing for letter in letters}
    sessions = {letter.session for letter in letters}
    return (
        pairings.pop() if len(pairings) == 1 else None,
        (sessions.pop() or None) if len(sessions) == 1 else None,
    )


def signal_of(
    reading: Reading,
    letters: Sequence[LetterRecord],
    person: Participant | None,
    kind: SignalKind,
) -> Signal | None:
    """Return what a mail says about this person's taking part, None without a person.

    Of a letter about several pairings it is about all of theirs.
    """
    if person is None:
        return None
    about = reading.pairing or min((letter.pairing for letter in letters), default=None)
    return Signal(kind, person.id, about or PairingId(""), everywhere=_is_wide(kind, reading))


def _is_wide(kind: SignalKind, reading: Reading) -> bool:
    """Return whether it is about the person, and not about one partner."""
    narrow = (SignalKind.PAUSE, SignalKind.REMATCH)
    return kind not in narrow or reading.pairing is None


def deputy_of(mail: IncomingMail) -> Address | None:
    """Return who sent the mail in somebody else's name, None if the sender did."""
    itself = mail.deputy is None or (mail.sender and mail.deputy.address == mail.sender.address)
    return None if itself or mail.deputy is None else mail.deputy.address


def extracted(mail: IncomingMail, context: Context, letter: LetterRecord | None = None) -> Extract:
    """Return the new words of a mail, all letters subtracted that it may quote, `letter` first."""
    programme = context.programme
    letters = (*([letter] if letter else []), *context.letters, *context.thread)
    return new_text(
        mail,
        tuple(dict.fromkeys(each.text for each in letters)),
        (programme.mailbox,),
        (programme.mailbox_name, programme.name),
        programme.forms.values(),
    )
