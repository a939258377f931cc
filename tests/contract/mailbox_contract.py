"""What every Mailbox must do; one subclass a backend, with a fixture `post`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import pytest

from rmflow.adapters.standards.oversized import LARGEST_BYTES
from rmflow.ports.mail import Delivery, Folder, Mailbox


class Post(Protocol):
    """A mailbox of the backend under test, from outside."""

    def open(self) -> Mailbox:
        """Return the mailbox as a new run would open it."""
        ...

    def deliver(self, raw: bytes) -> None:
        """Let a message arrive, later than the ones before."""
        ...

    def seen(self) -> int:
        """Return how many messages of the inbox a person's mail program shows as read."""
        ...


def letter(number: int, body: bytes = b"We talked about hiring.\r\n") -> bytes:
    return (
        b"From: maria@contoso.example\r\nMessage-ID: <m%d@contoso.example>\r\n\r\n" % number + body
    )


def numbers(deliveries: Iterable[Delivery]) -> list[bytes]:
    return [delivery.raw.split(b"<m")[1].split(b"@")[0] for delivery in deliveries]


class MailboxContract:
    """The promises of the port Mailbox."""

    @pytest.fixture
    def post(self) -> Post:
        raise NotImplementedError

    def test_messages_come_as_they_arrived_oldest_first(self, post: Post) -> None:
        raws = [letter(n, b"\xff\x00 raw \xe4 bytes %d\r\n.\r\n" % n) for n in (3, 1, 2)]
        for raw in raws:
            post.deliver(raw.replace(b"\x00", b""))
        mailbox = post.open()
        assert [d.raw for d in mailbox.new()] == [raw.replace(b"\x00", b"") for raw in raws]
        mailbox.close()

    def test_an_empty_mailbox_yields_nothing(self, post: Post) -> None:
        mailbox = post.open()
        assert list(mailbox.new()) == []
        assert mailbox.holds(["<m1@contoso.example>"]) == frozenset()
        mailbox.close()
        mailbox.close()

    def test_reading_marks_nothing_and_the_next_run_reads_again(self, post: Post) -> None:
        """A crash before recording must not lose a mail (PITFALLS 3.1)."""
        post.deliver(letter(1))
        for _ in range(2):
            mailbox = post.open()
            (delivery,) = mailbox.new()
            assert type(delivery.received_at) is datetime  # not a library's own kind of it
            assert delivery.received_at.utcoffset() is not None
            mailbox.close()
        assert post.seen() == 0

    def test_a_filed_message_is_new_no_more(self, post: Post) -> None:
        for number in range(4):
            post.deliver(letter(number))
        mailbox = post.open()
        refs = [delivery.ref for delivery in mailbox.new()]
        mailbox.file(refs[:2], Folder.DONE)
        mailbox.file(refs[3:], Folder.NEEDS_YOU)
        mailbox.close()
        mailbox = post.open()
        assert numbers(mailbox.new()) == [b"2"]
        mailbox.close()

    def test_filing_twice_or_what_is_gone_is_quiet(self, post: Post) -> None:
        """After a crash between recording and filing the same refs come again."""
        post.deliver(letter(1))
        post.deliver(letter(2))
        mailbox = post.open()
        first, second = (delivery.ref for delivery in mailbox.new())
        mailbox.file([first], Folder.DONE)
        mailbox.file([first, second], Folder.DONE)
        mailbox.file([first], Folder.NEEDS_YOU)
        mailbox.file([], Folder.DONE)
        assert list(mailbox.new()) == []
        assert len(mailbox.holds(["<m1@contoso.example>", "<m2@contoso.example>"])) == 2
        mailbox.close()

    def test_filing_while_reading_loses_nothing(self, post: Post) -> None:
        for number in range(6):
            post.deliver(letter(number))
        mailbox = post.open()
        seen = []
        for delivery in mailbox.new():
            seen.append(delivery)
            mailbox.file([delivery.ref], Folder.DONE)
            mailbox.holds(["<m1@contoso.example>"])
        assert numbers(seen) == [b"0", b"1", b"2", b"3", b"4", b"5"]
        assert list(mailbox.new()) == []
        mailbox.close()

    def test_a_message_is_held_wherever_we_filed_it(self, post: Post) -> None:
        """This is how a mail that may have left is found again: by its copy."""
        for number in range(3):
            post.deliver(letter(number))
        mailbox = post.open()
        refs = [delivery.ref for delivery in mailbox.new()]
        mailbox.file(refs[:1], Folder.DONE)
        mailbox.file(refs[1:2], Folder.NEEDS_YOU)
        wanted = {f"<m{n}@contoso.example>" for n in range(3)}
        assert mailbox.holds([*wanted, "<m9@contoso.example>", "<m@contoso.example>"]) == wanted
        assert mailbox.holds([]) == frozenset()
        mailbox.close()

    def test_two_equal_messages_are_two(self, post: Post) -> None:
        post.deliver(letter(1))
        post.deliver(letter(1))
        mailbox = post.open()
        refs = {delivery.ref for delivery in mailbox.new()}
        assert len(refs) == 2
        mailbox.file(refs, Folder.DONE)
        assert list(mailbox.new()) == []
        mailbox.close()

    def test_an_enormous_message_comes_as_its_beginning_and_says_so(self, post: Post) -> None:
        """It must neither fill the memory nor stop the mails behind it."""
        post.deliver(letter(1, b"Key takeaways: fewer meetings\r\n" + b"x" * 76 * 400_000))
        post.deliver(letter(2))
        mailbox = post.open()
        large, small = mailbox.new()
        assert len(large.raw) < LARGEST_BYTES // 10
        assert large.raw.startswith(b"X-Rmflow-Shortened: 1048576 of 304000")
        assert b"Key takeaways: fewer meetings" in large.raw
        assert small.raw == letter(2)
        mailbox.close()
