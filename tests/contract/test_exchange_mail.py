"""Mail through an Exchange server, against a fake that keeps state."""

import base64
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import ews_mail
import pytest
import trustme
from ews import FakeExchange
from ews_store import EwsError, Item, Mailbox, Server
from ews_store import Folder as StoredFolder
from exchangelib import Message
from exchangelib.properties import ItemId
from mail_outage_contract import MailOutageContract, NewWorld
from mailbox_contract import MailboxContract, arrived, letter, numbers
from mailer_contract import MAILBOX, MARIA, MailerContract, outgoing
from web_server import FakeService, Fault, Request

from findings import the, verdicts
from rmflow.adapters.clock import StoppedClock, SystemClock
from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.mail_in import ExchangeMailbox
from rmflow.adapters.exchange.mail_out import ExchangeMailer
from rmflow.adapters.exchange.mail_settings import MailboxSettings, MailerSettings
from rmflow.adapters.exchange.mail_writing import MailWriter
from rmflow.domain.people import Address
from rmflow.errors import (
    BackendError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from rmflow.ports.checkup import Verdict
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Delivery, Departure, Folder

OUTSIDER = "board@contoso.example"
PEOPLE = {MAILBOX: "Mentoring team", OUTSIDER: "Board"}
SVC = FakeExchange.SERVICE[0]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_PASSWORD", FakeExchange.SERVICE[1])
    monkeypatch.setattr("rmflow.adapters.patience.LONGEST_WAIT", timedelta(seconds=0.1))


class World:
    """One mailbox, seen as an Outlet and as a MailWorld."""

    looks_back = True

    clock: Clock = SystemClock()

    def __init__(self, service: FakeExchange) -> None:
        self.service: FakeService = service
        self.exchange = service
        self.opened: list[ExchangeMailer | ExchangeMailbox] = []

    @property
    def server(self) -> Server:
        server: Server = self.exchange.state
        return server

    @property
    def mailbox(self) -> Mailbox:
        return self.server.mailboxes[MAILBOX]

    def settings(self, **options: Any) -> dict[str, Any]:
        return {
            "endpoint": self.exchange.endpoint,
            "mailbox": MAILBOX,
            "auth": "basic",
            "username": SVC,
            "password": "env:EXCHANGE_PASSWORD",
            "timeout_s": self.exchange.timeout_s,
            **options,
        }

    def open(self, **options: Any) -> ExchangeMailer:
        settings = MailerSettings.model_validate(self.settings(**options))
        self.opened.append(mailer := ExchangeMailer(settings, Path(), self.clock))
        return mailer

    def close(self) -> None:
        for backend in self.opened:
            backend.close()

    def received(self, recipient: Address) -> list[bytes]:
        return [raw for to, raw in self.server.post if to == recipient]

    def lying_in(self, name: str) -> list[Item]:
        return list(self.mailbox.folders[name].items.values())

    def everything(self) -> dict[str, int]:
        """Return how many items lie where, empty folders left out."""
        folders = self.mailbox.folders.values()
        return {folder.name: len(folder.items) for folder in folders if folder.items}

    def fail(self, fault: Fault, operation: str) -> None:
        self.service.fail(fault, on=lambda request: f"<m:{operation}".encode() in request.body)

    def meanwhile(self, operation: str, happens: Callable[[], object]) -> None:
        """Let something happen just before the next request for this operation."""

        def picks(request: Request) -> bool:
            if f"<m:{operation}".encode() in request.body and not done:
                done.append(happens())
            return False

        done: list[object] = []
        self.service.fail(Fault.HANGS_UP_BEFORE, on=picks)


class Inbox(World):
    """The same mailbox as a Post."""

    def open(self, **options: Any) -> ExchangeMailbox:  # type: ignore[override]  # the other port
        settings = MailboxSettings.model_validate(self.settings(**options))
        self.opened.append(mailbox := ExchangeMailbox(settings, Path(), self.clock))
        return mailbox

    def deliver(self, raw: bytes, kind: str = "Message") -> Item:
        return ews_mail.deliver(self.server, self.mailbox, raw, kind)

    def delete(self, number: int) -> None:
        self.server.remove(self.mailbox.folders["inbox"], self.lying_in("inbox")[number])

    def seen(self) -> int:
        return sum(item.text("IsRead") == "true" for item in self.lying_in("inbox"))


@pytest.fixture
def service() -> Iterator[FakeExchange]:
    with FakeExchange(PEOPLE) as service:
        yield service


@pytest.fixture
def world(service: FakeExchange) -> Iterator[World]:
    with closing(World(service)) as world:
        yield world


@pytest.fixture
def post(service: FakeExchange) -> Iterator[Inbox]:
    with closing(Inbox(service)) as post:
        yield post


class TestExchangeMailer(MailerContract):
    @pytest.fixture
    def outlet(self, world: World) -> World:
        return world


class TestExchangeMailerOutage(MailOutageContract):
    @pytest.fixture
    def new_world(self) -> NewWorld:
        @contextmanager
        def new_world() -> Iterator[World]:
            with FakeExchange(PEOPLE) as service, closing(World(service)) as world:
                yield world

        return new_world


class TestExchangeMailbox(MailboxContract):
    @pytest.fixture
    def post(self, post: Inbox) -> Inbox:
        return post


# Mail out.


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
@pytest.mark.parametrize("operation", ["UpdateItem", "DeleteItem", "CreateItem", "SendItem"])
def test_what_an_earlier_attempt_left_behind_goes_under_every_fault(
    world: World, operation: str, fault: Fault
) -> None:
    """Its words are old: they must neither leave nor stay, whichever request goes wrong."""
    old, new = outgoing(1, text="See you in room 1"), outgoing(1, text="See you in room 2")
    world.fail(Fault.BUSY_BEFORE, "SendItem")
    with pytest.raises(UnavailableError) as caught:
        world.open().send(old)
    assert caught.value.retry_after == timedelta(seconds=1)
    world.fail(fault, operation)
    left = Departure.NOT_LEFT
    for _ in range(3):
        if left is Departure.NOT_LEFT:
            try:
                world.open().send(new)
            except UncertainError:
                assert operation == "SendItem"
            except UnavailableError:
                pass
        world.service.settle()
        left = world.open().departures([new])[new.key]
    assert world.received(MARIA) == [new.content]
    assert world.everything() == {"sentitems": 1}


def test_a_view_that_lags_behind_never_makes_a_second_mail(world: World) -> None:
    """The draft still shows and has left: it cannot be withdrawn, so nothing more is sent."""
    mail = outgoing(1)
    world.fail(Fault.LAGS_AFTER, "SendItem")
    with pytest.raises(UncertainError):
        world.open().send(mail)
    assert world.open().departures([mail]) == {mail.key: Departure.NOT_LEFT}
    with pytest.raises(UncertainError, match="just leaving"):
        world.open().send(mail)
    world.service.settle()
    assert world.open().departures([mail]) == {mail.key: Departure.LEFT}
    assert world.received(MARIA) == [mail.content]


def test_a_mail_that_transport_has_not_taken_yet_has_left(world: World) -> None:
    """item:IsSubmitted; until then it lies in Drafts or the Outbox, and is still a draft."""
    world.server.slow_transport = True
    mail = outgoing(1)
    world.open().send(mail)
    assert world.everything() == {"drafts": 1}
    assert world.open().departures([mail]) == {mail.key: Departure.LEFT}
    world.open().send(mail)
    assert world.received(MARIA) == [mail.content]


def test_what_has_left_is_not_sent_again_even_if_somebody_deleted_the_copy(world: World) -> None:
    """A memory that was put back from an old copy does not know of it; the mailbox does."""
    mail = outgoing(1)
    world.open().send(mail)
    (copy,) = world.lying_in("sentitems")
    sent_items = world.mailbox.folders["sentitems"]
    world.server.move(world.mailbox, sent_items, copy, "deleteditems")
    assert world.open().departures([mail]) == {mail.key: Departure.LEFT}
    world.open().send(mail)
    assert world.received(MARIA) == [mail.content]


def test_a_draft_that_somebody_changes_is_not_sent_as_it_is_now(world: World) -> None:
    """SendItem names the change key: what nobody has frozen does not leave."""
    mail = outgoing(1)

    def edit() -> None:
        (draft,) = world.lying_in("drafts")
        draft.raw = draft.raw.replace(b"Hello", b"Goodbye")
        world.server.touch(world.mailbox.folders["drafts"], draft)

    world.meanwhile("SendItem", edit)
    with pytest.raises(UnavailableError, match="changed or removed"):
        world.open().send(mail)
    world.open().send(mail)
    assert world.received(MARIA) == [mail.content]
    assert world.everything() == {"sentitems": 1}


def test_many_departures_are_one_look(world: World) -> None:
    mails = [outgoing(number) for number in range(40)]
    world.open().send(mails[7])
    world.service.requests.clear()
    found = world.open().departures(mails)
    assert [mail for mail in mails if found[mail.key] is Departure.LEFT] == [mails[7]]
    assert world.exchange.operations() == ["FindItem"]


@pytest.mark.parametrize("operation", ["CreateItem", "SendItem"])
def test_a_busy_server_is_left_to_the_next_run(world: World, operation: str) -> None:
    """ErrorServerBusy: exchangelib's own policy would send the request again."""
    mail = outgoing(1)
    world.meanwhile(operation, lambda: vars(world.exchange).update(busy=1))
    with pytest.raises(UnavailableError, match="busy"):
        world.open().send(mail)
    assert world.exchange.operations().count(operation) == 1
    world.open().send(mail)
    assert world.received(MARIA) == [mail.content]


def test_a_mail_that_is_too_large_is_refused_for_good(world: World) -> None:
    mail = outgoing(1)
    mail = replace(mail, content=mail.content + b"x" * 1_100_000)
    with pytest.raises(RejectedError, match="ErrorMessageSizeExceeded"):
        world.open().send(mail)
    assert world.server.post == []


def test_a_sender_that_the_account_may_not_use_stops_all_mail(world: World) -> None:
    mail = outgoing(1)
    forged = replace(mail, content=mail.content.replace(MAILBOX.encode(), OUTSIDER.encode()))
    with pytest.raises(DeniedError, match="ErrorSendAsDenied"):
        world.open().send(forged)
    assert world.server.post == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [("ErrorQuotaExceeded", DeniedError), ("ErrorSubmissionQuotaExceeded", UnavailableError)],
)
def test_a_full_or_busy_mailbox_keeps_the_mail_for_later(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str, expected: type[BackendError]
) -> None:
    """It is not this mail that is wrong."""

    def refuse(*_: object) -> Item:
        raise EwsError(code, code)

    monkeypatch.setattr("ews_operations.store_draft", refuse)
    with pytest.raises(expected):
        world.open().send(outgoing(1))


# Mail in.


def test_a_long_inbox_loses_no_mail(post: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rmflow.adapters.exchange.mail_reading._PAGE", 3)
    for number in range(8):
        post.deliver(letter(number))
    mailbox = post.open()
    seen: list[Delivery] = []
    for message in mailbox.unfiled():
        seen += mailbox.fetch([message])
        mailbox.file([message.ref], Folder.DONE)
    assert numbers(seen) == [b"%d" % n for n in range(8)]
    assert list(arrived(mailbox)) == []


def test_filed_mail_lies_unread_in_folders_that_a_person_can_find(post: Inbox) -> None:
    for number in range(3):
        post.deliver(letter(number))
    post.lying_in("inbox")[2].set_text("IsRead", "true")
    mailbox = post.open(needs_you_folder="Anna's pile")
    refs = [delivery.ref for delivery in arrived(mailbox)]
    mailbox.file(refs[:1], Folder.DONE)
    mailbox.file(refs[1:], Folder.NEEDS_YOU)
    assert post.everything() == {"rmflow done": 1, "Anna's pile": 2}
    assert [item.text("IsRead") for item in post.lying_in("Anna's pile")] == ["false", "true"]


def test_many_mails_are_filed_in_few_requests_and_gone_ones_do_not_matter(post: Inbox) -> None:
    """After a crash between recording and filing, some have another id: they were moved."""
    for number in range(60):
        post.deliver(letter(number))
    mailbox = post.open()
    refs = [delivery.ref for delivery in arrived(mailbox)]
    mailbox.file(refs[::2], Folder.NEEDS_YOU)
    post.service.requests.clear()
    mailbox.file(refs, Folder.DONE)
    assert post.everything() == {"rmflow done": 30, "rmflow needs you": 30}
    assert post.exchange.operations().count("MoveItem") == 2


def test_what_a_person_has_put_elsewhere_stays_there(post: Inbox) -> None:
    post.mailbox.folders["kept"] = StoredFolder("kept", "IPF.Note")
    item = post.deliver(letter(1))
    mailbox = post.open()
    (delivery,) = arrived(mailbox)
    post.server.move(post.mailbox, post.mailbox.folders["inbox"], item, "kept")
    mailbox.file([delivery.ref], Folder.DONE)
    assert post.everything() == {"kept": 1}


def test_a_mail_that_goes_away_while_we_read_is_skipped(post: Inbox) -> None:
    items = [post.deliver(letter(number)) for number in range(3)]
    deliveries = arrived(post.open())
    next(deliveries)
    post.server.remove(post.mailbox.folders["inbox"], items[1])
    assert numbers(deliveries) == [b"2"]


@pytest.mark.parametrize("kind", ["MeetingResponse", "MeetingRequest", "PostItem", "Contact"])
def test_every_kind_of_item_arrives_and_can_be_filed(post: Inbox, kind: str) -> None:
    """Answers to meetings too: a comment in one is read by nobody else."""
    post.deliver(letter(1), kind)
    mailbox = post.open()
    (delivery,) = arrived(mailbox)
    assert delivery.raw == letter(1)
    mailbox.file([delivery.ref], Folder.DONE)
    assert post.everything() == {"rmflow done": 1}


def test_what_exchange_cannot_convert_arrives_as_its_text_for_a_person(post: Inbox) -> None:
    """OfficeDev/ews-managed-api#152. It must neither be lost nor stop the mails behind it."""
    raw = letter(1).replace(b"\r\n\r\n", b"\r\nContent-Type: x/y\r\n\r\n", 1)
    post.server.unreadable.add(post.deliver(raw, "MeetingRequest").id)
    post.deliver(letter(2))
    broken, whole = arrived(post.open())
    lines = broken.raw.split(b"\r\n")
    assert lines[0].startswith(b"X-Rmflow-Shortened: ")
    assert b"From: maria@contoso.example" in lines
    assert b"Message-ID: <m1@contoso.example>" in lines
    assert [line for line in lines if line.startswith(b"Content-Type")] == [
        b"Content-Type: text/plain; charset=utf-8"
    ]
    assert b"We talked about hiring." in lines
    assert whole.raw == letter(2)


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
@pytest.mark.parametrize("operation", ["FindItem", "GetItem"])
def test_a_read_that_goes_wrong_is_done_again(post: Inbox, operation: str, fault: Fault) -> None:
    """Half of a mail would be read as a short answer."""
    post.deliver(letter(1, b"We talked about hiring.\r\n" * 500))
    post.fail(fault, operation)
    mailbox = post.open()
    if fault in (Fault.BUSY_BEFORE, Fault.FAILS_503_AFTER):  # it says when: later than we wait
        with pytest.raises(UnavailableError):
            list(arrived(mailbox))
    (delivery,) = arrived(mailbox)
    assert delivery.raw == letter(1, b"We talked about hiring.\r\n" * 500)


def test_a_service_that_stays_down_is_unavailable(post: Inbox) -> None:
    post.deliver(letter(1))
    for _ in range(4):
        post.fail(Fault.FAILS_500_AFTER, "GetItem")
    with pytest.raises(UnavailableError):
        list(arrived(post.open()))


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
@pytest.mark.parametrize("operation", ["CreateFolder", "MoveItem"])
def test_filing_that_goes_wrong_is_finished_by_the_next_run(
    post: Inbox, operation: str, fault: Fault
) -> None:
    for number in range(3):
        post.deliver(letter(number))
    mailbox = post.open()
    refs = [delivery.ref for delivery in arrived(mailbox)]
    post.fail(fault, operation)
    with pytest.raises((UnavailableError, UncertainError)):
        mailbox.file(refs, Folder.DONE)
    assert post.exchange.operations().count(operation) == 1
    post.service.settle()
    mailbox = post.open()
    mailbox.file([delivery.ref for delivery in arrived(mailbox)], Folder.DONE)
    assert post.everything() == {"rmflow done": 3}


def test_a_folder_that_somebody_makes_this_moment_is_used(post: Inbox) -> None:
    post.deliver(letter(1))
    theirs = StoredFolder("rmflow done", "IPF.Note")
    post.meanwhile("CreateFolder", lambda: post.mailbox.folders.update({theirs.name: theirs}))
    mailbox = post.open()
    mailbox.file([delivery.ref for delivery in arrived(mailbox)], Folder.DONE)
    assert len(theirs.items) == 1


def test_a_message_id_with_quotes_and_signs_is_found(post: Inbox) -> None:
    id = "<o'neil+1=a&b%20#?/\"@contoso.example>"
    post.deliver(b"Message-ID: " + id.encode() + b"\r\n\r\n")
    assert post.open().holds([id, "<other@contoso.example>"]) == {id}


# Checkups.


def test_a_mailer_in_good_order_is_found_so_and_nothing_is_left_behind(world: World) -> None:
    found = list(world.open(outsider=OUTSIDER).checkup())
    assert verdicts(found) == [
        ("mailbox", "fine"),
        ("encryption", "warning"),  # on this machine
        ("clock", "fine"),
        ("drafts", "fine"),
        ("look back", "fine"),
        ("send", "fine"),
        ("other mailboxes", "fine"),
    ]
    assert world.everything() == {}
    assert world.server.post == []


def test_a_mailbox_in_good_order_is_found_so_and_nothing_is_left_behind(post: Inbox) -> None:
    found = list(post.open(outsider=OUTSIDER).checkup())
    assert verdicts(found) == [
        ("mailbox", "fine"),
        ("encryption", "warning"),
        ("clock", "fine"),
        ("drafts", "fine"),
        ("move", "fine"),
        ("other mailboxes", "fine"),
    ]
    assert post.everything() == {}


def test_an_account_that_may_not_act_as_the_mailbox_is_told_what_to_grant(
    world: World, post: Inbox
) -> None:
    world.server.impersonators[SVC] = set()
    for backend in (world.open(), post.open()):
        (found,) = backend.checkup()
        assert found.verdict is Verdict.FAILED
        assert "ApplicationImpersonation" in found.advice


def test_full_access_without_send_as_is_found_by_trying(world: World) -> None:
    """Full access to a mailbox does not let anybody send as it."""
    world.server.delegates[SVC] = {MAILBOX}
    world.server.senders[SVC] = set()
    found = the("send", world.open(access="delegate").checkup())
    assert found.verdict is Verdict.FAILED
    assert "Send As" in found.advice
    assert world.everything() == {}
    world.server.senders[SVC] = {MAILBOX}
    assert the("send", world.open(access="delegate").checkup()).verdict is Verdict.FINE


def test_an_account_that_reaches_every_mailbox_is_warned_about(world: World, post: Inbox) -> None:
    world.server.impersonators[SVC] |= {OUTSIDER}
    for backend in (world.open(outsider=OUTSIDER), post.open(outsider=OUTSIDER)):
        assert the("other mailboxes", backend.checkup()).verdict is Verdict.WARNING


def test_a_server_that_replaces_message_ids_is_found_before_the_first_mail(world: World) -> None:
    """Looking back works all the same; replies are harder to recognise."""
    world.server.keeps_message_ids = False
    assert the("look back", world.open().checkup()).verdict is Verdict.WARNING
    mail = outgoing(1)
    world.open().send(mail)
    assert world.open().departures([mail]) == {mail.key: Departure.LEFT}


def test_clocks_that_are_apart_are_told(world: World) -> None:
    world.clock = StoppedClock(datetime.now(UTC) - timedelta(minutes=10))
    assert the("clock", world.open().checkup()).verdict is Verdict.WARNING


def test_a_trial_mail_that_may_still_be_there_is_told(world: World) -> None:
    world.fail(Fault.HANGS_UP_BEFORE, "DeleteItem")
    assert the("traces", world.open().checkup()).verdict is Verdict.WARNING


def test_a_trial_that_breaks_off_is_a_finding(world: World) -> None:
    def breaks() -> None:
        for _ in range(4):
            world.fail(Fault.HANGS_UP_BEFORE, "FindItem")

    world.meanwhile("CreateItem", breaks)
    findings = list(world.open().checkup())
    assert the("look for a mail", findings).verdict is Verdict.FAILED


# The fake is no toy.


def _refusal(world: World, request: Callable[[MailWriter], object]) -> str:
    account = MailboxAccount(MailerSettings.model_validate(world.settings()), Path())
    with pytest.raises(BackendError) as caught:
        request(MailWriter(account))
    account.close()
    return f"{caught.value.reason} {caught.value.__cause__}"


def test_the_fake_refuses_what_exchange_refuses(world: World, post: Inbox) -> None:
    """A typo in the adapter must not pass here and fail at the first real mailbox."""
    item = post.deliver(letter(1))
    assert "ErrorMimeContentInvalid" in _refusal(world, lambda w: w.draft(b"no header", "k"))
    for key in (None, "b2xk"):
        stale = ItemId(id=item.id, changekey=key)
        assert "ErrorStaleObject" in _refusal(world, partial(MailWriter.dispatch, draft=stale))
    there = ItemId(id=item.id, changekey=item.change_key)
    assert "ErrorSendAsDenied" in _refusal(world, partial(MailWriter.dispatch, draft=there))


def test_the_fake_sends_a_sent_item_again(world: World) -> None:
    """As Exchange would ("SendItem", remarks): that a mail leaves once is up to us."""
    world.open().send(outgoing(1))
    (copy,) = world.lying_in("sentitems")
    account = MailboxAccount(MailerSettings.model_validate(world.settings()), Path())
    MailWriter(account).dispatch(ItemId(id=copy.id, changekey=copy.change_key))
    account.close()
    assert len(world.received(MARIA)) == 2


def test_a_misspelt_property_is_against_the_schema(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = Message.get_field_by_fieldname("is_submitted")
    monkeypatch.setattr(field, "field_uri", "item:IsSubmited")
    with pytest.raises(BackendError, match="ErrorSchemaValidation"):
        world.open().departures([outgoing(1)])


def test_the_bytes_on_the_wire_are_base64_of_the_frozen_mail(world: World) -> None:
    mail = outgoing(1)
    world.open().send(mail)
    create, send = world.service.writes
    mime = create.body.partition(b"<t:MimeContent>")[2].partition(b"<")[0]
    assert base64.b64decode(mime, validate=True) == mail.content
    assert b'SaveItemToFolder="true"' in send.body


def test_a_private_authority_is_trusted_whatever_requests_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REQUESTS_CA_BUNDLE goes before what a session of requests trusts; SSL_CERT_FILE is ours."""
    ours, theirs = trustme.CA(), trustme.CA()
    for authority, name in ((ours, "SSL_CERT_FILE"), (theirs, "REQUESTS_CA_BUNDLE")):
        authority.cert_pem.write_to_path(tmp_path / name)
        monkeypatch.setenv(name, str(tmp_path / name))
    certificate = ours.issue_cert("127.0.0.1")
    with FakeExchange(PEOPLE, certificate) as service, closing(Inbox(service)) as post:
        post.deliver(letter(1))
        assert numbers(arrived(post.open())) == [b"1"]
        assert the("encryption", post.open().checkup()).verdict is Verdict.FINE
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "REQUESTS_CA_BUNDLE"))
        with pytest.raises(DeniedError, match="certificate"):
            list(arrived(post.open()))
