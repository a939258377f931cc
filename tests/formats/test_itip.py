"""What attendees' programs send back, in the forms that real ones do (INBOUND 6 and 9)."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from a_series import MENTEE, MENTOR, a_series
from calendar_answers import COUNTER, GOOGLE, OUTLOOK, UID
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar.timezone import tzp

from rmflow.domain.series import ParticipationStatus, Response, Uid
from rmflow.formats.calendar.ics import Method, invitation
from rmflow.formats.calendar.itip import method_of, read_responses

RECEIVED = datetime(2026, 3, 10, 9, tzinfo=UTC)
ACCEPTED, DECLINED = ParticipationStatus.ACCEPTED, ParticipationStatus.DECLINED


def responses(text: str | bytes, **known: object) -> tuple[Response, ...]:
    content = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode()
    return read_responses(content, received_at=RECEIVED, **known)  # type: ignore[arg-type]


def only(text: str | bytes, **known: object) -> Response:
    (response,) = responses(text, **known)
    return response


def test_a_declined_meeting_from_outlook_is_understood() -> None:
    """81, 84: no ORGANIZER, MAILTO in capitals, a Windows zone."""
    assert only(OUTLOOK) == Response(
        uid=UID,
        session="20260324T080000Z",  # type: ignore[arg-type]
        attendee=MENTEE.address,
        status=DECLINED,
        sequence=0,
        stamped_at=datetime(2026, 3, 9, 10, 15, tzinfo=UTC),
        comment="Bin auf Dienstreise, bitte ohne mich.",
    )


def test_one_body_answers_the_series_and_single_meetings() -> None:
    """84: Cyrus calls its example imip_reply_override_google."""
    assert [(r.session, r.status.value, r.comment) for r in responses(GOOGLE)] == [
        (None, "ACCEPTED", ""),
        ("20260324T080000Z", "TENTATIVE", "Maybe, will tell you"),
        ("20260414T070000Z", "DECLINED", ""),
    ]


def test_a_proposed_time_comes_with_the_meeting_it_is_for() -> None:
    """86: Outlook's COUNTER says where the meeting stood, in a zone of its own making."""
    response = only(COUNTER)
    assert response.session == "20260324T080000Z"
    assert response.proposed_start == datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert response.status is ParticipationStatus.TENTATIVE


def test_a_proposed_time_for_a_moved_meeting_is_for_its_original_start() -> None:
    """The attendee sees the new time; a session keeps the name of its first."""
    moved = a_series(moved=((datetime(2026, 4, 14, 9), datetime(2026, 3, 24, 9)),))
    assert only(COUNTER, known={UID: moved}).session == "20260414T070000Z"


def test_a_proposed_time_for_the_whole_series_is_for_no_single_meeting() -> None:
    """RFC 5546 section 3.2.7."""
    lines = [line for line in COUNTER.split("\n") if "ORIGINALSTART" not in line]
    response = only("\n".join(lines))
    assert (response.session, response.proposed_start is None) == (None, False)


@pytest.mark.parametrize(
    "recurrence_id",
    [
        "RECURRENCE-ID:20260324T080000Z",
        "RECURRENCE-ID;TZID=Europe/Berlin:20260324T090000",
        'RECURRENCE-ID;TZID="Asia/Kolkata":20260324T133000',
        "RECURRENCE-ID;TZID=Eastern Standard Time:20260324T040000",
        "RECURRENCE-ID;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260324T090000",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260324T080000Z",
    ],
)
def test_a_meeting_is_found_by_its_instant(recurrence_id: str) -> None:
    """R18, 84: sabre-io/vobject#651 compared the text."""
    ours = "RECURRENCE-ID;TZID=W. Europe Standard Time:20260324T090000"
    assert only(OUTLOOK.replace(ours, recurrence_id)).session == "20260324T080000Z"


@pytest.mark.parametrize(
    "recurrence_id",
    [
        "RECURRENCE-ID:20260324T090000",
        "RECURRENCE-ID;VALUE=DATE:20260324",
        'RECURRENCE-ID;TZID="(UTC+01:00) Amsterdam, Berlin, Bern":20260324T090000',
        "RECURRENCE-ID;TZID=Customized Time Zone:20260324T090000",
    ],
)
def test_a_time_without_a_zone_is_meant_in_the_zone_of_the_series(recurrence_id: str) -> None:
    """R16: a zone without a definition is no zone."""
    ours = "RECURRENCE-ID;TZID=W. Europe Standard Time:20260324T090000"
    reply = OUTLOOK.replace(ours, recurrence_id)
    assert only(reply, known={UID: a_series()}).session == "20260324T080000Z"


def test_what_stands_around_the_calendar_does_not_matter() -> None:
    """83: a gateway's footer, a byte order mark, LF, no PRODID, no VERSION."""
    bare = OUTLOOK.replace("PRODID:Microsoft Exchange Server 2010\nVERSION:2.0\n", "")
    content = (
        b"\xef\xbb\xbf\nSent by ACME\n" + bare.encode() + b"\n-- \nThis mail is confidential.\n"
    )
    assert only(content) == only(OUTLOOK)


def test_quoted_printable_that_nobody_decoded_is_decoded() -> None:
    """83: Apple's attachments end their lines in =0D=0A."""
    lines = OUTLOOK.replace("=", "=3D").replace("\n", "=0D=0A=\n")
    assert only(lines.encode()) == only(OUTLOOK)


def test_a_broken_line_costs_only_itself() -> None:
    """A body is not refused for what nobody needs."""
    assert only(OUTLOOK.replace("VERSION:2.0\n", "VERSION\n;;;\nGEO:here\n")) == only(OUTLOOK)


def test_latin_bytes_are_no_reason_to_lose_an_answer() -> None:
    """The label says UTF-8, the bytes are cp1252."""
    content = OUTLOOK.replace("Bin auf Dienstreise", "Bin verhindert, schöne Grüße")
    assert only(content.encode("cp1252")).comment.startswith("Bin verhindert, schöne Grüße")


@pytest.mark.parametrize("stamp", ["", "DTSTAMP:2026-03-09 10:15\n", "DTSTAMP:20990101T000000Z\n"])
def test_an_impossible_dtstamp_is_replaced_by_the_time_of_receipt(stamp: str) -> None:
    """83: one wrong clock would otherwise outdate every later answer of this person."""
    assert only(OUTLOOK.replace("DTSTAMP:20260309T101500Z\n", stamp)).stamped_at == RECEIVED


def test_the_sequence_is_the_bodys() -> None:
    """85: whether it is older than ours is decided by the caller, who knows ours."""
    assert only(OUTLOOK.replace("SEQUENCE:0", "SEQUENCE:3")).sequence == 3
    assert only(OUTLOOK.replace("SEQUENCE:0", "SEQUENCE:three")).sequence == 0


def test_a_delegate_answers_for_the_attendee() -> None:
    """81: SENT-BY says who typed; the answer is the attendee's."""
    reply = OUTLOOK.replace("CN=Helena Fuchs", 'SENT-BY="mailto:office.fuchs@contoso.example"')
    assert only(reply).attendee == MENTEE.address


def test_an_address_in_a_parameter_is_found() -> None:
    """Apple names principals by path; RFC 7986 section 6.2."""
    user = "CN=Helena Fuchs:MAILTO:Helena.Fuchs@contoso.example"
    reply = OUTLOOK.replace(user, "EMAIL=helena.fuchs@contoso.example:/aMTIz/principal/")
    assert only(reply).attendee == MENTEE.address


def test_others_on_the_list_who_said_nothing_are_not_responses() -> None:
    """Some programs send the whole event back."""
    other = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:jonas.weber@contoso.example\nUID"
    assert [r.attendee for r in responses(OUTLOOK.replace("UID", other, 1))] == [MENTEE.address]


def test_a_stranger_is_reported_as_the_body_names_them() -> None:
    """90: a party crasher is the caller's to refuse, not ours to hide."""
    reply = OUTLOOK.replace("Helena.Fuchs@contoso", "crasher@fabrikam")
    assert only(reply).attendee == "crasher@fabrikam.example"


def test_an_unknown_status_is_no_answer() -> None:
    """RFC 5545 section 3.2.12: unknown means NEEDS-ACTION."""
    assert only(OUTLOOK.replace("DECLINED", "MAYBE")).status is ParticipationStatus.NEEDS_ACTION


@pytest.mark.parametrize(
    "method", ["REQUEST", "CANCEL", "ADD", "REFRESH", "DECLINECOUNTER", "publish"]
)
def test_other_methods_give_a_method_and_no_response(method: str) -> None:
    """86, 87: an invitation of a stranger, a CANCEL by an attendee (CVE-2026-93627)."""
    content = OUTLOOK.replace("METHOD:REPLY", f"METHOD:{method}").encode()
    assert method_of(content) is Method(method.upper())
    assert responses(content) == ()


def test_a_method_in_small_letters_counts() -> None:
    """82."""
    assert only(OUTLOOK.replace("METHOD:REPLY", "method:reply")) == only(OUTLOOK)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Accepted.",
        b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n",
        b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"\xff\xfeB\x00E\x00G\x00I\x00N\x00",
        OUTLOOK.encode() + b" " * 300_000,
    ],
)
def test_what_is_no_answer_gives_none(content: bytes) -> None:
    """A body never raises: the mail has other parts, and a person to look at it."""
    assert responses(content) == ()


def test_our_own_invitation_is_not_an_answer() -> None:
    """88: a bounce brings it back to us."""
    content = invitation(a_series(), method=Method.REQUEST, now=RECEIVED)
    assert (method_of(content), responses(content)) == (Method.REQUEST, ())


def test_zones_of_one_mail_are_forgotten_before_the_next() -> None:
    """The library keeps every VTIMEZONE by its name for as long as the process lives."""
    lying = COUNTER.replace("+0100", "-0900").replace("+0200", "-0800")
    assert only(lying).proposed_start != only(COUNTER).proposed_start
    assert only(COUNTER).proposed_start == datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert tzp.timezone("Customized Time Zone") is None


_HOSTILE = {
    "a zone that changes every second": COUNTER.replace("FREQ=YEARLY;INTERVAL=1", "FREQ=SECONDLY"),
    "a zone that stands still": COUNTER.replace("INTERVAL=1", "INTERVAL=0"),
    "a zone that never changes": COUNTER.replace("BYDAY=-1SU;BYMONTH=3", "BYMONTHDAY=31;BYMONTH=2"),
    "many beginnings": "BEGIN:VCALENDAR\n" * 16_000,
    "deep nesting": "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\n" * 15_000 + "END:VCALENDAR\n",
    "many parameters": OUTLOOK.replace("ATTENDEE;", "ATTENDEE" + ";X=1" * 50_000 + ";"),
    "many commas": OUTLOOK.replace("CN=", "CN=" + "," * 200_000),
    "many folds": OUTLOOK.replace("SUMMARY", "X-A:" + "\n y" * 60_000 + "\nSUMMARY"),
    "many dates": OUTLOOK.replace(
        "SUMMARY", "EXDATE:" + "20260101T000000Z," * 14_000 + "\nSUMMARY"
    ),
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_bodies_end_soon(name: str) -> None:
    """PERFORMANCE: a mail ends within a second of CPU; here with a margin for slow machines."""
    began = time.process_time()
    assert len(responses(_HOSTILE[name])) <= 1
    assert time.process_time() - began < 3


_lines = st.sampled_from(sorted({*OUTLOOK.split("\n"), *GOOGLE.split("\n"), *COUNTER.split("\n")}))


@settings(deadline=None)
@given(st.lists(_lines | st.text(max_size=60), max_size=30), st.binary(max_size=40))
def test_no_body_raises(lines: list[str], rubbish: bytes) -> None:
    """Whatever somebody sends."""
    body = "\r\n".join(["BEGIN:VCALENDAR", "METHOD:COUNTER", *lines, "END:VCALENDAR", ""])
    for response in responses(body.encode(errors="replace") + rubbish):
        assert response.stamped_at <= RECEIVED


@settings(deadline=None)
@given(
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
    st.sampled_from(["", "Pacific/Kiritimati"]),
)
@example(datetime(1, 1, 1), "Pacific/Kiritimati")
@example(datetime(9999, 12, 31, 23, 59), "Pacific/Niue")
def test_no_date_raises(moment: datetime, zone: str) -> None:
    """The ends of the calendar are where arithmetic with zones fails."""
    wall = f"{moment.year:04}{moment:%m%dT%H%M%S}"
    text = f";TZID={zone}:{wall}" if zone else f":{wall}Z"
    ours = ";TZID=W. Europe Standard Time:20260324T090000"
    assert len(responses(OUTLOOK.replace(ours, text))) == 1


def test_an_answer_to_a_series_we_do_not_know_is_still_told() -> None:
    """Whose it is decides the caller."""
    assert only(OUTLOOK.replace(f"UID:{UID}", "UID:other@fabrikam.example")).uid == Uid(
        "other@fabrikam.example"
    )


def test_answers_of_the_mentor_and_of_the_mentee_are_told_apart() -> None:
    """Both answer the same UID."""
    assert {only(OUTLOOK).attendee, responses(GOOGLE)[0].attendee} == {
        MENTEE.address,
        MENTOR.address,
    }
    assert only(OUTLOOK).stamped_at - responses(GOOGLE)[0].stamped_at > timedelta(0)


# As Apple Calendar writes it: an attachment without a method parameter, CN first, MAILTO in capitals.
APPLE = f"""BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//macOS 15.1//EN
VERSION:2.0
METHOD:REPLY
BEGIN:VEVENT
CREATED:20260301T080000Z
DTEND;TZID=Europe/Berlin:20260303T094500
DTSTAMP:20260308T120000Z
DTSTART;TZID=Europe/Berlin:20260303T090000
LAST-MODIFIED:20260308T120000Z
ORGANIZER;CN="Reverse Mentoring":MAILTO:mentoring@contoso.example
ATTENDEE;CN="Weber, Jonas";CUTYPE=INDIVIDUAL;PARTSTAT=TENTATIVE;ROLE=REQ-PARTICIPANT:MAILTO:jonas.weber@contoso.example
SEQUENCE:0
TRANSP:OPAQUE
UID:{UID}
X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC
END:VEVENT
END:VCALENDAR
"""


def test_an_answer_of_apple_calendar_is_understood() -> None:
    """INBOUND 6: quoted-printable line ends, MAILTO in capitals, the whole event."""
    for content in (
        APPLE.encode(),
        APPLE.replace("\n", "=0D=0A=\n").replace("PARTSTAT=", "PARTSTAT=3D").encode(),
    ):
        (answer,) = read_responses(content, received_at=RECEIVED)
        assert (answer.attendee, answer.status) == (
            "jonas.weber@contoso.example",
            ParticipationStatus.TENTATIVE,
        )
        assert answer.session is None


@pytest.mark.parametrize(
    "property_", ["RECURRENCE-ID:20260324T080000Z", "X-MS-OLK-ORIGINALSTART:20260324T080000Z"]
)
def test_a_time_that_google_or_outlook_propose_is_for_one_meeting(property_: str) -> None:
    """ "Propose a new time" is a COUNTER with the meeting's id, or, from Outlook, its old start."""
    lines = GOOGLE.split("BEGIN:VEVENT")
    body = lines[0].replace("REPLY", "COUNTER") + "BEGIN:VEVENT" + lines[2]
    body = body.replace("RECURRENCE-ID:20260324T080000Z", property_)
    body = body.replace("DTSTART:20260324T080000Z", "DTSTART:20260325T130000Z")
    (answer,) = read_responses((body + "END:VCALENDAR\n").encode(), received_at=RECEIVED)
    assert answer.session == "20260324T080000Z"
    assert answer.proposed_start == datetime(2026, 3, 25, 13, tzinfo=UTC)
