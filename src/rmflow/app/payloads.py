"""What is frozen when an effect is claimed: enough to do it again, or to record that it happened."""

from dataclasses import dataclass, replace

from rmflow.domain.documents import from_json, to_json
from rmflow.domain.people import Address
from rmflow.domain.records import (
    Effect,
    LetterRecord,
    NoteRecord,
    PairingRecord,
    Record,
    SeriesRecord,
)
from rmflow.domain.series import ObservedSeries
from rmflow.planner.revision import merged
from rmflow.planner.state import known_of, record_of
from rmflow.ports.mail import OutgoingMail


@dataclass(frozen=True, slots=True)
class LetterPayload:
    """A composed mail and the records that say it was sent."""

    message_id: str
    sender: Address
    recipient: Address
    content: bytes
    records: tuple[LetterRecord, ...]

    def mail(self, effect: Effect) -> OutgoingMail:
        """Return the mail to hand over."""
        return OutgoingMail(effect.key, self.message_id, self.sender, self.recipient, self.content)


@dataclass(frozen=True, slots=True)
class SeriesPayload:
    """A series as it will be, and what the coordinator chose that leads to it."""

    series: SeriesRecord
    pairing: PairingRecord | None = None
    note: NoteRecord | None = None

    def records(self, etag: str) -> tuple[Record, ...]:
        """Return what to write down once the calendar has it under this etag."""
        chosen = [record for record in (self.pairing, self.note) if record is not None]
        return (replace(self.series, etag=etag), *chosen)

    def records_of(self, seen: ObservedSeries | None) -> tuple[Record, ...]:
        """Return what to write down about a series as it was found, not as it was meant.

        One that somebody has cancelled meanwhile gets no etag: the next run looks at it.
        """
        if seen is None or seen.cancelled:
            return self.records("")
        known = known_of(self.series)
        found = replace(known, spec=merged(known.spec, seen), etag=seen.etag)
        return replace(self, series=record_of(found)).records(seen.etag)


def freeze(payload: LetterPayload | SeriesPayload) -> bytes:
    """Return the payload as bytes; equal payloads give equal bytes."""
    return to_json(payload).encode()


def letter_payload(effect: Effect) -> LetterPayload:
    """Return the payload of a claimed letter."""
    return from_json(LetterPayload, effect.payload.decode())


def series_payload(effect: Effect) -> SeriesPayload:
    """Return the payload of a claimed change of a series."""
    return from_json(SeriesPayload, effect.payload.decode())


def is_letter(effect: Effect) -> bool:
    """Return whether the effect is a letter."""
    return effect.kind.startswith("send ")
