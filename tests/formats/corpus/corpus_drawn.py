"""Replies drawn by chance: letter, program, language, way to answer, and what happens on the way."""

import email
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from html import escape
from random import Random

import letter_samples
from corpus_clients import CLIENTS
from corpus_tongues import TONGUES
from corpus_ways import SAYS
from reply_corpus import FORMS, Reply

from rmflow.domain.form import Form, Question, QuestionType
from rmflow.domain.letter import LetterKind
from rmflow.formats.letters.written import Written

FORM_OF = {
    LetterKind.SUMMARY_REQUEST: "summary",
    LetterKind.SUMMARY_REMINDER: "summary",
    LetterKind.AGENDA_REQUEST: "agenda",
}
_SHORT = {
    QuestionType.SCALE: [("4", "4"), ("5/5", "5"), ("three", "3"), ("2 - so so", "2"), ("1.", "1"), ("vier", "4")],
    QuestionType.DATE: [("yesterday", "2026-11-03"), ("4 November", "2026-11-04"), ("2026-11-02", "2026-11-02"), ("am 1.11.", "2026-11-01"), ("le 3 novembre", "2026-11-03")],
    QuestionType.CHOICE: [("no", "no"), ("anonymously", "anonymously"), ("mit Namen", "named"), ("sans noms", "anonymously"), ("No.", "no")],
}  # fmt: skip


@dataclass(frozen=True)
class Drawn(Reply):
    """A reply to a letter of any kind. `answers` are the values the typed words stand for."""

    kind: LetterKind = LetterKind.SUMMARY_REQUEST
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> Form:
        return FORMS[FORM_OF[self.kind]]

    @property
    def original(self) -> Written:
        return _original(self.kind, self.locale)

    def label_line(self, question: Question) -> str:
        lines = self.original.text.splitlines()
        return next(line for line in lines if line.startswith(question.label(self.locale)))

    @property
    def form_text(self) -> str:
        text = self.original.text
        for id, answer in self.inside.items():
            line = self.label_line(self.form.question(id))
            text = text.replace(line, f"{line}{self._mark}{answer}")
        return text

    @property
    def form_html(self) -> str:
        html = self.original.html
        html = html[html.index('<div class="letter"') : html.rindex("</body>")]
        head, *parts = re.split(r'(?=<p class="question")', html)
        for index, question in enumerate(self.form.questions):
            if question.id in self.inside:
                typed = "<br>".join(map(escape, self.inside[question.id].split("\n")))
                parts[index] = self._typed_into(parts[index], typed)
        return "".join((head, *parts))

    def _typed_into(self, part: str, typed: str) -> str:
        if self.next_line:
            return re.sub(r'(<p class="answer"[^>]*>)<br>', lambda m: m[1] + typed, part)
        return part.replace(":</p>", f": {typed}</p>", 1)

    @property
    def _mark(self) -> str:
        return "\n" if self.next_line else " "

    @property
    def typed(self) -> str:
        """Everything the person typed."""
        return "\n".join((self.above, *self.inside.values()))


@cache
def _original(kind: LetterKind, locale: str) -> Written:
    form = FORMS[FORM_OF[kind]]
    return letter_samples.letter(kind, locale=locale, form=form, session=letter_samples.NOVEMBER)


def drawn(seed: int) -> tuple[Drawn, str, bytes]:
    """Return the reply of a seed, the language it is in, and its bytes."""
    dice = Random(seed)
    kind, language = dice.choice(list(FORM_OF)), dice.choice(list(SAYS))
    locale = language if language in ("en", "de", "fr") else dice.choice(("en", "de", "fr"))
    form = FORMS[FORM_OF[kind]]
    asked = [q for q in form.questions if dice.random() < 0.6] or [form.questions[0]]
    said = {question.id: _answer(question, language, dice) for question in asked}
    typed = {id: words for id, (words, _) in said.items()}
    answers = {id: value for id, (_, value) in said.items()}
    name = f"seed {seed}"
    match dice.randrange(4):
        case 0:
            lines = (f"{q.label(dice.choice((language, locale)))}: {typed[q.id]}" for q in asked)
            reply = Drawn(name, locale, "\n".join(lines), kind=kind, answers=answers)
        case 1:
            prose = _sentence(language, dice, 12)
            reply = Drawn(name, locale, prose, kind=kind, answers={form.prose: prose})
        case choice:
            above = "" if dice.random() < 0.6 else SAYS[language].intro
            after = choice == 2
            reply = Drawn(name, locale, above, typed, after, kind=kind, answers=answers)
    tongue = TONGUES[dice.choice((language, language, *TONGUES))]
    raw = dice.choice(list(CLIENTS.values()))(reply, tongue)
    return reply, language, _sent(raw, dice)


def _answer(question: Question, language: str, dice: Random) -> tuple[str, str]:
    """Return words for a question, and what they stand for."""
    if question.type in _SHORT:
        return dice.choice(_SHORT[question.type])
    if question.type is QuestionType.LIST:
        items = [_sentence(language, dice, 6) for _ in range(dice.randrange(1, 4))]
        return "\n".join(items), "\n".join(items)
    text = _sentence(language, dice, 9)
    return text, text


def _sentence(language: str, dice: Random, size: int) -> str:
    """Return a sentence that nobody said before, in words of the language."""
    says = SAYS[language]
    pool = re.findall(r"\w+", f"{says.prose} {says.talked} {' '.join(says.takeaways)} {says.next}")
    glue = "" if language == "ja" else " "
    text = glue.join(dice.choice(pool) for _ in range(size + dice.randrange(4)))
    return text[:1].upper() + text[1:] + dice.choice((".", "", "!"))


def _sent(raw: bytes, dice: Random) -> bytes:
    """Return a mail as it arrives: one of its parts dropped, lines wrapped, encoded in some way."""
    mail = email.message_from_bytes(raw, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    text = plain.get_content() if plain else ""
    page = html.get_content() if html else ""
    flowed = "flowed" in str(plain and plain["Content-Type"])
    if text and page and dice.random() < 0.5:
        text, page = dice.choice((("", page), (text, "")))
    if text and not flowed and dice.random() < 0.4:
        text = _wrapped(text, dice.choice((72, 76)))
    cte = dice.choice(("base64", "quoted-printable"))
    mail.clear_content()
    if text:
        mail.set_content(text, cte=cte)
        if flowed:
            mail.replace_header("Content-Type", 'text/plain; charset="utf-8"; format=flowed')
    if page and text:
        mail.add_alternative(page, subtype="html", cte=cte)
    elif page:
        mail.set_content(page, subtype="html", cte=cte)
    return mail.as_bytes()


def _wrapped(text: str, width: int) -> str:
    """Long lines broken, the quote marks repeated."""
    lines = []
    for line in text.splitlines():
        mark = re.match(r"(?:> ?)*", line)
        assert mark is not None
        lines += textwrap.wrap(
            line, width, subsequent_indent=mark[0], break_long_words=False, break_on_hyphens=False
        ) or [line]
    return "\n".join(lines)
