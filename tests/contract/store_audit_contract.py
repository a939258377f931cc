"""What every store promises about its audit log."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from store_fixtures import OpensStores
from store_samples import JO, MINA, MINA_AND_ROBERT, NOW, effect, letter

from rmflow.adapters.store.audit import empty
from rmflow.adapters.store.erasure import SqlEraser
from rmflow.adapters.store.sql import SqlStore
from rmflow.domain.audit import NO_HEAD, Entry, Event, alias_of, check, facts
from rmflow.domain.keys import Key
from rmflow.domain.people import Address
from rmflow.domain.records import PairingRecord, PersonRecord, SettingRecord
from rmflow.ports.erasure import Traces

A, B = Key("a" * 32), Key("b" * 32)
SHOWN = Entry(NOW, Event.SHOWN, about="c" * 32)


def unbroken(store: SqlStore) -> bool:
    return check(store.entries(), [], b"")[1] is None


class AuditContract(OpensStores):
    """The promises about the audit log."""

    def test_an_end_of_an_effect_is_an_entry_in_the_same_transaction(self, store: SqlStore) -> None:
        store.claim([effect(A), effect(B)], fence=1, now=NOW)
        assert store.head() == NO_HEAD
        store.settle(A, [letter("1")], fence=1, now=NOW + timedelta(minutes=1))
        store.hold(B, fence=1, why="refused")
        done, held = store.entries()
        assert (done.event, done.about, done.pairing) == ("effect done", A, MINA_AND_ROBERT)
        assert (done.at, done.facts) == (NOW + timedelta(minutes=1), {"kind": effect(A).kind})
        assert done.person == alias_of(b"", effect(A).person)
        assert (held.event, held.about) == ("effect held", B)
        assert store.head() == held.head
        assert unbroken(store)

    def test_who_cannot_settle_leaves_no_entry(self, store: SqlStore) -> None:
        store.claim([effect(A)], fence=1, now=NOW)
        with pytest.raises(RuntimeError):
            store.settle(A, fence=2, now=NOW)
        assert list(store.entries()) == []

    def test_entries_are_written_with_records_or_not_at_all(self, store: SqlStore) -> None:
        naive = PairingRecord(MINA_AND_ROBERT, MINA, JO, "{}", wake_at=NOW.replace(tzinfo=None))
        with pytest.raises(Exception, match="no time zone"):
            store.write([SHOWN, naive])
        assert list(store.entries()) == []
        store.write([SHOWN, SettingRecord("name", "value"), replace(SHOWN, about="d")])
        assert [row.about for row in store.entries()] == [SHOWN.about, "d"]

    def test_many_are_read_in_their_order(self, store: SqlStore) -> None:
        store.write(replace(SHOWN, about=f"{n}") for n in range(2500))
        assert [row.about for row in store.entries()] == [f"{n}" for n in range(2500)]
        assert unbroken(store)

    def test_two_who_write_at_once_keep_one_chain(
        self, store: SqlStore, reopen: Callable[[], SqlStore]
    ) -> None:
        """An export while a run is at work: each entry has to know the one before it."""
        stores = (store, reopen(), reopen())

        def write(each: SqlStore) -> None:
            for _ in range(15):
                each.write([SHOWN])

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(write, stores))
        assert store.head().number == 45
        assert unbroken(store)

    def test_to_forget_empties_what_is_about_them_and_breaks_nothing(self, store: SqlStore) -> None:
        store.write([replace(SHOWN, person=MINA), replace(SHOWN, pairing="other", about="")])
        person = PersonRecord(MINA, "mina.okafor@contoso.example", "{}")
        store.write([person, replace(SHOWN, pairing=MINA_AND_ROBERT)])
        traces = Traces(
            MINA, Address(person.address), [MINA_AND_ROBERT], ["nothing of this"], "Mina"
        )
        SqlEraser(store).erase(traces, [Entry(NOW, Event.FORGOTTEN)])
        first, other, third, gone = store.entries()
        assert first.emptied
        assert third.emptied
        assert not other.emptied
        assert gone.facts == {"entries": "1,3"}
        assert unbroken(store)

    def test_what_was_emptied_without_a_word_is_noticed(self, store: SqlStore) -> None:
        store.write([SHOWN, SHOWN])
        with store._writer.begin() as connection:
            empty(connection, b"", person=MINA, pairings=[], about=[SHOWN.about])
        assert not unbroken(store)
        store.write([Entry(NOW, Event.FORGOTTEN, facts_json=facts(entries="1-2"))])
        assert unbroken(store)
