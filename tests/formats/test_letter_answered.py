"""The two halves together: what we ask in a letter is understood when it comes back answered."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from letter_samples import NOVEMBER, letter

from rmflow.domain.letter import LetterKind
from rmflow.formats.incoming.mail import parse
from rmflow.formats.letters.written import Written
from rmflow.formats.replies.answers import read_answers
from rmflow.formats.replies.reply import new_text
from rmflow.formats.settings.forms import read_forms

CONFIG = Path(__file__).parents[2] / "config" / "forms.toml"
FORMS, _ = read_forms(CONFIG.read_text("utf-8"), "forms.toml")
SUMMARY = FORMS["summary"]
MAILBOX = "mentoring+s3f2a9c5xmjzeo6y@contoso.example"
ANSWERS = {
    "talked": "Hiring, and how news travels.",
    "takeaways": "Ask first.",
    "worthwhile": "4",
    "share": "no",
}
Way = Callable[[Written, Mapping[str, str]], tuple[str, str]]
ATTRIBUTION = f"On Tue, 3 Nov 2026 at 12:00, Reverse Mentoring <{MAILBOX}> wrote:\n\n"


def beside(written: Written, by_label: Mapping[str, str]) -> tuple[str, str]:
    lines = [
        line + "".join(f" {by_label[label]}" for label in by_label if line.startswith(label))
        for line in written.text.splitlines()
    ]
    return ATTRIBUTION + "\n".join(f"> {line}" for line in lines), ""


def below(written: Written, by_label: Mapping[str, str]) -> tuple[str, str]:
    lines = []
    for line in written.text.splitlines():
        lines += [f"> {line}", *(by_label[label] for label in by_label if line.startswith(label))]
    return ATTRIBUTION + "\n".join(lines), ""


def in_html(written: Written, by_label: Mapping[str, str]) -> tuple[str, str]:
    """Typed into the empty line that the letter leaves below each question."""
    html = written.html
    for label, answer in by_label.items():
        name = re.escape(label.replace("'", "&#x27;"))
        empty = re.compile(rf'(<b>{name}</b>.*?<p class="answer"[^>]*>)<br>', re.DOTALL)
        html, count = empty.subn(rf"\g<1>{answer}", html, count=1)
        assert count == 1
    return "see the other part", f'<blockquote type="cite">{html}</blockquote>'


@pytest.mark.parametrize("way", [beside, below, in_html])
@pytest.mark.parametrize("locale", ["en", "de", "fr"])
@pytest.mark.parametrize("kind", [LetterKind.SUMMARY_REQUEST, LetterKind.SUMMARY_REMINDER])
def test_answers_typed_into_a_letter_are_read(way: Way, locale: str, kind: LetterKind) -> None:
    """INBOUND section 0: inside the quoted form is where executives answer."""
    written = letter(kind, locale=locale, session=NOVEMBER, form=SUMMARY)
    by_label = {SUMMARY.question(id).label(locale): text for id, text in ANSWERS.items()}
    text, html = way(written, by_label)
    assert answers_in(written, text, html, locale) == ANSWERS


@pytest.mark.parametrize("locale", ["en", "de", "fr"])
def test_a_letter_sent_back_untouched_is_no_answer(locale: str) -> None:
    """INBOUND section 9, case 28: our own words are not somebody's summary."""
    written = letter(LetterKind.SUMMARY_REQUEST, locale=locale, session=NOVEMBER, form=SUMMARY)
    assert answers_in(written, *beside(written, {}), locale) == {}


def answers_in(written: Written, text: str, html: str, locale: str) -> Mapping[str, str]:
    message = EmailMessage()
    message["From"] = "Margaret Okafor <margaret.okafor@contoso.example>"
    message["To"] = MAILBOX
    message["Subject"] = f"Re: {written.subject}"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    mail = parse(message.as_bytes())
    extract = new_text(mail, [written.text], [MAILBOX], ["Reverse Mentoring"])
    received = datetime(2026, 11, 3, 15, tzinfo=UTC)
    reading = read_answers(extract, SUMMARY, locale, session=NOVEMBER.start, received=received)
    return reading.answers


@pytest.mark.parametrize("locale", ["en", "de", "fr"])
@pytest.mark.parametrize("said", ["2", ""])
def test_a_bare_number_above_the_offered_times_is_all_that_is_new(locale: str, said: str) -> None:
    """The numbers of our own list, and the line below our last label, are no answers."""
    times = FORMS["times"]
    written = letter(
        LetterKind.NEW_TIMES, session=NOVEMBER, form=times, sessions=(NOVEMBER,) * 3, locale=locale
    )
    mail = EmailMessage()
    mail["From"] = "jens.adler@contoso.example"
    mail["To"] = MAILBOX
    quoted = "\n".join(f"> {line}" for line in written.text.splitlines())
    mail.set_content(f"{said}\n\n{ATTRIBUTION}{quoted}")
    extract = new_text(parse(mail.as_bytes()), (written.text,), (MAILBOX,), ())
    received = datetime(2026, 11, 3, 13, tzinfo=UTC)
    reading = read_answers(extract, times, locale, session=NOVEMBER.start, received=received)
    assert reading.answers == ({"which": said} if said else {})
