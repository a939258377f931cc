"""Mail programs: how a reply looks that leaves them, with the letter quoted and words put into it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from html import escape

from babel.dates import format_datetime as spelled
from lxml import html as lxml_html

from rmflow.demo.people.letter import Letter, spaced

_WROTE = {
    "en": ("On {}, {} wrote:", "EEE, d MMM y 'at' HH:mm"),
    "de": ("Am {} schrieb {}:", "EEE, d. MMM y 'um' HH:mm"),
    "fr": ("Le {}, {} a écrit :", "EEE d MMM y 'à' HH:mm"),
}
_HEADS = {
    "en": ("From", "Sent", "To", "Subject", "EEEE, MMMM d, y h:mm a"),
    "de": ("Von", "Gesendet", "An", "Betreff", "EEEE, d. MMMM y HH:mm"),
    "fr": ("De", "Envoyé", "À", "Objet", "EEEE d MMMM y HH:mm"),
}
_FROM_A_PHONE = {
    "en": "Sent from my iPhone",
    "de": "Von meinem iPhone gesendet",
    "fr": "Envoyé de mon iPhone",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody writes: words above the quoted letter, and words below lines of it.

    `at` is in the writer's zone. `inside` maps a line of the letter to what is put under it.
    """

    name: str
    address: str
    language: str
    message_id: str
    at: datetime
    letter: Letter
    above: str = ""
    inside: Mapping[str, str] = field(default_factory=dict)
    sign_off: str = ""


Program = Callable[[Reply], EmailMessage]


def plain(reply: Reply) -> EmailMessage:
    """Return what an old-fashioned program sends: text, the letter behind ">" marks."""
    lines = []
    for line in reply.letter.text.rstrip().splitlines():
        lines.append(f"> {line}".rstrip())
        if answer := reply.inside.get(spaced(line)):
            lines.append(answer)
    quote = "\n".join(lines)
    own = "\n\n".join(filter(None, (reply.above, reply.sign_off)))
    mail = envelope(reply)
    mail.set_content(f"{own}\n\n{_attribution(reply)}\n{quote}\n", cte="quoted-printable")
    return mail


def gmail(reply: Reply) -> EmailMessage:
    """Return what Gmail sends: text and a page, the letter in its own kind of quote."""
    own = "\n\n".join(filter(None, (reply.above, reply.sign_off)))
    page = (
        f'<div dir="ltr">{_divs(own)}</div><br>'
        '<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f"{escape(_attribution(reply))}<br></div>"
        '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204);padding-left:1ex">{_quoted_page(reply)}'
        "</blockquote></div>"
    )
    mail = plain(reply)
    mail.add_alternative(page, subtype="html", cte="quoted-printable")
    return mail


def outlook(reply: Reply) -> EmailMessage:
    """Return what Outlook sends: a page, a block of headers, and the letter without any mark."""
    from_, sent, to, subject, pattern = _HEADS[reply.language]
    letter = reply.letter
    page = (
        f'<html><body><div class="WordSection1">{_paragraphs(reply.above)}'
        f'{_paragraphs(reply.sign_off)}<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        f'<p class="MsoNormal"><b>{from_}:</b> {letter.sender_name} &lt;{letter.answer_to}&gt;<br>'
        f"<b>{sent}:</b> {spelled(letter.sent_at, pattern, locale=reply.language)}<br>"
        f"<b>{to}:</b> {escape(reply.name)} &lt;{reply.address}&gt;<br>"
        f"<b>{subject}:</b> {escape(letter.subject)}<o:p></o:p></p></div>"
        f"{_quoted_page(reply)}</div></body></html>"
    )
    mail = envelope(reply)
    mail.set_content(page, subtype="html", cte="quoted-printable")
    return mail


def iphone(reply: Reply) -> EmailMessage:
    """Return what a telephone sends: a few words, its own advertisement, the letter below."""
    page = (
        f'<html><body dir="auto">{_divs(reply.above)}<br id="lineBreakAtBeginningOfSignature">'
        f'<div dir="ltr">{_FROM_A_PHONE[reply.language]}</div><div dir="ltr"><br>'
        f'<blockquote type="cite">{escape(_attribution(reply))}<br><br></blockquote></div>'
        f'<blockquote type="cite"><div dir="ltr">{_quoted_page(reply)}</div></blockquote>'
        "</body></html>"
    )
    mail = envelope(reply)
    mail.set_content(page, subtype="html", cte="base64")
    return mail


def envelope(reply: Reply) -> EmailMessage:
    """Return the head of a reply, as all programs write it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((reply.name, reply.address))
    mail["To"] = formataddr((reply.letter.sender_name, reply.letter.answer_to))
    mail["Subject"] = f"{'AW' if reply.language == 'de' else 'Re'}: {reply.letter.subject}"
    mail["Date"] = format_datetime(reply.at)
    mail["Message-ID"] = reply.message_id
    mail["In-Reply-To"] = reply.letter.message_id
    thread = dict.fromkeys((reply.letter.thread, reply.letter.message_id))
    mail["References"] = " ".join(thread)
    return mail


def _attribution(reply: Reply) -> str:
    wrote, pattern = _WROTE[reply.language]
    when = spelled(reply.letter.sent_at, pattern, tzinfo=reply.at.tzinfo, locale=reply.language)
    return wrote.format(when, f"{reply.letter.sender_name} <{reply.letter.answer_to}>")


def _quoted_page(reply: Reply) -> str:
    """Return the letter's page with the answers typed into the room below its questions."""
    body = lxml_html.document_fromstring(reply.letter.html).find("body")
    assert body is not None
    for line in list(body.iter("p")):
        answer = reply.inside.get(spaced("".join(map(str, line.itertext()))))
        room = line.getnext()
        if answer is None or room is None:
            continue
        typed = "<br>".join(map(escape, answer.split("\n")))
        for child in list(room):
            room.remove(child)
        room.append(lxml_html.fromstring(f'<span style="color:#C00000">{typed}</span>'))
    return "".join(lxml_html.tostring(child, encoding="unicode") for child in body)


def _divs(text: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.splitlines())


def _paragraphs(text: str) -> str:
    return "".join(
        f'<p class="MsoNormal">{escape(line) or "<o:p>&nbsp;</o:p>"}</p>'
        for line in text.splitlines()
    )
