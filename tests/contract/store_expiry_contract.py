"""What every store promises about finding and deleting what has been kept for long enough."""

from dataclasses import replace
from datetime import timedelta

from store_fixtures import OpensStores, counted
from store_samples import (
    JO,
    JO_AND_ROBERT,
    MINA,
    MINA_AND_ROBERT,
    NOW,
    ROBERT,
    effect,
    mail,
    pairing,
    reading,
)

from rmflow.adapters.store.sql import SqlStore
from rmflow.domain.audit import Entry, Event
from rmflow.domain.keys import Key
from rmflow.domain.reading import MailId
from rmflow.domain.records import SettingRecord
from rmflow.ports.store import Outdated

DAY = timedelta(days=1)
BOTH = (None, None)


class ExpiryContract(OpensStores):
    """The promises about retention."""

    def test_a_settled_mail_is_outdated_when_its_time_is_over(self, store: SqlStore) -> None:
        store.keep([mail("a"), mail("b"), mail("c")])
        store.write([reading("a"), replace(reading("b"), state="waiting")])
        found = store.outdated(mails=NOW, words=NOW, most=BOTH)
        assert found == Outdated(settled=(MailId("a"),))
        store.expire(found, [], settled_at=NOW)
        assert store.outdated(mails=NOW - DAY, words=NOW, most=BOTH).nothing
        found = store.outdated(mails=NOW, words=NOW, most=BOTH)
        assert found == Outdated(mails=(MailId("a"),))
        told = Entry(NOW, Event.EXPIRED)
        store.expire(found, [SettingRecord("name", "value"), told], settled_at=NOW)
        assert store.raw(mail("a").id) is None
        assert store.raw(mail("b").id) == mail("b").raw
        assert [each.mail_id for each in store.readings([mail("a").id])] == ["a"]
        assert [each.id for each in store.unread()] == ["c"]
        assert (store.setting("name"), store.head().number) == ("value", 1)
        assert store.outdated(mails=NOW, words=NOW, most=BOTH).nothing

    def test_the_words_of_a_pairing_are_outdated_once(self, store: SqlStore) -> None:
        over = replace(pairing(MINA_AND_ROBERT, MINA, ROBERT), over_since=NOW - DAY)
        store.write([over, pairing(JO_AND_ROBERT, JO, ROBERT)])
        done, doubt = Key("a" * 32), Key("b" * 32)
        store.claim([effect(done, payload=b"words"), effect(doubt, payload=b"w")], fence=1, now=NOW)
        store.settle(done, fence=1, now=NOW)
        assert store.outdated(mails=NOW, words=NOW - 2 * DAY, most=BOTH).nothing
        found = store.outdated(mails=NOW, words=NOW, most=BOTH)
        assert found == Outdated(pairings=(MINA_AND_ROBERT,))
        store.expire(found, [replace(over, emptied_at=NOW)], settled_at=NOW)
        assert store.outdated(mails=NOW, words=NOW, most=BOTH).nothing
        [kept] = store.claim([effect(done)], fence=1, now=NOW)
        assert (kept.state, kept.payload) == ("done", b"")
        assert [each.payload for each in store.doubts()] == [b"w"]

    def test_a_run_takes_its_share_of_many_with_one_query(self, store: SqlStore) -> None:
        ids = [f"{n:04}" for n in range(30)]
        store.keep([mail(id, raw=b"") for id in ids])
        store.write(reading(id) for id in ids)
        store.expire(store.outdated(mails=NOW, words=NOW, most=BOTH), [], settled_at=NOW)
        with counted(store) as counts:
            found = store.outdated(mails=NOW, words=NOW, most=(20, 20))
        assert counts == {"statements": 1, "commits": 0}
        assert len(found.mails) == 20
