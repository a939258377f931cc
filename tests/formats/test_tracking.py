"""What the coordinator reads in the tracking workbook."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rmflow.domain.crowd import Rating
from rmflow.domain.form import Choice, Form, Question, QuestionType, Visibility
from rmflow.domain.keys import Key
from rmflow.domain.pairing import Pairing, PairingId
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.programme import Programme, SummaryMode
from rmflow.domain.reading import MailId
from rmflow.domain.records import AnswerRecord
from rmflow.domain.series import ParticipationStatus
from rmflow.domain.session import Evidence, Session, session_id
from rmflow.domain.topic import Owner, Topic, TopicText
from rmflow.formats.workbook.book import Book, Sheet, Typed, Value
from rmflow.formats.workbook.tracking import (
    LogLine,
    NeedsYou,
    SessionRow,
    SummaryState,
    View,
    build,
)
from rmflow.formats.workbook.tracking.frame import MOST_ROWS
from rmflow.formats.workbook.tracking.pairs import CHOICES
from rmflow.planner import commands

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
NEXT_MONTH = datetime(2026, 12, 1, 9, 15, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
P1 = PairingId("P1")


def a_question(
    id: str,
    type: QuestionType = QuestionType.TEXT,
    label: str = "",
    visibility: Visibility = Visibility.COORDINATOR,
    choices: tuple[Choice, ...] = (),
) -> Question:
    return Question(id, type, {"en": label or id.capitalize()}, {}, {}, visibility, choices)


def a_form(*questions: Question, id: str = "summary") -> Form:
    return Form(id, questions, questions[0].id)


SUMMARY = a_form(
    a_question("met", QuestionType.DATE, "Date we met"),
    a_question("talked", label="What we talked about"),
    a_question("takeaways", QuestionType.LIST, "Key takeaways"),
    a_question("secret", label="For the pair only", visibility=Visibility.PAIR),
    a_question("change", QuestionType.LIST, "What I will change or do"),
    a_question("worthwhile", QuestionType.SCALE, "How worthwhile (1-5)"),
    a_question(
        "share",
        QuestionType.CHOICE,
        "May we share it?",
        choices=(Choice("no", {"en": "No, thank you"}, {}),),
    ),
)
TOPIC = Topic(
    "jobs", Owner.MENTOR, 1, frozenset({"start"}), {"en": TopicText("First jobs", "", ())}
)
PROGRAMME = Programme(
    id="rm",
    name="Reverse Mentoring",
    mailbox=Address("mentoring@contoso.example"),
    mailbox_name="Reverse Mentoring",
    coordinator=Address("hannah.weber@contoso.example"),
    coordinator_name="Hannah Weber",
    salt=b"salt",
    timezone="Europe/Berlin",
    forms={"summary": SUMMARY},
    topics=(TOPIC,),
)


def a_person(id: str, name: str) -> Participant:
    return Participant(PersonId(id), Address(f"{id}@contoso.example"), name, "UTC", team="Payments")


def a_view(pairs: int = 1, **changes: Any) -> View:
    people = [a_person(f"mentor{n}", f"Mentor {n}") for n in range(1, pairs + 1)]
    people += [a_person(f"mentee{n}", f"Mentee {n}") for n in range(1, pairs + 1)]
    pairings = tuple(
        Pairing(PairingId(f"P{n}"), PersonId(f"mentor{n}"), PersonId(f"mentee{n}"), "hour-monthly")
        for n in range(1, pairs + 1)
    )
    usual = View(PROGRAMME, NOW, {p.id: p for p in people}, pairings, states={})
    return replace(usual, **changes)


def a_meeting(
    start: datetime = datetime(2026, 11, 3, 9, tzinfo=BERLIN),
    evidence: Evidence = Evidence.CONFIRMED,
    pairing: str = "P1",
    *,
    moved: bool = False,
    **changes: Any,
) -> SessionRow:
    session = Session(session_id(start), 1, start, start + timedelta(hours=1), moved=moved)
    accepted = ParticipationStatus.ACCEPTED
    usual = SessionRow(PairingId(pairing), session, evidence, accepted, accepted)
    return replace(usual, **changes)


def a_rating(number: int, row: SessionRow, value: int = 3) -> Rating:
    """Return a rating of this meeting by its mentee, whose receipt left the day after."""
    mentee = PersonId(f"mentee{row.pairing.removeprefix('P')}")
    at = datetime(2026, 11, 4, 9, tzinfo=UTC)
    return Rating(f"{row.pairing}/{number}", mentee, row.topic, at, value)


def an_answer(
    answers: Mapping[str, str], meeting: SessionRow | None = None, **changes: Any
) -> AnswerRecord:
    about = meeting or a_meeting()
    usual = AnswerRecord(
        mail_id=MailId("1"),
        pairing=about.pairing,
        session=about.session.id,
        form="summary",
        author=PersonId("mentee1"),
        received_at=about.session.end,
        status="ok",
        answers_json=json.dumps(answers),
        text="",
    )
    return replace(usual, **changes)


def sheet_of(book: Book, name: str) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.name == name)


def rows_of(book: Book, name: str) -> list[dict[str, Value]]:
    sheet = sheet_of(book, name)
    titles = [column.title for column in sheet.columns]
    return [dict(zip(titles, row, strict=True)) for row in sheet.rows]


def figure(book: Book, label: str) -> Value:
    return next(f.value for f in sheet_of(book, "Overview").figures if f.label == label)


def block(book: Book, title: str) -> tuple[tuple[Value, ...], ...] | None:
    blocks = {block.title: block.rows for block in sheet_of(book, "Overview").blocks}
    return blocks.get(title)


ANSWERS = {
    "met": "2026-11-03",
    "talked": "Onboarding.",
    "takeaways": "one\ntwo",
    "secret": "between us",
    "change": "walk the first day\nask IT",
    "worthwhile": "5",
    "share": "no",
}


class TestOverview:
    def test_kinds_of_evidence_are_never_mixed_in_a_figure(self) -> None:
        """FEATURES S10."""
        evidence = [
            Evidence.CONFIRMED,
            Evidence.CONFIRMED,
            Evidence.CONFIRMED,
            Evidence.PRESUMED,
            Evidence.PRESUMED,
            Evidence.NOT_HELD,
            Evidence.UNKNOWN,
        ]
        start = datetime(2026, 10, 5, 9, tzinfo=BERLIN)
        meetings = tuple(
            a_meeting(start + timedelta(days=7 * n), kind) for n, kind in enumerate(evidence)
        )

        book = build(a_view(sessions=meetings))

        labels = ("Confirmed", "Presumed", "Not held", "Unknown")
        assert [figure(book, label) for label in labels] == [3, 2, 1, 1]
        assert block(book, "Meetings by month and evidence") == (
            ("Oct ’26", 3, 1, 0, 0),
            ("Nov ’26", 0, 1, 1, 1),
        )

    def test_a_month_without_meetings_is_a_gap_and_not_left_out(self) -> None:
        meetings = (
            a_meeting(datetime(2026, 8, 31, 9, tzinfo=BERLIN)),
            a_meeting(datetime(2026, 11, 2, 9, tzinfo=BERLIN)),
        )

        rows = block(build(a_view(sessions=meetings)), "Meetings by month and evidence")

        assert rows is not None
        assert [row[:2] for row in rows] == [
            ("Aug ’26", 1),
            ("Sep ’26", 0),
            ("Oct ’26", 0),
            ("Nov ’26", 1),
        ]

    def test_a_month_ends_at_midnight_of_the_programme(self) -> None:
        """Half past midnight on 1 November in Berlin is still October in UTC."""
        meeting = a_meeting(datetime(2026, 10, 31, 23, 30, tzinfo=UTC))

        rows = block(build(a_view(sessions=(meeting,))), "Meetings by month and evidence")

        assert rows == (("Nov ’26", 1, 0, 0, 0),)

    def test_meetings_to_come_are_planned_and_nothing_else(self) -> None:
        meetings = (
            a_meeting(NOW + timedelta(days=3), Evidence.PLANNED),
            a_meeting(NOW + timedelta(days=4), Evidence.PLANNED, cancelled=True),
            a_meeting(NOW + timedelta(days=40), Evidence.PLANNED),
        )

        book = build(a_view(sessions=meetings))

        assert figure(book, "Planned") == 1
        assert block(book, "Meetings by month and evidence") is None

    @pytest.mark.parametrize(("people", "shown"), [(4, "–"), (5, 3.0)])
    def test_an_average_needs_five_people(self, people: int, shown: Value) -> None:
        """DESIGN 9: fewer people could be told apart."""
        meetings = tuple(a_meeting(pairing=f"P{n}", topic="jobs") for n in range(1, people + 1))
        twice = tuple(
            replace(m, session=a_meeting(NOW - timedelta(days=40)).session) for m in meetings
        )
        rows = (*meetings, *twice)
        ratings = tuple(a_rating(n, row) for n, row in enumerate(rows))

        book = build(a_view(people, sessions=rows, ratings=ratings, now=NEXT_MONTH))

        assert figure(book, "Average rating") == shown
        assert (block(book, "Average rating by month (5 is best)") is not None) is (people >= 5)
        (topic,) = rows_of(book, "Topics")
        assert topic["Meetings"] == 2 * people
        assert topic["Average rating"] == (None if people < 5 else 3.0)
        assert topic["Rated by"] == (None if people < 5 else 5)

    @pytest.mark.parametrize("number", [2, 3])
    def test_topics_are_compared_where_there_are_three_of_them(self, number: int) -> None:
        topics = tuple(replace(TOPIC, id=f"{TOPIC.id}-{n}") for n in range(number))
        rows = tuple(
            a_meeting(NOW - timedelta(days=30 + n), pairing=f"P{person}", topic=topic.id)
            for n, topic in enumerate(topics)
            for person in range(1, 6)
        )
        ratings = tuple(a_rating(n, row) for n, row in enumerate(rows))
        programme = replace(PROGRAMME, topics=topics)

        view = a_view(5, sessions=rows, ratings=ratings, now=NEXT_MONTH, programme=programme)

        found = block(build(view), "Topics by average rating")
        assert (None if found is None else len(found)) == (None if number < 3 else number)

    def test_a_rating_enters_the_averages_when_the_month_is_over(self) -> None:
        """Else the difference to yesterday's workbook is what one person gave."""
        rows = tuple(a_meeting(pairing=f"P{n}") for n in range(1, 6))
        ratings = tuple(a_rating(n, row) for n, row in enumerate(rows))

        today = build(a_view(5, sessions=rows, ratings=ratings))
        later = build(a_view(5, sessions=rows, ratings=ratings, now=NEXT_MONTH))

        assert figure(today, "Average rating") == "–"
        assert figure(later, "Average rating") == 3.0
        assert block(later, "Average rating by month (5 is best)") == (("Nov ’26", 3.0),)

    def test_a_topic_that_the_total_would_give_away_is_hidden(self) -> None:
        """Six people rated two topics; one of them by herself."""
        rows = tuple(
            a_meeting(pairing=f"P{n}", topic="jobs" if n < 6 else "their own") for n in range(1, 7)
        )
        ratings = tuple(a_rating(n, row) for n, row in enumerate(rows))

        book = build(a_view(6, sessions=rows, ratings=ratings, now=NEXT_MONTH))

        assert figure(book, "Average rating") == 3.0
        assert block(book, "Topics by average rating") is None
        (topic,) = rows_of(book, "Topics")
        assert (topic["Meetings"], topic["Rated by"], topic["Average rating"]) == (5, None, None)

    def test_summaries_asked_for_are_compared_with_those_received(self) -> None:
        states = [SummaryState.RECEIVED, SummaryState.REMINDED, SummaryState.NOT_ASKED]
        meetings = tuple(
            a_meeting(NOW - timedelta(days=1 + n), summary_state=state)
            for n, state in enumerate(states)
        )

        book = build(a_view(sessions=meetings))

        assert figure(book, "Summaries") == 1
        assert block(book, "Summaries asked for and received") == (("Nov ’26", 2, 1),)


class TestNeedsYou:
    def a_question(self, key: str, days: int, *, urgent: bool = False) -> NeedsYou:
        since = NOW - timedelta(days=days)
        return NeedsYou(key, P1, since, "declined", "It happened.", "Do this.", urgent=urgent)

    def test_urgent_things_come_first_then_what_has_waited_longest(self) -> None:
        questions = (
            self.a_question("new", 1),
            self.a_question("old", 9),
            self.a_question("urgent", 0, urgent=True),
        )

        rows = sheet_of(build(a_view(questions=questions)), "Needs you").rows

        assert [row[0] for row in rows] == ["urgent", "old", "new"]

    def test_every_line_says_what_happened_and_what_to_do(self) -> None:
        (row,) = rows_of(build(a_view(questions=(self.a_question("q", 1),))), "Needs you")

        assert row["Mentor"] == "Mentor 1"
        assert row["What happened"] == "It happened."
        assert row["What you can do"] == "Do this."
        assert row["Since"] == date(2026, 11, 21)

    def test_a_quiet_day_is_said(self) -> None:
        assert "Nothing needs you" in sheet_of(build(a_view()), "Needs you").intro


class TestPairs:
    def test_a_pair_shows_where_it_stands(self) -> None:
        meetings = (
            a_meeting(datetime(2026, 10, 6, 9, tzinfo=BERLIN), Evidence.PRESUMED, rating=4),
            a_meeting(rating=5, summary_state=SummaryState.RECEIVED),
            a_meeting(datetime(2026, 12, 1, 14, 30, tzinfo=BERLIN), Evidence.PLANNED),
        )

        (row,) = rows_of(build(a_view(sessions=meetings)), "Pairs")

        assert row["State"] == "active"
        assert row["Next meeting"] == datetime(2026, 12, 1, 14, 30)
        assert row["Last held"] == date(2026, 11, 3)
        assert (row["Confirmed"], row["Presumed"], row["Summaries"]) == (1, 1, 1)
        assert row["Average rating"] == 4.5
        assert row["Health"] == "good"

    def test_the_next_meeting_is_one_that_takes_place(self) -> None:
        meetings = (
            a_meeting(NOW + timedelta(days=3), Evidence.PLANNED, cancelled=True),
            a_meeting(datetime(2026, 12, 3, 9, tzinfo=BERLIN), Evidence.PLANNED),
        )

        (row,) = rows_of(build(a_view(sessions=meetings)), "Pairs")

        assert row["Next meeting"] == datetime(2026, 12, 3, 9)

    def test_a_pair_at_risk_says_why_and_what_would_help(self) -> None:
        """FEATURES R5: no black box."""
        declined = tuple(
            a_meeting(
                NOW - timedelta(days=30 * n),
                Evidence.NOT_HELD,
                mentee_response=ParticipationStatus.DECLINED,
            )
            for n in (1, 2)
        )
        coming = a_meeting(
            NOW + timedelta(days=5),
            Evidence.PLANNED,
            mentee_response=ParticipationStatus.NEEDS_ACTION,
        )

        book = build(a_view(sessions=(*declined, coming)))

        (row,) = rows_of(book, "Pairs")
        assert row["Health"] == "at risk"
        assert row["Why"] == "the mentee declined 2 meetings in a row"
        assert row["What would help"]
        assert figure(book, "Pairs at risk") == 1

    def test_a_paused_pair_has_no_health_to_worry_about(self) -> None:
        old = a_meeting(NOW - timedelta(days=200))

        (row,) = rows_of(build(a_view(sessions=(old,), states={P1: "paused"})), "Pairs")

        assert (row["State"], row["Health"], row["Why"]) == ("paused", None, None)

    def test_the_coordinator_can_choose_everything_the_planner_obeys(self) -> None:
        (column,) = (c for c in sheet_of(build(a_view()), "Pairs").columns if c.title == "Do next")

        assert column.choices == CHOICES == commands.CHOICES
        assert (commands.SHEET, commands.COLUMN) == ("Pairs", "Do next")


class TestSessions:
    def test_the_latest_meeting_comes_first_and_the_far_future_is_left_out(self) -> None:
        meetings = tuple(
            a_meeting(NOW + timedelta(days=days), Evidence.PLANNED) for days in (-60, 30, 36, -2)
        )

        rows = rows_of(build(a_view(sessions=meetings)), "Sessions")

        starts = [row["Meeting"] for row in rows]
        assert starts == [
            datetime(2026, 12, 22, 10, 15),
            datetime(2026, 11, 20, 10, 15),
            datetime(2026, 9, 23, 11, 15),
        ]

    def test_a_meeting_says_what_is_known_of_it(self) -> None:
        meeting = a_meeting(
            evidence=Evidence.NOT_HELD,
            moved=True,
            topic="jobs",
            mentee_response=ParticipationStatus.DECLINED,
            summary_state=SummaryState.NEEDS_YOU,
            cancelled=True,
            note="ill",
        )

        (row,) = rows_of(build(a_view(sessions=(meeting,))), "Sessions")

        assert row["Topic"] == "First jobs"
        assert (row["Mentor said"], row["Mentee said"]) == ("accepted", "declined")
        assert (row["Held"], row["Summary"]) == ("not held", "needs you")
        assert row["Remark"] == "cancelled; moved; ill"

    def test_a_topic_of_the_mentees_own_is_shown_in_their_words(self) -> None:
        meeting = a_meeting(topic="Our returns policy")

        (row,) = rows_of(build(a_view(sessions=(meeting,))), "Sessions")

        assert row["Topic"] == "Our returns policy"

    def test_too_many_meetings_to_read_are_cut_and_counted(self) -> None:
        start = NOW - timedelta(days=1)
        meetings = tuple(a_meeting(start - timedelta(minutes=n)) for n in range(MOST_ROWS + 1))

        sheet = sheet_of(build(a_view(sessions=meetings)), "Sessions")

        assert len(sheet.rows) == MOST_ROWS
        assert sheet.rows[0][5] == datetime(2026, 11, 21, 10, 15)
        assert sheet.intro.endswith("Shown are the latest 20,000 of 20,001.")


class TestSummaries:
    def test_the_forms_questions_are_the_columns_in_their_order(self) -> None:
        """DESIGN 5: one form, three uses."""
        view = a_view(sessions=(a_meeting(topic="jobs"),), answers=(an_answer(ANSWERS),))

        (row,) = rows_of(build(view), "Summaries")

        titles = list(row)
        assert titles[-7:-1] == [
            "Date we met",
            "What we talked about",
            "Key takeaways",
            "What I will change or do",
            "How worthwhile (1-5)",
            "May we share it?",
        ]
        assert [row[title] for title in titles[-7:-1]] == [
            date(2026, 11, 3),
            "Onboarding.",
            "• one\n• two",
            "• walk the first day\n• ask IT",
            5,
            "No, thank you",
        ]
        assert (row["Topic"], row["Topic tags"]) == ("First jobs", "start")
        assert (row["Written by"], row["Understood"]) == ("mentee", "fully")

    def test_a_question_that_is_added_becomes_a_column(self) -> None:
        form = replace(SUMMARY, questions=(*SUMMARY.questions, a_question("mood")))
        programme = replace(PROGRAMME, forms={"summary": form})
        view = a_view(programme=programme, answers=(an_answer({"mood": "sunny"}),))

        (row,) = rows_of(build(view), "Summaries")

        assert row["Mood"] == "sunny"

    def test_what_only_the_pair_may_read_is_nowhere_in_the_workbook(self) -> None:
        view = a_view(sessions=(a_meeting(),), answers=(an_answer(ANSWERS),))

        assert "between us" not in repr(build(view))

    def test_with_counts_the_text_stays_with_the_pair(self) -> None:
        """DESIGN 5: that it came, its ratings and topic tags, and nothing else."""
        view = a_view(
            programme=replace(PROGRAMME, summaries=SummaryMode.COUNTS),
            sessions=(
                a_meeting(topic="jobs", rating=5),
                a_meeting(NOW - timedelta(days=40), topic="Our returns policy"),
            ),
            answers=(an_answer(ANSWERS),),
        )

        book = build(view)

        (row,) = rows_of(book, "Summaries")
        assert (row["How worthwhile (1-5)"], row["Topic tags"]) == (5, "start")
        for text in ("Onboarding", "• one", "Our returns", "walk the first day", "No, thank you"):
            assert text not in repr([sheet.rows for sheet in book.sheets])
        assert "Promises" not in [sheet.name for sheet in book.sheets]

    def test_a_corrected_summary_reads_as_it_was_corrected(self) -> None:
        answers = (
            an_answer({"talked": "second"}, revision=1, mail_id="2"),
            an_answer({"talked": "first"}),
        )

        (row,) = rows_of(build(a_view(answers=answers)), "Summaries")

        assert row["What we talked about"] == "second"

    def test_an_answer_from_before_its_question_changed_is_still_shown(self) -> None:
        answer = an_answer({"met": "last Tuesday", "worthwhile": "very", "share": "maybe"})

        (row,) = rows_of(build(a_view(answers=(answer,))), "Summaries")

        assert row["Date we met"] == "last Tuesday"
        assert row["How worthwhile (1-5)"] == "very"
        assert row["May we share it?"] == "maybe"

    def test_a_label_that_repeats_a_column_gets_a_title_of_its_own(self) -> None:
        """Excel calls a table with two equal titles damaged."""
        form = a_form(a_question("a", label="Topic"), a_question("b", label="topic"))
        view = a_view(
            programme=replace(PROGRAMME, forms={"summary": form}),
            answers=(an_answer({"a": "x", "b": "y"}),),
        )

        (row,) = rows_of(build(view), "Summaries")

        assert (row["Topic (2)"], row["topic (3)"]) == ("x", "y")

    def test_every_promise_has_a_row_whose_key_follows_its_words(self) -> None:
        """A correction that inserts a line must not move notes to another promise."""
        before = rows_of(build(a_view(answers=(an_answer({"change": "ask IT"}),))), "Promises")
        after = rows_of(
            build(a_view(answers=(an_answer({"change": "first this\nAsk  IT"}, revision=1),))),
            "Promises",
        )

        key = "rmflow:Promises"
        assert [row["Promise"] for row in after] == ["first this", "Ask  IT"]
        assert after[1][key] == before[0][key] != after[0][key]

    def test_promises_stand_in_the_order_in_which_they_were_first_made(self) -> None:
        old, new = a_meeting(NOW - timedelta(days=60)), a_meeting(NOW - timedelta(days=30))
        answers = (
            an_answer({"change": "ask IT"}, old),
            an_answer({"change": "ask IT\nwalk the first day"}, new, mail_id="2"),
        )

        rows = rows_of(build(a_view(sessions=(old, new), answers=answers)), "Promises")

        assert [(row["Promise"], row["Made on"]) for row in rows] == [
            ("walk the first day", date(2026, 10, 23)),
            ("ask IT", date(2026, 9, 23)),
        ]

    def test_another_form_has_a_sheet_once_somebody_answered(self) -> None:
        pulse = a_form(a_question("teaching", QuestionType.SCALE, "Who taught more?"), id="pulse")
        programme = replace(PROGRAMME, forms={"summary": SUMMARY, "pulse": pulse})
        answer = an_answer({"teaching": "4"}, form="pulse")

        silent = build(a_view(programme=programme))
        answered = build(a_view(programme=programme, answers=(answer,)))

        assert "Pulse" not in [sheet.name for sheet in silent.sheets]
        assert rows_of(answered, "Pulse")[0]["Who taught more?"] == 4


class TestLog:
    def test_the_newest_line_comes_first_and_two_thousand_are_enough(self) -> None:
        lines = tuple(
            LogLine(NOW - timedelta(minutes=n), Key(f"{n:05}"), P1, "send prompt", "done")
            for n in range(2_100)
        )

        rows = rows_of(build(a_view(log=lines)), "Log")

        assert len(rows) == 2_000
        assert rows[0]["When"] == datetime(2026, 11, 22, 10, 15)


class TestBook:
    def test_a_new_programme_has_its_four_first_sheets(self) -> None:
        names = [
            sheet.name for sheet in build(a_view(programme=replace(PROGRAMME, topics=()))).sheets
        ]

        assert names == ["Overview", "Needs you", "Pairs", "Sessions"]

    def test_the_passing_of_a_day_alone_does_not_change_the_book(self) -> None:
        """PERFORMANCE 6: what did not change is not written again."""
        view = a_view(sessions=(a_meeting(),))

        later = replace(view, now=NOW + timedelta(days=1))

        assert build(view).digest == build(later).digest
        assert build(view).digest != build(replace(view, sessions=())).digest

    def test_a_person_who_left_is_shown_by_what_is_known(self) -> None:
        meeting = a_meeting(pairing="P9")

        rows = rows_of(build(a_view(people={}, sessions=(meeting,))), "Sessions")

        assert (rows[0]["Pair"], rows[0]["Mentor"]) == ("P9", None)
        assert rows_of(build(a_view(people={})), "Pairs")[0]["Mentor"] == "mentor1"

    def test_what_was_typed_is_in_its_place(self) -> None:
        typed = (
            Typed("Pairs", "P1", "Do next", "pause"),
            Typed("Pairs", "P1", "Coordinator notes", "call them"),
        )

        (row,) = rows_of(build(a_view(), typed), "Pairs")

        assert (row["Do next"], row["Coordinator notes"]) == ("pause", "call them")

    def test_every_sheet_to_annotate_has_a_column_for_it(self) -> None:
        view = a_view(sessions=(a_meeting(),), answers=(an_answer(ANSWERS),))

        annotated = {
            sheet.name
            for sheet in build(view).sheets
            if any(c.title == "Coordinator notes" and c.typed for c in sheet.columns)
        }

        assert annotated == {"Needs you", "Pairs", "Sessions", "Summaries", "Promises"}
