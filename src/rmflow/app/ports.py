"""Everything a run talks to, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass

from rmflow.domain.programme import Programme
from rmflow.formats.letters.written import Writer
from rmflow.ports.calendar import Calendar
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Mailbox, Mailer
from rmflow.ports.publisher import Publisher
from rmflow.ports.roster import RosterSource
from rmflow.ports.store import Store


@dataclass(frozen=True, slots=True)
class Ports:
    """The programme and its ports, filled in by the wiring.

    `settings_fingerprint` changes whenever the configuration does: then everybody is looked at.
    `providers` are the kinds of the backends by port: two ports may be of one outside system.
    """

    programme: Programme
    settings_fingerprint: str
    providers: Mapping[str, str]
    clock: Clock
    store: Store
    roster: RosterSource
    calendar: Calendar
    mailer: Mailer
    mailbox: Mailbox
    tracking: Publisher
    writer: Writer

    def close(self) -> None:
        """End all connections."""
        self.mailer.close()
        self.mailbox.close()
        self.store.close()
