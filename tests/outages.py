"""Failures of the outside world, in front of the real mailer and calendar of an `Office`."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from office import Office
from rmflow.app.run import Report, run
from rmflow.domain.keys import Key
from rmflow.domain.records import MailRecord
from rmflow.errors import RejectedError, UnavailableError, UncertainError
from rmflow.ports.mail import Delivery, Departure, Mailbox, Mailer, OutgoingMail, Unfiled
from rmflow.ports.store import Store

Send = Callable[[OutgoingMail], object]


class PowerCut(BaseException):
    """The machine stops; nothing catches it."""


class FailingMailer:
    """Passes on to the real mailer what `send` makes of each mail; counts the attempts.

    `remembers` False: it cannot say afterwards what has left, like SMTP without copies.
    """

    settling = timedelta()

    def __init__(
        self, inner: Mailer, send: Callable[[OutgoingMail, Send], object], *, remembers: bool = True
    ) -> None:
        self._inner, self._send, self._remembers = inner, send, remembers
        self.attempts = 0

    def send(self, mail: OutgoingMail) -> None:
        self.attempts += 1
        self._send(mail, self._inner.send)

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        if self._remembers:
            return self._inner.departures(mails, others)
        return {mail.key: Departure.UNKNOWN for mail in mails}

    def close(self) -> None:
        self._inner.close()


def down(mail: OutgoingMail, send: Send) -> None:
    raise UnavailableError("smtp", "send", "connection refused")


def refusing(address: str) -> Callable[[OutgoingMail, Send], object]:
    def send_or_refuse(mail: OutgoingMail, send: Send) -> None:
        if mail.recipient == address:
            raise RejectedError("smtp", "send", "550 5.1.1 no such user")
        send(mail)

    return send_or_refuse


def answer_lost(mail: OutgoingMail, send: Send) -> None:
    """The mail is accepted, and the answer that says so gets lost (RFC 1047)."""
    send(mail)
    raise UncertainError("smtp", "send", "no answer to the final dot")


def lost_with_its_answer(mail: OutgoingMail, send: Send) -> None:
    raise UncertainError("smtp", "send", "no answer to the final dot")


def power_cut_after(mails: int) -> Callable[[OutgoingMail, Send], object]:
    """Cut the power when so many mails have left, before that is written down."""
    left = 0

    def send_and_stop(mail: OutgoingMail, send: Send) -> None:
        nonlocal left
        send(mail)
        left += 1
        if left == mails:
            raise PowerCut

    return send_and_stop


def run_with(
    office: Office, send: Callable[[OutgoingMail, Send], object], *, remembers: bool = True
) -> Report:
    """Let rmflow run once with a mailer that fails in this way."""
    with office.ports() as ports:
        return run(replace(ports, mailer=FailingMailer(ports.mailer, send, remembers=remembers)))


class BreaksOff:
    """A mailbox that hands out so many mails and does not answer then; it counts them."""

    def __init__(self, inner: Mailbox, after: int) -> None:
        self._inner, self._after = inner, after
        self.fetched = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def fetch(self, messages: Sequence[Unfiled]) -> Iterator[Delivery]:
        for delivery in self._inner.fetch(messages):
            if self.fetched == self._after:
                raise UnavailableError("imap", "fetch", "connection refused")
            self.fetched += 1
            yield delivery


class StopsAfterKeeping:
    """A store whose machine stops right after raw mail was kept."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def keep(self, mails: Sequence[MailRecord]) -> None:
        self._inner.keep(mails)
        raise PowerCut


def cut_off_after_keeping(office: Office) -> None:
    """Let rmflow run until new mail is on disk, and no further."""
    with office.ports() as ports:
        store: Any = StopsAfterKeeping(ports.store)
        with contextlib.suppress(PowerCut):
            run(replace(ports, store=store))


class Unreachable:
    """Stands for any port: whatever it is asked, the server does not answer."""

    def __init__(self, backend: str) -> None:
        self._backend = backend

    def __getattr__(self, name: str) -> Any:
        def fail(*_: Any, **__: Any) -> Any:
            raise UnavailableError(self._backend, name, "connection refused")

        return fail

    def close(self) -> None:
        """Nothing is open."""
