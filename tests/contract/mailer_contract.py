"""What every Mailer must do; one subclass a backend, with a fixture `outlet`."""

from datetime import UTC, datetime
from typing import Protocol

import pytest

from rmflow.domain.keys import Key
from rmflow.domain.people import Address
from rmflow.formats.letters.compose import Envelope, compose, message_id
from rmflow.formats.letters.written import Written
from rmflow.ports.mail import Departure, Mailer, OutgoingMail

MAILBOX = Address("mentoring@contoso.example")
MARIA = Address("maria.duarte@contoso.example")
SVEN = Address("sven.o'neil/hr@fabrikam.example")


class Outlet(Protocol):
    """A way out of the backend under test, and what arrives at its end."""

    looks_back: bool  # whether `departures` can tell

    def open(self) -> Mailer:
        """Return the mailer as a new run would open it."""
        ...

    def received(self, recipient: Address) -> list[bytes]:
        """Return what this person received, oldest first."""
        ...


def outgoing(number: int, recipient: Address = MARIA, text: str = "Hello") -> OutgoingMail:
    key = Key(f"{number:032x}")
    envelope = Envelope(
        key=key,
        message_id=message_id(key, MAILBOX),
        sender=MAILBOX,
        sender_name="Reverse mentoring",
        recipient=recipient,
        recipient_name="Maria Duarte",
        reply_to=None,
        date=datetime(2026, 11, 3, 8, 30, tzinfo=UTC),
        kind="prompt",
    )
    content = compose(Written(f"Letter {number}", text, f"<pre>{text}</pre>"), envelope)
    return OutgoingMail(key, envelope.message_id, MAILBOX, recipient, content)


class MailerContract:
    """The promises of the port Mailer."""

    @pytest.fixture
    def outlet(self) -> Outlet:
        raise NotImplementedError

    def test_a_mail_arrives_as_it_was_frozen_and_only_where_it_should(self, outlet: Outlet) -> None:
        text = ".\n..two\nFrom here\nZoë\n" + "x" * 3_000 + "\n."
        mail = outgoing(1, text=text)
        mailer = outlet.open()
        mailer.send(mail)
        mailer.close()
        assert outlet.received(MARIA) == [mail.content]
        assert outlet.received(SVEN) == []

    def test_every_mail_arrives_once(self, outlet: Outlet) -> None:
        mails = [outgoing(n, MARIA if n % 2 else SVEN) for n in range(8)]
        mailer = outlet.open()
        for mail in mails:
            mailer.send(mail)
        mailer.close()
        assert sorted(outlet.received(MARIA)) == sorted(m.content for m in mails[1::2])
        assert sorted(outlet.received(SVEN)) == sorted(m.content for m in mails[0::2])

    def test_the_next_run_knows_what_left_or_says_that_it_does_not(self, outlet: Outlet) -> None:
        sent, unsent = outgoing(1), outgoing(2)
        mailer = outlet.open()
        mailer.send(sent)
        mailer.close()
        mailer = outlet.open()
        departures = mailer.departures([sent, unsent])
        mailer.close()
        if outlet.looks_back:
            assert departures == {sent.key: Departure.LEFT, unsent.key: Departure.NOT_LEFT}
        else:
            assert set(departures.values()) == {Departure.UNKNOWN}
        assert outlet.received(MARIA) == [sent.content]

    def test_asking_about_nothing_and_closing_twice_is_quiet(self, outlet: Outlet) -> None:
        mailer = outlet.open()
        assert mailer.departures([]) == {}
        mailer.close()
        mailer.close()
