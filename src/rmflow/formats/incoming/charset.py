"""Bytes of bodies and headers to characters, whatever the label says; nothing is ever refused."""

import codecs
import re
from email.header import decode_header

from rmflow.formats.replies.words import tidy

_HEADER_CHARACTERS = 2_000

# Labels seen in mail that Python does not know, or knows as a subset of what is really sent
# (https://encoding.spec.whatwg.org/#names-and-labels).
_ALIASES = {
    "ansi_x3.110-1983": "cp1252",
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "cp-850": "cp850",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "ks_c_5601-1987": "cp949",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "shift_jis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "us-ascii": "cp1252",
    "utf8": "utf-8",
}
# Seven-bit encodings: their bytes look like ASCII and mean something else.
_SEVEN_BIT = re.compile(r"utf-7|iso-?2022|hz")
_WIDE = re.compile(r"utf-(?:16|32)|big5|gb|cp9(?:32|49|50)|euc|shift|johab")
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which Python reads in UTF-7
_NO_TEXT = re.compile(r"idna|punycode|escape|undefined|mbcs|oem")


def decoded(content: bytes, label: str) -> str:
    """Return the text. A wrong, unknown or missing label never raises."""
    return decoded_or_guessed(content, label)[0]


def decoded_or_guessed(content: bytes, label: str) -> tuple[str, bool]:
    """Return the text, and whether it is a guess: the label is unknown, or not what the bytes are.

    Valid UTF-8 beyond ASCII is believed before a one-byte label: such text is UTF-8 by
    accident about never, and "latin-1" is the commonest wrong label there is.
    """
    codec = _codec(label)
    if (
        content.isascii()
        and not _SEVEN_BIT.match(codec)
        and not codec.startswith(("utf-16", "utf-32"))
    ):
        return content.decode("ascii"), False
    if codec.startswith(("utf-16", "utf-32")) and content.isascii() and b"\x00" not in content:
        return content.decode("ascii"), True
    for candidate in (
        (codec, "utf-8") if _WIDE.match(codec) or _SEVEN_BIT.match(codec) else ("utf-8", codec)
    ):
        try:
            text = content.decode(candidate)
        except UnicodeError:
            continue
        if candidate == "utf-7" and _SURROGATE.search(text):
            break
        unlike = candidate != codec and content.isascii()
        return text, unlike or (candidate == "cp1252" and not _means_cp1252(label))
    if codec == "cp1252":
        return content.decode("cp1252", errors="ignore"), True
    return _SURROGATE.sub("\ufffd", content.decode(codec, "replace")), True


def _means_cp1252(label: str) -> bool:
    """Return whether a label, or none at all, means the alphabet of Windows in mail."""
    return not label or _ALIASES.get(label.lower(), label.lower()) in ("cp1252", "windows-1252")


def decoded_words(value: str) -> str:
    """Return a header's text with its encoded words (RFC 2047) read, on one line."""
    value = value[:_HEADER_CHARACTERS]
    if "=?" in value:
        value = _joined_words(value)
    return tidy(value.replace("\r", " ").replace("\n", " "))


def _joined_words(value: str) -> str:
    """Return the words decoded; bytes of one charset are joined first, as senders split anywhere."""
    runs: list[tuple[bytes, str]] = []
    try:
        pieces = decode_header(value)
    except (ValueError, LookupError):
        return value
    for content, charset in pieces:
        raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
        label = (charset or "utf-8").partition("*")[0]
        if runs and charset and runs[-1][1] == label:
            runs[-1] = (runs[-1][0] + raw, label)
        else:
            runs.append((raw, label))
    return "".join(decoded(raw, label) for raw, label in runs)


def _codec(label: str) -> str:
    name = label.strip().strip("\"'").lower().replace(" ", "")
    name = _ALIASES.get(name, name)
    if _NO_TEXT.search(name):
        return "cp1252"
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return "cp1252"
    # rot13 and base64 are codecs too, but not of text; only the private flag says so.
    return found.name if getattr(found, "_is_text_encoding", True) else "cp1252"
