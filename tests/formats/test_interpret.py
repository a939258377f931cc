"""From bytes to a reading: who wrote, what it answers, and what a person must look at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

import pytest
import reply_corpus as corpus
from letter_samples import MARGARET, NOVEMBER, PRIYA, PROGRAMME

from rmflow.domain.keys import Key
from rmflow.domain.letter import LetterKind
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address
from rmflow.domain.reading import MailId, MailKind, Reading, ReadingStatus
from rmflow.domain.records import LetterRecord
from rmflow.domain.series import Attendee, ParticipationStatus, SeriesSpec, SessionId, Uid
from rmflow.domain.signal import SignalKind
from rmflow.formats.incoming.clues import Clues, clues
from rmflow.formats.incoming.context import Context
from rmflow.formats.incoming.interpret import interpret
from rmflow.formats.incoming.mail import parse

PAIR = PairingId("priya-margaret")
LETTER = LetterRecord(
    item=Key("item1"),
    key=Key("0123456789abcdef0123456789abcdef"),
    kind=LetterKind.SUMMARY_REQUEST.value,
    pairing=PAIR,
    session=NOVEMBER.id,
    person=MARGARET.id,
    form="summary",
    topic="",
    revision=0,
    token=corpus.TOKEN,
    message_id=corpus.LETTER_ID,
    subject=corpus.letter("en").subject,
    text=corpus.letter("en").text,
    sent_at=corpus.SENT,
)
PEOPLE = {
    PRIYA.id: PRIYA,
    MARGARET.id: replace(MARGARET, assistant=Address("ines.silva@contoso.example")),
}
UID = Uid("5d1f0a3c@contoso.example")
SERIES = SeriesSpec(
    uid=UID,
    pairing=PAIR,
    zone="Europe/Berlin",
    start=datetime(2026, 11, 3, 10),
    duration=timedelta(hours=1),
    rrule="FREQ=MONTHLY;BYDAY=1TU;WKST=MO",
    summary="Priya and Margaret",
    description="",
    location="Studio 3",
    organiser=PROGRAMME.mailbox,
    organiser_name=PROGRAMME.mailbox_name,
    attendees=(Attendee(PRIYA.address, PRIYA.name), Attendee(MARGARET.address, MARGARET.name)),
)


def read(
    raw: bytes | EmailMessage,
    letters: Sequence[LetterRecord] = (LETTER,),
    received_at: datetime = corpus.RECEIVED,
) -> Reading:
    """Interpret a mail in a store that knows these letters and the series."""
    mail = parse(raw if isinstance(raw, bytes) else raw.as_bytes())
    found = clues(mail, PROGRAMME.mailbox)
    named = tuple(
        x for x in letters if x.token in found.tokens or x.message_id in found.message_ids
    )
    about = {(x.pairing, x.session, x.person) for x in named}
    context = Context(
        programme=replace(PROGRAMME, forms=corpus.FORMS),
        letters=named,
        thread=tuple(x for x in letters if (x.pairing, x.session, x.person) in about),
        people=PEOPLE,
        series={UID: SERIES} if UID in found.uids else {},
    )
    return interpret(mail, MailId("m1"), context, received_at)


def reply(text: str = "Rating: 4", **headers: str) -> EmailMessage:
    mail = corpus.message(**headers)
    mail.set_content(text)
    return mail


def test_clues_are_tokens_ids_uids_and_the_sender() -> None:
    """Case 71: upper case and an encoded plus sign still give the token."""
    mail = parse(
        reply(
            To=f"Mentoring <Mentoring%2B{corpus.TOKEN.upper()}@contoso.example>",
            References="<a@x> <b@x>",
        ).as_bytes()
    )
    assert clues(mail, PROGRAMME.mailbox) == Clues(
        (corpus.TOKEN,),
        (corpus.LETTER_ID, "<a@x>", "<b@x>"),
        (),
        (MARGARET.address,),
    )


def test_an_answered_form_is_filed() -> None:
    found = read(reply("Rating: 4\nKey takeaways: ask first"))
    assert found == Reading(
        MailId("m1"),
        MailKind.HUMAN,
        ReadingStatus.OK,
        corpus.RECEIVED,
        message_id="<CAF9x2q@mail.contoso.example>",
        subject="Re: How was your meeting with Priya Raman on Tue, 3 Nov?",
        sender=MARGARET.address,
        author=MARGARET.id,
        pairing=PAIR,
        session=NOVEMBER.id,
        form="summary",
        answers={"worthwhile": "4", "takeaways": "ask first"},
        text="Rating: 4\nKey takeaways: ask first",
    )


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"From": "m.okafor@home.example"}, "m.okafor@home.example answered a mail to Margaret, and is not in the roster."),
        ({"From": "Ines <ines.silva@contoso.example>"}, "Margaret's assistant answered a mail to Margaret."),
        ({"From": "priya.raman@contoso.example"}, "Priya answered a mail to Margaret."),
        ({"From": "a@contoso.example, b@contoso.example"}, "The mail names its sender in a way that can be read as two people."),
        ({"To": "mentoring@contoso.example", "In_Reply_To": "<x@y>", "References": "<x@y>"}, "Margaret wrote, and not in reply to a mail of ours."),
        ({"To": "mentoring@contoso.example", "In_Reply_To": "<x@y>", "References": "<x@y>", "From": "who@fabrikam.example"}, "who@fabrikam.example wrote, and is not in the roster."),
    ],
)  # fmt: skip
def test_who_it_was_must_be_certain(headers: dict[str, str], why: str) -> None:
    """INBOUND section 5: token alive and the person it was sent to, or a person looks."""
    found = read(reply(**headers))
    assert found.status is ReadingStatus.REVIEW
    assert found.why == why
    assert found.answers == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"To": "mentoring@contoso.example"},
        {"To": "mentoring@contoso.example", "In_Reply_To": "<rewritten@ses.example>"},
        {"In_Reply_To": "<rewritten@ses.example>", "References": "<rewritten@ses.example>"},
        {"To": "someone@contoso.example", "Cc": corpus.REPLY_TO},
        {"To": "someone@contoso.example", "Delivered_To": corpus.REPLY_TO},
    ],
)
def test_token_or_thread_is_enough_for_the_right_person(headers: dict[str, str]) -> None:
    """Cases 71, 75: the plus part is dropped by some, the Message-ID rewritten by others."""
    assert read(reply(**headers)).answers == {"worthwhile": "4"}


def test_a_letter_of_long_ago_is_not_answered_by_itself() -> None:
    late = corpus.RECEIVED + timedelta(days=400)
    found = read(reply(In_Reply_To="<x@y>", References="<x@y>"), received_at=late)
    assert (found.status, found.why) == (
        ReadingStatus.REVIEW,
        "Margaret answered a mail of long ago.",
    )


def test_two_letters_at_once_are_neither() -> None:
    """Case 74, 75: the token of one meeting, the thread of another."""
    other = replace(
        LETTER,
        item=Key("i2"),
        key=Key("k2"),
        session=SessionId("20261201T090000Z"),
        token="s" + "b" * 16,
        message_id="<other@contoso.example>",
    )
    found = read(reply(In_Reply_To="<other@contoso.example>"), [LETTER, other])
    assert found.status is ReadingStatus.REVIEW
    assert "two mails" in found.why


def test_a_reply_to_a_reminder_answers_the_same_form() -> None:
    reminder = replace(
        LETTER,
        item=Key("i2"),
        key=Key("k2"),
        kind=LetterKind.SUMMARY_REMINDER.value,
        token="s" + "b" * 16,
        message_id="<reminder@contoso.example>",
        sent_at=corpus.SENT + timedelta(days=3),
        text=corpus.letter("en", LetterKind.SUMMARY_REMINDER).text,
    )
    to = PROGRAMME.mailbox.replace("@", f"+{reminder.token}@")
    quoted = "\n".join(f"> {line}" for line in reminder.text.splitlines())
    text = f"4\n\nOn Fri, 6 Nov 2026 at 9:00, {corpus.MAILBOX_NAME} <{to}> wrote:\n{quoted}\n"
    found = read(reply(text, To=to, In_Reply_To=reminder.message_id), [LETTER, reminder])
    assert (found.answers, found.status) == ({"worthwhile": "4"}, ReadingStatus.OK)


def test_a_reply_to_a_receipt_corrects_the_form() -> None:
    receipt = replace(
        LETTER,
        kind=LetterKind.RECEIPT.value,
        text="Hello Margaret,\n\nthank you. This is what I noted:\n\nKey takeaways:\n\n    ask first\n\nHow worthwhile it was (1-5): 4 of 5\n\nIs something wrong or missing? Reply to this mail and correct it.\n",
    )
    quote = "\n".join(f"> {line}" for line in receipt.text.splitlines()).replace("4 of 5", "5 of 5")
    text = (
        f"On Tue, 3 Nov 2026 at 14:05, {corpus.MAILBOX_NAME} <{corpus.REPLY_TO}> wrote:\n{quote}\n"
    )
    found = read(reply(text), [receipt])
    assert (found.form, found.answers) == ("summary", {"worthwhile": "5"})
    assert read(reply("Thanks!"), [receipt]).status is ReadingStatus.IGNORED


@pytest.mark.parametrize("kind", [LetterKind.PROMPT, LetterKind.INVITATION, LetterKind.UPDATE])
def test_words_to_a_letter_that_asks_nothing_wait_for_a_person(kind: LetterKind) -> None:
    letter = replace(
        LETTER,
        kind=kind.value,
        form="",
        text="Hello Margaret,\n\nyour next meeting is coming up.\n",
    )
    found = read(reply("Tuesday does not suit me at all."), [letter])
    assert (found.status, found.why) == (
        ReadingStatus.REVIEW,
        "Margaret wrote; nobody has read it yet.",
    )
    assert found.text == "Tuesday does not suit me at all."
    assert read(reply("Thanks!"), [letter]).status is ReadingStatus.IGNORED


def test_thanks_leave_a_form_open() -> None:
    found = read(reply("Thanks, will do!"))
    assert (found.status, found.answers) == (ReadingStatus.EMPTY, {})


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", SignalKind.LEAVE),
        ("Please stop.", SignalKind.LEAVE),
        ("Abmelden", SignalKind.LEAVE),
        ("Je veux arrêter", SignalKind.LEAVE),
        ("pause", SignalKind.PAUSE),
        ("Bitte pausieren", SignalKind.PAUSE),
        ("REMATCH please", SignalKind.REMATCH),
        ("Resume", SignalKind.RESUME),
    ],
)
def test_a_wish_in_one_word_is_understood(text: str, wish: SignalKind) -> None:
    found = read(reply(f"{text}\n\n> Reply STOP to leave.\n"))
    assert found.status is ReadingStatus.OK
    assert found.signal is not None
    assert (found.signal.kind, found.signal.person) == (wish, LETTER.person)
    assert (found.signal.pairing, found.form, found.answers) == (PAIR, None, {})


@pytest.mark.parametrize(
    ("kind", "where"),
    [("LEAVE", "all"), ("RESUME", "all"), ("PAUSE", "this one"), ("REMATCH", "this one")],
)
def test_a_pause_is_for_one_partner_and_leaving_for_all(kind: str, where: str) -> None:
    found = read(reply(kind))
    assert found.signal is not None
    assert found.signal.everywhere is (where == "all")


@pytest.mark.parametrize(
    "mail",
    [
        reply("LEAVE", From="Otto <otto@fabrikam.example>"),
        reply("LEAVE", From="Priya <priya.raman@contoso.example>"),
        reply("PAUSE until the cows come home"),
    ],
)
def test_a_wish_that_is_not_certain_waits_for_a_person(mail: EmailMessage) -> None:
    """Case 66: an opt-out from a mail that was passed on is nobody's of ours."""
    found = read(mail)
    assert (found.status, found.signal) == (ReadingStatus.REVIEW, None)
    assert " asks " in found.why


def test_the_day_of_a_pause_is_read() -> None:
    found = read(reply("PAUSE until 15 December"))
    assert found.signal is not None
    assert (found.signal.kind, found.signal.until) == (SignalKind.PAUSE, date(2026, 12, 15))


def test_a_mail_that_a_click_on_unsubscribe_opens_means_to_leave() -> None:
    """List-Unsubscribe: the token says whose wish it is, the subject what it is."""
    mail = reply("", Subject="Unsubscribe")
    del mail["In-Reply-To"]
    found = read(mail)
    assert found.signal is not None
    assert found.signal.kind is SignalKind.LEAVE


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (corpus.delivery_report(), SignalKind.BOUNCED),
        (corpus.delivery_report(status="5.2.2", said="over quota"), SignalKind.BOUNCED_FOR_NOW),
        (corpus.delivery_report(action="delayed", status="4.4.1"), None),
        (corpus.delivery_report(to="mentoring@contoso.example", id="<unknown@x>"), None),
    ],
)
def test_a_mail_that_came_back_counts_against_the_address(
    raw: bytes, kind: SignalKind | None
) -> None:
    """What is only late does not count, and neither does a report that names no letter of ours."""
    found = read(raw)
    assert (found.signal and found.signal.kind) == kind


def test_an_absence_counts_for_the_one_we_wrote_to() -> None:
    text = "I am away until 15 November."
    own = read(reply(text, Subject="Automatic reply: How was it"))
    other = reply(
        text, Subject="Automatic reply: How was it", From="Priya <priya.raman@contoso.example>"
    )
    assert own.signal is not None
    assert (own.signal.kind, own.signal.until) == (SignalKind.AWAY, date(2026, 11, 15))
    assert read(other).signal is None


@pytest.mark.parametrize(
    "text",
    [
        "Rating: 4\n\n> Reply STOP to leave.\n",
        "What we talked about: when to stop a project\nRating: 4",
        "Rating: 4\n\nOn Tue, 3 Nov 2026 at 9:00, Tom <tom@fabrikam.example> wrote:\n> STOP\n",
    ],
)
def test_stop_in_a_sentence_or_a_quote_is_no_wish(text: str) -> None:
    """Cases 29, 66."""
    found = read(reply(text))
    assert found.status is ReadingStatus.OK
    assert found.answers["worthwhile"] == "4"


def test_an_untouched_form_is_empty() -> None:
    raw = corpus.gmail_web(corpus.Reply("", "en"))
    assert read(raw).status is ReadingStatus.EMPTY


def test_an_automatic_reply_is_no_answer_and_says_how_long() -> None:
    """Case 58: it quotes the whole form, filled with nothing."""
    quote = "\n".join(f"> {line}" for line in LETTER.text.splitlines())
    found = read(
        reply(
            f"I am away until 15 November.\n\nRating: 4\n\n{quote}",
            Subject="Automatic reply: How was it",
        )
    )
    assert found.kind is MailKind.AUTO_REPLY
    assert (found.status, found.answers, found.form) == (ReadingStatus.IGNORED, {}, None)
    assert found.away_until == date(2026, 11, 15)
    assert found.pairing == PAIR


def test_a_mail_without_a_return_path_is_looked_at() -> None:
    assert read(reply(Return_Path="<>")).status is ReadingStatus.REVIEW


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (corpus.delivery_report(), "The mail to Okafor, Margaret <margaret.okafor@contoso.example> could not be delivered: mailbox unknown."),
        (corpus.delivery_report(status="5.2.2", said="over quota"), "The mail to Okafor, Margaret <margaret.okafor@contoso.example> could not be delivered: mailbox full."),
        (corpus.delivery_report(to="mentoring@contoso.example", status="5.7.1", said="blocked"), "The mail to Okafor, Margaret <margaret.okafor@contoso.example> could not be delivered: refused by their mail system."),
        (corpus.delivery_report(to="mentoring@contoso.example", id="<unknown@x>"), "The mail to margaret.okafor@contoso.example could not be delivered: mailbox unknown."),
    ],
)  # fmt: skip
def test_a_bounce_says_whose_mail_did_not_arrive_and_why(raw: bytes, why: str) -> None:
    found = read(raw)
    assert (found.kind, found.status, found.why) == (MailKind.BOUNCE, ReadingStatus.REVIEW, why)


def test_a_delay_needs_nobody() -> None:
    assert (
        read(corpus.delivery_report(action="delayed", status="4.4.1")).status
        is ReadingStatus.IGNORED
    )


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"List_Id": "<all.contoso.example>"}, MailKind.BULK),
        ({"From": "mentoring@contoso.example"}, MailKind.LOOP),
    ],
)
def test_lists_and_our_own_mail_need_nobody(headers: dict[str, str], kind: MailKind) -> None:
    found = read(reply(**headers))
    assert (found.kind, found.status) == (kind, ReadingStatus.IGNORED)


def test_a_broken_mail_waits_for_a_person() -> None:
    found = read(b"X: " + b"x" * 70_000)
    assert (found.kind, found.status) == (MailKind.BROKEN, ReadingStatus.REVIEW)
    assert found.why == "This mail could not be read: the header of the mail is larger than 64 kB."


def test_an_encrypted_mail_waits_for_a_person() -> None:
    """Case 53."""
    mail = corpus.message()
    mail.set_content(b"0\x80", maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
    found = read(mail)
    assert (found.status, found.why) == (
        ReadingStatus.REVIEW,
        "Margaret wrote in a form that cannot be read here.",
    )


def test_a_reaction_is_no_answer() -> None:
    """Case 39."""
    mail = reply("Margaret reacted via Gmail")
    mail.add_alternative('{"emoji": "👍", "version": 1}', subtype="vnd.google.email-reaction+json")
    assert read(mail).status is ReadingStatus.IGNORED


# --------------------------------------------------------------------------- calendar


def itip(
    *, method: str = "REPLY", uid: str = UID, attendee: str = MARGARET.address, status: str = "ACCEPTED", sender: str = corpus.FROM
) -> EmailMessage:  # fmt: skip
    content = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nMETHOD:{method}\r\n"
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261103T120000Z\r\nSEQUENCE:0\r\n"
        f"ATTENDEE;PARTSTAT={status}:mailto:{attendee}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mail = corpus.message("Accepted: Priya and Margaret", From=sender, To=PROGRAMME.mailbox)
    mail.set_content("Margaret has accepted.")
    mail.add_alternative(content, subtype="calendar", params={"method": method})
    mail.add_attachment(
        content.encode(), maintype="application", subtype="ics", filename="invite.ics"
    )
    return mail


def test_an_attendees_answer_is_believed_once() -> None:
    """It comes twice in one mail, as an alternative and as a file."""
    found = read(itip())
    assert (found.kind, found.status) == (MailKind.CALENDAR, ReadingStatus.OK)
    (response,) = found.responses
    assert (response.attendee, response.status) == (MARGARET.address, ParticipationStatus.ACCEPTED)
    assert (found.pairing, found.author) == (PAIR, MARGARET.id)


def test_an_assistant_may_answer_an_invitation() -> None:
    """Case 81, SENT-BY."""
    found = read(itip(sender="Ines <ines.silva@contoso.example>"))
    assert found.status is ReadingStatus.OK
    assert len(found.responses) == 1


@pytest.mark.parametrize(
    "raw",
    [
        itip(attendee="crasher@fabrikam.example", sender="crasher@fabrikam.example"),
        itip(sender="mallory@fabrikam.example"),
        itip(sender="priya.raman@contoso.example"),
        itip(sender="a@contoso.example, b@contoso.example"),
        itip(method="CANCEL"),
    ],
    ids=["party crasher", "stranger", "the partner", "two senders", "a cancellation"],
)
def test_an_answer_that_is_not_the_attendees_own_waits_for_a_person(raw: EmailMessage) -> None:
    """Cases 87, 90."""
    found = read(raw)
    assert (found.status, found.responses) == (ReadingStatus.REVIEW, ())
    assert found.why


def test_invitations_of_strangers_are_ignored() -> None:
    """Case 87: invitation spam."""
    found = read(itip(method="REQUEST", uid="spam@fabrikam.example", sender="x@fabrikam.example"))
    assert (found.status, found.responses) == (ReadingStatus.IGNORED, ())


def test_sentences_for_people_hold_no_jargon() -> None:
    """A coordinator reads `why`; protocol words mean nothing to them."""
    raws: list[bytes | EmailMessage] = [
        itip(method="CANCEL"),
        itip(sender="mallory@fabrikam.example"),
        corpus.delivery_report(),
        b"X: " + b"x" * 70_000,
    ]
    for raw in raws:
        why = read(raw).why
        assert why.endswith(".")
        assert not {"SMTP", "DSN", "iTIP", "MIME", "UID", "token"} & set(
            why.replace(".", "").split()
        )


def test_received_at_is_kept() -> None:
    at = datetime(2026, 11, 5, tzinfo=UTC)
    assert read(reply(), received_at=at).received_at == at


@pytest.mark.parametrize("text", ["Rating: 4\nKey takeaways: ask first", ""])
def test_what_came_shortened_is_never_silently_complete(text: str) -> None:
    """More may have stood behind what was kept, all of it even."""
    shortened = b"X-Rmflow-Shortened: 1048576 of 40000000 octets\r\n" + reply(text).as_bytes()
    found = read(shortened)
    assert found.status is ReadingStatus.REVIEW
    assert "longer than is read here" in found.why
