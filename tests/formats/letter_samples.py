"""Builders for letters: invented people, a small form, meetings on first Tuesdays."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rmflow.domain.form import Choice, Form, Question, QuestionType, Visibility
from rmflow.domain.letter import LetterKind
from rmflow.domain.people import Address, Participant, PersonId, Role
from rmflow.domain.programme import Programme
from rmflow.domain.session import Session, session_id
from rmflow.domain.topic import Owner, Topic, TopicText
from rmflow.formats.letters.writer import ItemFacts, LetterFacts, LetterWriter
from rmflow.formats.letters.written import Written

TEMPLATES = Path(__file__).parents[2] / "templates"


def load(name: str) -> str | None:
    """Read a template of the repository, as the wiring does for the packaged ones."""
    path = TEMPLATES / name
    return path.read_text("utf-8") if path.is_file() else None


WRITER = LetterWriter(load)

PRIYA = Participant(
    PersonId("priya"), Address("priya.raman@contoso.example"), "Priya Raman", "Europe/Berlin"
)
MARGARET = Participant(
    PersonId("margaret"),
    Address("margaret.okafor@contoso.example"),
    "Okafor, Margaret",
    "Europe/London",
)
PROGRAMME = Programme(
    id="rm26",
    name="Reverse Mentoring 2026",
    mailbox=Address("mentoring@contoso.example"),
    mailbox_name="Reverse Mentoring",
    coordinator=Address("nora.lindqvist@contoso.example"),
    coordinator_name="Nora Lindqvist",
    salt=b"pepper",
)


def session(number: int, day: str, zone: str = "Europe/Berlin") -> Session:
    """A meeting of an hour at this wall time, "2026-11-03T10:00"."""
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    return Session(session_id(start), number, start, start + timedelta(hours=1))


NOVEMBER = session(1, "2026-11-03T10:00")
DECEMBER = session(2, "2026-12-01T10:00")
JANUARY = session(3, "2027-01-05T10:00")

SUMMARY = Form(
    id="summary",
    questions=(
        Question(
            "met",
            QuestionType.DATE,
            {"en": "Day we met", "de": "Tag unseres Treffens", "fr": "Jour de notre rencontre"},
            {
                "en": "if it was another day",
                "de": "falls anders",
                "fr": "si ce n’était pas prévu",
            },
            {},
        ),
        Question(
            "takeaways",
            QuestionType.LIST,
            {"en": "Key takeaways", "de": "Was ich mitnehme", "fr": "Ce que je retiens"},
            {"en": "one a line", "de": "eine Zeile je Punkt", "fr": "un point par ligne"},
            {},
        ),
        Question(
            "worthwhile",
            QuestionType.SCALE,
            {"en": "How worthwhile", "de": "Wie lohnend", "fr": "Utile ou non"},
            {"en": "1 to 5", "de": "1 bis 5", "fr": "de 1 à 5"},
            {},
        ),
        Question(
            "again",
            QuestionType.YES_NO,
            {"en": "Meet again", "de": "Wieder treffen", "fr": "Se revoir"},
            {},
            {},
        ),
        Question(
            "share",
            QuestionType.CHOICE,
            {"en": "May we share it", "de": "Dürfen wir es erzählen", "fr": "Peut-on en parler"},
            {},
            {},
            choices=(
                Choice("no", {"en": "no", "de": "nein", "fr": "non"}, {}),
                Choice("anonymous", {"en": "anonymously", "de": "anonym"}, {}),
            ),
        ),
    ),
    prose="takeaways",
)
AGENDA = Form(
    id="agenda",
    questions=(
        Question(
            "topics",
            QuestionType.TEXT,
            {"en": "What I would like to talk about"},
            {"en": "one line is enough"},
            {},
            Visibility.PAIR,
        ),
    ),
    prose="topics",
)
TOPIC = Topic(
    id="news",
    owner=Owner.MENTOR,
    depth=1,
    tags=frozenset(),
    texts={
        "en": TopicText(
            "How news travels",
            "Think of the last thing that everybody knew within a day.",
            ("Where did it begin?", "Who heard it last?"),
        ),
        "de": TopicText(
            "Wie sich Neues herumspricht",
            "Denken Sie an das Letzte, was nach einem Tag alle wussten.",
            ("Wo fing es an?",),
        ),
    },
)


def letter(
    kind: LetterKind,
    to: Role = Role.MENTEE,
    *,
    locale: str = "en",
    zone: str = "",
    programme: Programme = PROGRAMME,
    copies: int = 1,
    **facts: Any,
) -> Written:
    """Write a letter between Priya, who mentors, and Margaret, who leads the company."""
    me, partner = (PRIYA, MARGARET) if to is Role.MENTOR else (MARGARET, PRIYA)
    usual: dict[str, Any] = {"partner": partner, "location": "Studio 3, Lindenstraße 8"}
    item = ItemFacts(role=to, **(usual | facts))
    recipient = replace(me, locale=locale, timezone=zone or me.timezone)
    return WRITER.write(LetterFacts(programme, kind, recipient, (item,) * copies, "p3f2a91-3"))


FOOTER = """\

· · ·

You get this mail as part of Reverse Mentoring 2026. Do you need a pause
or another partner, or is it time to stop? Simply reply PAUSE, REMATCH
or LEAVE; no reason is needed. Questions? Write to Nora Lindqvist
<nora.lindqvist@contoso.example>.

Reference: p3f2a91-3
"""
