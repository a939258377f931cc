"""The simulated people: what they write is what mail and calendar programs write."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from demo_files import first_letter, letters_to, written
from icalendar import Calendar

from rmflow.demo.people import mail_programs
from rmflow.demo.people.cast import leaders, mentors
from rmflow.demo.people.invitation import Answer, Attendee, Invitation, Program, answered, proposed
from rmflow.demo.people.letter import Letter, questions
from rmflow.demo.people.mail_programs import Reply, gmail, iphone, outlook, plain
from rmflow.demo.people.telling import inside_the_quote, meaning

NOW = datetime(2026, 10, 21, 17, 30, tzinfo=ZoneInfo("America/New_York"))
ASKS = {
    "Eleanor Whitcombe": "worthwhile",
    "Katharina Vogt": "gelohnt",
    "Jean-Baptiste Moreau": "valait la peine",
}
MARCUS = Attendee("Marcus Adeyemi", "marcus.adeyemi@contoso.example", Program.OUTLOOK)

pytest_plugins = ("demo_played",)


def test_the_people_know_nothing_of_rmflow_but_each_other() -> None:
    """Whatever comes out of a play, they did it with mail, calendars and spreadsheets alone."""
    code = (
        "import json, sys, rmflow.demo.people.society;"
        "print(json.dumps([m for m in sys.modules if m.startswith('rmflow.')]))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    strangers = [m for m in json.loads(found.stdout) if not m.startswith("rmflow.demo")]

    assert strangers == []


def test_what_people_write_is_sound_mail(october: Path) -> None:
    """RFC 5322: parsed without a defect, from one person, each under an id of its own."""
    mails = written(october)

    assert len(mails) > 40
    assert [part.defects for mail in mails for part in mail.walk() if part.defects] == []
    assert all(len(mail["From"].addresses) == len(mail["To"].addresses) == 1 for mail in mails)
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    assert all(mail["Date"].datetime < datetime(2026, 11, 6, tzinfo=UTC) for mail in mails)


@pytest.mark.parametrize(("name", "asks"), ASKS.items())
def test_a_reader_sees_what_each_question_is_after(october: Path, name: str, asks: str) -> None:
    """Labels differ by language; that is all a person has to go by."""
    letter = first_letter(october, name, about=asks)

    meanings = [meaning(question) for question in questions(letter)]

    assert meanings == [
        "met", "talked", "takeaways", "surprise", "change", "rating", "next", "share",
    ]  # fmt: skip


def test_a_letter_that_asks_nothing_has_no_questions(october: Path) -> None:
    prompts = [each for each in letters_to(october, "Aylin Demir") if not each.calendar]

    assert prompts
    assert [questions(letter) for letter in prompts] == [[] for _ in prompts]


def reply_to(letter: Letter) -> Reply:
    said = inside_the_quote(questions(letter), {"rating": "4", "takeaways": "One\nTwo"}, "en")
    return Reply(
        name="Marcus Adeyemi",
        address="marcus.adeyemi@contoso.example",
        language="en",
        message_id="<1@contoso.example>",
        at=NOW,
        letter=letter,
        above=said.above,
        inside=said.inside,
        sign_off="Best wishes,\nMarcus",
    )


def test_an_answer_stands_below_its_question_behind_marks(october: Path) -> None:
    letter = first_letter(october, "Marcus Adeyemi", about="worthwhile")

    lines = plain(reply_to(letter)).get_content().splitlines()

    at = next(i for i, line in enumerate(lines) if line.startswith("> How worthwhile it was"))
    assert lines[at + 1] == "4"


@pytest.mark.parametrize("program", [gmail, outlook, iphone])
def test_an_answer_stands_below_its_question_on_the_page(
    october: Path, program: mail_programs.Program
) -> None:
    letter = first_letter(october, "Marcus Adeyemi", about="worthwhile")

    mail = program(reply_to(letter))
    body = mail.get_body(("html",))
    assert isinstance(body, EmailMessage)
    page = body.get_content()

    question, answer = page.index("How worthwhile it was"), page.index(">4</span>")
    assert "</p>" in page[question:answer]
    assert answer < page.index("Topic for next time")
    assert ">One<br>Two</span>" in page


def test_a_reply_goes_where_the_letter_asks_for_it(october: Path) -> None:
    letter = first_letter(october, "Marcus Adeyemi", about="worthwhile")

    mail = plain(reply_to(letter))

    assert letter.answer_to.startswith("mentoring+")
    assert mail["To"].addresses[0].addr_spec == letter.answer_to
    assert mail["In-Reply-To"] == letter.message_id


def invitation_of(october: Path) -> Invitation:
    letter = next(each for each in letters_to(october, "Marcus Adeyemi") if each.calendar)
    invitation = Invitation.read(letter.calendar)
    assert invitation is not None
    return invitation


def calendar_in(mail: EmailMessage) -> Calendar:
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert isinstance(part, EmailMessage)
    assert part.get_param("method") == str(Calendar.from_ical(part.get_content())["METHOD"])
    calendar = Calendar.from_ical(part.get_content())
    assert isinstance(calendar, Calendar)
    return calendar


@pytest.mark.parametrize("program", Program)
def test_an_acceptance_names_the_series_and_one_attendee(october: Path, program: Program) -> None:
    """RFC 5546 section 3.2.3; RFC 5545 section 3.2.18 for the assistant who sends it."""
    invitation = invitation_of(october)
    who = Attendee(
        MARCUS.name, MARCUS.address, program, "pat.morales@contoso.example", "Pat Morales"
    )

    mail = answered(invitation, who, Answer.ACCEPTED, NOW)
    event = calendar_in(mail).events[0]

    assert str(calendar_in(mail)["METHOD"]) == "REPLY"
    assert (event["UID"], event["SEQUENCE"]) == (invitation.uid, 0)
    assert "RECURRENCE-ID" not in event
    attendee = event["ATTENDEE"]
    assert str(attendee) == "mailto:marcus.adeyemi@contoso.example"
    assert attendee.params["PARTSTAT"] == "ACCEPTED"
    assert attendee.params["SENT-BY"] == "mailto:pat.morales@contoso.example"
    assert mail["From"].addresses[0].addr_spec == "pat.morales@contoso.example"


def test_a_proposal_moves_one_meeting_and_says_which(october: Path) -> None:
    """RFC 5546 section 3.2.7: RECURRENCE-ID is the old start, DTSTART the new one."""
    invitation = invitation_of(october)
    meeting = invitation.meetings(NOW)[0]

    mail = proposed(invitation, MARCUS, NOW, meeting, meeting.start + timedelta(days=1))
    event = calendar_in(mail).events[0]

    assert str(calendar_in(mail)["METHOD"]) == "COUNTER"
    assert meeting.start == event.RECURRENCE_ID
    assert event.start == meeting.start + timedelta(days=1)
    assert event.end - event.start == meeting.end - meeting.start


def test_everybody_in_a_pair_has_habits() -> None:
    from rmflow.demo.organisation import LATE_PAIR, PAIRS

    pairs = [*PAIRS, LATE_PAIR]

    assert {pair.mentee for pair in pairs} == leaders().keys()
    assert {pair.mentor for pair in pairs} == mentors().keys()
    assert len(PAIRS) == len(leaders()) == 12
