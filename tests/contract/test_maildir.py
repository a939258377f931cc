"""Mail as files: complete or not there, found again by name, safe whatever an address holds."""

import mailbox as stdlib_mailbox
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mailbox_contract import MailboxContract, arrived, letter, numbers
from mailer_contract import MARIA, SVEN, MailerContract, outgoing

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.standards.maildir import (
    MailboxSettings,
    MaildirMailbox,
    MaildirMailer,
    MailerSettings,
    directory_name,
)
from rmflow.domain.people import Address, parse_address
from rmflow.errors import UnavailableError, UncertainError
from rmflow.ports.mail import Departure, Folder

WALL = StoppedClock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))


class MaildirOutlet:
    """A folder of Maildirs seen as an Outlet, through the standard library's reader."""

    looks_back = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> MaildirMailer:
        return MaildirMailer(MailerSettings(path=Path("mail")), self.folder, WALL)

    def maildir(self, recipient: Address) -> stdlib_mailbox.Maildir:
        path = self.folder / "mail" / directory_name(recipient)
        return stdlib_mailbox.Maildir(path, create=False)

    def received(self, recipient: Address) -> list[bytes]:
        if not (self.folder / "mail" / directory_name(recipient)).exists():
            return []
        maildir = self.maildir(recipient)
        # The library turns line ends into its own; the file itself is what counts.
        return [Path(maildir._path, maildir._lookup(key)).read_bytes() for key in maildir.keys()]  # type: ignore[attr-defined]  # noqa: SIM118


class MaildirPost:
    """A Maildir seen as a Post."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.maildir = stdlib_mailbox.Maildir(folder / "inbox", create=True)
        self.age = 1_790_000_000

    def open(self) -> MaildirMailbox:
        return MaildirMailbox(MailboxSettings(path=Path("inbox")), self.folder, WALL)

    def deliver(self, raw: bytes) -> None:
        self.age += 60
        path = self.folder / "inbox" / "new" / f"{9_999_999_999 - self.age}.M1P7Q3.mx"
        path.write_bytes(raw)
        os.utime(path, (self.age, self.age))

    def delete(self, number: int) -> None:
        inbox = self.folder / "inbox" / "new"
        sorted(inbox.iterdir(), key=lambda path: path.stat().st_mtime)[number].unlink()

    def seen(self) -> int:
        return sum("S" in message.get_flags() for message in self.maildir)


class TestMaildirMailer(MailerContract):
    @pytest.fixture
    def outlet(self, tmp_path: Path) -> MaildirOutlet:
        return MaildirOutlet(tmp_path)


class TestMaildirMailbox(MailboxContract):
    @pytest.fixture
    def post(self, tmp_path: Path) -> MaildirPost:
        return MaildirPost(tmp_path)


@pytest.fixture
def outlet(tmp_path: Path) -> MaildirOutlet:
    return MaildirOutlet(tmp_path)


@pytest.fixture
def post(tmp_path: Path) -> MaildirPost:
    return MaildirPost(tmp_path)


def test_a_repeat_is_not_a_second_mail_even_when_the_first_was_read(outlet: MaildirOutlet) -> None:
    mail = outgoing(1)
    outlet.open().send(mail)
    outlet.open().send(mail)
    maildir = outlet.maildir(MARIA)
    (key,) = maildir.keys()
    message = maildir.get_message(key)
    message.set_subdir("cur")
    message.add_flag("S")
    maildir[key] = message
    outlet.open().send(mail)
    assert len(maildir) == 1


@pytest.mark.parametrize("place", ["cur", ".Archive/cur"])
def test_a_mail_that_was_read_or_put_away_has_left(outlet: MaildirOutlet, place: str) -> None:
    mail = outgoing(1)
    outlet.open().send(mail)
    maildir = outlet.folder / "mail" / MARIA
    (maildir / place).mkdir(parents=True, exist_ok=True)
    (message,) = (maildir / "new").iterdir()
    message.rename(maildir / place / f"{message.name}:2,RS")
    assert outlet.open().departures([mail]) == {mail.key: Departure.LEFT}


def test_a_mail_half_written_when_the_run_died_has_not_left(outlet: MaildirOutlet) -> None:
    """It lies under tmp/, where nobody looks; the next attempt replaces it."""
    mail = outgoing(1)
    drafts = outlet.folder / "mail" / MARIA / "tmp"
    drafts.mkdir(parents=True)
    (drafts / f"{mail.key}.rmflow").write_bytes(mail.content[:100] + b"x" * 99_999)
    mailer = outlet.open()
    assert mailer.departures([mail]) == {mail.key: Departure.NOT_LEFT}
    mailer.send(mail)
    assert outlet.received(MARIA) == [mail.content]
    assert list(drafts.iterdir()) == []


def test_bytes_and_name_are_on_disk_before_send_returns(
    outlet: MaildirOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The effect is settled next; a power cut must not take back what is settled."""
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def noting_fsync(descriptor: int) -> None:
        steps.append("sync " + Path(f"/proc/self/fd/{descriptor}").readlink().parent.name)
        fsync(descriptor)

    def noting_rename(self: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(Path, "rename", noting_rename)
    outlet.open().send(outgoing(1))
    assert steps == ["sync tmp", "rename", f"sync {MARIA}"]


@pytest.mark.parametrize(
    "address",
    ["/etc/cron.d/x@contoso.example", "a/b@contoso.example", "%2f@x.example", "~root@x.example"],
)
def test_no_address_leads_out_of_the_folder(outlet: MaildirOutlet, address: str) -> None:
    """RFC 5322 allows a slash before the @, and the roster's check of addresses does as well."""
    recipient = parse_address(address)
    outlet.open().send(outgoing(1, recipient))
    assert len(outlet.received(recipient)) == 1
    (maildir,) = (outlet.folder / "mail").iterdir()
    assert "/" not in directory_name(recipient)
    assert maildir.name == directory_name(recipient)


def test_mail_is_for_its_recipient_only(outlet: MaildirOutlet) -> None:
    outlet.open().send(outgoing(1, SVEN))
    maildir = outlet.folder / "mail" / directory_name(SVEN)
    (message,) = (maildir / "new").iterdir()
    assert message.stat().st_mode & 0o077 == 0
    assert (maildir / "new").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_means_try_later(outlet: MaildirOutlet) -> None:
    (outlet.folder / "mail").write_text("a file where the folder should be")
    mail = outgoing(1)
    with pytest.raises(UnavailableError) as caught:
        outlet.open().send(mail)
    assert MARIA not in str(caught.value)


def test_a_name_that_may_not_be_on_disk_leaves_a_doubt(
    outlet: MaildirOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def failing(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_dir():
            raise OSError(5, "Input/output error")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(UncertainError):
        outlet.open().send(outgoing(1))


def test_filing_keeps_the_flags_and_the_unread_stay_unread(post: MaildirPost) -> None:
    """A person opens "Needs you" and wants to see what is new there."""
    post.deliver(letter(1))
    post.deliver(letter(2))
    inbox = post.folder / "inbox"
    read = min((inbox / "new").iterdir(), key=lambda path: path.stat().st_mtime)
    read.rename(inbox / "cur" / f"{read.name}:2,FS")
    mailbox = post.open()
    mailbox.file([delivery.ref for delivery in arrived(mailbox)], Folder.NEEDS_YOU)
    folder = post.maildir.get_folder("Needs you")
    assert sorted((m.get_subdir(), m.get_flags()) for m in folder) == [("cur", "FS"), ("new", "")]
    assert (inbox / ".Needs you" / "maildirfolder").exists()


def test_a_message_whose_flags_change_while_we_read_is_still_read(post: MaildirPost) -> None:
    """Mail programs rename the file when somebody looks at the mail."""
    for number in range(3):
        post.deliver(letter(number))
    deliveries = arrived(post.open())
    seen = [next(deliveries)]
    inbox = post.folder / "inbox"
    oldest, looked_at, deleted = sorted((inbox / "new").iterdir(), key=lambda p: p.stat().st_mtime)
    looked_at.rename(inbox / "cur" / f"{looked_at.name}:2,S")
    deleted.unlink()
    seen += deliveries
    assert numbers(seen) == [b"0", b"1"]
    assert seen[1].ref == looked_at.name
    assert oldest.exists()


def test_files_that_are_no_messages_are_left_alone(post: MaildirPost) -> None:
    (post.folder / "inbox" / "new" / ".nfs000001").write_bytes(b"a network file system's own")
    (post.folder / "inbox" / "dovecot.index.log").write_bytes(b"an index")
    assert list(arrived(post.open())) == []


def test_a_folded_message_id_is_found(post: MaildirPost) -> None:
    post.deliver(
        b"Message-Id:\r\n <m1@contoso.example>\r\nSubject: x\r\n\r\nbody <m2@contoso.example>"
    )
    wanted = ["<m1@contoso.example>", "<m2@contoso.example>"]
    assert post.open().holds(wanted) == {"<m1@contoso.example>"}


def test_a_maildir_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    mailbox = MaildirMailbox(MailboxSettings(path=tmp_path / "later"), tmp_path, WALL)
    assert list(arrived(mailbox)) == []
    assert mailbox.holds(["<m1@contoso.example>"]) == frozenset()
    assert not (tmp_path / "later").exists()
