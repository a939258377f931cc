"""Mail that is made to hang, crash or flood a reader. Every one is addressed like a real reply."""

import base64
from collections.abc import Mapping
from email.message import Message

FORM = "On Tue, 3 Nov 2026 at 14:05, Mentoring <mentoring@contoso.example> wrote:"


def hostile(letter: Message, sender: str) -> Mapping[str, bytes]:
    """Return the mails by name; they answer `letter`, with its token, in the name of `sender`."""
    head = (
        f"From: {sender}\r\nTo: {letter['Reply-To']}\r\nIn-Reply-To: {letter['Message-ID']}\r\n"
    ).encode()
    raws = {name: head + rest for name, rest in {**_structures(), **_bodies()}.items()}
    ids = {name: f"Message-ID: <{n}@hostile.example>\r\n" for n, name in enumerate(raws)}
    return {name: ids[name].encode() + raw for name, raw in raws.items()}


def _structures() -> dict[str, bytes]:
    """Headers, parts and charsets."""
    deep = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(400)
    ).encode()
    mixed = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    return {
        "400 parts deep": deep + b"Content-Type: text/plain\r\n\r\nok\r\n",
        "5,000 parts": mixed + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 5_000,
        "60,000 boundaries": mixed + b"--b\r\n\r\n" * 60_000,
        "messages in messages": b"Content-Type: message/rfc822\r\n\r\n" * 900 + b"x",
        "a header of 2 MB": b"X-Filler: " + b"x" * 2_000_000 + b"\r\n\r\nHello",
        "60,000 headers": b"X-A: b\r\n" * 60_000 + b"\r\nHello",
        "16,000 parameters": b"Content-Type: text/plain" + b"; a=b" * 16_000 + b"\r\n\r\nHello",
        "2,000 brackets in To": b"Cc: " + b"(" * 2_000 + b"\r\n\r\nHello",
        "9,000 references": b"References: " + b"<a@b> " * 9_000 + b"\r\n\r\nHello",
        "3,000 encoded words": b"Subject: " + b"=?utf-8?q?x?= " * 3_000 + b"\r\n\r\nHello",
        "NUL everywhere": b"Subject: a\x00b\r\nContent-Type: text/plain\r\n\r\nRating:\x00 4\x00\r\n",
        "NUL in base64": b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"Rat\x00ing: 4\x00"),
        "NUL in an id": b"References: <a\x00b@x>\r\n\r\nHello",
        "utf-7 that is none": b"Content-Type: text/plain; charset=utf-7\r\n\r\n+" + b"A" * 200_000,
        "hz that is none": b"Content-Type: text/plain; charset=hz\r\n\r\n" + b"~{" * 100_000,
        "utf-16 that is ascii": b"Content-Type: text/plain; charset=utf-16\r\n\r\n" + b"abc" * 100_001,
        "utf-7 with half a character": b"Content-Type: text/plain; charset=utf-7\r\n\r\nRating: 4 +2AA-",
        "an encoding that is none": b"Content-Transfer-Encoding: x-rot\r\n\r\nRating: 4",
        "base64 that breaks off": b"Content-Transfer-Encoding: base64\r\n\r\nUmF0aW5nOiA0Cg==Umx",
        "one word as cp437, called utf-8": b"Content-Type: text/plain; charset=utf-8\r\n\r\nRating: 4\r\nGr\x81\xe1e",
        "big5 that is utf-8": "Content-Type: text/plain; charset=big5\r\n\r\n會議".encode(),
        "unknown charset": b"Content-Type: text/plain; charset=x-no-such\r\n\r\n\xff\xfe\xfd",
        "iso-2022 escapes": b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B\x1b(B" * 50_000,
        "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=A==" * 100_000,
        "quoted-printable of equals": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" * 500_000,
        "calendar of one line": b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nUID:" + b"x" * 500_000,
        "20,000 events": b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + b"BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\n" * 6_000 + b"END:VCALENDAR\r\n",
        "12 MB attached": mixed + b"--b\r\nContent-Type: text/plain\r\n\r\nok\r\n--b\r\nContent-Type: application/zip\r\n\r\n" + b"x" * 12_000_000 + b"\r\n--b--\r\n",
    }  # fmt: skip


def _bodies() -> dict[str, bytes]:
    """Text and HTML."""
    texts = {
        "a line of 50,000": "word " * 10_000,
        "a word of 500,000": "x" * 500_000,
        "40,000 blank lines": "a\n" + "\n" * 40_000 + "b",
        "40,000 lines of one space": "a\n" + " \n" * 40_000 + "b",
        "On On On": "On " * 50_000 + "wrote:",
        "On at the start of each line": "On 3 Nov 2026\n" * 10_000,
        "10,000 quote levels": ">" * 10_000 + " deep\nRating: 4",
        "quote levels that rise": "\n".join("> " * n + "x" for n in range(2_000)),
        "50,000 dashes": "-" * 50_000,
        "dashes and the words between": ("-----Original Message-----\n" * 5_000),
        "headers without end": "From: a\nSent: b\n" * 10_000,
        "colons": "a:" * 100_000,
        "labels on a line": "Rating: 4. " * 20_000,
        "labels without an answer": "Rating Takeaways Topics " * 10_000,
        "brackets": "(" * 100_000,
        "brackets that close": "()" * 50_000,
        "cid brackets": "[cid:" * 40_000,
        "angle brackets": "<" * 100_000,
        "links": "https://a.example/ " * 20_000,
        "addresses": "a@b.c " * 40_000,
        "an address without end": "a" * 100_000 + "@" + "b." * 50_000,
        "lines of one address without end": ("a" * 1_900 + "@\n") * 130,
        "lines of at signs": ("a@" * 900 + "\n") * 130,
        "5,000 lines": "We spoke of budgets.\n" * 5_000,
        "digits": "1" * 200_000,
        "dates": "1.1.26 " * 30_000,
        "spaces": " " * 500_000 + "x",
        "no-break spaces": "\u00a0" * 200_000 + "x",
        "combining marks": "a" + "\u0301" * 200_000,
        "directions": "\u202e\u202d" * 100_000,
        "zero width": "a\u200b" * 100_000,
        "Chinese": "会" * 200_000,
        "names": "Mentoring " * 40_000,
        "attribution without end": ("On 3 Nov 2026 Mentoring <mentoring@contoso.example>\n" * 5_000),
        "#private": "#private " * 40_000,
        "form feeds": "\x0c\x0b\x1c\x85\u2028" * 40_000,
        "stars": "*" * 100_000 + "Rating" + "*" * 100_000 + ": 4",
        "asterisks between words": "* a " * 40_000,
        "underscores": "_" * 200_000,
    }  # fmt: skip
    pages = {
        "200,000 tags deep": "<div>" * 200_000 + "Rating: 4",
        "5,000 tags deep": "<div>" * 5_000 + "Rating: 4" + "</div>" * 5_000,
        "tables in tables": "<table><tr><td>" * 20_000 + "x",
        "blockquotes": "<blockquote type=cite>" * 5_000 + "x",
        "fonts that never close": "<font><b><i>x" * 20_000,
        "hidden, by a tag too long to read": f'<p>Rating: 4</p><div title="{"x" * 20_000}" hidden>Rating: 1</div>',
        "100,000 paragraphs": "<p>x" * 100_000,
        "100,000 breaks": "<br>" * 100_000 + "x",
        "an attribute of 1 MB": f'<div style="{"a" * 1_000_000}">x</div>',
        "60,000 attributes": "<div " + " ".join(f"a{n}=1" for n in range(60_000)) + ">x</div>",
        "entities": "&amp;" * 200_000,
        "an entity bomb": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><p>&c;</p>',
        "a file of ours": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><p>&a;</p>',
        "comments": "<!--" * 100_000 + "x",
        "half a tag": "<" * 300_000,
        "styles": f'<div style="{"border:none;" * 50_000}">x</div>',
        "classes": f'<div class="{"x_" * 200_000}">x</div>',
        "hidden": '<div style="display:none">' * 3_000 + "Rating: 4",
    }
    plain = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    page = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    return {
        **{name: plain + text.encode() for name, text in texts.items()},
        **{f"HTML, {name}": page + text.encode() for name, text in pages.items()},
    }
