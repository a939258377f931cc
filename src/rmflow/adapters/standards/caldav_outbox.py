"""Busy times of people, asked of the scheduling outbox of our account (RFC 6638 section 5)."""

import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from uuid import uuid4

from rmflow.adapters.standards.caldav_account import Principal, mail_of
from rmflow.adapters.standards.caldav_server import BACKEND, CALENDAR, CalDavServer, refusal
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.errors import DeniedError, UnavailableError
from rmflow.formats.calendar.dav import read_recipients
from rmflow.formats.calendar.scheduling import busy_answer, busy_question

_log = logging.getLogger(__name__)
_BUSY = "busy"
_MOST_PEOPLE = 50

_Times = tuple[BusyTime, ...]


class Outbox:
    """Where we ask. What is tentative counts as busy."""

    def __init__(self, server: CalDavServer, principal: Principal) -> None:
        self._server = server
        self._principal = principal

    def busy(
        self, people: Collection[Address], start: datetime, end: datetime, *, now: datetime
    ) -> Mapping[Address, _Times]:
        """Return the busy times of those whom the server knows."""
        wanted = sorted(set(people))
        found: dict[Address, _Times] = {}
        for first in range(0, len(wanted), _MOST_PEOPLE):
            found |= self._asked(wanted[first : first + _MOST_PEOPLE], start, end, now)
        return {address: found[address] for address in wanted if address in found}

    def _asked(
        self, people: Collection[Address], start: datetime, end: datetime, now: datetime
    ) -> dict[Address, _Times]:
        asker = min(self._principal.addresses, default=None)
        if asker is None or not self._principal.outbox:
            raise DeniedError(BACKEND, _BUSY, "this account may not ask for busy times")
        question = busy_question(asker, people, start, end, uid=str(uuid4()), now=now)
        outbox = self._principal.outbox
        answer = self._server.ask(_BUSY, "POST", outbox, body=question, kind=CALENDAR)
        if not answer.fine:
            raise refusal(_BUSY, answer)
        return dict(_times(answer.content))


def _times(content: bytes) -> Iterator[tuple[Address, _Times]]:
    """Yield the times of each person whose times the server gives."""
    try:
        recipients = read_recipients(content)
    except ValueError as error:
        raise UnavailableError(BACKEND, _BUSY, str(error)) from error
    for recipient in recipients:
        address = mail_of(recipient.href)
        if address is None or not recipient.status.startswith("2"):
            continue
        try:
            yield address, busy_answer(recipient.content.encode())
        except ValueError as error:
            _log.warning("%s: busy times of somebody: the answer %s", BACKEND, error)
