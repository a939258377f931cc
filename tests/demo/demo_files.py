"""The mails in a demo folder, by person and by kind."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from rmflow.demo.organisation import address_of
from rmflow.demo.people.letter import Letter, read


def raw_mails(*maildirs: Path) -> list[bytes]:
    """Every mail of these Maildirs, read or not, in the order of their files' names."""
    found = [path for maildir in maildirs for path in maildir.glob("[nc]*/*")]
    return [path.read_bytes() for path in sorted(found, key=lambda path: path.name)]


def letters_to(folder: Path, name: str) -> list[Letter]:
    """What a person got, in order."""
    letters = [read(raw) for raw in raw_mails(folder / "mail" / "out" / address_of(name))]
    return sorted(letters, key=lambda letter: letter.sent_at)


def first_letter(folder: Path, name: str, *, about: str) -> Letter:
    """The first letter to a person with these words in it."""
    return next(each for each in letters_to(folder, name) if about in each.text)


def written(folder: Path) -> list[EmailMessage]:
    """What people wrote, wherever it was filed."""
    inbox = folder / "mail" / "in"
    raw = raw_mails(inbox, *inbox.glob(".*"))
    return [message_from_bytes(each, policy=default) for each in raw]
