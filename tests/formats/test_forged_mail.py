"""Forged mail: nothing that is not a person's own is ever filed as their answer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
import reply_corpus as corpus
from forgeries import (
    ASKED,
    EXAMINED,
    GATE,
    INES,
    LETTERS,
    PAIR,
    STRICT,
    UID,
    WORDS,
    Forgery,
    all_forgeries,
)
from letter_samples import MARGARET, PRIYA
from test_interpret import SERIES, itip, reply

from rmflow.domain.people import Address
from rmflow.domain.programme import Programme
from rmflow.domain.reading import MailId, MailKind, Reading, ReadingStatus
from rmflow.domain.records import AnswerRecord, LetterRecord, ReadingRecord, SignalRecord
from rmflow.domain.series import Uid
from rmflow.formats.incoming.clues import clues
from rmflow.formats.incoming.context import Context
from rmflow.formats.incoming.interpret import interpret
from rmflow.formats.incoming.mail import parse
from rmflow.planner.filing import file_reading
from rmflow.planner.state import History

ALIAS = Address("m.okafor@fabrikam.example")
PEOPLE = {
    PRIYA.id: PRIYA,
    MARGARET.id: replace(MARGARET, assistant=Address(INES), aliases=(ALIAS,)),
}
FORGERIES = all_forgeries()
BOUNCE = MailKind.BOUNCE  # who returns a mail says nothing in her name
BY_PROGRAMS = (BOUNCE, MailKind.AUTO_REPLY)


def read(raw: bytes, programme: Programme, letters: Sequence[LetterRecord] = LETTERS) -> Reading:
    """Interpret a mail in a store that knows the letters and the series."""
    mail = parse(raw)
    found = clues(mail, programme.mailbox)
    named = tuple(
        x for x in letters if x.token in found.tokens or x.message_id in found.message_ids
    )
    series = {Uid(UID): SERIES} if UID in found.uids else {}
    context = Context(programme, named, named, PEOPLE, series)
    return interpret(mail, MailId("m1"), context, corpus.RECEIVED)


def test_there_are_more_than_two_hundred_different_ones() -> None:
    assert len({(forgery.raw, forgery.programme.authserv_id) for forgery in FORGERIES}) > 250
    assert len(Counter(forgery.kind for forgery in FORGERIES)) > 40


@pytest.mark.parametrize(
    "forgery", FORGERIES, ids=[f"{n} {each.kind}" for n, each in enumerate(FORGERIES)]
)
def test_a_forged_mail_is_nobodys_answer(forgery: Forgery) -> None:
    """It is ignored, or waits for a person who is told why."""
    found = read(forgery.raw, forgery.programme)

    assert found.status in (ReadingStatus.REVIEW, ReadingStatus.IGNORED)
    assert bool(found.why) is (found.status is ReadingStatus.REVIEW)
    note, _ = file_reading(forgery.programme, found, History())
    kept = [r for r in note.records if not (isinstance(r, SignalRecord) and found.kind is BOUNCE)]
    assert [type(record) for record in kept] == [ReadingRecord]


@pytest.mark.parametrize("word", ["STOP", "Please pause until 1 December"])
def test_a_forged_wish_is_nobodys_wish(word: str) -> None:
    """Nobody leaves the programme because somebody else wants it."""
    for forgery in FORGERIES:
        raw = forgery.raw.replace(WORDS.encode(), word.encode())
        found = read(raw, forgery.programme)
        assert found.signal is None or found.kind in BY_PROGRAMS, forgery.kind
        assert found.status in (ReadingStatus.REVIEW, ReadingStatus.IGNORED), forgery.kind
    assert read(reply(word).as_bytes(), EXAMINED).signal is not None


@pytest.mark.parametrize("refuted", [False, True])
def test_a_refuted_absence_pauses_nobody(refuted: bool) -> None:  # noqa: FBT001 - a column
    mail = reply("I am away until 15 November.", Subject="Automatic reply: How was it")
    if refuted:
        mail["Authentication-Results"] = f"{GATE}; dmarc=fail header.from=contoso.example"
    assert (read(mail.as_bytes(), EXAMINED).signal is None) is refuted


RESULTS = "mx.contoso.example; dmarc=pass header.from=contoso.example"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sender": MARGARET.address},
        {"Authentication_Results": RESULTS},
        {"Authentication_Results": RESULTS.upper()},
        {"To": corpus.REPLY_TO.upper()},
        {"Authentication_Results": "mx.contoso.example 1; dkim=pass header.d=mail.contoso.example"},
        {"Authentication_Results": "mx.contoso.example; spf=none; dkim=none; dmarc=none"},
        {"Authentication_Results": "mx.fabrikam.example; dmarc=fail header.from=contoso.example"},
        {"From": f"Margaret at home <{ALIAS}>"},
        {"From": f"{MARGARET.address} (Margaret)"},
    ],
)
def test_her_own_mail_is_hers(headers: dict[str, str]) -> None:
    """The other side of the coin: with the same means, what is not forged is accepted."""
    found = read(reply(**headers).as_bytes(), EXAMINED)
    assert (found.status, found.author, found.answers) == (
        ReadingStatus.OK,
        MARGARET.id,
        {"worthwhile": "4"},
    )
    note, _ = file_reading(EXAMINED, found, History())
    assert isinstance(note.records[1], AnswerRecord)


@pytest.mark.parametrize("sender", [MARGARET.address, INES, ALIAS])
@pytest.mark.parametrize("attendee", [MARGARET.address, ALIAS])
@pytest.mark.parametrize("method", ["REPLY", "COUNTER"])
def test_an_invitation_is_answered_from_each_of_her_addresses_and_by_her_assistant(
    sender: str, attendee: str, method: str
) -> None:
    """Case 81. What an assistant writes beside it is no summary, whatever it says."""
    found = read(itip(method=method, sender=sender, attendee=attendee).as_bytes(), EXAMINED)
    assert (found.status, found.pairing, found.form) == (ReadingStatus.OK, PAIR, None)
    assert [response.attendee for response in found.responses] == [MARGARET.address]
    note, _ = file_reading(EXAMINED, found, History())
    assert not [record for record in note.records if isinstance(record, AnswerRecord)]


def test_her_assistant_chooses_a_time_for_her_and_writes_no_summary() -> None:
    """The diary is the assistant's; what was learned is Margaret's."""
    raw = reply("1", From=INES).as_bytes()
    times = replace(ASKED, kind="new-times", form="times", text="", offer_json="")
    assert read(raw, EXAMINED).why == "Margaret's assistant answered a mail to Margaret."
    found = read(raw, EXAMINED, [times])
    assert (found.author, found.sender, found.why) == (MARGARET.id, INES, "")
    assert read(reply("1", Sender=INES).as_bytes(), EXAMINED, [times]).why == ""


@pytest.mark.parametrize(
    ("programme", "why"),
    [
        (EXAMINED, "It is not certain that Margaret wrote this: the mail may be forged."),
        (STRICT, "It is not certain that Margaret wrote this: no mail server has confirmed it."),
    ],
)
def test_the_coordinator_is_told_what_is_not_certain(programme: Programme, why: str) -> None:
    headers = {} if programme is STRICT else {"Authentication_Results": f"{GATE}; dmarc=fail"}
    assert read(reply(**headers).as_bytes(), programme).why == why
