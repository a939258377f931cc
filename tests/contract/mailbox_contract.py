"""What every Mailbox must do; one subclass a backend, with a fixture `post`."""

from collections.abc import Iterable, Iterator
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

    def delete(self, number: int) -> None:
        """Let somebody delete a message of the inbox for good; 0 is the oldest."""
        ...

    def seen(self) -> int:
        """Return how many messages of the inbox a person's mail program shows as read."""
        ...


def letter(number: int, body: bytes = b"We talked about hiring.\r\n") -> bytes:
    return (
        b"From: maria@contoso.example\r\nMessage-ID: <m%d@contoso.example>\r\n\r\n" % number + body
    )


def arrived(mailbox: Mailbox) -> Iterator[Delivery]:
    """Fetch what lies in the inbox, as a run does that knows none of it."""
    yield from mailbox.fetch(list(mailbox.unfiled()))


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
        assert [d.raw for d in arrived(mailbox)] == [raw.replace(b"\x00", b"") for raw in raws]
        mailbox.close()

    def test_an_empty_mailbox_yields_nothing(self, post: Post) -> None:
        mailbox = post.open()
        assert list(arrived(mailbox)) == []
        assert mailbox.holds(["<m1@contoso.example>"]) == frozenset()
        mailbox.close()
        mailbox.close()

    def test_messages_are_fetched_in_the_order_that_is_asked_for(self, post: Post) -> None:
        for number in range(3):
            post.deliver(letter(number))
        mailbox = post.open()
        newest, *others = reversed(list(mailbox.unfiled()))
        assert numbers(mailbox.fetch([newest])) == [b"2"]
        assert numbers(mailbox.fetch(others)) == [b"1", b"0"]
        assert list(mailbox.fetch([])) == []
        mailbox.close()

    def test_a_message_that_goes_away_before_it_is_fetched_is_left_out(self, post: Post) -> None:
        for number in range(3):
            post.deliver(letter(number))
        mailbox = post.open()
        messages = list(mailbox.unfiled())
        post.delete(1)
        assert numbers(mailbox.fetch(messages)) == [b"0", b"2"]
        mailbox.close()

    def test_a_source_is_the_same_in_each_run_and_another_for_each_message(
        self, post: Post
    ) -> None:
        """What has been kept from a source is not fetched again."""
        post.deliver(letter(1))
        post.deliver(letter(1))
        lists = []
        for _ in range(2):
            mailbox = post.open()
            lists.append(list(mailbox.unfiled()))
            fetched = [(each.ref, each.source) for each in mailbox.fetch(lists[-1])]
            assert fetched == [(each.ref, each.source) for each in lists[-1]]
            mailbox.close()
        first, second = ([each.source for each in messages] for messages in lists)
        assert first == second
        assert len(set(first)) == 2
        assert "" not in first

    def test_reading_marks_nothing_and_the_next_run_reads_again(self, post: Post) -> None:
        """A crash before recording must not lose a mail (PITFALLS 3.1)."""
        post.deliver(letter(1))
        for _ in range(2):
            mailbox = post.open()
            (delivery,) = arrived(mailbox)
            assert type(delivery.received_at) is datetime  # not a library's own kind of it
            assert delivery.received_at.utcoffset() is not None
            mailbox.close()
        assert post.seen() == 0

    def test_a_filed_message_is_new_no_more(self, post: Post) -> None:
        for number in range(4):
            post.deliver(letter(number))
        mailbox = post.open()
        refs = [delivery.ref for delivery in arrived(mailbox)]
        mailbox.file(refs[:2], Folder.DONE)
        mailbox.file(refs[3:], Folder.NEEDS_YOU)
        mailbox.close()
        mailbox = post.open()
        assert numbers(arrived(mailbox)) == [b"2"]
        mailbox.close()

    def test_filing_twice_or_what_is_gone_is_quiet(self, post: Post) -> None:
        """After a crash between recording and filing the same refs come again."""
        post.deliver(letter(1))
        post.deliver(letter(2))
        mailbox = post.open()
        first, second = (delivery.ref for delivery in arrived(mailbox))
        mailbox.file([first], Folder.DONE)
        mailbox.file([first, second], Folder.DONE)
        mailbox.file([first], Folder.NEEDS_YOU)
        mailbox.file([], Folder.DONE)
        assert list(arrived(mailbox)) == []
        assert len(mailbox.holds(["<m1@contoso.example>", "<m2@contoso.example>"])) == 2
        mailbox.close()

    def test_filing_while_reading_loses_nothing(self, post: Post) -> None:
        for number in range(6):
            post.deliver(letter(number))
        mailbox = post.open()
        seen: list[Delivery] = []
        for message in mailbox.unfiled():
            seen += mailbox.fetch([message])
            mailbox.file([message.ref], Folder.DONE)
            mailbox.holds(["<m1@contoso.example>"])
        assert numbers(seen) == [b"0", b"1", b"2", b"3", b"4", b"5"]
        assert list(arrived(mailbox)) == []
        mailbox.close()

    def test_a_message_is_held_wherever_we_filed_it(self, post: Post) -> None:
        """This is how a mail that may have left is found again: by its copy."""
        for number in range(3):
            post.deliver(letter(number))
        mailbox = post.open()
        refs = [delivery.ref for delivery in arrived(mailbox)]
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
        refs = {delivery.ref for delivery in arrived(mailbox)}
        assert len(refs) == 2
        mailbox.file(refs, Folder.DONE)
        assert list(arrived(mailbox)) == []
        mailbox.close()

    def test_an_enormous_message_comes_as_its_beginning_and_says_so(self, post: Post) -> None:
        """It must neither fill the memory nor stop the mails behind it."""
        post.deliver(letter(1, b"Key takeaways: fewer meetings\r\n" + b"x" * 76 * 400_000))
        post.deliver(letter(2))
        mailbox = post.open()
        large, small = arrived(mailbox)
        assert len(large.raw) < LARGEST_BYTES // 10
        assert large.raw.startswith(b"X-Rmflow-Shortened: 1048576 of 304000")
        assert b"Key takeaways: fewer meetings" in large.raw
        assert small.raw == letter(2)
        mailbox.close()
