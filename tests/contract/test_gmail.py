"""Gmail against our own fake: what it can say, and everything that can go wrong with it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from gmail import GMAIL, MAIL_SCOPES, MAILBOX, GmailService, Refusal
from mail_outage_contract import MailOutageContract, MailWorld
from mailbox_contract import MailboxContract, arrived, letter, numbers
from mailer_contract import MARIA, SVEN, MailerContract, outgoing

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.google.gmail_in import GmailMailbox
from rmflow.adapters.google.gmail_out import GmailMailer
from rmflow.adapters.google.gmail_settings import GmailMailboxSettings, GmailMailerSettings
from rmflow.domain.people import Address
from rmflow.errors import DeniedError, RejectedError, UnavailableError
from rmflow.ports.mail import Departure, Folder

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)


class GmailOutlet:
    """A fake seen as an Outlet, and as a MailWorld."""

    def __init__(self, service: GmailService, folder: Path, **options: Any) -> None:
        self.service = service
        self.folder = folder
        service.login.write_key(folder / "key.json", f"{service.url}/token")
        login = {"key": "file:key.json", "subject": MAILBOX, "url": service.url}
        self.settings = GmailMailerSettings.model_validate(login | options)
        self.looks_back = self.settings.look_back

    def open(self) -> GmailMailer:
        settings = self.settings.model_copy(update={"timeout_s": self.service.timeout_s})
        return GmailMailer(settings, self.folder, StoppedClock(NOW))

    def received(self, recipient: Address) -> list[bytes]:
        return self.service.received(recipient)


class GmailPost:
    """A fake seen as a Post."""

    def __init__(self, service: GmailService, folder: Path, **options: Any) -> None:
        self.service = service
        self.folder = folder
        service.login.write_key(folder / "key.json", f"{service.url}/token")
        login = {"key": "file:key.json", "subject": MAILBOX, "url": service.url}
        self.settings = GmailMailboxSettings.model_validate(login | options)

    def open(self) -> GmailMailbox:
        return GmailMailbox(self.settings, self.folder, StoppedClock(NOW))

    def deliver(self, raw: bytes) -> None:
        self.service.deliver(raw)

    def delete(self, number: int) -> None:
        box = self.service.box()
        del box.messages[box.with_label("INBOX")[number].id]

    def seen(self) -> int:
        inbox = self.service.box().with_label("INBOX")
        return sum("UNREAD" not in message.labels for message in inbox)


@pytest.fixture
def gmail() -> Iterator[GmailService]:
    with GmailService(page_size=2) as service:
        yield service


@pytest.fixture
def outlet(gmail: GmailService, tmp_path: Path) -> GmailOutlet:
    return GmailOutlet(gmail, tmp_path)


@pytest.fixture
def post(gmail: GmailService, tmp_path: Path) -> GmailPost:
    return GmailPost(gmail, tmp_path)


class TestGmailMailer(MailerContract):
    @pytest.fixture
    def outlet(self, gmail: GmailService, tmp_path: Path) -> GmailOutlet:
        return GmailOutlet(gmail, tmp_path)


class TestGmailMailerThatMayOnlySend(MailerContract):
    @pytest.fixture
    def outlet(self, gmail: GmailService, tmp_path: Path) -> GmailOutlet:
        gmail.login.delegated = {GMAIL + "send"}
        return GmailOutlet(gmail, tmp_path, look_back=False)


class TestGmailMailbox(MailboxContract):
    @pytest.fixture
    def post(self, gmail: GmailService, tmp_path: Path) -> GmailPost:
        gmail.login.delegated = {GMAIL + "modify"}
        return GmailPost(gmail, tmp_path)


class TestGmailOutage(MailOutageContract):
    @pytest.fixture(params=[True, False], ids=["looks back", "may only send"])
    def new_world(
        self, request: pytest.FixtureRequest, tmp_path: Path
    ) -> Callable[[], AbstractContextManager[MailWorld]]:
        @contextmanager
        def world() -> Iterator[MailWorld]:
            with GmailService() as service:
                yield GmailOutlet(service, tmp_path, look_back=request.param)

        return world


def test_a_mail_whose_message_id_gmail_replaced_is_recognised(tmp_path: Path) -> None:
    """gauteh/lieer#198: looking for our Message-ID alone would send it twice."""
    with GmailService(own_message_ids=True) as gmail:
        mailer = GmailOutlet(gmail, tmp_path).open()
        sent, unsent = outgoing(1), outgoing(2)
        mailer.send(sent)
        assert sent.message_id.encode() not in gmail.received(MARIA)[0]
        assert mailer.departures([sent, unsent]) == {
            sent.key: Departure.LEFT,
            unsent.key: Departure.NOT_LEFT,
        }
        mailer.close()


def test_a_sent_mail_in_the_trash_has_left_all_the_same(
    gmail: GmailService, outlet: GmailOutlet
) -> None:
    mailer = outlet.open()
    mailer.send(outgoing(1))
    (sent,) = gmail.box().with_label("SENT")
    sent.labels.add("TRASH")
    assert mailer.departures([outgoing(1)]) == {outgoing(1).key: Departure.LEFT}
    mailer.close()


def test_looking_back_ends_at_mail_that_is_older_than_the_doubt(
    gmail: GmailService, outlet: GmailOutlet
) -> None:
    """A mailbox may hold years of sent mail; each head is a request."""
    mailer = outlet.open()
    for number in range(10):
        mailer.send(outgoing(number))
    for message in gmail.box().with_label("SENT")[:7]:
        message.at = datetime(2026, 11, 2, tzinfo=UTC)
    before = len(gmail.requests)
    assert mailer.departures([outgoing(99)]) == {outgoing(99).key: Departure.NOT_LEFT}
    assert len(gmail.requests) - before == 4 + 2  # three young ones and the first old; two pages
    mailer.close()


def test_looking_back_reads_no_mail_whose_id_gmail_told_us(
    gmail: GmailService, outlet: GmailOutlet
) -> None:
    """One doubt among three hundred mails of a run is one head, not three hundred."""
    mailer = outlet.open()
    told = [mailer.send(outgoing(number)) for number in range(10)]
    before = len(gmail.requests)
    found = mailer.departures([outgoing(4), outgoing(99)], {*told[:4], *told[5:]})
    assert found == {outgoing(4).key: Departure.LEFT, outgoing(99).key: Departure.NOT_LEFT}
    assert len(gmail.requests) - before == 1 + 5  # the head in doubt; five pages
    mailer.close()


def test_a_refused_recipient_is_that_mails_own_matter(
    gmail: GmailService, outlet: GmailOutlet
) -> None:
    gmail.malformed = {SVEN}
    mailer = outlet.open()
    with pytest.raises(RejectedError, match="invalidArgument"):
        mailer.send(outgoing(1, SVEN))
    mailer.send(outgoing(2))
    assert len(gmail.received(MARIA)) == 1
    mailer.close()


def test_a_missing_scope_stops_all_mail_and_names_itself(
    gmail: GmailService, outlet: GmailOutlet
) -> None:
    gmail.login.delegated = {GMAIL + "metadata"}
    mailer = outlet.open()
    with pytest.raises(DeniedError, match=r"gmail\.send"):
        mailer.send(outgoing(1))
    mailer.close()


def test_a_used_up_day_is_waited_for(gmail: GmailService, outlet: GmailOutlet) -> None:
    gmail.refusal = Refusal(403, "dailyLimitExceeded", "Daily limit exceeded")
    mailer = outlet.open()
    with pytest.raises(UnavailableError) as caught:
        mailer.send(outgoing(1))
    assert caught.value.retry_after is not None
    gmail.refusal = None
    mailer.send(outgoing(1))
    assert len(gmail.received(MARIA)) == 1
    mailer.close()


def test_only_heads_are_read_to_look_back(gmail: GmailService, outlet: GmailOutlet) -> None:
    """With these scopes nobody can read a body, and that is enough."""
    assert set(outlet.settings.scopes) == {GMAIL + "send", GMAIL + "metadata"}
    assert GMAIL + "modify" in MAIL_SCOPES
    mailer = outlet.open()
    mailer.send(outgoing(1, SVEN))
    mailer.departures([outgoing(1, SVEN)])
    asked = [request.query["format"] for request in gmail.requests if "format" in request.query]
    assert asked == [["metadata"]]
    mailer.close()


def test_filing_changes_labels_and_nothing_else(gmail: GmailService, post: GmailPost) -> None:
    """Unread mail stays unread: the coordinator may want to see it too."""
    for number in range(2):
        post.deliver(letter(number))
    mailbox = post.open()
    first, second = (delivery.ref for delivery in arrived(mailbox))
    mailbox.file([first], Folder.DONE)
    mailbox.file([second], Folder.NEEDS_YOU)
    box = gmail.box()
    assert [m.id for m in box.with_label("rmflow/done")] == [first]
    assert [m.id for m in box.with_label("rmflow/needs you")] == [second]
    assert len(box.with_label("UNREAD")) == 2
    assert box.with_label("INBOX") == []
    mailbox.close()


def test_a_mail_lies_under_one_label_of_ours(gmail: GmailService, post: GmailPost) -> None:
    """First a person was needed; now it is settled."""
    post.deliver(letter(1))
    mailbox = post.open()
    (delivery,) = arrived(mailbox)
    mailbox.file([delivery.ref], Folder.NEEDS_YOU)
    mailbox.file([delivery.ref], Folder.DONE)
    assert gmail.box().with_label("rmflow/needs you") == []
    assert len(gmail.box().with_label("rmflow/done")) == 1
    mailbox.close()


@pytest.mark.parametrize("strict", [True, False])
def test_a_mail_deleted_meanwhile_stops_no_other(
    gmail: GmailService, post: GmailPost, *, strict: bool
) -> None:
    """Whichever way Gmail does it; no document says."""
    gmail.strict_batches = strict
    for number in range(3):
        post.deliver(letter(number))
    mailbox = post.open()
    refs = [delivery.ref for delivery in arrived(mailbox)]
    del gmail.box().messages[refs[1]]
    mailbox.file(refs, Folder.DONE)
    assert [m.id for m in gmail.box().with_label("rmflow/done")] == [refs[0], refs[2]]
    mailbox.close()


def test_a_mail_deleted_while_reading_is_left_out(gmail: GmailService, post: GmailPost) -> None:
    for number in range(3):
        post.deliver(letter(number))
    mailbox = post.open()
    deliveries = arrived(mailbox)
    first = next(deliveries)
    gmail.box().messages = {id: m for id, m in gmail.box().messages.items() if id == first.ref}
    assert list(deliveries) == []
    mailbox.close()


def test_labels_of_the_operators_own_are_found_whatever_their_case(
    gmail: GmailService, tmp_path: Path
) -> None:
    """Gmail takes "RMFLOW/Done" and "rmflow/done" for one, and refuses the second."""
    gmail.box().labels["Label_77"] = "RMFLOW/Done"
    post = GmailPost(gmail, tmp_path)
    post.deliver(letter(1))
    mailbox = post.open()
    mailbox.file([delivery.ref for delivery in arrived(mailbox)], Folder.DONE)
    assert len(gmail.box().with_label("RMFLOW/Done")) == 1
    mailbox.close()


def test_a_label_that_gmail_keeps_for_itself_is_named(gmail: GmailService, tmp_path: Path) -> None:
    post = GmailPost(gmail, tmp_path, done_label="Unread")
    post.deliver(letter(1))
    mailbox = post.open()
    refs = [delivery.ref for delivery in arrived(mailbox)]
    with pytest.raises(RejectedError):
        mailbox.file(refs, Folder.DONE)
    assert len(gmail.box().with_label("INBOX")) == 1
    mailbox.close()


def test_a_message_id_is_found_as_it_is_written_only(gmail: GmailService, post: GmailPost) -> None:
    """Gmail's search forgives; a mail that never left must not be found by another's copy."""
    post.deliver(letter(1).replace(b"<m1@", b"<M1@"))
    mailbox = post.open()
    assert mailbox.holds(["<m1@contoso.example>"]) == frozenset()
    assert mailbox.holds(["<M1@contoso.example>"]) == {"<M1@contoso.example>"}
    gmail.box().with_label("INBOX")[0].labels = {"STARRED"}
    assert mailbox.holds(["<M1@contoso.example>"]) == frozenset()
    mailbox.close()


def test_mail_put_back_into_the_inbox_is_new_again(gmail: GmailService, post: GmailPost) -> None:
    post.deliver(letter(1))
    mailbox = post.open()
    mailbox.file([delivery.ref for delivery in arrived(mailbox)], Folder.DONE)
    gmail.box().with_label("rmflow/done")[0].labels.add("INBOX")
    assert numbers(arrived(mailbox)) == [b"1"]
    mailbox.close()
