"""Previews: every letter, written to invented people, for a look before the first run.

The programme, its forms and its topics are the operator's own.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rmflow.domain.form import Form, QuestionType
from rmflow.domain.letter import LetterKind
from rmflow.domain.people import Address, Participant, PersonId, Role
from rmflow.domain.programme import Programme
from rmflow.domain.reason import Cause, Reason
from rmflow.domain.session import Session, session_id
from rmflow.formats.letters.facts import ItemFacts, LetterFacts, SessionChange
from rmflow.formats.letters.written import Writer, Written


@dataclass(frozen=True, slots=True)
class _Words:
    """What the invented people say, in one language."""

    space: str
    agenda: str
    takeaways: str
    promises: tuple[str, ...]


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        space="Design studio, Lindenstraße 8, third floor",
        agenda="How do people in your team find out what is going on?\nI read everything last.",
        takeaways="Nobody under thirty reads the newsletter.\nDecisions travel by chat.",
        promises=("Answer questions in the team channel", "Sit in on one stand-up"),
    ),
    "de": _Words(
        space="Designstudio, Lindenstraße 8, dritter Stock",
        agenda="Wie erfährt man in Ihrem Team, was los ist?\nIch lese alles zuletzt.",
        takeaways="Den Newsletter liest unter dreißig niemand.\nEntscheidungen laufen über den Chat.",
        promises=("Fragen im Teamkanal beantworten", "Einmal bei einem Stand-up dabei sein"),
    ),
    "fr": _Words(
        space="Atelier de design, Lindenstraße 8, troisième étage",
        agenda="Comment apprend-on ce qui se passe dans votre équipe ?\nJe lis tout en dernier.",
        takeaways="Avant trente ans, personne ne lit la lettre interne.\nTout se décide par messagerie.",
        promises=(
            "Répondre aux questions sur le canal de l’équipe",
            "Assister à un point du matin",
        ),
    ),
}

_MENTOR = Participant(
    PersonId("priya"), Address("priya.raman@contoso.example"), "Priya Raman", "Europe/Berlin"
)
_MENTEE = Participant(
    PersonId("claire"), Address("claire.dubois@contoso.example"), "Claire Dubois", "Europe/London"
)


LANGUAGES = tuple(_WORDS)


def previews(writer: Writer, programme: Programme) -> list[tuple[str, Written]]:
    """Return every letter of `samples`, written, each with a file stem.

    Raises ConfigError when a template is missing or wrong.
    """
    return [(stem, writer.write(facts)) for stem, facts in samples(programme)]


def samples(
    programme: Programme, languages: Collection[str] = LANGUAGES
) -> Iterator[tuple[str, LetterFacts]]:
    """Yield every kind of letter for both roles in every language, each with a file stem.

    In a language that is not ours the invented people speak English.
    """
    for language in languages:
        for role in Role:
            for kind, facts in _letters(programme, role, language):
                yield f"{language}-{kind.value}-{role.value}", facts


def _letters(
    programme: Programme, role: Role, language: str
) -> Iterator[tuple[LetterKind, LetterFacts]]:
    recipient, partner = (_MENTOR, _MENTEE) if role is Role.MENTOR else (_MENTEE, _MENTOR)
    plain = ItemFacts(role, partner, _words(language).space)
    for kind in LetterKind:
        yield (
            kind,
            LetterFacts(
                programme,
                kind,
                replace(recipient, locale=language),
                (_item(plain, kind, programme, language),),
                reference="p3f2a91-3",
            ),
        )


def _item(plain: ItemFacts, kind: LetterKind, programme: Programme, language: str) -> ItemFacts:
    words, first = _words(language), _session(1, 3)
    summary = programme.forms.get("summary")
    match kind:
        case LetterKind.INVITATION:
            cadence = programme.cadences.get(programme.default_cadence)
            return replace(plain, sessions=_sessions(), cadence=cadence)
        case LetterKind.UPDATE:
            moved = SessionChange(first, _session(1, 5))
            return replace(
                plain,
                changes=(moved,),
                because=(Reason(Cause.PROPOSED, _MENTEE.first_name),),
                sessions=(_session(1, 5), *_sessions()[1:]),
            )
        case LetterKind.CANCELLATION:
            return plain
        case LetterKind.AGENDA_REQUEST:
            return replace(plain, session=first, form=programme.forms.get("agenda"))
        case LetterKind.PROMPT:
            return replace(
                plain,
                session=first,
                topic=next(iter(programme.topics), None),
                agenda=words.agenda,
                takeaways=words.takeaways,
                promises=words.promises,
            )
        case LetterKind.SUMMARY_REQUEST | LetterKind.SUMMARY_REMINDER:
            last = kind is LetterKind.SUMMARY_REMINDER
            return replace(plain, session=first, form=summary, last=last)
        case LetterKind.NEW_TIMES:
            times = programme.forms.get("times")
            return replace(plain, session=first, form=times, sessions=_sessions())
        case LetterKind.PAUSED | LetterKind.RESUMED | LetterKind.PASSED_ON:
            return replace(plain, until=date(2026, 12, 18), own_wish=plain.role is Role.MENTEE)
        case LetterKind.RECEIPT:
            return replace(plain, session=first, form=summary, answers=_answers(summary, words))


def _words(language: str) -> _Words:
    return _WORDS.get(language, _WORDS["en"])


def _answers(form: Form | None, words: _Words) -> Mapping[str, str]:
    samples = {
        QuestionType.TEXT: words.agenda,
        QuestionType.LIST: words.takeaways,
        QuestionType.DATE: "2026-11-03",
        QuestionType.SCALE: "4",
        QuestionType.YES_NO: "yes",
    }
    return {
        question.id: question.choices[0].value if question.choices else samples[question.type]
        for question in (form.questions if form else ())
    }


def _sessions() -> tuple[Session, ...]:
    """Return meetings on first Tuesdays, in a winter that crosses no change of the clocks."""
    return (_session(1, 3), _session(2, 1, month=12), _session(3, 5, month=1, year=2027))


def _session(number: int, day: int, month: int = 11, year: int = 2026) -> Session:
    start = datetime(year, month, day, 10, tzinfo=ZoneInfo(_MENTOR.timezone))
    return Session(session_id(start), number, start, start + timedelta(hours=1))
