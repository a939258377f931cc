"""Names, places, topics and answers that try to be something else: a header, a line, a tag.

`make fuzz` tries 10,000, the plain tests a few, other ones every time.
"""

import json
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import Message
from html.parser import HTMLParser
from random import Random

import pytest
import reply_corpus as corpus
from a_series import a_series
from exchangelib import CalendarItem
from exchangelib.version import EXCHANGE_2016, Version
from letter_samples import MARGARET, PROGRAMME, WRITER
from roster_samples import PAIRS, PEOPLE, read

from rmflow.adapters.exchange.writing import span
from rmflow.adapters.exchange.writing import words as exchange_words
from rmflow.adapters.google.event import new_event
from rmflow.adapters.graph.event import shell
from rmflow.domain.documents import to_json
from rmflow.domain.keys import Key
from rmflow.domain.series import SeriesSpec
from rmflow.formats.calendar.ics import Method, invitation
from rmflow.formats.calendar.vcalendar import calendar_in, events_in, users_of
from rmflow.formats.letters.compose import CalendarPart, Envelope, compose, message_id
from rmflow.formats.letters.facts import LetterFacts
from rmflow.formats.letters.preview import samples

FUZZING = bool(os.environ.get("RMFLOW_FUZZ"))
ALL, SLICE = (10_000, 500) if FUZZING else (60, 60)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Key("3f9a6c0d51e24b7788aa90bbccddeeff")
_PIECES = (
    "Bcc: mallory@evil.example", "\r\nBcc: mallory@evil.example", "\nSubject: x", "\r\n\r\n<script>", "\r", "\n", "\x00", "\x85", "\u2028",
    "\x1b[2J", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0001", "\ufffe", "=?utf-8?q?=0D=0ABcc:?=",
    "=?", "?=", "=0D=0A", "%0d%0a", '"', "\\", '"<x@y.example>', "<mallory@evil.example>,", ";", ":", ",", "(((", ")", "@", "END:VEVENT",
    "\r\nATTENDEE:mailto:mallory@evil.example", '";X="', "\\n", "{{ 7*7 }}", "{% for %}", "<b>", "</td>", "<img src=x onerror=alert(1)>",
    "javascript:alert(1)", "&lt;", "]]>", "<!--", "=HYPERLINK(1)", "+1", "会議", "שרה", "🙂", "é" * 300, "x" * 1_200, " " * 200, "**", "# ", "- ", "? **Q**:",
)  # fmt: skip


_HALVES = ("\ud800", "\udfff")  # of characters


def words(chance: Random, *, halves: bool = True) -> str:
    """Some hostile words with honest ones between them."""
    choices = (*_PIECES, *(_HALVES if halves else ()), "Zoë", "van der Berg", " ")
    return "".join(chance.choice(choices) for _ in range(chance.randint(1, 5)))


FACTS = [facts for _, facts in samples(replace(PROGRAMME, forms=corpus.FORMS))]


def with_words(facts: LetterFacts, chance: Random) -> LetterFacts:
    """The letter with everything in it said by somebody hostile."""
    (item,) = facts.items
    item = replace(
        item,
        partner=replace(item.partner, name=words(chance)),
        promises=(words(chance),),
        because=tuple(replace(reason, name=words(chance)) for reason in item.because),
        answers={id: words(chance) for id in item.answers},
        location=words(chance),
        agenda=words(chance),
        takeaways=words(chance),
    )
    named = replace(facts.recipient, name=words(chance))
    return replace(facts, recipient=named, items=(item,))


def envelope(facts: LetterFacts, chance: Random) -> Envelope:
    return Envelope(
        key=KEY,
        message_id=message_id(KEY, PROGRAMME.mailbox),
        sender=PROGRAMME.mailbox,
        sender_name=words(chance),
        recipient=MARGARET.address,
        recipient_name=facts.recipient.name,
        reply_to=PROGRAMME.mailbox,
        date=datetime(2026, 11, 3, 8, 30, tzinfo=UTC),
        kind=facts.kind.value,
        in_reply_to=words(chance),
        references=(words(chance), "<a@contoso.example>"),
    )


def series(chance: Random, *, halves: bool = True) -> SeriesSpec:
    """A series of which every word is hostile; a planner's title is no longer than Exchange takes."""
    summary, text, place, name, *names = (words(chance, halves=halves) for _ in range(6))
    usual = a_series()
    guests = tuple(replace(guest, name=n) for guest, n in zip(usual.attendees, names, strict=True))
    return a_series(
        attendees=guests,
        summary=summary[:255],
        description=text,
        location=place,
        organiser_name=name,
    )


def slices() -> range:
    return range(ALL // SLICE)


def numbers(slice: int) -> range:
    first = slice * SLICE if FUZZING else random.randrange(10**9)
    return range(first, first + SLICE)


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.seen += [
            tag,
            *(name for name, _ in attrs),
            *(v or "" for n, v in attrs if n == "href"),
        ]


@pytest.mark.parametrize("slice", slices())
def test_no_letter_gets_a_header_or_a_tag_from_words_and_none_is_lost(slice: int) -> None:
    """PITFALLS 4.2 and 4.3, through every kind of letter: 0 extra headers, 0 letters not written."""
    for number in numbers(slice):
        chance = Random(number)
        facts = with_words(FACTS[number % len(FACTS)], chance)
        written = WRITER.write(facts)
        tags = set(_Tags(written.html).seen)
        assert not tags & {"script", "img", "iframe", "form", "svg", "object", "onerror"}, number
        assert not any(tag.startswith(("javascript:", "data:")) for tag in tags), number
        calendar = None
        if facts.kind.value == "invitation":
            content = invitation(series(chance), method=Method.REQUEST, now=NOW)
            calendar = CalendarPart("REQUEST", content)
        content = compose(written, envelope(facts, chance), calendar)
        head = content.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
        names = [line.split(b":")[0].decode() for line in head if line[:1] not in b" \t"]
        assert names == [
            "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted",
            "X-Auto-Response-Suppress", "X-Rmflow-Key", "X-Rmflow-Kind", *names[11:],
        ], number  # fmt: skip
        assert set(names[11:]) <= {
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        }
        message: Message[str, str] = message_from_bytes(content, policy=policy.compat32)
        assert message.keys() == names
        parts = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
        assert (
            parts
            == ["text/plain", "text/html", "text/calendar", "application/ics"][
                : 4 if calendar else 2
            ]
        )


def lines_of(content: bytes) -> list[str]:
    """Names of the properties, found with nothing but `split`."""
    unfolded = content.decode().replace("\r\n ", "")
    return [line.replace(";", ":").split(":")[0] for line in unfolded.split("\r\n")]


@pytest.mark.parametrize("slice", slices())
def test_no_calendar_object_gets_a_line_from_words(slice: int) -> None:
    """CVE-2022-24838: a name that is an attendee."""
    usual = sorted(lines_of(invitation(a_series(), method=Method.REQUEST, now=NOW)))
    for number in numbers(slice):
        spec = series(Random(number))
        content = invitation(spec, method=Method.REQUEST, now=NOW)
        names = lines_of(content)
        optional = {"LOCATION", "DESCRIPTION"}
        assert sorted(n for n in names if n not in optional) == [
            n for n in usual if n not in optional
        ], number
        invited = {str(guest).lower() for guest in users_of(events_in(calendar_in(content))[0])}
        assert len(invited) == len(spec.attendees), number
        assert all("\n" not in line and "\r" not in line for line in content.decode().split("\r\n"))


@pytest.mark.parametrize("slice", slices())
def test_no_request_to_a_vendor_changes_its_shape_by_words(slice: int) -> None:
    """Words stay values of JSON, and text of XML. Half a character comes in nowhere: the roster
    and `web` leave it out.
    """
    for number in numbers(slice):
        spec = series(Random(number), halves=False)
        for body, plain in (
            (new_event(spec, "live", guests_can_modify=True), new_event(a_series(), "live", guests_can_modify=True)),
            (shell(spec, online=False, reminder=timedelta(minutes=10)), shell(a_series(), online=False, reminder=timedelta(minutes=10))),
        ):  # fmt: skip
            sent = json.dumps(body).encode()
            assert json.loads(sent) == body
            assert _shape(body) == _shape(plain), number
        assert _tags(spec) == _tags(a_series()), number


def _tags(spec: SeriesSpec) -> list[str]:
    """The elements that Exchange is sent."""
    start, end = span(spec, spec.start)
    item = CalendarItem(start=start, end=end, **exchange_words(spec))
    return [each.tag for each in item.to_xml(version=Version(build=EXCHANGE_2016)).iter()]


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    return [_shape(inner) for inner in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize("slice", slices())
def test_a_hostile_roster_is_refused_by_its_cells_or_understood_and_stored(slice: int) -> None:
    """A name in a sheet of Google's or Microsoft's may hold half a character, too."""
    for number in numbers(slice):
        chance = Random(number)
        line = [*PEOPLE[1]]
        line[chance.choice((1, 1, 3))] = words(chance)
        reading = read([PEOPLE[0], line, *PEOPLE[2:]], PAIRS)
        for problem in reading.problems:
            str(problem).encode()
            assert problem.place.startswith("roster.xlsx, P")
        if reading.roster is None:
            assert any(not problem.warning for problem in reading.problems)
            continue
        for person in reading.roster.people.values():
            to_json(person).encode()
            assert person.name.isprintable() or "\u200b" not in person.name
            assert "=?" not in person.name
