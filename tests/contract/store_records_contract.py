"""What every store promises about records and incoming mail."""

import traceback
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, timedelta
from typing import Any, get_args

import pytest
from sqlalchemy.exc import StatementError
from store_fixtures import OpensStores, counted
from store_samples import (
    BYTES,
    JO,
    JO_AND_ROBERT,
    MINA,
    MINA_AND_ROBERT,
    NOW,
    PRECISE,
    ROBERT,
    SAMPLES,
    UID,
    letter,
    mail,
    pairing,
    reading,
)

from rmflow.adapters.store.sql import SqlStore
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.reading import MailId
from rmflow.domain.records import (
    WAITING,
    LetterRecord,
    MailRecord,
    NoteRecord,
    PairingRecord,
    PersonRecord,
    Record,
    SeriesRecord,
    SettingRecord,
    SignalRecord,
)
from rmflow.domain.series import Uid
from rmflow.ports.store import Store

LATER = NOW + timedelta(hours=1)


class RecordsContract(OpensStores):
    """The promises about records and mails."""

    # Records.

    def test_the_samples_fill_every_field(self) -> None:
        assert {type(sample) for sample in SAMPLES} == set(get_args(Record))
        full = {
            (type(sample), field.name)
            for sample in SAMPLES
            for field in fields(sample)
            if getattr(sample, field.name)
        }
        assert full == {(kind, field.name) for kind in get_args(Record) for field in fields(kind)}

    @pytest.mark.parametrize("sample", SAMPLES, ids=lambda r: type(r).__name__)
    def test_a_record_comes_back_equal(self, store: Store, sample: Record) -> None:
        store.write([sample])
        [found] = store.read(type(sample))
        if isinstance(sample, MailRecord):
            assert store.raw(sample.id) == sample.raw
            sample = replace(sample, raw=b"")
        assert found == sample

    def test_times_come_back_in_utc(self, store: Store) -> None:
        store.write([pairing(MINA_AND_ROBERT, MINA, ROBERT, wake_at=PRECISE)])
        [found] = store.read(PairingRecord)
        assert found.wake_at
        assert found.wake_at.tzinfo is UTC
        assert found.wake_at == PRECISE

    def test_a_second_write_replaces_the_first(self, store: Store) -> None:
        store.write([SettingRecord("name", "first"), SettingRecord("other", "kept")])
        store.write([SettingRecord("name", "second"), SettingRecord("name", "third")])
        assert store.setting("name") == "third"
        assert store.setting("other") == "kept"
        assert store.setting("unknown") == ""

    def test_a_value_can_be_taken_back_to_none(self, store: Store) -> None:
        store.write([pairing(MINA_AND_ROBERT, MINA, ROBERT, wake_at=NOW)])
        store.write([pairing(MINA_AND_ROBERT, MINA, ROBERT)])
        assert store.read(PairingRecord) == [pairing(MINA_AND_ROBERT, MINA, ROBERT)]

    def test_a_write_that_breaks_off_leaves_nothing(self, store: Store) -> None:
        def interrupted() -> Iterator[Record]:
            for n in range(1500):
                yield SettingRecord(f"{n}", "")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.write(interrupted())
        assert store.read(SettingRecord) == []
        store.write([SettingRecord("after", "")])
        assert len(store.read(SettingRecord)) == 1

    def test_many_records_are_written_in_flat_memory(self, store: SqlStore) -> None:
        records = (SettingRecord(f"{n:06}", "x" * 100) for n in range(self.MANY))
        tracemalloc.start()
        with counted(store) as counts:
            store.write(records)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        statements = self.MANY // 500 * (1 + self.LOOKS) + self.LOCKS
        assert counts == {"statements": statements, "commits": 1}
        assert peak < 8_000_000  # all records together would be 15 MB

    MANY = 30_000

    def test_records_are_read_in_the_order_of_their_keys(self, store: Store) -> None:
        """By code point, whatever the locale of a server: the workbook must not jump."""
        keys = [("b", "1", "x"), ("B", "1", "x"), ("a", "2", "é"), ("a", "2", "z"), ("a", "10", "")]
        notes = [NoteRecord(*key, text="", seen_at=NOW) for key in keys]
        store.write(notes)
        assert store.read(NoteRecord) == sorted(notes, key=lambda n: (n.sheet, n.row, n.column))

    def test_pairings_narrow_what_is_read(self, store: Store) -> None:
        store.write(SAMPLES)
        others = pairing(PairingId("other"), PersonId("kim"), PersonId("sam"))
        store.write([others, PersonRecord(PersonId("kim"), "kim@contoso.example", "{}")])
        read = store.read(PairingRecord, pairings=[JO_AND_ROBERT, PairingId("other")])
        assert [record.id for record in read] == [JO_AND_ROBERT, "other"]
        people = store.read(PersonRecord, pairings=[JO_AND_ROBERT, MINA_AND_ROBERT])
        assert [person.id for person in people] == [JO, ROBERT]
        assert len(store.read(LetterRecord, pairings=[MINA_AND_ROBERT])) == 2
        assert store.read(LetterRecord, pairings=[JO_AND_ROBERT]) == []
        assert store.read(LetterRecord, pairings=[]) == []

    def test_a_person_of_many_pairings_is_read_once(self, store: Store) -> None:
        many = [PairingId(f"p{n:04}") for n in range(1100)]
        store.write(pairing(id, PersonId(f"mentor{id}"), ROBERT) for id in many)
        store.write([PersonRecord(ROBERT, "robert.lang@contoso.example", "{}")])
        assert [person.id for person in store.read(PersonRecord, pairings=many)] == [ROBERT]
        assert [each.id for each in store.read(PairingRecord, pairings=many[::-1])] == many

    def test_what_belongs_to_no_pairing_cannot_be_narrowed(self, store: Store) -> None:
        with pytest.raises(ValueError, match="SettingRecord belongs to no pairing"):
            store.read(SettingRecord, pairings=[MINA_AND_ROBERT])

    def test_letters_are_found_by_token_and_message_id(self, store: Store) -> None:
        store.write([letter("1", key="k"), letter("2", key="k"), letter("3")])
        assert [each.item for each in store.letters_by_token(["pk", "unknown"])] == ["1", "2"]
        assert [each.item for each in store.letters_by_message_id(["<3@contoso.example>"])] == ["3"]
        assert store.letters_by_token([]) == []
        many = [f"<{n}@contoso.example>" for n in range(40_000)]
        assert [each.item for each in store.letters_by_message_id(many)] == ["3"]

    def test_a_merged_letter_is_sent_once(self, store: Store) -> None:
        store.write(
            [
                letter("1", key="k", sent_at=LATER),
                letter("2", key="k", sent_at=LATER),
                letter("3", sent_at=NOW, kind="receipt"),
                letter("4", sent_at=NOW - timedelta(microseconds=1)),
                letter("5", person=MINA),
            ]
        )
        assert store.sent_since(NOW, [ROBERT, JO]) == {
            ROBERT: (("receipt", NOW), ("prompt", LATER)),
            JO: (),
        }

    def test_a_pairing_is_due_from_the_instant_it_asked_for(self, store: Store) -> None:
        store.write(
            [
                pairing(PairingId("now"), MINA, ROBERT, NOW),
                pairing(PairingId("soon"), MINA, ROBERT, NOW + timedelta(microseconds=1)),
                pairing(PairingId("never"), MINA, ROBERT),
                pairing(PairingId("east"), MINA, ROBERT, PRECISE),  # earlier, though it reads 08:59
            ]
        )
        assert store.due(NOW) == {"now", "east"}

    def test_a_time_that_is_no_instant_is_a_mistake(self, store: Store) -> None:
        naive = NOW.replace(tzinfo=None)
        with pytest.raises(StatementError, match="has no time zone") as caught:
            store.write([pairing(MINA_AND_ROBERT, MINA, ROBERT, wake_at=naive)])
        assert MINA_AND_ROBERT not in str(caught.value)

    def test_a_row_that_cannot_be_stored_is_not_shown(self, store: Store) -> None:
        """What people wrote must not get into a log by way of a mistake of ours."""
        missing: Any = None
        record = SettingRecord("canary", missing)
        with pytest.raises(RuntimeError, match=r"write: .*value") as caught:
            store.write([record])
        assert "canary" not in "".join(traceback.format_exception(caught.value))

    # Incoming mail.

    def test_a_known_mail_is_left_as_it_is(self, store: Store) -> None:
        assert store.keep([mail("1", raw=b"raw"), mail("2")]) == {"1", "2"}
        assert store.keep([mail("2", raw=b"other"), mail("3"), mail("3", raw=b"x")]) == {"3"}
        assert store.keep([]) == frozenset()
        assert store.raw(MailId("2")) == BYTES
        assert store.raw(MailId("3")) == BYTES

    def test_a_mail_without_a_reading_is_unread_oldest_first(self, store: Store) -> None:
        """A crash between keeping a mail and reading it loses nothing."""
        store.keep([mail("1", received_at=LATER), mail("2"), mail("3", received_at=PRECISE)])
        store.write([reading("2")])
        assert [(each.id, each.raw) for each in store.unread()] == [("3", b""), ("1", b"")]

    def test_kept_mails_are_found_by_where_they_came_from(self, store: Store) -> None:
        store.keep([mail("1"), replace(mail("2"), source="maildir:in:2")])
        store.keep([replace(mail("1"), source="imap:elsewhere")])  # known: nothing is noted
        here, there = mail("1").source, "maildir:in:2"
        assert store.kept([here, there, "imap:elsewhere", "imap:"]) == {here: "1", there: "2"}
        assert store.kept([]) == {}

    def test_the_source_that_is_none_is_found_with_no_mail(self, store: Store) -> None:
        store.keep([replace(mail("1"), source="")])
        assert store.kept([""]) == {}

    def test_of_two_mails_of_one_source_the_same_one_is_found_each_time(self, store: Store) -> None:
        """Exchange makes a mail anew each time it is fetched, and other bytes are another mail."""
        store.keep([replace(mail(id), source="exchange:A") for id in "312"])
        assert store.kept(["exchange:A"]) == {"exchange:A": "1"}

    def test_a_hundred_sources_are_one_look_at_an_index(self, store: SqlStore) -> None:
        """However many mails are remembered."""
        store.keep([mail(str(number)) for number in range(300)])
        with counted(store) as counts:
            found = store.kept([mail(str(number)).source for number in range(200, 400)])
        assert len(found) == 100
        assert counts["statements"] == 1

    def test_readings_are_found_by_their_mail_and_by_what_waits_oldest_first(
        self, store: Store
    ) -> None:
        store.keep([mail("1"), mail("2"), mail("3"), mail("4")])
        first, second = (
            replace(reading(id), state=WAITING, received_at=at)
            for id, at in (("3", NOW), ("1", LATER))
        )
        filed = replace(reading("2"), state="filed")
        store.write([filed, first, second])
        assert store.readings([MailId("1"), MailId("2"), MailId("4"), MailId("?")]) == [
            second,
            filed,
        ]
        assert store.waiting() == [first, second]

    def test_signals_are_found_by_person(self, store: Store) -> None:
        store.write(s for s in SAMPLES if isinstance(s, SignalRecord))
        assert [signal.id for signal in store.signals([ROBERT, MINA])] == ["aa"]
        assert store.signals([]) == []

    def test_people_are_found_by_id_and_by_address_those_who_left_too(self, store: Store) -> None:
        gone = PersonRecord(ROBERT, "robert.lang@contoso.example", "{}", left_at=NOW)
        here = PersonRecord(JO, "jo.larsen@contoso.example", "{}")
        store.write([gone, here])
        assert store.people(ids=[JO], addresses=["robert.lang@contoso.example"]) == [here, gone]
        assert store.people(ids=[], addresses=[]) == []

    def test_series_are_found_by_uid_and_the_live_ones_are_listed(self, store: Store) -> None:
        live = SeriesRecord(UID, MINA_AND_ROBERT, 0, "live", "{}")
        over = SeriesRecord(Uid("over"), MINA_AND_ROBERT, 1, "cancelled", "{}")
        store.write([live, over])
        assert store.series([Uid("over"), Uid("?")]) == [over]
        assert store.live_uids() == {UID}

    def test_an_unknown_mail_has_no_raw_bytes(self, store: Store) -> None:
        assert store.raw(MailId("unknown")) is None

    def test_what_was_written_is_there_for_the_next_process(
        self, store: Store, reopen: Callable[[], SqlStore]
    ) -> None:
        store.write([SettingRecord("name", "value")])
        store.close()
        store.close()
        assert reopen().setting("name") == "value"
