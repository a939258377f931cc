"""What a template sees of a letter: text in the reader's language, and no secret of ours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.lists import format_list

from rmflow.domain.form import Form, Question, QuestionType, Visibility
from rmflow.domain.people import Participant, Role
from rmflow.domain.programme import Frequency, Programme, SummaryMode
from rmflow.domain.reason import Cause
from rmflow.domain.session import Session
from rmflow.domain.topic import TopicText
from rmflow.formats.letters.facts import ItemFacts, LetterFacts, SessionChange
from rmflow.formats.letters.local_time import (
    city_of,
    clock_range,
    full_date,
    in_zone,
    long_day,
    offset_of,
    short_day,
)

# More than this nobody follows up in one meeting.
MOST_PROMISES = 8


@dataclass(frozen=True, slots=True)
class Wall:
    """A meeting on the clock of one place. `city` "" for a zone without one: then say `offset`."""

    day: str
    short_day: str
    time: str
    city: str
    offset: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """A meeting where it takes place (`here`, the mentor's clock), and for the one who travels.

    `there` is None where both clocks agree; its day is "" where only the hours differ.
    """

    number: int
    here: Wall
    there: Wall | None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """An old meeting and its new time, or None."""

    was: SessionView
    now: SessionView | None


@dataclass(frozen=True, slots=True)
class ReasonView:
    """Why something changed; `cause` is a Cause's value.

    `name` lists the people, or the days off; `several`: it is more than one. `yours`: it names
    the reader, who is better called "you".
    """

    cause: str
    name: str
    several: bool
    yours: bool


@dataclass(frozen=True, slots=True)
class CadenceView:
    """A rhythm in numbers; `count` 0 is open-ended."""

    minutes: int
    interval: int
    monthly: bool
    count: int


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as it is asked."""

    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class FormView:
    """A form, and who reads the answers: `pair_only` are the labels the coordinator never sees."""

    id: str
    questions: tuple[QuestionView, ...]
    coordinator_reads: bool
    pair_only: tuple[str, ...]
    rated: bool


@dataclass(frozen=True, slots=True)
class AnswerView:
    """A stored answer. `type` is a QuestionType's value; `text` is for people, except yes and no."""

    label: str
    type: str
    text: str
    highest: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """One pairing in a letter; `you_lead` is true for the mentor.

    `agenda_by` is the day on which the mentor hears of the agenda.
    """

    you_lead: bool
    partner: str
    first_name: str
    place: str
    session: SessionView | None
    agenda_by: str
    sessions: tuple[SessionView, ...]
    cadence: CadenceView | None
    changes: tuple[ChangeView, ...]
    because: tuple[ReasonView, ...]
    topic: TopicText | None
    agenda: str
    takeaways: str
    promises: tuple[str, ...]
    form: FormView | None
    answers: tuple[AnswerView, ...]
    last: bool
    until: str
    own_wish: bool


def letter_view(facts: LetterFacts, locale: Locale) -> Mapping[str, object]:
    """Return the names a template can use. `item` is the first of `items`."""
    programme = facts.programme
    items = tuple(_item(item, facts.recipient, programme, locale) for item in facts.items)
    return {
        "programme": programme.name,
        "objective": programme.objective,
        "coordinator": programme.coordinator_name or programme.coordinator,
        "coordinator_address": programme.coordinator,
        "coordinator_reads": programme.summaries is SummaryMode.FIELDS,
        "mail_days": programme.retention.mails.days,
        "text_days": programme.retention.words.days,
        "you": facts.recipient.first_name,
        "your_name": _full_name(facts.recipient),
        "reference": facts.reference,
        "items": items,
        "item": items[0],
    }


def _item(
    facts: ItemFacts, recipient: Participant, programme: Programme, locale: Locale
) -> ItemView:
    mentor, mentee = recipient, facts.partner
    if facts.role is Role.MENTEE:
        mentor, mentee = mentee, mentor
    zones = (mentor.timezone or programme.timezone, mentee.timezone or programme.timezone)

    def view(session: Session) -> SessionView:
        return _session(session, *zones, locale)

    def change(change: SessionChange) -> ChangeView:
        return ChangeView(view(change.was), view(change.now) if change.now else None)

    return ItemView(
        you_lead=facts.role is Role.MENTOR,
        partner=_full_name(facts.partner),
        first_name=facts.partner.first_name,
        place=facts.location.strip().rstrip("."),
        session=view(facts.session) if facts.session else None,
        agenda_by=_agenda_by(facts.session, zones[1], programme, locale),
        sessions=tuple(map(view, facts.sessions)),
        cadence=_cadence(facts),
        changes=tuple(map(change, facts.changes)),
        because=_reasons(facts, recipient, locale),
        topic=facts.topic.text(locale.language) if facts.topic else None,
        agenda=facts.agenda,
        takeaways=facts.takeaways,
        promises=facts.promises[:MOST_PROMISES],
        form=_form(facts.form, programme, locale) if facts.form else None,
        answers=_answers(facts, locale),
        last=facts.last,
        until=long_day(facts.until, locale) if facts.until else "",
        own_wish=facts.own_wish,
    )


def _session(session: Session, mentor_zone: str, mentee_zone: str, locale: Locale) -> SessionView:
    here, there = (_wall(session, zone, locale) for zone in (mentor_zone, mentee_zone))
    if here.offset == there.offset:
        return SessionView(session.number, here, None)
    if here.day == there.day:
        there = Wall("", "", there.time, there.city, there.offset)
    return SessionView(session.number, here, there)


def _wall(session: Session, zone: str, locale: Locale) -> Wall:
    start, end = in_zone(session.start, zone), in_zone(session.end, zone)
    return Wall(
        day=long_day(start.date(), locale),
        short_day=short_day(start.date(), locale),
        time=clock_range(start, end, locale),
        city=city_of(zone, locale),
        offset=offset_of(start),
    )


def _agenda_by(session: Session | None, zone: str, programme: Programme, locale: Locale) -> str:
    if session is None:
        return ""
    return long_day(in_zone(session.start - programme.timing.prompt_before, zone).date(), locale)


def _reasons(facts: ItemFacts, recipient: Participant, locale: Locale) -> tuple[ReasonView, ...]:
    """Return every cause once, with all its names: two days off are one sentence."""
    names: dict[Cause, list[str]] = {}
    for reason in facts.because:
        day_off = reason.cause is Cause.DAY_OFF
        name = _day_off(reason.name, locale) if day_off else reason.name
        names.setdefault(reason.cause, []).append(name)
    yours = [recipient.first_name]
    shared = recipient.first_name == facts.partner.first_name
    return tuple(
        ReasonView(
            cause=cause.value,
            name=format_list(named, locale=locale),
            several=len(named) > 1,
            yours=named == yours and not shared,
        )
        for cause, named in names.items()
    )


def _day_off(name: str, locale: Locale) -> str:
    """Return a day off in the reader's language if it is a weekday; those come in English."""
    english = Locale("en").days["format"]["wide"]
    weekdays: dict[str, str] = {
        english[number]: day for number, day in locale.days["format"]["wide"].items()
    }
    return weekdays.get(name, name)


def _cadence(facts: ItemFacts) -> CadenceView | None:
    cadence = facts.cadence
    if cadence is None:
        return None
    return CadenceView(
        minutes=round(cadence.duration.total_seconds() / 60),
        interval=cadence.interval,
        monthly=cadence.frequency is Frequency.MONTHLY,
        count=cadence.count or 0,
    )


def _form(form: Form, programme: Programme, locale: Locale) -> FormView:
    private = [q for q in form.questions if q.visibility is Visibility.PAIR]
    reads = programme.summaries is SummaryMode.FIELDS and len(private) < len(form.questions)
    return FormView(
        id=form.id,
        questions=tuple(
            QuestionView(question.label(locale.language), _hint(question, locale))
            for question in form.questions
        ),
        coordinator_reads=reads,
        pair_only=tuple(q.label(locale.language) for q in private) if reads else (),
        rated=any(question.type is QuestionType.SCALE for question in form.questions),
    )


def _hint(question: Question, locale: Locale) -> str:
    """Return the hint for use in brackets: no full stop, and no colon, which ends a label."""
    hint = question.hint(locale.language).strip().removesuffix(".")
    return re.sub(r"\s*:\s+", " – ", hint)


def _answers(facts: ItemFacts, locale: Locale) -> tuple[AnswerView, ...]:
    questions = facts.form.questions if facts.form else ()
    return tuple(
        AnswerView(
            label=question.label(locale.language),
            type=question.type.value,
            text=_answer_text(question, facts.answers[question.id], locale),
            highest=question.highest,
        )
        for question in questions
        if facts.answers.get(question.id)
    )


def _answer_text(question: Question, value: str, locale: Locale) -> str:
    """Return a canonical answer as people say it; what is not canonical is shown as it is."""
    if question.type is QuestionType.DATE:
        try:
            return full_date(date.fromisoformat(value), locale)
        except ValueError:
            return value
    for choice in question.choices:
        if choice.value == value:
            return choice.labels.get(locale.language, choice.labels.get("en", value))
    return value


def _full_name(person: Participant) -> str:
    """Return "Given Family", also for a roster that says "Family, Given"."""
    family, comma, given = person.name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and given.strip() else person.name
