"""Hostile and merely odd mail: everything is read or set aside, and quickly."""

import time
from email.message import EmailMessage

import pytest
import reply_corpus as corpus

from rmflow.formats.incoming.mail import IncomingMail, parse

HEAD = b"From: Margaret <margaret.okafor@contoso.example>\r\nTo: mentoring@contoso.example\r\nSubject: Re: Hi\r\n"


def texts(mail: IncomingMail) -> list[str]:
    return [body.text.strip() for body in mail.parts.rich]


def nested(depth: int) -> bytes:
    levels = "".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n'
        for level in range(depth)
    )
    return HEAD + f"{levels}Content-Type: text/plain\r\n\r\nok\r\n".encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"x" * (25 * 1024 * 1024 + 1),
        HEAD + b"X-Filler: " + b"x" * 1_000_000 + b"\r\n\r\nHello",
        nested(400),
        nested(240),
        nested(25),
        HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 500 + b"--b--\r\n",
        HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n" * 50_000,
        HEAD + b"Content-Type: text/plain" + b"; a=b" * 16_000 + b"\r\n\r\nHello",
        HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 900 + b"x",
    ],
    ids=["25 MB", "1 MB of header", "400 deep", "240 deep", "25 deep", "500 parts", "50,000 boundaries", "16,000 parameters", "900 messages"],
)  # fmt: skip
def test_what_would_hang_the_parser_is_set_aside_first(raw: bytes) -> None:
    """PITFALLS 4.2: 400 nested parts take 0.7 s, 16,000 parameters 12 s, 1,000 parts the stack."""
    started = time.process_time()
    mail = parse(raw)
    assert mail.broken
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "header",
    [
        b"To: " + b"(" * 2_000 + b"\r\n",
        b"To: " + b"a@contoso.example, " * 3_000 + b"\r\n",
        b"From: " + b"(" * 500 + b"x@y.example\r\n",
        b"Subject: " + b"=?utf-8?q?x?= " * 3_000 + b"\r\n",
        b"Subject: a\x00b\r\n",
        b"References: " + b"<a@b> " * 9_000 + b"\r\n",
        b"Date: nonsense\r\n",
        b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n",
        b"Message-ID: no brackets at all\r\n",
        b"Content-Type: text/plain; charset=x-unknown\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Type: multipart/mixed\r\n",
    ],
    ids=lambda header: header[:24].decode("latin-1"),
)
def test_odd_headers_are_no_reason_to_fail(header: bytes) -> None:
    started = time.process_time()
    mail = parse(header + HEAD.replace(b"Subject: Re: Hi\r\n", b"") + b"\r\nHello\r\n")
    assert not mail.broken
    assert time.process_time() - started < 1
    assert len(mail.to) <= 100
    assert len(mail.references) <= 20
    assert not set(mail.subject) & set("\x00\r\n")


@pytest.mark.parametrize(
    ("from_", "address", "name"),
    [
        ("maria@contoso.example", "maria@contoso.example", ""),
        ("Maria <Maria@Contoso.example>", "maria@contoso.example", "Maria"),
        ('"Silva, Maria" <maria@contoso.example>', "maria@contoso.example", "Silva, Maria"),
        ("=?utf-8?q?M=C3=A1ria?= <maria@contoso.example>", "maria@contoso.example", "Mária"),
        ("=?utf-8?b?TcOh?= =?utf-8?b?cmlh?= <maria@contoso.example>", "maria@contoso.example", "Mária"),
        ('"boss@contoso.example" <mallory@fabrikam.example>', "mallory@fabrikam.example", "boss@contoso.example"),
        ("Maria (assistant) <maria@contoso.example>", "maria@contoso.example", "Maria"),
    ],
)  # fmt: skip
def test_the_sender_is_the_address_between_the_brackets(
    from_: str, address: str, name: str
) -> None:
    """Case 52, 77: a display name is decoration, also when it looks like an address."""
    mail = parse(f"From: {from_}\r\nTo: x@contoso.example\r\n\r\nHi\r\n".encode())
    assert mail.sender is not None
    assert (mail.sender.address, mail.sender.name) == (address, name)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "From: a@contoso.example\r\nFrom: b@contoso.example\r\n",
        "From: a@contoso.example, b@contoso.example\r\n",
        "From: alice@contoso.example <mallory@fabrikam.example>\r\n",
        "From: undisclosed-recipients:;\r\n",
        "From: Team: a@contoso.example;\r\n",
        "From: Maria\r\n",
        "From: <>\r\n",
        "From: m\u0430ria@contoso.example\r\n",
        "From: maria@contoso\r\n",
        "From: " + "a" * 2_000 + "@contoso.example\r\n",
    ],
)
def test_a_sender_that_is_not_one_plain_mailbox_is_nobody(header: str) -> None:
    """Case 52, CVE-2023-27043: two readings of a From line are none."""
    mail = parse(f"{header}To: x@contoso.example\r\n\r\nHi\r\n".encode())
    assert mail.sender is None
    assert mail.sender_trouble


@pytest.mark.parametrize(
    ("label", "content", "text"),
    [
        ("iso-8859-1", "Grüße".encode(), "Grüße"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("x-unknown", "Grüße".encode("cp1252"), "Grüße"),
        ("utf-8", "Grüße".encode("cp1252"), "Gr\ufffd\ufffde"),
        ("unicode-1-1-utf-7", b"Gr+APwA3w-e", "Grüße"),
        ("iso-2022-jp", "会った日".encode("iso-2022-jp"), "会った日"),
        ("big5", "會議".encode(), "會議"),
        ("gb2312", "会议".encode("gb18030"), "会议"),
        ("shift_jis", "学んだこと".encode("cp932"), "学んだこと"),
        ("rot13", b"Hello", "Hello"),
        ("idna", b"Hello", "Hello"),
        ("utf-8", b"ok\x00", "ok"),
    ],
)
def test_text_is_read_whatever_its_label_says(label: str, content: bytes, text: str) -> None:
    """Case 47: labels are wrong, unknown or not of text."""
    raw = HEAD + f"Content-Type: text/plain; charset={label}\r\n\r\n".encode() + content
    (found,) = parse(raw).parts.rich
    if label == "utf-8" and "\ufffd" in text:
        assert found.text.startswith("Gr")
    else:
        assert found.text.strip("\x00") == text


def test_raw_eight_bit_headers_are_read_as_utf_8() -> None:
    """Case 48."""
    mail = parse("From: a@contoso.example\r\nSubject: Grüße\r\n\r\nHi".encode())
    assert mail.subject == "Grüße"


def test_an_encoded_word_may_be_split_within_a_character() -> None:
    """Case 48: senders cut bytes, not characters."""
    mail = parse(
        b"From: a@contoso.example\r\nSubject: =?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=\r\n\r\nHi"
    )
    assert mail.subject == "Grüße"


def test_text_after_an_inline_picture_is_read() -> None:
    """Case 44: get_body() stops before it."""
    mail = EmailMessage()
    mail["From"] = "a@contoso.example"
    mail.set_content("before the picture")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", disposition="inline")
    mail.add_attachment("after the picture", disposition="inline")
    assert texts(parse(mail.as_bytes())) == ["before the picture", "after the picture"]


def test_apples_mixed_within_alternative_is_read_whole() -> None:
    """Case 45."""
    raw = HEAD + (
        b'Content-Type: multipart/alternative; boundary="a"\r\n\r\n'
        b"--a\r\nContent-Type: text/plain\r\n\r\nplain words\r\n"
        b'--a\r\nContent-Type: multipart/mixed; boundary="m"\r\n\r\n'
        b"--m\r\nContent-Type: text/html\r\n\r\n<p>one</p>\r\n"
        b"--m\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n"
        b"--m\r\nContent-Type: text/html\r\n\r\n<p>two</p>\r\n--m--\r\n--a--\r\n"
    )
    mail = parse(raw)
    assert texts(mail) == ["<p>one</p>", "<p>two</p>"]
    assert [body.text.strip() for body in mail.parts.plain] == ["plain words"]


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello',
        HEAD + b'Content-Type: multipart/mixed; boundary="gone"\r\n\r\nHello',
        HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nHello\r\n--b--\r\n',
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8\r\n",
        HEAD + b"\r\nHello",
        HEAD.replace(b"\r\n", b"\n") + b"\nHello",
        HEAD.replace(b"\r\n", b"\r") + b"\rHello",
    ],
    ids=["no end", "no boundary", "reused boundary", "broken base64", "no type", "LF", "CR"],
)  # fmt: skip
def test_broken_structure_still_gives_its_text(raw: bytes) -> None:
    """Case 49."""
    assert "Hello" in " ".join(texts(parse(raw)))


def test_an_attached_message_is_not_the_senders_words() -> None:
    """Case 54."""
    inner = EmailMessage()
    inner["From"] = "tom@fabrikam.example"
    inner.set_content("Rating: 1")
    mail = EmailMessage()
    mail["From"] = "a@contoso.example"
    mail.set_content("See Tom's mail.")
    mail.add_attachment(inner)
    assert texts(parse(mail.as_bytes())) == ["See Tom's mail."]


def test_a_big_attachment_costs_little() -> None:
    """Case 55."""
    mail = EmailMessage()
    mail["From"] = "a@contoso.example"
    mail.set_content("Good hour.")
    mail.add_attachment(
        b"x" * 4_000_000, maintype="application", subtype="pdf", filename="../../etc/cron.d/x"
    )
    assert texts(parse(mail.as_bytes())) == ["Good hour."]


def test_ids_and_dates_are_taken_as_they_are() -> None:
    """Cases 50, 51."""
    head = b"From: a@contoso.example\r\nMessage-ID: <one@x> <two@x>\r\nIn-Reply-To: see <three@x>\r\nDate: Wed, 04 Nov 2026 09:30:00 +0100\r\n"
    mail = parse(head + b"\r\nHi")
    assert mail.message_id == "<one@x>"
    assert mail.in_reply_to == ("<three@x>",)
    assert mail.date is not None
    assert mail.date.isoformat() == "2026-11-04T08:30:00+00:00"
    assert parse(b"From: a@contoso.example\r\n\r\nHi").date is None


def test_a_token_survives_in_any_address_header() -> None:
    """Case 71: upper case, an encoded plus, Cc and Delivered-To."""
    mail = parse(
        b"From: a@contoso.example\r\nTo: Mentoring <Mentoring%2BSABC@Contoso.example>\r\n"
        b"Cc: b@contoso.example\r\nDelivered-To: mentoring+x@contoso.example\r\n\r\nHi"
    )
    assert mail.to == ("mentoring+sabc@contoso.example",)
    assert mail.delivered_to == ("mentoring+x@contoso.example",)


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"\x00" * 100, b"\xff\xfe" * 50, corpus.message().as_bytes()]
)
def test_next_to_nothing_is_read_as_nothing(raw: bytes) -> None:
    mail = parse(raw)
    assert not "".join(texts(mail)).strip("\x00\ufffdÿþ\r\n")


def test_no_nul_is_left_in_a_mail() -> None:
    """PostgreSQL refuses them: in headers, in text, in what base64 hides, in calendar objects."""
    head = HEAD.replace(b"Re: Hi", b"Re:\x00 Hi") + b"References: <a\x00b@x>\r\n"
    mixed = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    text = b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nT\x00ABr\r\n"  # "L", NUL, "k"
    calendar = b"--b\r\nContent-Type: text/calendar\r\n\r\nUID:a\x00b\r\n--b--\r\n"
    mail = parse(head + mixed + text + calendar)
    assert texts(mail) == ["Lk"]
    assert mail.references == ("<ab@x>",)
    assert "\x00" not in f"{mail.headers}{mail.subject}"
    assert mail.parts.calendars[0].strip() == b"UID:ab"


def test_a_mail_that_came_shortened_counts_as_cut() -> None:
    """The mailbox keeps the beginning of what is too large, and says so."""
    assert parse(b"X-Rmflow-Shortened: 10 of 90 octets\r\n" + HEAD + b"\r\nHi").parts.cut
    assert not parse(HEAD + b"\r\nHi").parts.cut
