"""A letter as its reader sees it: words, a page, perhaps an invitation, perhaps questions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `answer_to` is where the mail asks answers to go; `thread` what it goes on from.

    `calendar` is empty unless a calendar program would open the mail.
    """

    subject: str
    sender_name: str
    sender: str
    answer_to: str
    message_id: str
    thread: str
    sent_at: datetime
    text: str = field(repr=False)
    html: str = field(repr=False)
    calendar: bytes = field(repr=False)


def unread(maildir: Path) -> list[Letter]:
    """Return the new letters of a Maildir in the order of their dates, and mark them as seen."""
    new = maildir / "new"
    if not new.is_dir():
        return []
    letters = []
    for path in sorted(new.iterdir()):
        letters.append(read(path.read_bytes()))
        path.rename(maildir / "cur" / f"{path.name}:2,S")
    return sorted(letters, key=lambda letter: letter.sent_at)


def questions(letter: Letter) -> list[str]:
    """Return the lines that ask something: they end with a colon, and room is left below."""
    lines = [spaced(line) for line in letter.text.splitlines()]
    around = zip(["", *lines], lines, [*lines[1:], ""], strict=False)
    return [line for above, line, below in around if line.endswith(":") and not above + below]


def spaced(line: str) -> str:
    """Return a line with single ordinary spaces, whatever stood between its words."""
    return " ".join(line.split())


def read(raw: bytes) -> Letter:
    """Return a mail as a mail program shows it."""
    message = message_from_bytes(raw)
    name, sender = parseaddr(message["From"])
    before = str(message["References"] or message["In-Reply-To"] or "").split()
    parts = dict(_parts(message))
    return Letter(
        subject=str(make_header(decode_header(message["Subject"]))),
        sender_name=name,
        sender=sender,
        answer_to=parseaddr(message["Reply-To"] or message["From"])[1],
        message_id=message["Message-ID"],
        thread=before[0] if before else message["Message-ID"],
        sent_at=parsedate_to_datetime(message["Date"]),
        text=parts.get("text/plain", ""),
        html=parts.get("text/html", ""),
        calendar=parts.get("text/calendar", "").encode(),
    )


def _parts(message: Message) -> Iterator[tuple[str, str]]:
    for part in message.walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            yield part.get_content_type(), content.decode("utf-8")
