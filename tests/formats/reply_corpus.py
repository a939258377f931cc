"""Replies as mail programs write them: one letter of ours, answered in many ways by many clients.

Each builder imitates the structure that a client is known for (containers, quote marks,
attribution, signature); people, domains and words are invented.
"""

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from html import escape
from itertools import cycle
from pathlib import Path

import letter_samples

from rmflow.domain.form import Form
from rmflow.domain.letter import LetterKind
from rmflow.domain.reading import ReadingStatus
from rmflow.formats.letters.written import Written
from rmflow.formats.settings.forms import read_forms

FORMS_FILE = Path(__file__).parents[2] / "config" / "forms.toml"
FORMS, PROBLEMS = read_forms(FORMS_FILE.read_text("utf-8"), "forms.toml")
assert not PROBLEMS, PROBLEMS
SUMMARY: Form = FORMS["summary"]

TOKEN = "sabcdefgh234567ab"
MAILBOX = letter_samples.PROGRAMME.mailbox
REPLY_TO = MAILBOX.replace("@", f"+{TOKEN}@")
MAILBOX_NAME = letter_samples.PROGRAMME.mailbox_name
MARGARET = letter_samples.MARGARET
FROM = f'"Margaret Okafor" <{MARGARET.address}>'
LETTER_ID = "<0123456789abcdef0123456789abcdef@contoso.example>"
SENT = datetime(2026, 11, 3, 13, 5, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 4, 8, 30, tzinfo=UTC)


@cache
def letter(locale: str, kind: LetterKind = LetterKind.SUMMARY_REQUEST) -> Written:
    """The letter that Margaret answers."""
    return letter_samples.letter(kind, locale=locale, form=SUMMARY, session=letter_samples.NOVEMBER)


@cache
def label_lines(locale: str) -> Mapping[str, str]:
    """The line of each question as it stands in our letter, by question id."""
    lines = letter(locale).text.splitlines()
    return {
        question.id: next(line for line in lines if line.startswith(question.label(locale)))
        for question in SUMMARY.questions
    }


@dataclass(frozen=True)
class Case:
    """A mail and what is to be understood. `text` None: not compared."""

    name: str
    raw: bytes
    locale: str
    answers: Mapping[str, str]
    text: str | None
    status: ReadingStatus = ReadingStatus.OK


@dataclass(frozen=True)
class Reply:
    """What somebody does with a letter: words above it, and words into it by question id."""

    name: str
    locale: str
    above: str = ""
    inside: Mapping[str, str] = field(default_factory=dict)
    next_line: bool = False
    below: str = ""

    @property
    def form_text(self) -> str:
        """The text of our letter with the answers typed into it."""
        text = letter(self.locale).text
        for id, answer in self.inside.items():
            label = label_lines(self.locale)[id]
            typed = f"{label}\n{answer}" if self.next_line else f"{label} {answer}"
            text = text.replace(label, typed)
        return text

    @property
    def form_html(self) -> str:
        """The body of our letter's HTML with the answers typed into it, in red."""
        html = letter(self.locale).html
        html = html[html.index('<div class="letter"') : html.rindex("</body>")]
        questions = SUMMARY.questions
        parts = re.split(r'(?=<p class="question")', html)
        for index, question in enumerate(questions, start=1):
            if question.id not in self.inside:
                continue
            words = "<br>".join(map(escape, self.inside[question.id].split("\n")))
            red = f'<span style="color: rgb(192, 0, 0);">{words}</span>'
            part = parts[index]
            if self.next_line:
                part = re.sub(r'(<p class="answer"[^>]*>)<br>', rf"\1{red}", part)
            else:
                part = part.replace(":</p>", f": {red}</p>", 1)
            parts[index] = part
        return "".join(parts)

    def expected_text(self, *, above_is_below: bool = False) -> str:
        """The person's own words in the order of the mail, with the labels they stand at."""
        parts = [self.above] if self.above and not above_is_below else []
        for question in SUMMARY.questions:
            if question.id in self.inside:
                label = label_lines(self.locale)[question.id]
                mark = "\n" if self.next_line else " "
                parts.append(f"{label}{mark}{self.inside[question.id]}")
        if self.above and above_is_below:
            parts.append(self.above)
        if self.below:
            parts.append(self.below)
        return "\n\n".join(parts).replace("\u00a0", " ")


# --------------------------------------------------------------------------- clients

_ON_WROTE = {
    "en": "On Tue, 3 Nov 2026 at 14:05, {who} wrote:",
    "de": "Am Di., 3. Nov. 2026 um 14:05 Uhr schrieb {who}:",
    "fr": "Le mar. 3 nov. 2026 à 14:05, {who} a écrit\u00a0:",
}
_HEADERS = {
    "en": ("From", "Sent", "To", "Subject", "Tuesday, November 3, 2026 2:05 PM"),
    "de": ("Von", "Gesendet", "An", "Betreff", "Dienstag, 3. November 2026 14:05"),
    "fr": ("De", "Envoyé", "À", "Objet", "mardi 3 novembre 2026 14:05"),
}
_PHONE = {
    "en": "Sent from my iPhone",
    "de": "Von meinem iPhone gesendet",
    "fr": "Envoyé de mon iPhone",
}
_ORIGINAL = {
    "en": "-----Original Message-----",
    "de": "-----Ursprüngliche Nachricht-----",
    "fr": "-----Message d'origine-----",
}
_GREETING = {
    "en": "Kind regards,\nMargaret",
    "de": "Viele Grüße\nMargaret Okafor",
    "fr": "Cordialement,\nMargaret Okafor",
}


def message(subject: str = "", **headers: str) -> EmailMessage:
    """A reply from Margaret to the letter, without a body."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = FROM
    mail["To"] = f"{MAILBOX_NAME} <{REPLY_TO}>"
    mail["Subject"] = subject or "Re: How was your meeting with Priya Raman on Tue, 3 Nov?"
    mail["Date"] = "Wed, 04 Nov 2026 08:30:00 +0000"
    mail["Message-ID"] = "<CAF9x2q@mail.contoso.example>"
    mail["In-Reply-To"] = LETTER_ID
    mail["References"] = LETTER_ID
    for name, value in headers.items():
        header = name.replace("_", "-")
        del mail[header]
        mail[header] = value
    return mail


def _alternatives(text: str, html: str) -> bytes:
    mail = message()
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def _quoted(text: str, mark: str = "> ") -> str:
    return "\n".join((mark + line).rstrip() for line in text.splitlines())


def _divs(text: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.splitlines())


def _paragraphs(text: str) -> str:
    """Lines as Outlook writes them: a paragraph each, an empty one holds a no-break space."""
    return "".join(
        f'<p class="MsoNormal">{escape(line) or "<o:p>&nbsp;</o:p>"}</p>'
        for line in text.splitlines()
    )


def gmail_web(reply: Reply) -> bytes:
    who = f"{MAILBOX_NAME} <\n{REPLY_TO}>"
    attribution = _ON_WROTE[reply.locale].format(who=who)
    text = f"{reply.above}\n\n{attribution}\n\n{_quoted(reply.form_text)}\n\n{reply.below}\n"
    shown = escape(_ON_WROTE[reply.locale].format(who=f"{MAILBOX_NAME} <{REPLY_TO}>"))
    html = (
        f'<div dir="ltr">{_divs(reply.above)}</div><br>'
        f'<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">{shown}<br></div>'
        '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">'
        f"{reply.form_html}</blockquote></div><div>{_divs(reply.below)}</div>"
    )
    return _alternatives(text, html)


def outlook_desktop(reply: Reply) -> bytes:
    from_, sent, to, subject, when = _HEADERS[reply.locale]
    block = (
        f'<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        f'<p class="MsoNormal"><b><span lang="EN-US">{from_}:</span></b> {MAILBOX_NAME} &lt;{REPLY_TO}&gt;<br>'
        f"<b>{sent}:</b> {when}<br><b>{to}:</b> Margaret Okafor &lt;{MARGARET.address}&gt;<br>"
        f"<b>{subject}:</b> {escape(letter(reply.locale).subject)}<o:p></o:p></p></div></div>"
    )
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin:0cm}</style>'
        "<!--[if gte mso 9]><xml><o:shapedefaults/></xml><![endif]--></head>"
        f'<body><div class="WordSection1">{_paragraphs(reply.above)}<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
        f"{_paragraphs(_GREETING[reply.locale])}{block}{reply.form_html}{_paragraphs(reply.below)}</div></body></html>"
    )
    head = f"{from_}: {MAILBOX_NAME} <{REPLY_TO}>\n{sent}: {when}\n{to}: Margaret Okafor <{MARGARET.address}>\n{subject}: {letter(reply.locale).subject}"
    text = f"{reply.above}\n\n{_GREETING[reply.locale]}\n\n{head}\n\n{reply.form_text}\n{reply.below}\n"
    return _alternatives(text, html)


def outlook_plain(reply: Reply) -> bytes:
    """Outlook with plain text: a line, a block of headers, and the letter without quote marks."""
    from_, sent, to, subject, when = _HEADERS[reply.locale]
    mail = message()
    mail.set_content(
        f"{reply.above}\n\n{_GREETING[reply.locale]}\n\n{_ORIGINAL[reply.locale]}\n"
        f"{from_}: {MAILBOX_NAME} [mailto:{REPLY_TO}]\n{sent}: {when}\n{to}: Margaret Okafor\n"
        f"{subject}: {letter(reply.locale).subject}\n\n{reply.form_text}\n{reply.below}\n"
    )
    return mail.as_bytes()


def outlook_web(reply: Reply) -> bytes:
    from_, sent, to, subject, when = _HEADERS[reply.locale]
    html = (
        f'<html><body><div class="elementToProof" style="font-family: Aptos;">{_divs(reply.above)}</div>'
        f'<div id="Signature"><p>Margaret Okafor</p><p>Chief Operating Officer | Contoso</p></div>'
        '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>{from_}:</b> {MAILBOX_NAME} &lt;{REPLY_TO}&gt;<br>'
        f"<b>{sent}:</b> {when}<br><b>{to}:</b> Margaret Okafor<br><b>{subject}:</b> {escape(letter(reply.locale).subject)}</font><div>&nbsp;</div></div>"
        f"<div>{reply.form_html}</div>{_divs(reply.below)}</body></html>"
    )
    mail = message()
    mail.set_content(html, subtype="html")
    return mail.as_bytes()


def apple_mail(reply: Reply) -> bytes:
    attribution = _ON_WROTE[reply.locale].format(who=f"{MAILBOX_NAME} <{REPLY_TO}>")
    html = (
        f'<html><body style="overflow-wrap: break-word;">{_divs(reply.above)}<div><br>'
        f'<blockquote type="cite"><div>{escape(attribution)}</div><br class="Apple-interchange-newline"><div>{reply.form_html}</div></blockquote></div><br>{_divs(reply.below)}</body></html>'
    )
    text = f"{reply.above}\n\n> {attribution}\n>\n{_quoted(reply.form_text)}\n\n{reply.below}\n"
    return _alternatives(text, html)


def ios(reply: Reply) -> bytes:
    attribution = _ON_WROTE[reply.locale].format(who=f"{MAILBOX_NAME} <{REPLY_TO}>")
    html = (
        f'<html><body dir="auto">{_divs(reply.above)}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{_PHONE[reply.locale]}</div>'
        f'<div dir="ltr"><br><blockquote type="cite">{escape(attribution)}<br><br></blockquote></div>'
        f'<blockquote type="cite"><div dir="ltr">\ufeff{reply.form_html}</div></blockquote>{_divs(reply.below)}</body></html>'
    )
    text = f"{reply.above}\n\n{_PHONE[reply.locale]}\n\n> {attribution}\n> \n> \ufeff{_quoted(reply.form_text)[2:]}\n{reply.below}\n"
    return _alternatives(text, html)


def thunderbird(reply: Reply) -> bytes:
    """Plain text, format=flowed, the reply below the quote; long lines are broken softly."""
    attribution = _ON_WROTE[reply.locale].format(who=MAILBOX_NAME)
    quote = "\n".join(f">{' ' if line else ''}{line}" for line in reply.form_text.splitlines())
    own = "\n\n".join(part for part in (reply.above, reply.below) if part)
    mail = message()
    mail.set_content(
        f"{attribution}\n{_soft(quote)}\n\n{_soft(own)}\n\n-- \nMargaret Okafor\nCOO\n"
    )
    mail.replace_header("Content-Type", 'text/plain; charset="utf-8"; format=flowed')
    return mail.as_bytes()


def _soft(text: str) -> str:
    """Break long lines at 72 with a trailing space, quote marks repeated (RFC 3676)."""
    lines = []
    for line in text.split("\n"):
        mark = "> " if line.startswith(">") else ""
        rest = line[len(mark) :] if mark else line
        while len(rest) > 70 and " " in rest[:70]:
            at = rest[:70].rindex(" ") + 1
            lines.append(mark + rest[:at])
            rest = rest[at:]
        lines.append((mark + rest) if mark else rest)
    return "\n".join(lines)


def yahoo(reply: Reply) -> bytes:
    attribution = _ON_WROTE[reply.locale].format(who=f"{MAILBOX_NAME} &lt;{REPLY_TO}&gt;")
    html = (
        f'<html><head></head><body><div class="ydp yahoo-style-wrap">{_divs(reply.above)}<div><br></div></div>'
        f'<div id="yahoo_quoted_123" class="yahoo_quoted"><div style="font-size:13px;color:#26282a;"><div>{attribution}</div><div><br></div><div><br></div>'
        f"<div>{reply.form_html}</div></div></div>{_divs(reply.below)}</body></html>"
    )
    mail = message()
    mail.set_content(html, subtype="html")
    return mail.as_bytes()


def proton(reply: Reply) -> bytes:
    attribution = escape(_ON_WROTE[reply.locale].format(who=f"{MAILBOX_NAME} <{REPLY_TO}>"))
    html = (
        f'<div style="font-family: Arial;">{_divs(reply.above)}</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with Proton Mail secure email.</div></div>'
        f'<div class="protonmail_quote">{attribution}<br><blockquote class="protonmail_quote" type="cite">{reply.form_html}</blockquote><br></div>{_divs(reply.below)}'
    )
    mail = message()
    mail.set_content(html, subtype="html")
    return mail.as_bytes()


def phone_plain(reply: Reply) -> bytes:
    """A plain mobile client: an attribution and quote marks, nothing else."""
    attribution = _ON_WROTE[reply.locale].format(who=f"<{REPLY_TO}>")
    mail = message()
    mail.set_content(f"{reply.above}\n\n{attribution}\n{_quoted(reply.form_text)}\n{reply.below}\n")
    return mail.as_bytes()


CLIENTS: Mapping[str, Callable[[Reply], bytes]] = {
    client.__name__: client
    for client in (
        gmail_web,
        outlook_desktop,
        outlook_plain,
        outlook_web,
        apple_mail,
        ios,
        thunderbird,
        yahoo,
        proton,
        phone_plain,
    )
}

# --------------------------------------------------------------------------- ways to answer

_INSIDE = {
    "en": {
        "met": "4 November",
        "talked": "Hiring without CVs, and why the portal scares people.",
        "worthwhile": "5",
        "share": "anonymously",
    },
    "de": {
        "met": "am 04.11.",
        "talked": "Einstellen ohne Lebenslauf; wie Priyas Team Werkzeuge auswählt.",
        "worthwhile": "4 – hat gutgetan",
        "share": "mit Namen",
    },
    "fr": {
        "met": "le 4 novembre 2026",
        "talked": "Recruter sans CV, et pourquoi le portail fait peur.",
        "worthwhile": "cinq",
        "share": "oui, avec les noms",
    },
}
_VALUES = {
    "en": {"met": "2026-11-04", "worthwhile": "5", "share": "anonymously"},
    "de": {"met": "2026-11-04", "worthwhile": "4", "share": "named"},
    "fr": {"met": "2026-11-04", "worthwhile": "5", "share": "named"},
}
_PROSE = {
    "en": "We spoke about hiring and about the tools her team uses.\nI was surprised how little anybody reads the intranet.",
    "de": "Wir haben über das Einstellen gesprochen und über ihre Werkzeuge.\nDas Intranet liest offenbar niemand.",
    "fr": "Nous avons parlé du recrutement et des outils de son équipe.\nPersonne ne lit l’intranet, semble-t-il.",
}
_THANKS = {
    "en": "Hello,\n\ngladly, see below.",
    "de": "Guten Tag,\n\ngern, siehe unten.",
    "fr": "Bonjour,\n\nvoici, ci-dessous.",
}
_NUMBERED = {
    "en": "1. 4 November\n2. Hiring\n3. Ask juniors first\n6. 4/5",
    "de": "1) 4. November\n2) Einstellen\n3) Erst die Jüngeren fragen\n6) vier von fünf",
    "fr": "1. le 4 novembre\n2. Le recrutement\n3. Demander d’abord aux jeunes\n6. 4 sur 5",
}
_BARE = {"en": "4", "de": "vier", "fr": "4/5"}


def _labelled(locale: str) -> str:
    labels = {q.id: q.label(locale) for q in SUMMARY.questions}
    return "\n".join(f"{labels[id]}: {text}" for id, text in _INSIDE[locale].items())


def _inside_answers(locale: str) -> dict[str, str]:
    return {"talked": _INSIDE[locale]["talked"], **_VALUES[locale]}


def _numbered_answers(locale: str) -> dict[str, str]:
    talked, takeaway = (line.split(" ", 1)[1] for line in _NUMBERED[locale].split("\n")[1:3])
    return {"met": "2026-11-04", "talked": talked, "takeaways": takeaway, "worthwhile": "4"}


def _ways(locale: str) -> Iterator[tuple[Reply, Mapping[str, str], ReadingStatus]]:
    ok = ReadingStatus.OK
    yield Reply("above", locale, _labelled(locale)), _inside_answers(locale), ok
    yield Reply("same line", locale, inside=_INSIDE[locale]), _inside_answers(locale), ok
    yield (
        Reply("next line", locale, inside=_INSIDE[locale], next_line=True),
        _inside_answers(locale),
        ok,
    )
    yield Reply("both", locale, _THANKS[locale], _INSIDE[locale]), _inside_answers(locale), ok
    yield Reply("numbered", locale, _NUMBERED[locale]), _numbered_answers(locale), ok
    yield Reply("bare", locale, _BARE[locale]), {"worthwhile": "4"}, ok
    yield Reply("prose", locale, _PROSE[locale]), {"talked": _PROSE[locale]}, ok
    yield Reply("untouched", locale), {}, ReadingStatus.EMPTY


def grid() -> list[Case]:
    """Every client times every way to answer times three languages."""
    return [
        Case(
            f"{client} / {reply.name} / {locale}",
            build(reply),
            locale,
            answers,
            reply.expected_text(above_is_below=build is thunderbird),
            status,
        )
        for locale in ("en", "de", "fr")
        for client, build in CLIENTS.items()
        for reply, answers, status in _ways(locale)
    ]


# --------------------------------------------------------------------------- what quotes go through


def _plain(reply: Reply, quote: str, *, attribution: str | None = None, below: str = "") -> bytes:
    line = _ON_WROTE[reply.locale].format(who=f"{MAILBOX_NAME} <{REPLY_TO}>")
    mail = message()
    mail.set_content(
        f"{reply.above}\n\n{line if attribution is None else attribution}\n{quote}\n{below}"
    )
    return mail.as_bytes()


def _html(content: str) -> bytes:
    mail = message()
    mail.set_content(content, subtype="html")
    return mail.as_bytes()


def _wrapped(text: str, *, marked: bool) -> str:
    """Lines broken at 72; the rest of a line has the quote mark again, or, with bad clients, not."""
    lines = []
    for line in text.splitlines():
        mark = "> " if marked and line.startswith("> ") else ""
        pieces = textwrap.wrap(line.removeprefix(mark), 72) or [line.removeprefix(mark)]
        lines += [mark + piece for piece in pieces]
    return "\n".join(lines)


def wrapped(reply: Reply) -> bytes:
    return _plain(reply, _wrapped(_quoted(reply.form_text), marked=True))


def wrapped_badly(reply: Reply) -> bytes:
    return _plain(reply, _wrapped(_quoted(reply.form_text), marked=False))


def without_attribution(reply: Reply) -> bytes:
    return _plain(reply, _quoted(reply.form_text), attribution="")


def without_any_mark(reply: Reply) -> bytes:
    return _plain(reply, reply.form_text, attribution="")


def trimmed(reply: Reply) -> bytes:
    return _plain(reply, "\n".join(_quoted(reply.form_text).splitlines()[8:-8]))


def quoted_twice(reply: Reply) -> bytes:
    return _plain(reply, _quoted(_quoted(reply.form_text)))


def indented(reply: Reply) -> bytes:
    return _plain(reply, _quoted(reply.form_text, "    "))


def retyped_by_a_phone(reply: Reply) -> bytes:
    quote = _quoted(reply.form_text).replace("'", "’").replace("(1-5)", "(1–5)")
    return _plain(reply, quote)


def without_hints(reply: Reply) -> bytes:
    return _plain(reply, re.sub(r" \([^()\n]*\)(?=\s?:)", "", _quoted(reply.form_text)))


def starred(reply: Reply) -> bytes:
    return _plain(
        reply,
        re.sub(r"(?m)^> ([^\n:(]{4,60}?)( \(.*\))?(\s?:)", r"> *\1*\2\3", _quoted(reply.form_text)),
    )


def warned_about(reply: Reply) -> bytes:
    banner = "> CAUTION: This email originated from outside of the organization. Do not click links.\n>\n"
    return _plain(reply, banner + _quoted(reply.form_text))


def scanned(reply: Reply) -> bytes:
    notice = (
        "______________________________\nThis message has been scanned for viruses by MailGuard.\n"
    )
    return _plain(reply, _quoted(reply.form_text), below=notice)


def below_a_line(reply: Reply) -> bytes:
    return _html(f"{_divs(reply.above)}<hr>{reply.form_html}")


def in_a_table(reply: Reply) -> bytes:
    line = escape(_ON_WROTE[reply.locale].format(who=f"{MAILBOX_NAME} <{REPLY_TO}>"))
    return _html(
        f'<table><tr><td>{_divs(reply.above)}</td></tr></table><blockquote type="cite">{line}<br>{reply.form_html}</blockquote>'
    )


def signed_at_length(reply: Reply) -> bytes:
    signature = (
        "\n\nKind regards,\nMargaret Okafor\nChief Operating Officer\n\nContoso Ltd | 12 Harbour Street\nT: +49 421 123456\nwww.contoso.example\n\n"
        "This e-mail is confidential and intended for the named recipient only. If you are not the intended recipient please delete it."
    )
    return _plain(replace(reply, above=reply.above + signature), _quoted(reply.form_text))


TREATMENTS: Mapping[str, Callable[[Reply], bytes]] = {
    treat.__name__: treat
    for treat in (
        wrapped,
        wrapped_badly,
        without_attribution,
        without_any_mark,
        trimmed,
        quoted_twice,
        indented,
        retyped_by_a_phone,
        without_hints,
        starred,
        warned_about,
        scanned,
        below_a_line,
        in_a_table,
        signed_at_length,
    )
}


def treated() -> list[Case]:
    """Every treatment of a quote times every way to answer, the languages taken in turn."""
    return [
        Case(f"{name} / {reply.name} / {locale}", build(reply), locale, answers, None, status)
        for (name, build), locale in zip(
            TREATMENTS.items(), cycle(("en", "de", "fr")), strict=False
        )
        for reply, answers, status in _ways(locale)
    ]


# --------------------------------------------------------------------------- reports

_REPORT = (
    "From: MAILER-DAEMON@mx.contoso.example\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    'Content-Type: multipart/report; {report}boundary="r"\r\n\r\n'
    "--r\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you that your message could not be delivered.\r\n"
    "--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.contoso.example\r\n\r\n"
    "Final-Recipient: rfc822; margaret.okafor@contoso.example\r\nAction: {action}\r\nStatus: {status}\r\n"
    "Diagnostic-Code: smtp; 550 {status} {said}\r\n\r\n"
    "--r\r\nContent-Type: {returned}\r\n\r\nFrom: Reverse Mentoring <mentoring@contoso.example>\r\n"
    "Reply-To: {to}\r\nTo: margaret.okafor@contoso.example\r\nMessage-ID: {id}\r\nSubject: How was it\r\n\r\n--r--\r\n"
)


def delivery_report(**changes: str) -> bytes:
    """What a mail server sends back when the letter did not arrive (RFC 3464)."""
    usual = {
        "to": REPLY_TO,
        "report": "report-type=delivery-status; ",
        "action": "failed",
        "status": "5.1.1",
        "said": "User unknown",
        "returned": "text/rfc822-headers",
        "id": LETTER_ID,
    }
    return _REPORT.format(**(usual | changes)).encode()
