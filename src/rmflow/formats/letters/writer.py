"""Letters: facts and the template of their kind become a subject, a plain text and HTML.

A template is `mail/<language>/<kind>.txt.j2`: a line `Subject: …`, an empty line, and the body in
the little markup of `prose`. The body is the letter; its HTML is made from it. Every letter gets
its language's `footer.txt.j2`, and the HTML gets `mail/layout.html.j2`.
"""

import re
from collections.abc import Callable
from functools import cache

import css_inline
from babel import Locale
from jinja2.exceptions import TemplateRuntimeError
from markupsafe import Markup

from rmflow.formats.letters import prose
from rmflow.formats.letters.facts import ItemFacts, LetterFacts, SessionChange
from rmflow.formats.letters.local_time import locale_for
from rmflow.formats.letters.sandbox import Sandbox, wrong
from rmflow.formats.letters.view import letter_view
from rmflow.formats.letters.written import Written

__all__ = ["ItemFacts", "LetterFacts", "LetterWriter", "SessionChange"]

LAYOUT = "mail/layout.html.j2"
# Characters: a subject phones show whole; a name, a place, a promise; somebody's own words.
MOST_SUBJECT = 78
MOST_VALUE = 200
MOST_QUOTE = 1500


class LetterWriter:
    """Writes letters. Templates are read and compiled once, at their first letter.

    `load` returns the source of a template by its name ("mail/de/prompt.txt.j2"), or None.
    """

    def __init__(self, load: Callable[[str], str | None]) -> None:
        self._source = cache(load)
        self._letters = Sandbox(self._source)
        self._letters.finalize = _guarded
        self._letters.filters["quote"] = _quoted
        self._layout = Sandbox(self._source)
        self._styles = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def write(self, facts: LetterFacts) -> Written:
        """Return the letter in its recipient's language, in the programme's, or in English.

        Raises ConfigError when a template is missing or wrong.
        """
        language = self._language(facts)
        locale = locale_for(facts.recipient.locale, language)
        view = letter_view(facts, locale)
        name = _name(language, facts.kind.value)
        first, _, body = self._letters.written(name, view).partition("\n")
        subject = _subject(first, name)
        letter = prose.parse(body)
        footer = prose.parse(self._letters.written(_name(language, "footer"), view))
        text = f"{prose.to_text(letter)}\n· · ·\n\n{prose.to_text(footer)}"
        html = self._page(subject, locale, facts.programme.name, letter, footer)
        return Written(subject, text, html)

    def _language(self, facts: LetterFacts) -> str:
        """Return the first language that has a template of this kind."""
        for tag in (facts.recipient.locale, facts.programme.language):
            language = re.split("[-_]", tag)[0].lower()
            spoken = re.fullmatch("[a-z]{2,3}", language)
            if spoken and self._source(_name(language, facts.kind.value)) is not None:
                return language
        return "en"

    def _page(
        self,
        subject: str,
        locale: Locale,
        programme: str,
        letter: tuple[prose.Block, ...],
        footer: tuple[prose.Block, ...],
    ) -> str:
        values = {
            "subject": subject,
            "language": str(locale).replace("_", "-"),
            "direction": locale.text_direction,
            "side": "right" if locale.text_direction == "rtl" else "left",
            "programme": programme,
            "letter": Markup(prose.to_html(letter)),  # noqa: S704 - to_html escapes
            "footer": Markup(prose.to_html(footer)),  # noqa: S704 - to_html escapes
        }
        page = self._layout.written(LAYOUT, values)
        return self._styles.inline(page)


def _guarded(value: object) -> Markup:
    """Return any value a template puts in as text without markup; macros have done so before."""
    if isinstance(value, Markup):
        return value
    if value is None:
        raise TemplateRuntimeError("a value is missing here; ask for it with {% if %} first")
    return Markup(prose.guarded(str(value), MOST_VALUE))  # noqa: S704 - guarded


def _quoted(words: str) -> Markup:
    """Return somebody's own words as a block of their own."""
    return Markup(prose.guarded_quote(words, MOST_QUOTE))  # noqa: S704 - guarded


def _subject(line: str, name: str) -> str:
    """Return the text of the line `Subject: …`, short and safe for a header."""
    label, colon, subject = prose.plain(line).partition(":")
    if label != "Subject" or not colon or not subject.strip():
        raise wrong(name, "the first line must be “Subject: …”; write one")
    # "=?" would begin an encoded word (RFC 2047) of somebody's making.
    subject = subject.strip().replace("=?", "= ?")
    return subject if len(subject) <= MOST_SUBJECT else subject[: MOST_SUBJECT - 1].rstrip() + "…"


def _name(language: str, stem: str) -> str:
    return f"mail/{language}/{stem}.txt.j2"
