"""Mail through Microsoft Graph, against a fake Exchange Online that keeps state."""

import base64
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from graph import CLIENT, MAILBOX, OUTSIDER, SECRET, TENANT
from graph_mail import Mail, MailService, State
from mail_outage_contract import MailOutageContract, NewWorld
from mailbox_contract import MailboxContract, arrived, letter, numbers
from mailer_contract import MARIA, MailerContract, outgoing
from web_server import FakeService, Fault, Request

from findings import the, verdicts
from rmflow.adapters.graph.client import GraphClient
from rmflow.adapters.graph.mail_in import GraphMailbox
from rmflow.adapters.graph.mail_out import GraphMailer
from rmflow.adapters.graph.mail_settings import MailboxSettings, MailerSettings
from rmflow.domain.people import Address
from rmflow.errors import DeniedError, RejectedError, UnavailableError, UncertainError
from rmflow.ports.checkup import Verdict
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Delivery, Departure, Folder

SCOPED = ("Mail.ReadWrite", "Mail.Send")


class Wall:
    """A clock that agrees with the service's."""

    def wait(self, span: timedelta) -> None:
        raise NotImplementedError

    def now(self) -> datetime:
        return datetime.now(UTC)


class LateClock:
    """A clock of a machine that lives in the past."""

    def wait(self, span: timedelta) -> None:
        raise NotImplementedError

    def now(self) -> datetime:
        return datetime.now(UTC) - timedelta(minutes=10)


class World:
    """One mailbox, seen as an Outlet and as a MailWorld."""

    clock: Clock = Wall()

    def __init__(self, service: MailService, folder: Path, **options: Any) -> None:
        self.service: FakeService = service
        self.graph = service
        self.folder = folder
        self.options = options
        self.looks_back: bool = options.get("look_back", True)
        self.opened: list[GraphMailer | GraphMailbox] = []

    @property
    def mail(self) -> State:
        return self.graph.mail

    def settings(self, **options: Any) -> dict[str, Any]:
        (self.folder / "graph.secret").write_text(SECRET)
        return {
            "tenant": TENANT,
            "client_id": CLIENT,
            "secret": "file:graph.secret",
            "mailbox": MAILBOX,
            "url": self.graph.graph_url,
            "authority": self.service.url,
            "timeout_s": self.service.timeout_s,
            **options,
        }

    def open(self, **options: Any) -> GraphMailer:
        settings = MailerSettings.model_validate(self.settings(**self.options, **options))
        self.opened.append(mailer := GraphMailer(settings, self.folder, self.clock))
        return mailer

    def close(self) -> None:
        for backend in self.opened:
            backend.close()

    def received(self, recipient: Address) -> list[bytes]:
        return [raw for to, raw in self.mail.delivered if to == recipient]


class Inbox(World):
    """The same mailbox as a Post."""

    def open(self, **options: Any) -> GraphMailbox:  # type: ignore[override]  # the other port
        settings = MailboxSettings.model_validate(self.settings(**options))
        self.opened.append(mailbox := GraphMailbox(settings, self.folder, self.clock))
        return mailbox

    def deliver(self, raw: bytes) -> None:
        self.mail.deliver(raw)

    def delete(self, number: int) -> None:
        del self.mail.mails[self.mail.lying_in("inbox")[number].id]

    def seen(self) -> int:
        return sum(mail.read for mail in self.mail.lying_in("inbox"))


@pytest.fixture
def service() -> Iterator[MailService]:
    with MailService(Mail(), permissions=SCOPED) as service:
        yield service


@pytest.fixture
def world(service: MailService, tmp_path: Path) -> Iterator[World]:
    with closing(World(service, tmp_path)) as world:
        yield world


@pytest.fixture
def post(service: MailService, tmp_path: Path) -> Iterator[Inbox]:
    with closing(Inbox(service, tmp_path)) as post:
        yield post


def _new_world(folder: Path, **options: Any) -> NewWorld:
    @contextmanager
    def new_world() -> Iterator[World]:
        with MailService(Mail(), permissions=SCOPED) as service:
            yield World(service, folder, **options)

    return new_world


class TestGraphMailer(MailerContract):
    @pytest.fixture
    def outlet(self, world: World) -> World:
        return world


class TestGraphMailerThatOnlySends(MailerContract):
    @pytest.fixture
    def outlet(self, service: MailService, tmp_path: Path) -> Iterator[World]:
        service.permissions[:] = ["Mail.Send"]
        with closing(World(service, tmp_path, look_back=False)) as world:
            yield world


class TestGraphMailerOutage(MailOutageContract):
    @pytest.fixture
    def new_world(self, tmp_path: Path) -> NewWorld:
        return _new_world(tmp_path)


class TestGraphMailerThatOnlySendsOutage(MailOutageContract):
    @pytest.fixture
    def new_world(self, tmp_path: Path) -> NewWorld:
        return _new_world(tmp_path, look_back=False)


class TestGraphMailbox(MailboxContract):
    @pytest.fixture
    def post(self, post: Inbox) -> Inbox:
        return post


# Mail out.


def _fail(service: FakeService, fault: Fault, method: str, ending: str) -> None:
    def picks(request: Request) -> bool:
        return request.method == method and request.path.endswith(ending)

    service.fail(fault, on=picks)


def test_a_mail_written_anew_replaces_the_draft_of_an_earlier_attempt(world: World) -> None:
    """What certainly did not leave is written anew; old words must neither leave nor stay."""
    old, new = outgoing(1, text="See you in room 1"), outgoing(1, text="See you in room 2")
    _fail(world.service, Fault.BUSY_BEFORE, "POST", "/send")
    with pytest.raises(UnavailableError) as caught:
        world.open().send(old)
    assert caught.value.retry_after == timedelta(seconds=1)
    assert len(world.mail.lying_in("drafts")) == 1
    assert world.open().departures([old]) == {old.key: Departure.NOT_LEFT}
    world.open().send(new)
    assert world.received(MARIA) == [new.content]
    assert world.mail.lying_in("drafts") == []
    (withdrawn,) = world.mail.lying_in("deleteditems")
    assert withdrawn.to == ()


def test_a_copy_that_comes_to_light_after_the_look_is_seen_before_sending(world: World) -> None:
    """A run may take long from the first to the last letter."""
    mail = outgoing(1)
    world.mail.late_copies = True
    world.open().send(mail)
    mailer = world.open()
    assert mailer.departures([mail]) == {mail.key: Departure.NOT_LEFT}
    world.service.settle()
    mailer.send(mail)
    assert world.received(MARIA) == [mail.content]


def test_a_draft_that_was_seen_is_not_looked_for_again(world: World) -> None:
    """One question less a letter, and it is withdrawn all the same."""
    mail = outgoing(1)
    _fail(world.service, Fault.BUSY_BEFORE, "POST", "/send")
    with pytest.raises(UnavailableError):
        world.open().send(mail)
    mailer = world.open()
    mailer.departures([mail])
    asked = len(world.service.requests)
    mailer.send(mail)
    methods = [request.method for request in world.service.requests[asked:]]
    assert methods == ["PATCH", "DELETE", "POST", "POST"]
    assert world.received(MARIA) == [mail.content]
    mailer.send(mail)
    assert world.received(MARIA) == [mail.content]


def test_a_draft_whose_making_is_unsure_is_certainly_no_mail(world: World) -> None:
    """Nobody has to look back for it; the next attempt takes it away."""
    mail = outgoing(1)
    _fail(world.service, Fault.HANGS_UP_AFTER, "POST", "/messages")
    with pytest.raises(UnavailableError):
        world.open().send(mail)
    world.open().send(mail)
    assert world.received(MARIA) == [mail.content]
    assert world.mail.lying_in("drafts") == []


@pytest.mark.parametrize("late_copies", [False, True])
def test_a_view_that_lags_behind_never_makes_a_second_mail(
    world: World, *, late_copies: bool
) -> None:
    """The draft still shows and has left: it cannot be withdrawn, so nothing more is sent."""
    mail = outgoing(1)
    world.mail.late_copies = late_copies
    _fail(world.service, Fault.LAGS_AFTER, "POST", "/send")
    with pytest.raises(UncertainError):
        world.open().send(mail)
    assert world.open().departures([mail]) == {mail.key: Departure.NOT_LEFT}
    with pytest.raises(UncertainError):
        world.open().send(mail)
    world.service.settle()
    assert world.open().departures([mail]) == {mail.key: Departure.LEFT}
    assert world.received(MARIA) == [mail.content]


def test_a_copy_that_takes_its_time_is_found_when_all_has_settled(world: World) -> None:
    """learn.microsoft.com/graph/outlook-immutable-id: the copy "could take time"."""
    mail = outgoing(1)
    world.mail.late_copies = True
    world.open().send(mail)
    assert world.open().departures([mail]) == {mail.key: Departure.NOT_LEFT}
    world.service.settle()
    mailer = world.open()
    assert mailer.departures([mail]) == {mail.key: Departure.LEFT}
    assert mailer.settling >= timedelta(minutes=5)


def test_what_has_left_in_an_earlier_run_is_not_sent_again(world: World) -> None:
    """A memory that was put back from an old copy does not know of it; the mailbox does."""
    mail = outgoing(1)
    world.open().send(mail)
    world.open().send(mail)
    assert world.received(MARIA) == [mail.content]


def test_a_mailbox_that_replaces_message_ids_is_refused_before_anything_leaves(
    world: World,
) -> None:
    """Looking back would find nothing, and a second mail would be sent."""
    world.mail.keeps_message_ids = False
    with pytest.raises(DeniedError, match="look_back = false"):
        world.open().send(outgoing(1))
    assert world.mail.delivered == []
    assert world.mail.lying_in("drafts") == []
    world.open(look_back=False).send(outgoing(1))
    assert len(world.received(MARIA)) == 1


def test_a_draft_that_somebody_has_removed_is_sent_another_time(world: World) -> None:
    mail = outgoing(1)

    def removes(request: Request) -> bool:
        if request.path.endswith("/send"):
            world.mail.mails.clear()
        return False

    world.service.fail(Fault.HANGS_UP_BEFORE, on=removes)
    with pytest.raises(UnavailableError, match="removed"):
        world.open().send(mail)
    assert world.mail.delivered == []


@pytest.mark.parametrize("look_back", [True, False])
def test_a_mail_that_is_too_large_is_refused_for_good(world: World, *, look_back: bool) -> None:
    """learn.microsoft.com/graph/api/user-post-messages: 4 MB, then 413."""
    mail = outgoing(1)
    mail = replace(mail, content=mail.content + b"x" * 4_200_000)
    with pytest.raises(RejectedError, match="413"):
        world.open(look_back=look_back).send(mail)
    assert world.mail.delivered == []


@pytest.mark.parametrize("look_back", [True, False])
def test_a_sender_that_the_mailbox_may_not_use_stops_all_mail(
    world: World, *, look_back: bool
) -> None:
    mail = outgoing(1)
    forged = replace(mail, content=mail.content.replace(MAILBOX.encode(), OUTSIDER.encode()))
    with pytest.raises(DeniedError, match="ErrorSendAsDenied"):
        world.open(look_back=look_back).send(forged)
    assert world.mail.delivered == []


def test_a_missing_permission_is_named_with_the_way_to_grant_it_narrowly(world: World) -> None:
    world.graph.permissions[:] = ["Mail.Send"]
    with pytest.raises(DeniedError, match=r"Mail\.ReadWrite and Mail\.Send.*RBAC"):
        world.open().send(outgoing(1))


# Mail in.


def test_pages_shorter_than_asked_for_lose_no_mail(post: Inbox) -> None:
    """learn.microsoft.com/graph/paging: the service decides how long a page is."""
    post.mail.most_a_page = 3
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
    for number in range(2):
        post.deliver(letter(number))
    mailbox = post.open(needs_you_folder="Anna's pile")
    done, needs_you = (delivery.ref for delivery in arrived(mailbox))
    mailbox.file([done], Folder.DONE)
    mailbox.file([needs_you], Folder.NEEDS_YOU)
    assert [mail.read for mail in post.mail.lying_in("rmflow done")] == [False]
    assert [mail.id for mail in post.mail.lying_in("Anna's pile")] == [needs_you]
    assert mailbox.holds(["<m0@contoso.example>"]) == {"<m0@contoso.example>"}


def test_what_a_person_has_put_elsewhere_stays_there(post: Inbox) -> None:
    """An immutable id would still find it."""
    post.mail.folders["kept"] = "Kept by Anna"
    post.deliver(letter(1))
    mailbox = post.open()
    (delivery,) = arrived(mailbox)
    post.mail.mails[delivery.ref] = replace(post.mail.mails[delivery.ref], folder="kept")
    mailbox.file([delivery.ref], Folder.DONE)
    assert len(post.mail.lying_in("Kept by Anna")) == 1


def test_a_mail_that_goes_away_while_we_read_is_skipped(post: Inbox) -> None:
    for number in range(3):
        post.deliver(letter(number))
    deliveries = arrived(post.open())
    first = next(deliveries)
    del post.mail.mails[next(id for id in post.mail.mails if id != first.ref)]
    assert numbers(deliveries) == [b"2"]


@pytest.mark.parametrize(
    "fault", [Fault.CUT_SHORT_AFTER, Fault.STALLS_AFTER, Fault.FAILS_503_AFTER, Fault.RESETS_AFTER]
)
def test_a_body_that_does_not_arrive_whole_is_fetched_again(post: Inbox, fault: Fault) -> None:
    """Half of a mail would be read as a short answer."""
    post.deliver(letter(1, b"We talked about hiring.\r\n" * 500))
    _fail(post.service, fault, "GET", "/$value")
    (delivery,) = arrived(post.open())
    assert delivery.raw == letter(1, b"We talked about hiring.\r\n" * 500)


def test_an_answer_that_is_no_mail_is_not_taken_for_one(post: Inbox) -> None:
    """Two such answers are equal bytes: the second would be filed as known, its mail unread."""
    post.deliver(letter(1))
    _fail(post.service, Fault.NONSENSE_AFTER, "GET", "/$value")
    (delivery,) = arrived(post.open())
    assert delivery.raw == letter(1)


def test_a_service_that_stays_down_is_unavailable(post: Inbox) -> None:
    post.deliver(letter(1))
    for _ in range(4):
        _fail(post.service, Fault.FAILS_500_AFTER, "GET", "/$value")
    with pytest.raises(UnavailableError):
        list(arrived(post.open()))


def test_a_folder_whose_making_is_unsure_is_made_once(post: Inbox) -> None:
    post.deliver(letter(1))
    _fail(post.service, Fault.HANGS_UP_AFTER, "POST", "/mailFolders")
    mailbox = post.open()
    (delivery,) = arrived(mailbox)
    with pytest.raises(UncertainError):
        mailbox.file([delivery.ref], Folder.DONE)
    post.open().file([delivery.ref], Folder.DONE)
    assert list(post.mail.folders.values()).count("rmflow done") == 1
    assert len(post.mail.lying_in("rmflow done")) == 1


def test_a_folder_that_somebody_makes_this_moment_is_used(post: Inbox) -> None:
    post.deliver(letter(1))

    def makes(request: Request) -> bool:
        if request.method == "POST" and request.path.endswith("/mailFolders"):
            post.mail.folders["theirs"] = "rmflow done"
        return False

    post.service.fail(Fault.HANGS_UP_BEFORE, on=makes)
    mailbox = post.open()
    mailbox.file([delivery.ref for delivery in arrived(mailbox)], Folder.DONE)
    assert len(post.mail.lying_in("rmflow done")) == 1


def test_a_message_id_with_quotes_and_signs_is_found(post: Inbox) -> None:
    """microsoft-graph-docs#4101: one that is not encoded finds nothing."""
    id = "<o'neil+1=a&b%20#?/@contoso.example>"
    post.deliver(b"Message-ID: " + id.encode() + b"\r\n\r\n")
    assert post.open().holds([id, "<other@contoso.example>"]) == {id}


def test_a_draft_is_no_mail_that_is_held(world: World, post: Inbox) -> None:
    mail = outgoing(1)
    _fail(world.service, Fault.BUSY_BEFORE, "POST", "/send")
    with pytest.raises(UnavailableError):
        world.open().send(mail)
    mailbox = post.open()
    assert mailbox.holds([mail.message_id]) == frozenset()
    world.open().send(mail)
    assert mailbox.holds([mail.message_id]) == {mail.message_id}


# Checkups.


def test_a_mailer_in_good_order_is_found_so_and_nothing_is_left_behind(world: World) -> None:
    found = list(world.open(outsider=OUTSIDER).checkup())
    assert verdicts(found) == [
        ("login", "fine"),
        ("inbox", "fine"),
        ("clock", "fine"),
        ("drafts", "fine"),
        ("look back", "fine"),
        ("send", "fine"),
        ("other mailboxes", "fine"),
    ]
    assert world.mail.mails == {}
    assert world.mail.delivered == []


def test_a_mailer_that_only_sends_needs_no_other_right(world: World) -> None:
    world.graph.permissions[:] = ["Mail.Send"]
    found = list(world.open(look_back=False, outsider=OUTSIDER).checkup())
    assert verdicts(found) == [("login", "fine"), ("send", "fine"), ("other mailboxes", "fine")]
    assert world.mail.mails == {}


def test_a_mailbox_in_good_order_is_found_so_and_nothing_is_left_behind(post: Inbox) -> None:
    found = list(post.open(outsider=OUTSIDER).checkup())
    assert verdicts(found) == [
        ("login", "fine"),
        ("inbox", "fine"),
        ("clock", "fine"),
        ("drafts", "fine"),
        ("move", "fine"),
        ("other mailboxes", "fine"),
    ]
    assert post.mail.mails == {}


@pytest.mark.parametrize(
    ("permissions", "check"),
    [
        ((), "inbox"),
        (("Mail.Send",), "inbox"),
        (("Mail.Read", "Mail.Send"), "drafts"),
        (("Mail.ReadWrite",), "send"),
    ],
)
def test_each_missing_right_is_found_by_trying(
    world: World, permissions: tuple[str, ...], check: str
) -> None:
    world.graph.permissions[:] = permissions
    found = the(check, world.open().checkup())
    assert found.verdict is Verdict.FAILED
    assert "RBAC for Applications" in found.advice
    assert world.mail.mails == {}


def test_an_app_that_may_do_this_in_every_mailbox_is_warned_about(
    world: World, post: Inbox
) -> None:
    unknown = the("other mailboxes", world.open().checkup())
    assert unknown.verdict is Verdict.WARNING
    assert "Mail.ReadWrite, Mail.Send" in unknown.text
    world.graph.unscoped = True
    for backend in (world.open(outsider=OUTSIDER), post.open(outsider=OUTSIDER)):
        found = the("other mailboxes", backend.checkup())
        assert found.verdict is Verdict.WARNING
        assert OUTSIDER in found.text


def test_a_login_that_fails_ends_the_checkup(world: World, post: Inbox) -> None:
    world.graph.secret = "another one"
    for backend in (world.open(), post.open()):
        assert verdicts(backend.checkup()) == [("login", "failed")]
    backend = world.open(secret="file:nowhere")
    assert "there is no file" in the("login", backend.checkup()).text


def test_a_mailbox_that_replaces_message_ids_is_found_before_the_first_mail(world: World) -> None:
    world.mail.keeps_message_ids = False
    found = the("look back", world.open().checkup())
    assert found.verdict is Verdict.FAILED
    assert "look_back = false" in found.advice


def test_a_trial_mail_that_may_still_be_there_is_told(world: World) -> None:
    _fail(world.service, Fault.HANGS_UP_BEFORE, "DELETE", "=")
    assert the("traces", world.open().checkup()).verdict is Verdict.WARNING


def test_clocks_that_are_apart_are_told(world: World) -> None:
    world.clock = LateClock()
    found = the("clock", world.open().checkup())
    assert found.verdict is Verdict.WARNING
    assert re.search("(599|600|601) s apart", found.text)


# The fake is no toy.


_MIME = {"Content-Type": "text/plain"}


@pytest.mark.parametrize(
    ("request_line", "body", "refusal"),
    [
        ("POST messages", b"no base64!", "Base64"),
        ("POST messages", {}, "UnsupportedMediaType"),
        ("PATCH messages/ID", {"toRecipient": []}, "toRecipient"),
        ("PATCH messages/ID", {"internetMessageId": "<x@y>"}, "ErrorInvalidPropertySet"),
        ("POST messages/ID/send", None, "has been sent"),
        ("POST messages/ID/move", {"destination": "inbox"}, "ErrorFolderNotFound"),
        ("GET messages?$select=isDrat", None, "isDrat"),
        ("GET messages?$filtre=x", None, "filtre"),
        ("GET messages?$filter=internetMessageId eq x", None, "filter"),
        ("GET messages?$top=2000", None, "top"),
        ("POST mailFolders", {"displayname": "x"}, "display name"),
    ],
)
def test_the_fake_refuses_what_graph_refuses(
    post: Inbox, request_line: str, body: Any, refusal: str
) -> None:
    """A typo in the adapter must not pass here and fail at the first real mailbox."""
    post.deliver(letter(1))
    (id,) = post.mail.mails
    with pytest.raises(RejectedError, match="try failed: 4"):
        _try(post.open()._graph, request_line.replace("ID", id), body)
    assert refusal in post.graph.complaints[-1]


def _try(graph: GraphClient, request_line: str, body: object) -> None:
    method, _, at = request_line.partition(" ")
    path, _, query = at.partition("?")
    at = graph.mailbox(*path.split("/"))
    if method == "GET":
        name, _, value = query.partition("=")
        graph.read("try", at, query={name: value})
    else:
        headers = _MIME if isinstance(body, bytes) else None
        graph.write("try", method, at, body=body, headers=headers)


def test_the_bytes_on_the_wire_are_base64_of_the_frozen_mail(world: World) -> None:
    mail = outgoing(1)
    world.open().send(mail)
    create, send = world.service.writes
    assert create.headers["content-type"] == "text/plain"
    assert base64.b64decode(create.body, validate=True) == mail.content
    assert (send.body, send.headers["content-length"]) == (b"", "0")
