"""What every store promises about its lease and its journal of effects."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
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
    effect,
    letter,
    mail,
    pairing,
)

from rmflow.adapters.store.sql import SqlStore
from rmflow.adapters.store.sqlite import BUSY_TIMEOUT_SECONDS
from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.records import LetterRecord, Record, SettingRecord
from rmflow.errors import AlreadyRunningError
from rmflow.ports.store import Store

# What the entry of the audit log costs: the last one is read (alone, where there is no lease), and
# one is added.
AUDITED = 3
LATER = NOW + timedelta(hours=1)
A, B, C = Key("a" * 32), Key("b" * 32), Key("c" * 32)

# Takes the lease of the url it is given, says so, and waits to be killed.
HOLDER = """
import sys, time
from rmflow.adapters.store.sql import open_store
with open_store(sys.argv[1], keys=sys.argv[2:]).lease():
    print("held", flush=True)
    time.sleep(60)
"""


class JournalContract(OpensStores):
    """The promises about leases and effects."""

    # The lease.

    def test_a_second_lease_is_refused_at_once(
        self, store: Store, reopen: Callable[[], SqlStore]
    ) -> None:
        with store.lease():
            started = time.monotonic()
            with pytest.raises(AlreadyRunningError, match="another run"), reopen().lease():
                pass
            assert time.monotonic() - started < BUSY_TIMEOUT_SECONDS / 2
        with reopen().lease():
            pass

    def test_a_killed_process_holds_no_lease(self, url: str, store: Store) -> None:
        """kill -9, a power cut, the kernel out of memory: nobody is there to unlock."""
        command = [sys.executable, "-c", HOLDER, url, *self.KEYS]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(AlreadyRunningError), store.lease():
                pass
            os.kill(holder.pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while True:
            try:
                with store.lease():
                    return
            except AlreadyRunningError:
                # A database server notices a moment later; the kernel freed a file already.
                assert not url.startswith("sqlite")
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def test_an_error_inside_a_lease_ends_it(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.lease():
            raise ZeroDivisionError
        with store.lease():
            pass

    def test_the_fence_rises_with_every_lease_that_claims(
        self, store: Store, reopen: Callable[[], SqlStore]
    ) -> None:
        fences: list[int] = []
        for each in (store, reopen(), reopen()):
            with each.lease() as fence:
                each.claim([effect(f"{len(fences)}")], fence=fence, now=NOW)
                fences.append(fence)
        assert fences == sorted(set(fences))

    def test_a_lease_that_claims_nothing_writes_nothing(self, store: SqlStore) -> None:
        with counted(store) as counts, store.lease():
            store.claim([], fence=1, now=NOW)
        assert counts["commits"] == 0

    def test_of_two_leases_with_one_fence_only_the_first_to_claim_goes_on(
        self, store: Store, reopen: Callable[[], SqlStore]
    ) -> None:
        """A lock can be lost without notice: a paused process, a dropped session."""
        other = reopen()
        with store.lease() as fence:
            pass
        with other.lease() as same:
            assert same == fence
        store.claim([effect(A)], fence=fence, now=NOW)
        with pytest.raises(AlreadyRunningError, match="out of date"):
            other.claim([effect(B)], fence=same, now=NOW)
        store.claim([effect(C)], fence=fence, now=NOW)
        assert {doubt.key for doubt in store.doubts()} == {A, C}

    def test_whoever_was_taken_over_from_writes_nothing_any_more(
        self, store: SqlStore, reopen: Callable[[], SqlStore]
    ) -> None:
        """What was planned before is out of date: a choice that another run has obeyed, a wake."""
        with store.lease() as fence:
            store.claim([effect(A)], fence=fence, now=NOW)
            other = reopen()
            other.claim([effect(A)], fence=fence + 1, now=NOW)
            for step in (
                lambda: store.write([SettingRecord("name", "value")]),
                lambda: store.keep([mail("m")]),
                lambda: store.claim([effect(B)], fence=fence, now=NOW),
                lambda: store.settle(A, fence=fence, now=NOW),
                lambda: store.release(A, fence=fence, why=""),
                lambda: store.hold(A, fence=fence, why=""),
                lambda: store.acting(fence).__enter__(),
            ):
                with pytest.raises(AlreadyRunningError, match="another run has taken over"):
                    step()
        assert [(doubt.key, doubt.fence) for doubt in store.doubts()] == [(A, fence + 1)]
        assert store.setting("name") == ""

    # A memory that was put back.

    def test_a_memory_that_only_goes_on_was_not_put_back(
        self, store: Store, reopen: Callable[[], SqlStore]
    ) -> None:
        assert not store.put_back()
        for number in range(3):
            with store.lease() as fence:
                store.claim([effect(f"{number}")], fence=fence, now=NOW)
            store = reopen()
            assert not store.put_back()

    # The life of an effect.

    def test_a_new_effect_is_stored_as_given(self, store: Store) -> None:
        given = effect(A, payload=BYTES, covers_json='["x"]')
        [claimed] = store.claim([given], fence=3, now=PRECISE)
        assert claimed == replace(given, attempts=1, fence=3, claimed_at=PRECISE)
        assert store.doubts() == [claimed]

    def test_a_resumed_effect_keeps_its_first_payload(self, store: Store) -> None:
        """The second attempt must send the same bytes: a repeat, not a second mail."""
        store.claim([effect(A, payload=b"first", covers_json='["x"]')], fence=1, now=NOW)
        changed = replace(effect(A, payload=b"second", covers_json="[]"), kind="other")
        [resumed] = store.claim([changed], fence=2, now=LATER)
        assert resumed == replace(
            effect(A, payload=b"first", covers_json='["x"]'),
            attempts=2,
            fence=2,
            claimed_at=LATER,
        )
        assert store.doubts() == [resumed]

    def test_a_released_effect_can_be_claimed_again(self, store: Store) -> None:
        store.claim([effect(A)], fence=1, now=NOW)
        store.release(A, fence=1, why="the relay was down")
        [released] = store.effects(MINA_AND_ROBERT)
        assert (released.state, released.attempts, released.detail) == (
            "failed",
            1,
            "the relay was down",
        )
        assert store.doubts() == []
        assert store.done([MINA_AND_ROBERT]) == frozenset()
        [again] = store.claim([effect(A)], fence=1, now=LATER)
        assert (again.state, again.attempts) == ("claimed", 2)

    def test_a_released_effect_is_claimed_as_it_is_wanted_now(self, store: Store) -> None:
        """It certainly did not happen; meanwhile the room, or a person's address, may be another."""
        store.claim([effect(A, payload=b"old room")], fence=1, now=NOW)
        store.release(A, fence=1, why="the relay was down")
        [again] = store.claim([effect(A, payload=b"new room")], fence=2, now=LATER)
        assert (again.payload, again.attempts, again.detail) == (b"new room", 2, "")

    def test_a_done_or_held_effect_is_returned_and_not_claimed(self, store: Store) -> None:
        store.claim([effect(A), effect(B)], fence=1, now=NOW)
        store.settle(A, fence=1, now=LATER, detail="250 ok")
        store.hold(B, fence=1, why="the answer was lost")
        done, held, fresh = store.claim([effect(A), effect(B), effect(C)], fence=2, now=LATER)
        assert (done.state, done.attempts, done.settled_at, done.detail) == (
            "done",
            1,
            LATER,
            "250 ok",
        )
        assert (held.state, held.detail, held.fence) == ("held", "the answer was lost", 1)
        assert fresh.state == "claimed"
        assert [doubt.key for doubt in store.doubts()] == [C]

    @pytest.mark.parametrize("end", ["settle", "release", "hold"])
    def test_an_end_under_an_old_fence_is_refused(self, store: Store, end: str) -> None:
        """A paused run wakes up after another has taken over: what it knows is out of date."""
        ends: dict[str, Callable[[int], None]] = {
            "settle": lambda fence: store.settle(
                A, [SettingRecord("x", "y")], fence=fence, now=NOW
            ),
            "release": lambda fence: store.release(A, fence=fence, why=""),
            "hold": lambda fence: store.hold(A, fence=fence, why=""),
        }
        with pytest.raises(RuntimeError, match="not claimed"):
            ends[end](1)
        store.claim([effect(A)], fence=1, now=NOW)
        [resumed] = store.claim([effect(A)], fence=2, now=LATER)
        with pytest.raises(RuntimeError, match="not claimed"):
            ends[end](1)
        assert store.doubts() == [resumed]
        assert store.setting("x") == ""
        ends[end](2)
        with pytest.raises(RuntimeError, match="not claimed"):
            ends[end](2)

    def test_a_claim_under_an_old_fence_is_refused(
        self, store: Store, reopen: Callable[[], SqlStore]
    ) -> None:
        store.claim([effect(A)], fence=1, now=NOW)
        reopen().claim([effect(B)], fence=2, now=NOW)
        with pytest.raises(AlreadyRunningError, match="out of date"):
            store.claim([effect(C)], fence=1, now=NOW)
        assert {doubt.key for doubt in store.doubts()} == {A, B}

    def test_a_key_claimed_twice_at_once_is_a_mistake(self, store: Store) -> None:
        with pytest.raises(ValueError, match="twice"):
            store.claim([effect(A), effect(A)], fence=1, now=NOW)
        assert store.doubts() == []

    def test_settling_is_one_commit_with_its_records(self, store: SqlStore) -> None:
        """A letter is done exactly when its record is there; a crash between cannot be."""
        store.claim([effect(A)], fence=1, now=NOW)

        def interrupted() -> Iterator[Record]:
            yield letter("1")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.settle(A, interrupted(), fence=1, now=NOW)
        assert [doubt.key for doubt in store.doubts()] == [A]
        assert store.read(LetterRecord) == []
        with counted(store) as counts:
            store.settle(A, [letter("1"), letter("2")], fence=1, now=NOW)
        assert counts["commits"] == 1
        assert counts["statements"] <= 2 + self.LOOKS + AUDITED
        assert len(store.read(LetterRecord)) == 2

    def test_many_claims_are_one_commit_and_few_statements(self, store: SqlStore) -> None:
        effects = [effect(f"{n:032x}") for n in range(1200)]
        store.claim(effects[::2], fence=1, now=NOW)
        with counted(store) as counts:
            claimed = store.claim(effects, fence=1, now=LATER)
        assert [each.key for each in claimed] == [each.key for each in effects]
        assert [each.attempts for each in claimed] == [2, 1] * 600
        assert counts == {"statements": 1 + 3 + 1, "commits": 1}

    def test_doubts_come_oldest_first_with_their_payloads(self, store: Store) -> None:
        store.claim([effect(B, payload=b"b")], fence=1, now=LATER)
        store.claim([effect(C, payload=b"c")], fence=1, now=NOW)
        store.claim([effect(A, payload=b"a")], fence=1, now=LATER)
        assert [doubt.payload for doubt in store.doubts()] == [b"c", b"a", b"b"]

    def test_effects_of_a_pairing_come_without_payloads(self, store: Store) -> None:
        store.claim([effect(B, payload=BYTES)], fence=1, now=LATER)
        store.claim([effect(A, payload=BYTES)], fence=1, now=NOW)
        store.claim([effect(C, pairing=JO_AND_ROBERT)], fence=1, now=NOW)
        found = store.effects(MINA_AND_ROBERT)
        assert [(each.key, each.payload) for each in found] == [(A, b""), (B, b"")]

    def test_the_latest_effects_come_newest_first_without_payloads(self, store: Store) -> None:
        store.claim([effect(B, payload=BYTES), effect(C)], fence=1, now=NOW)
        store.claim([effect(A, payload=BYTES)], fence=1, now=LATER)
        assert [(each.key, each.payload) for each in store.latest(2)] == [(A, b""), (B, b"")]

    def test_what_a_service_calls_an_effect_is_told_by_the_latest_effects(
        self, store: Store
    ) -> None:
        store.claim([effect(A), effect(B)], fence=1, now=NOW)
        store.settle(A, fence=1, now=NOW, service_id="18f0c2")
        assert {each.key: each.service_id for each in store.latest(2)} == {A: "18f0c2", B: ""}

    def test_done_names_what_is_done_and_what_is_held(self, store: Store) -> None:
        store.claim([effect(A), effect(B), effect(C)], fence=1, now=NOW)
        store.settle(A, fence=1, now=NOW)
        store.hold(B, fence=1, why="")
        assert store.done([MINA_AND_ROBERT]) == {A, B}
        assert store.done([JO_AND_ROBERT]) == frozenset()
        assert store.done([]) == frozenset()

    def test_done_finds_a_merged_letter_from_each_pairing_it_covers(self, store: Store) -> None:
        """Robert has two mentors and gets one mail for both; it stands under one pairing."""
        store.write([pairing(MINA_AND_ROBERT, MINA, ROBERT), pairing(JO_AND_ROBERT, JO, ROBERT)])
        covers = '["item of mina", "item of jo"]'
        store.claim([effect(A, covers_json=covers)], fence=1, now=NOW)
        assert store.done([JO_AND_ROBERT]) == frozenset()
        store.settle(A, fence=1, now=NOW)
        for each in (MINA_AND_ROBERT, JO_AND_ROBERT):
            assert store.done([each]) == {A, "item of mina", "item of jo"}

    def test_done_takes_any_number_of_pairings(self, store: SqlStore) -> None:
        many = [PairingId(f"p{n}") for n in range(1100)]
        effects = [effect(f"k{n}", pairing=id) for n, id in enumerate(many)]
        store.claim(effects, fence=1, now=NOW)
        store.hold(effects[-1].key, fence=1, why="")
        with counted(store) as counts:
            assert store.done(many) == {effects[-1].key}
        assert counts == {"statements": 6, "commits": 0}
