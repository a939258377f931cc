"""What other libraries find: JSON list of mails in, JSON list of new texts by library out.

Runs in an environment of its own, where they are installed; a mail that takes a library longer
than ten seconds, or makes it raise, counts as "".
"""

import json
import signal
import sys
from collections.abc import Callable

import talon
from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES
from quotequail import quote
from talon import quotations
from talon.signature.bruteforce import extract_signature

_SECONDS = 10
_LANGUAGES = [name for name in MAIL_LANGUAGES if len(name) == 2]


def _talon(mail: str) -> str:
    return quotations.extract_from_plain(mail)


def _talon_and_signature(mail: str) -> str:
    return extract_signature(quotations.extract_from_plain(mail))[0] or ""


def _mail_parser_reply(mail: str) -> str:
    return EmailReplyParser(languages=_LANGUAGES).parse_reply(text=mail) or ""


def _quotequail(mail: str) -> str:
    return "\n".join(text for is_new, text in quote(mail, quote_intro_line=True) if is_new)


LIBRARIES = {
    "talon": _talon,
    "talon with its signatures": _talon_and_signature,
    "mail-parser-reply": _mail_parser_reply,
    "quotequail": _quotequail,
}


def _stop(*_: object) -> None:
    raise TimeoutError


def _tried(find: Callable[[str], str], mail: str) -> str:
    signal.alarm(_SECONDS)
    try:
        return find(mail)
    except Exception:  # noqa: BLE001 - whatever it is, it has not found the text
        return ""
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    talon.init()
    signal.signal(signal.SIGALRM, _stop)
    mails = json.load(sys.stdin)
    found = {name: [_tried(find, mail) for mail in mails] for name, find in LIBRARIES.items()}
    json.dump(found, sys.stdout)
