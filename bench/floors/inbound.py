"""Floor of row 4: the standard library parses each mail, its texts are decoded, nothing is kept.

As careful as a parser of strangers' mail has to be: no mail over 25 MB, at most 200 parts,
every text part of every level, at most a megabyte of each, whatever charset its label says.
A second argument "compat32" takes the library's older, faster policy.
"""

import sys
from email import message_from_bytes
from email.message import Message
from email.policy import compat32, default
from itertools import islice
from pathlib import Path

_MOST_BYTES = 25 * 1024 * 1024
_MOST_TEXT_BYTES = 1024 * 1024
_MOST_PARTS = 200

folder, *which = sys.argv[1:]
policy = compat32 if which == ["compat32"] else default


def texts(message: Message) -> list[str]:
    """Return the texts of all text parts."""
    return [
        decoded(part)
        for part in islice(message.walk(), _MOST_PARTS)
        if part.get_content_maintype() == "text"
    ]


def decoded(part: Message) -> str:
    """Return the text of a part; an unknown label or a wrong one loses nothing."""
    content = (part.get_payload(decode=True) or b"")[:_MOST_TEXT_BYTES]
    try:
        return content.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeError):
        return content.decode("cp1252", "replace")


for path in sorted(Path(folder, "in/new").iterdir()):
    if path.stat().st_size <= _MOST_BYTES:
        assert any(texts(message_from_bytes(path.read_bytes(), policy=policy)))
