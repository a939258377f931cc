"""Composing: the bytes say what was meant, the same each time, whatever a roster holds."""

import email
import email.policy
import random
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rmflow.domain.keys import Key
from rmflow.domain.people import Address, parse_address
from rmflow.formats.letters.compose import CalendarPart, Envelope, compose, message_id, plus_address
from rmflow.formats.letters.written import Written

KEY = Key("3f9a6c0d51e24b7788aa90bbccddeeff")
MAILBOX = Address("mentoring@contoso.example")
WRITTEN = Written(
    subject="Your talk with Zoë on Tuesday",
    text="Hello Jörg,\n\nwhat shall Zoë and you talk about? 1 + 1 = 2\n\nRegards\n",
    html="<p>Hello Jörg,</p><p>what shall Zoë and you talk about?</p>",
)
ENVELOPE = Envelope(
    key=KEY,
    message_id=message_id(KEY, MAILBOX),
    sender=MAILBOX,
    sender_name="Reverse mentoring",
    recipient=Address("joerg.mueller@fabrikam.example"),
    recipient_name="Jörg Müller",
    reply_to=plus_address(MAILBOX, "s3f2a9c5xmjzeo6y"),
    date=datetime(2026, 11, 3, 8, 30, tzinfo=UTC),
    kind="agenda-request",
    unsubscribe=plus_address(MAILBOX, "u3f2a9c5xmjzeo6y"),
)
INVITATION = CalendarPart(
    "REQUEST",
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Zoë = Jörg  \r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n".encode(),
)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def raw_names(content: bytes) -> list[bytes]:
    """Header names found with nothing but `split`: no mail library can hide one."""
    head = content.split(b"\r\n\r\n", 1)[0]
    return [line.split(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]


NAMES = raw_names(compose(WRITTEN, ENVELOPE))


def test_a_mail_carries_exactly_these_headers() -> None:
    message = parsed(compose(WRITTEN, ENVELOPE))
    assert dict(message.items()) == {
        "From": "Reverse mentoring <mentoring@contoso.example>",
        "To": "Jörg Müller <joerg.mueller@fabrikam.example>",
        "Reply-To": "Reverse mentoring <mentoring+s3f2a9c5xmjzeo6y@contoso.example>",
        "Subject": "Your talk with Zoë on Tuesday",
        "Date": "Tue, 03 Nov 2026 08:30:00 +0000",
        "Message-ID": f"<{KEY}@contoso.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply, DR, RN, NRN",
        "X-Rmflow-Key": KEY,
        "X-Rmflow-Kind": "agenda-request",
        "List-Unsubscribe": "<mailto:mentoring+u3f2a9c5xmjzeo6y@contoso.example>",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="=_{KEY}_0"',
    }


def test_text_and_html_arrive_as_written_and_the_raw_mail_is_readable() -> None:
    content = compose(WRITTEN, ENVELOPE)
    text, html = parsed(content).iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content().replace("\r\n", "\n") == WRITTEN.text
    assert html.get_content().strip() == WRITTEN.html
    assert b"what shall Zo=C3=AB and you talk about? 1 + 1 =3D 2\r\n" in content


def test_equal_input_gives_equal_bytes() -> None:
    """A repeat after a crash must be the same mail, not a second one (PROVIDERS 1.6)."""
    assert compose(WRITTEN, ENVELOPE, INVITATION) == compose(WRITTEN, ENVELOPE, INVITATION)


def test_an_invitation_says_its_method_twice_and_is_no_newsletter() -> None:
    """RFC 6047 section 2.4: the parameter equals METHOD; List-* may stop a calendar from looking."""
    message = parsed(compose(WRITTEN, ENVELOPE, INVITATION))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    calendar, attached = list(message.walk())[-2:]
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_param("charset") == "utf-8"
    assert calendar.get_payload(decode=True) == INVITATION.content
    assert attached.get_payload(decode=True) == INVITATION.content
    assert attached.get_filename() == "invite.ics"
    assert not [n for n in message.keys() if n.startswith("List-") or n == "Precedence"]  # noqa: SIM118 - a message has no membership by name alone


@pytest.mark.parametrize(
    "calendar",
    [
        CalendarPart("CANCEL", INVITATION.content),
        CalendarPart("REQUEST", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
        CalendarPart("REQUEST", INVITATION.content * 2),
    ],
)
def test_an_invitation_whose_methods_differ_is_refused(calendar: CalendarPart) -> None:
    """RFC 6047 section 2.4: receivers may drop a mismatch, and nobody would know."""
    with pytest.raises(ValueError, match="METHOD"):
        compose(WRITTEN, ENVELOPE, calendar)


def test_a_receipt_answers_in_the_thread_also_of_long_ids() -> None:
    """Python's folder turns an id of over 78 characters into encoded words: cpython#79986."""
    long_id = f"<{'A' * 90}@AM0PR05MB6834.eurprd05.prod.outlook.example>"
    envelope = replace(
        ENVELOPE,
        automatic="auto-replied",
        in_reply_to=long_id,
        references=("<first@contoso.example>", long_id),
    )
    content = compose(WRITTEN, envelope)
    assert f"In-Reply-To: {long_id}\r\n".encode() in content
    assert f"References: <first@contoso.example>\r\n {long_id}\r\n".encode() in content
    assert parsed(content)["Auto-Submitted"] == "auto-replied"


def test_what_is_not_an_id_does_not_come_back_in_a_thread_header() -> None:
    """Incoming Message-IDs hold spaces, line ends and worse (INBOUND 9, no. 50)."""
    bad = ("<a b@x>", "<a@x>\r\nBcc: v@x", "", "=?utf-8?q?=0D=0ABcc=3Av?=", "<ok@fabrikam.example>")
    content = compose(WRITTEN, replace(ENVELOPE, in_reply_to=bad[1], references=bad))
    assert b"In-Reply-To" not in content
    assert b"\r\nReferences: <ok@fabrikam.example>\r\n" in content


# What people have put into name cells to see what happens, and what directories really hold.
FRAGMENTS = (
    "\r\nBcc: victim@evil.example",
    "\nBcc: v@evil.example\n\nbody",
    "\r",
    "\x00",
    "\x0b\x0c\x1b[2J\x7f\x85",
    "\u2028Bcc: v@evil.example\u2029",
    "=?utf-8?q?hello=0D=0ABcc=3A_victim=40evil.example?=",
    "=?utf-8?b?DQpCY2M6IHZAZXZpbC5leGFtcGxl?=",
    "=?",
    "?=",
    "=",
    "\u202eelpmaxe.live@nimda\u202c",
    "\u2066\u200f",
    "\ud800",
    '"',
    "\\",
    '\\"',
    ", ",
    "<v@evil.example>",
    " (HR)",
    ";",
    ":",
    "@",
    "Müller-Lüdenscheidt",
    "張偉",
    "Ольга",
    "عبد الله",
    "👩‍💻",
    "é" * 40,
    "x" * 120,
    " ",
    "O'Brien",
    "J. R.",
)


def mean_name(random: random.Random) -> str:
    return "".join(random.choices(FRAGMENTS, k=random.randint(1, 5)))


def test_ten_thousand_hostile_names_add_no_header() -> None:
    """Python 3.11.7 writes a Bcc line out of an encoded word in a name (PROVIDERS finding 5)."""
    chance = random.Random(20261103)
    for _ in range(2_500):
        content = compose(
            Written(f"Talk with {mean_name(chance)}", "Hello", "<p>Hello</p>"),
            replace(
                ENVELOPE,
                sender_name=mean_name(chance),
                recipient_name=mean_name(chance),
                references=(mean_name(chance),),
            ),
        )
        assert [name for name in raw_names(content) if name != b"References"] == NAMES
        head = content.split(b"\r\n\r\n", 1)[0]
        assert max(map(len, head.split(b"\r\n"))) <= 78


@settings(max_examples=200, deadline=None)
@given(name=st.text(), subject=st.text(), sender=st.text())
def test_any_text_at_all_can_be_a_name_or_a_subject(name: str, subject: str, sender: str) -> None:
    envelope = replace(ENVELOPE, recipient_name=name, sender_name=sender)
    content = compose(Written(subject, "Hello", "<p>Hello</p>"), envelope)
    assert raw_names(content) == NAMES
    assert parsed(content)["To"].addresses[0].addr_spec == ENVELOPE.recipient


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('Dr. Hans-Joachim "Jojo" von und zu der Tannen, Landesverband Nord', None),
        ("Smith, John (HR)", None),
        ("Zoë " * 30 + "end", None),
        ("tom\r\nBcc: v@evil.example", "tom Bcc: v@evil.example"),
        ("\u202eelpmaxe\u202c", "elpmaxe"),
        ("=?utf-8?q?x?=", "= ?utf-8?q?x?="),
    ],
)
def test_a_name_is_shown_as_it_is_but_for_what_could_break_out(
    name: str, shown: str | None
) -> None:
    """An honest name must survive as it is; cpython#80222 loses the quotes of long ones."""
    content = compose(WRITTEN, replace(ENVELOPE, recipient_name=name))
    to = email.message_from_bytes(content)["To"].replace("\r\n", "")
    phrase, address = parseaddr(to)
    assert address == ENVELOPE.recipient
    assert str(make_header(decode_header(phrase))) == (shown or name)


@pytest.mark.parametrize(
    "address",
    [
        "a@x.example\r\nBcc: v@y.example",
        "a@x.example>, <v@y.example",
        "A@x.example",
        "a b@x.example",
    ],
)
def test_an_address_that_is_not_one_mailbox_is_refused(address: str) -> None:
    """CVE-2022-24838: SMTP commands through an attendee address."""
    for side in ({"recipient": Address(address)}, {"sender": Address(address)}):
        with pytest.raises(ValueError, match="not a mail address"):
            compose(WRITTEN, replace(ENVELOPE, **side))  # type: ignore[arg-type]


def test_a_date_without_offset_and_a_key_with_spaces_are_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        compose(WRITTEN, replace(ENVELOPE, date=datetime(2026, 11, 3, 8, 30)))
    with pytest.raises(ValueError, match="name a message"):
        compose(WRITTEN, replace(ENVELOPE, key=Key('k"\r\nX: y')))


def test_long_and_odd_lines_travel_as_short_ascii_ones() -> None:
    """RFC 5321 section 4.5.3.1.6: a relay may cut or refuse lines over 998 octets."""
    odd = "x" * 5_000 + "\rmac\r\n.\r\n..dots\nFrom the first minute\n\x00張" * 3
    content = compose(Written("s", odd, f"<p>{odd}</p>"), ENVELOPE)
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 78
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")


def test_the_address_of_a_letter_holds_its_token() -> None:
    assert plus_address(MAILBOX, "s" + "a" * 16) == f"mentoring+s{'a' * 16}@contoso.example"
    assert parse_address(plus_address(MAILBOX, "s2")) == "mentoring+s2@contoso.example"
    with pytest.raises(ValueError, match="not a mail address"):
        plus_address(Address("m" * 60 + "@contoso.example"), "s" + "a" * 16)
