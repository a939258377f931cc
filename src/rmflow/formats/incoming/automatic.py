"""Mail that no person wrote: a report that one of ours came back, a complaint, an absence."""

from dataclasses import replace

from rmflow.domain.attribution import Proof
from rmflow.domain.people import Address
from rmflow.domain.reading import Reading, ReadingStatus
from rmflow.domain.signal import SignalKind
from rmflow.formats.incoming.authentication import proof_of
from rmflow.formats.incoming.bounce import read_failure
from rmflow.formats.incoming.context import Context, extracted, signal_of, with_matter
from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.incoming.mail_kind import away_until, is_certainly_automatic


def bounce(reading: Reading, mail: IncomingMail, context: Context) -> Reading:
    """Return the reading of a report that a letter of ours did not arrive."""
    failure = read_failure(mail)
    reading = with_matter(reading, context.letters)
    if not failure.final:
        return reading  # it is tried again; a last report follows
    asked = {letter.person: context.people.get(letter.person) for letter in context.letters}
    person = next((p for p in asked.values() if p), None) if len(asked) == 1 else None
    to = f"{person.name} <{person.address}>" if person else failure.recipient or "somebody"
    reason = f": {failure.reason}" if failure.reason else ""
    why = f"The mail to {to} could not be delivered{reason}."
    kind = SignalKind.BOUNCED if failure.lasting else SignalKind.BOUNCED_FOR_NOW
    signal = signal_of(reading, context.letters, person, kind)
    if signal and person:
        signal = replace(signal, address=person.address, reason=failure.reason)
    return replace(reading, status=ReadingStatus.REVIEW, why=why, signal=signal)


def complaint(reading: Reading, context: Context) -> Reading:
    """Return the reading of a complaint: whom it is from, the letter it returns says."""
    reading = with_matter(reading, context.letters)
    asked = {letter.person for letter in context.letters}
    person = context.people.get(next(iter(asked))) if len(asked) == 1 else None
    if signal := signal_of(reading, context.letters, person, SignalKind.COMPLAINT):
        return replace(reading, signal=signal)
    why = "A participant marked a mail of ours as spam. Please ask whether they want to go on."
    return replace(reading, status=ReadingStatus.REVIEW, why=why)


def auto_reply(reading: Reading, mail: IncomingMail, context: Context) -> Reading:
    """Return the reading of an automatic answer: an absence, or nothing."""
    extract = extracted(mail, context)
    reading = replace(with_matter(reading, context.letters), text=extract.text)
    if extract.partial:
        return replace(reading, status=ReadingStatus.REVIEW, why=extract.why)
    reading = replace(
        reading,
        away_until=away_until(mail, extract.text, reading.received_at),
    )
    proof = proof_of(mail.fields, Address(reading.sender), context.programme.authserv_id)
    if reading.away_until and reading.author and proof is not Proof.BAD:
        reading = _away(reading, context)
    if is_certainly_automatic(mail) or reading.away_until:
        return reading
    why = "Probably an automatic mail: it came without a return address."
    return replace(reading, status=ReadingStatus.REVIEW, why=why)


def _away(reading: Reading, context: Context) -> Reading:
    """Return the reading of an absence: of the one whom our letter went to, and nobody else."""
    if {letter.person for letter in context.letters} != {reading.author}:
        return reading
    assert reading.author is not None
    person = context.people.get(reading.author)
    signal = signal_of(reading, context.letters, person, SignalKind.AWAY)
    return replace(reading, signal=signal and replace(signal, until=reading.away_until))
