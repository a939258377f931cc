"""Mutated mails: replies, bounces, answers to invitations and hostile mail, bent further."""

import re
from functools import cache
from random import Random

import reply_corpus as corpus
from a_series import MENTEE
from calendar_answers import COUNTER, GOOGLE, OUTLOOK
from corpus_oddities import oddities
from corpus_rows import rows
from forgeries import LETTERS
from hostile_mails import hostile
from letter_samples import MARGARET
from mutants import MOST_BYTES, coded_anew, ends_changed, lines_changed, mutant

_TOKENS = """
<!-- --> <![CDATA[ <!ENTITY <div style="display:none"> </div> <blockquote type="cite"> <table><tr><td>
<br> <script> <style> <p>&#0; &#x202e; <img src="data: <pre> <plaintext> </html> <base href=
Rating: 4 Rating:5 worthwhile 4/5 1-5 PAUSE LEAVE RESUME REMATCH unsubscribe #private
=?utf-8?q?= ?= =?utf-7?b?+ADw-?= =?x-no-such?b?//79?= =?utf-8?b?4oKs =00 =0D=0A =3D =? ?=
charset=utf-7 charset=utf-16 charset=x-no-such charset=hz charset=iso-2022-jp charset="
boundary= boundary="" --b --=_ multipart/mixed multipart/alternative message/rfc822 text/html
text/calendar application/ms-tnef base64 quoted-printable 8bit x-uuencode format=flowed; delsp=yes
BEGIN:VCALENDAR END:VCALENDAR BEGIN:VEVENT METHOD:REPLY METHOD:COUNTER UID: RRULE:FREQ=SECONDLY
ATTENDEE;PARTSTAT=DECLINED:mailto: RECURRENCE-ID;TZID= DTSTART:00000101T000000Z SEQUENCE:-99999999999
20261103T090000Z 99999999T999999Z 31.02.2026 3/4/24 4.3.2026 2026-11-03 (1-5) 99999999999999999999
mailto: @ <a@b.example> margaret.okafor@contoso.example mentoring@contoso.example +sabcdefgh234567ab@
On_Tue,_3_Nov_2026_at_14:05,_Mentoring_<mentoring@contoso.example>_wrote: -----Original_Message-----
From: To: Subject: Reply-To: Sender: In-Reply-To: References: Auto-Submitted:_auto-replied
Authentication-Results:_mx.contoso.example;_dmarc=pass Return-Path:_<> Received:_by_mx.contoso.example
[ ] ( ) < > { { % } } " ' \\ / * _ - -- > >>
"""
TOKENS = (
    *(word.replace("_", " ").encode() for word in _TOKENS.split()),
    *(b"\r\n", b"\n\n", b"\r\n\r\n", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b$B", b"+AAA-"),
    *(text.encode() for text in ("\u202e", "\u200b", "\u2028", "\x85", "\u00a0", "\u0301", "会議", "🙂", "：")),
    *(b"\xc3", b"\xed\xa0\x80", b"~{", b" " * 300, b"x" * 3_000),
)  # fmt: skip
_HEADERS = [
    "From",
    "To",
    "Cc",
    "Sender",
    "Reply-To",
    "Return-Path",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Disposition",
    "Precedence",
    "List-Id",
    "Authentication-Results",
    "Received",
    "Delivered-To",
    "X-Failed-Recipients",
    "X-Original-To",
    "MIME-Version",
]
_CHARSETS = [
    "utf-8",
    "utf-7",
    "utf-16",
    "utf-32",
    "hz",
    "iso-2022-jp",
    "big5",
    "gb2312",
    "x-no-such",
    "rot13",
    "idna",
    "cp037",
    "",
]
_CODINGS = ("7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "x-none", "")
_LETTER = re.compile(rb"(?im)^(In-Reply-To|References|To|Delivered-To): *[^\r\n]*")


@cache
def seeds() -> tuple[bytes, ...]:
    """What people, servers and calendars send, and hostile mail that is not enormous."""
    letter = corpus.message("")
    letter["Reply-To"] = corpus.REPLY_TO
    small = [raw for raw in hostile(letter, corpus.FROM).values() if len(raw) < 60_000]
    return (
        *(row.raw for row in (*rows(), *oddities())),
        *6 * calendar_mails(),
        *6 * notices(),
        *small,
    )


def calendar_mails() -> tuple[bytes, ...]:
    """Answers to invitations: an alternative (Outlook, Gmail), a file (Apple)."""
    head = f"From: {MENTEE.address}\r\nTo: {corpus.REPLY_TO}\r\nMessage-ID: <c@x.example>\r\n"
    apple = GOOGLE.replace("Google Inc", "Apple Inc.").replace("\n", "=0D=0A=\r\n")
    alternative = (
        'Content-Type: multipart/alternative; boundary="a"\r\n\r\n--a\r\n\r\nAccepted\r\n--a\r\n'
    )
    part = "Content-Type: text/calendar; charset=utf-8; method=REPLY\r\n\r\n{}\r\n--a--\r\n"
    file = (
        'Content-Type: multipart/mixed; boundary="a"\r\n\r\n--a\r\n\r\nHelena has accepted\r\n--a\r\n'
        'Content-Type: text/calendar; name="iCal-1.ics"\r\nContent-Disposition: attachment\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{apple}\r\n--a--\r\n"
    )
    bodies = [alternative + part.format(each) for each in (OUTLOOK, GOOGLE, COUNTER)]
    return tuple((head + body).encode() for body in (*bodies, file))


def notices() -> tuple[bytes, ...]:
    """Mail that came back, and an automatic answer with a day."""
    away = corpus.message("Automatic reply: How was it", Auto_Submitted="auto-replied")
    away.set_content("I am away until 12 November 2026. Ines stands in for me.")
    return (
        corpus.delivery_report(),
        corpus.delivery_report(action="delayed", status="4.2.2", returned="message/rfc822"),
        away.as_bytes(),
    )


def mutated_mail(number: int) -> bytes:
    """Return mutant `number` of a mail."""
    return mutant(number, seeds(), _CHANGES, TOKENS)


def _field(content: bytes, chance: Random) -> bytes:
    """Return the mail with another field of the header: a hostile, a doubled or a stolen one."""
    name = chance.choice(_HEADERS).encode()
    values = (*TOKENS, MARGARET.address.encode(), LETTERS[0].message_id.encode())
    value = b" ".join(chance.choice(values) for _ in range(chance.randint(0, 4)))
    return name + b": " + value + b"\r\n" + content


def _charset(content: bytes, chance: Random) -> bytes:
    label = chance.choice(_CHARSETS).encode()
    return re.sub(rb"(?i)charset=[^\s;]*", b"charset=" + label, content)


def _coding(content: bytes, chance: Random) -> bytes:
    coding = chance.choice(_CODINGS).encode()
    return re.sub(rb"(?i)(transfer-encoding:)[^\r\n]*", rb"\1 " + coding, content)


def _wrapped(content: bytes, chance: Random) -> bytes:
    """Return a mail that carries this one as a part or two."""
    kind = chance.choice(
        (b"mixed", b"alternative", b"related", b"report; report-type=delivery-status")
    )
    head, _, body = content.partition(b"\r\n\r\n")
    inner = chance.choice(
        (content, b"\r\n" + body, b"Content-Type: message/rfc822\r\n\r\n" + content)
    )
    return (
        head
        + b"\r\nContent-Type: multipart/"
        + kind
        + b'; boundary="w"\r\n\r\n'
        + (b"--w\r\n" + inner + b"\r\n") * chance.choice((1, 2, 30))
        + chance.choice((b"--w--\r\n", b""))
    )[:MOST_BYTES]  # fmt: skip


def _headless(content: bytes, chance: Random) -> bytes:
    """Return the mail without the lines that say what it answers."""
    return _LETTER.sub(b"", content, count=chance.choice((1, 2, 0)))


_CHANGES = (_field, _field, _charset, _coding, _wrapped, _headless, lines_changed, ends_changed, coded_anew)  # fmt: skip
