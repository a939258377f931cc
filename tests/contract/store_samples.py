"""Records as they occur, for the contract of the store: a full and a sparse one of each kind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.reading import MailId
from rmflow.domain.records import (
    AnswerRecord,
    Effect,
    LetterRecord,
    MailRecord,
    NoteRecord,
    PairingRecord,
    PersonRecord,
    QuestionRecord,
    ReadingRecord,
    Record,
    ResponseRecord,
    SeriesRecord,
    SettingRecord,
    SignalRecord,
)
from rmflow.domain.series import SessionId, Uid

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
PRECISE = datetime(2026, 11, 3, 8, 59, 59, 999999, tzinfo=timezone(timedelta(hours=5, minutes=45)))
MINA_AND_ROBERT = PairingId("mina.okafor+robert.lang")
JO_AND_ROBERT = PairingId("jo.larsen+robert.lang")
MINA, JO, ROBERT = PersonId("mina.okafor"), PersonId("jo.larsen"), PersonId("robert.lang")
SESSION = SessionId("20261103T080000Z")
UID = Uid("5f0c2a9be1d74c7f8a3e6b2d1c0f9e8a")
WORDS = "Grüße, 日本語, 👩🏽‍🏫, a\tb\r\nc, \u202e, 'quoted' \"twice\" %s ?\n"  # what people type
LONG = WORDS * 20_000
BYTES = bytes(range(256)) * 400


def effect(
    key: str,
    *,
    pairing: PairingId = MINA_AND_ROBERT,
    person: PersonId = ROBERT,
    payload: bytes = b"",
    covers_json: str = "[]",
) -> Effect:
    """Return an effect as a planner would hand it over."""
    return Effect(
        key=Key(key),
        kind="send-letter",
        pairing=pairing,
        session=SESSION,
        person=person,
        payload=payload,
        covers_json=covers_json,
    )


def pairing(
    id: PairingId, mentor: PersonId, mentee: PersonId, wake_at: datetime | None = None
) -> PairingRecord:
    """Return a pairing as the roster had it."""
    return PairingRecord(id, mentor, mentee, '{"cadence": "pilot"}', wake_at=wake_at)


def letter(
    item: str,
    *,
    key: str = "",
    person: PersonId = ROBERT,
    sent_at: datetime = NOW,
    kind: str = "prompt",
) -> LetterRecord:
    """Return one item of a letter that left; without `key` it is the only one."""
    key = key or item
    return LetterRecord(
        item=Key(item),
        key=Key(key),
        kind=kind,
        pairing=MINA_AND_ROBERT,
        session=SESSION,
        person=person,
        form="summary",
        topic="first-job",
        revision=1,
        token=f"p{key}",
        message_id=f"<{key}@contoso.example>",
        subject="Ein Thema für Dienstag",
        text=WORDS,
        sent_at=sent_at,
        offer_json="{}",
    )


def mail(id: str, *, received_at: datetime = NOW, raw: bytes = BYTES) -> MailRecord:
    """Return a mail as it is first kept."""
    return MailRecord(MailId(id), f"imap:INBOX:1637:{id}", received_at, raw)


def reading(id: str) -> ReadingRecord:
    """Return the reading of a mail."""
    return ReadingRecord(MailId(id), NOW, "filed", "human", MINA_AND_ROBERT, SESSION, "{}")


SAMPLES: tuple[Record, ...] = (
    PersonRecord(ROBERT, "robert.lang@contoso.example", WORDS, left_at=PRECISE),
    PersonRecord(JO, "jo.larsen@contoso.example", "{}"),
    PairingRecord(
        MINA_AND_ROBERT,
        MINA,
        ROBERT,
        WORDS,
        "paused",
        wake_at=NOW,
        gone_at=PRECISE,
        ended_at=NOW,
        resumed_at=PRECISE,
        over_since=NOW,
        emptied_at=PRECISE,
    ),
    PairingRecord(JO_AND_ROBERT, JO, ROBERT, "{}"),
    replace(
        SeriesRecord(
            UID, MINA_AND_ROBERT, 2, "live", LONG, 'W/"7"', "Tue 09:00", "{}", WORDS, PRECISE, WORDS
        ),
        taken_out_json=WORDS,
    ),
    SeriesRecord(Uid("sparse"), MINA_AND_ROBERT, 0, "", ""),
    letter("1f", sent_at=PRECISE),
    letter("2f", kind=""),
    mail("aa"),
    MailRecord(MailId("ab"), "", PRECISE, b"", settled_at=NOW),
    ReadingRecord(MailId("aa"), PRECISE, "waiting", "human", MINA_AND_ROBERT, SESSION, LONG, WORDS),
    ReadingRecord(MailId("ab"), NOW, "ignored", "", PairingId(""), SessionId(""), ""),
    AnswerRecord(
        MailId("aa"), MINA_AND_ROBERT, SESSION, "summary", ROBERT, NOW, "ok", "{}", LONG, 2**40
    ),
    AnswerRecord(MailId("ab"), MINA_AND_ROBERT, SESSION, "", ROBERT, NOW, "", "", ""),
    ResponseRecord(
        UID, SESSION, "robert.lang@contoso.example", MINA_AND_ROBERT, "DECLINED", 3, NOW, WORDS, NOW
    ),
    ResponseRecord(UID, SessionId(""), "x@fabrikam.example", MINA_AND_ROBERT, "", 0, PRECISE),
    QuestionRecord(
        Key("q1"), MINA_AND_ROBERT, "series", WORDS, NOW, session=SESSION, closed_at=PRECISE
    ),
    QuestionRecord(Key("q2"), PairingId(""), "", "", NOW),
    SignalRecord(
        MailId("aa"),
        ROBERT,
        "pause",
        MINA_AND_ROBERT,
        everywhere=True,
        received_at=PRECISE,
        until="2026-12-01",
        address="robert.lang@contoso.example",
        reason=WORDS,
    ),
    SignalRecord(MailId("ab"), JO, "", PairingId(""), everywhere=False, received_at=NOW),
    NoteRecord("Pairs", MINA_AND_ROBERT, "Coordinator notes", LONG, PRECISE),
    NoteRecord("", "", "", "", NOW),
    SettingRecord("imap-token", WORDS),
    SettingRecord("empty", ""),
)
