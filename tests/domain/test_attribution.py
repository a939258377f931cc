"""The rules that say whose mail it is; a row of INBOUND section 5 each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rmflow.domain.attribution import (
    TOKEN_LIFE,
    Attribution,
    Evidence,
    attribute,
    doubt_about_response,
)
from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.records import LetterRecord
from rmflow.domain.series import (
    Attendee,
    ParticipationStatus,
    Response,
    SeriesSpec,
    SessionId,
    Uid,
)

SENT = datetime(2026, 11, 3, 12, tzinfo=UTC)
MARA = Participant(
    PersonId("mara"),
    Address("mara@contoso.example"),
    "Mara Lind",
    "Europe/Berlin",
    assistant=Address("office@contoso.example"),
)
TOM = Participant(PersonId("tom"), Address("tom@contoso.example"), "Tom Reed", "Europe/London")
PEOPLE = {person.id: person for person in (MARA, TOM)}
LETTER = LetterRecord(
    item=Key("i1"),
    key=Key("k1"),
    kind="summary-request",
    pairing=PairingId("tom-mara"),
    session=SessionId("20261103T090000Z"),
    person=MARA.id,
    form="summary",
    topic="",
    revision=0,
    token="s1",
    message_id="<k1@contoso.example>",
    subject="How was it?",
    text="",
    sent_at=SENT,
)
REMINDER = replace(LETTER, item=Key("i2"), key=Key("k2"), sent_at=SENT + timedelta(days=3))
OTHER = replace(LETTER, item=Key("i3"), key=Key("k3"), session=SessionId("20261201T090000Z"))
THEIRS = replace(LETTER, item=Key("i4"), key=Key("k4"), person=TOM.id)


def decide(
    sender: str,
    by_token: Sequence[LetterRecord] = (),
    by_thread: Sequence[LetterRecord] = (),
    *,
    after: timedelta = timedelta(days=1),
) -> Attribution:
    return attribute(Evidence(Address(sender), by_token, by_thread, SENT + after), PEOPLE)


@pytest.mark.parametrize(
    ("by_token", "by_thread", "letter"),
    [
        ([LETTER], [], LETTER),
        ([], [LETTER], LETTER),
        ([LETTER], [LETTER], LETTER),
        ([LETTER, REMINDER], [], REMINDER),
        ([REMINDER], [LETTER], REMINDER),
        ([], [REMINDER, LETTER], REMINDER),
    ],
)
def test_the_person_who_was_asked_is_believed(
    by_token: Sequence[LetterRecord], by_thread: Sequence[LetterRecord], letter: LetterRecord
) -> None:
    assert decide("mara@contoso.example", by_token, by_thread) == Attribution(MARA.id, letter)


@pytest.mark.parametrize(
    ("sender", "author", "why"),
    [
        ("office@contoso.example", None, "Mara's assistant answered a mail to Mara."),
        ("tom@contoso.example", TOM.id, "Tom answered a mail to Mara."),
        ("x@fabrikam.example", None, "x@fabrikam.example answered a mail to Mara, and is not in the roster."),
    ],
)  # fmt: skip
def test_anybody_else_is_looked_at(sender: str, author: PersonId | None, why: str) -> None:
    assert decide(sender, [LETTER]) == Attribution(author, LETTER, why)


def test_without_token_and_thread_nothing_is_guessed() -> None:
    """Never from the subject, not even if there is only one open question."""
    assert decide("mara@contoso.example").letter is None
    assert decide("mara@contoso.example").why
    assert decide("x@fabrikam.example").why


@pytest.mark.parametrize(
    ("by_token", "by_thread"), [([LETTER, OTHER], []), ([LETTER], [OTHER]), ([LETTER, THEIRS], [])]
)
def test_two_matters_in_one_mail_are_neither(
    by_token: Sequence[LetterRecord], by_thread: Sequence[LetterRecord]
) -> None:
    found = decide("mara@contoso.example", by_token, by_thread)
    assert found.letter is None
    assert "two mails" in found.why


def test_an_older_reference_in_a_recycled_thread_does_not_matter() -> None:
    """Case 75: people answer the newest mail of a thread; the first of the thread is the answered one."""
    found = decide("mara@contoso.example", [OTHER], [OTHER, LETTER])
    assert (found.letter, found.why) == (OTHER, "")


def test_a_merged_letter_is_one_letter() -> None:
    second = replace(LETTER, item=Key("i5"), pairing=PairingId("tom-ben"))
    found = decide("mara@contoso.example", [LETTER, second], [second, LETTER])
    assert (found.author, found.why) == (MARA.id, "")


def test_a_token_dies() -> None:
    found = decide("mara@contoso.example", [LETTER], after=TOKEN_LIFE + timedelta(days=1))
    assert found.letter is None
    assert "long ago" in found.why


def test_nobody_is_nobody() -> None:
    found = attribute(Evidence(None, [LETTER], [], SENT), PEOPLE)
    assert (found.author, bool(found.why)) == (None, True)


UID = Uid("u1@contoso.example")
SERIES = SeriesSpec(
    uid=UID,
    pairing=PairingId("tom-mara"),
    zone="Europe/Berlin",
    start=datetime(2026, 11, 3, 10),
    duration=timedelta(hours=1),
    rrule="FREQ=MONTHLY;BYDAY=1TU;WKST=MO",
    summary="",
    description="",
    location="",
    organiser=Address("mentoring@contoso.example"),
    organiser_name="",
    attendees=(Attendee(MARA.address, "Mara"), Attendee(TOM.address, "Tom")),
)


@pytest.mark.parametrize(
    ("uid", "attendee", "sender", "believed"),
    [
        (UID, "mara@contoso.example", "mara@contoso.example", True),
        (UID, "mara@contoso.example", "office@contoso.example", True),
        (UID, "tom@contoso.example", "office@contoso.example", False),
        (UID, "mara@contoso.example", "tom@contoso.example", False),
        (UID, "office@contoso.example", "office@contoso.example", False),
        (Uid("other"), "mara@contoso.example", "mara@contoso.example", False),
        (UID, "mara@contoso.example", None, False),
    ],
)
def test_an_invitation_is_answered_by_its_attendee_or_their_assistant(
    uid: Uid,
    attendee: str,
    sender: str | None,
    believed: bool,  # noqa: FBT001 - a column
) -> None:
    response = Response(uid, None, Address(attendee), ParticipationStatus.ACCEPTED, 0, SENT)
    address = Address(sender) if sender else None
    assert (
        doubt_about_response(response, address, {UID: SERIES}, PEOPLE.values()) == ""
    ) is believed
