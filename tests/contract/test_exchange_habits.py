"""What Exchange does in its own way, and what rmflow makes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from a_series import ASSISTANT, MENTEE, MENTOR, a_series
from ews import FakeExchange
from ews_store import Server
from exchange_world import (
    BOARD,
    MAILBOX,
    NOW,
    OTHER_ROOM,
    ROOM,
    RUTH,
    ExchangeFixtures,
    Hands,
    opened,
)
from web_server import Fault, Request, Response

from rmflow.adapters.clock import SystemClock
from rmflow.adapters.exchange.calendar import ExchangeCalendar
from rmflow.domain.busy import BusyTime
from rmflow.domain.series import Attendee, ParticipationStatus, Place, SessionId, Uid
from rmflow.errors import (
    ChangedError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from rmflow.ports.checkup import Verdict

UID = a_series().uid
AT = [datetime(2026, 3, 3, 9) + timedelta(weeks=3 * n) for n in range(12)]
HOUR = timedelta(hours=1)


def told(service: FakeExchange) -> list[str]:
    """Return the notices since the last call."""
    said = [str(notice) for notice in service.state.notices]
    service.state.notices.clear()
    return said


class TestWriting(ExchangeFixtures):
    def test_nobody_hears_of_it_before_the_last_request(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        """PROVIDERS 1.5: two steps, each answerable; the last one tells people."""
        calendar.create(a_series(excluded=frozenset({AT[1]}), moved=((AT[2], AT[2] + HOUR),)))
        writes = [r.body.decode() for r in exchange.writes]
        assert exchange.operations().count("CreateItem") == 1
        assert ["SendToNone" in body for body in writes] == [True, True, True, False]
        assert "SendToAllAndSaveCopy" in writes[-1]
        assert 'ConflictResolution="NeverOverwrite"' in writes[-1]
        assert told(exchange) == [f"invited {MENTEE.address}", f"invited {MENTOR.address}"]

    def test_nobody_has_accepted_what_nobody_was_asked(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        """exchangelib sends "Accept" for an attendee who is given as text."""
        calendar.create(a_series(attendees=(MENTOR, MENTEE, ASSISTANT)))
        assert b"Accept" not in exchange.writes[0].body
        assert calendar.look([UID])[UID].responses == ()

    def test_it_is_private_and_has_a_reminder(
        self, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """What is said stays there; and exchangelib switches reminders off unless told."""
        calendar.create(a_series())
        item = outlook.item(UID)
        shown = [item.text(n) for n in ("Sensitivity", "ReminderIsSet", "LegacyFreeBusyStatus")]
        assert shown == ["Private", "1", "Busy"]

    def test_a_begun_series_is_not_there_and_is_continued(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        """The answer to CreateItem is lost: one item, one invitation each in the end."""
        exchange.fail(Fault.HANGS_UP_AFTER)
        with pytest.raises(UncertainError):
            calendar.create(a_series())
        assert calendar.look([UID]) == {}
        assert calendar.changes("", [UID]).series == ()
        calendar.create(a_series(location="Building 9"))
        assert calendar.look([UID])[UID].spec.location == "Building 9"
        assert exchange.operations().count("CreateItem") == 1

    def test_a_shell_that_a_race_has_left_is_removed_unseen(
        self, exchange: FakeExchange, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """Two begun: the lowest id is continued, the other deleted, and nobody hears of it."""
        for _ in range(2):
            exchange.fail(Fault.LAGS_AFTER)
            with pytest.raises(UncertainError):
                calendar.create(a_series())
        exchange.settle()
        assert len(outlook.mailbox.folders["calendar"].items) == 2
        calendar.create(a_series())
        assert len(outlook.mailbox.folders["calendar"].items) == 1
        assert outlook.mailbox.folders["deleteditems"].items == {}
        assert len(told(exchange)) == 2

    def test_new_people_alone_are_told_alone(
        self, exchange: FakeExchange, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """Who comes is invited, who goes gets a cancellation, who stays keeps their answer."""
        etag = calendar.create(a_series())
        told(exchange)
        outlook.answer(UID, MENTOR.address, "Accept")
        calendar.revise(a_series(attendees=(MENTOR, Attendee(RUTH, "Ruth Kaya")), sequence=1), etag)
        assert told(exchange) == [f"invited {RUTH}", f"cancelled {MENTEE.address}"]
        (answer,) = calendar.look([UID])[UID].responses
        assert (answer.attendee, answer.status) == (MENTOR.address, ParticipationStatus.ACCEPTED)

    def test_new_words_concern_nobody(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        """Hundreds of leaders would get a mail about a comma."""
        etag = calendar.create(a_series())
        told(exchange)
        calendar.revise(a_series(summary="Reverse mentoring", sequence=1), etag)
        assert told(exchange) == []

    def test_a_meeting_that_was_taken_out_comes_back(self, calendar: ExchangeCalendar) -> None:
        """Exchange forgets exceptions with a new pattern: the others are written again."""
        moved = ((AT[2], AT[2] + HOUR),)
        before = a_series(excluded=frozenset({AT[1], AT[4]}), moved=moved)
        etag = calendar.create(before)
        wanted = a_series(excluded=frozenset({AT[4]}), moved=moved, sequence=1)
        calendar.revise(wanted, etag)
        assert calendar.look([UID])[UID].spec == wanted

    def test_a_series_is_shown_as_it_was_while_its_revision_is_cut_off(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        """Else the next run would think that it has happened, and nobody would hear of it."""
        etag = calendar.create(a_series())
        told(exchange)
        wanted = a_series(moved=((AT[2], AT[2] + HOUR),), sequence=1)
        exchange.fail(Fault.HANGS_UP_BEFORE, on=lambda r: b"SendToAllAndSaveCopy" in r.body)
        with pytest.raises(UncertainError):
            calendar.revise(wanted, etag)
        seen = calendar.look([UID])[UID]
        assert (seen.spec, seen.etag != etag, told(exchange)) == (a_series(), True, [])
        calendar.revise(wanted, seen.etag)
        assert calendar.look([UID])[UID].spec == wanted
        assert told(exchange) == [f"updated {MENTEE.address}", f"updated {MENTOR.address}"]

    def test_an_edit_between_look_and_write_is_not_overwritten(
        self, exchange: FakeExchange, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """NeverOverwrite: Exchange compares change keys (ErrorIrresolvableConflict)."""
        etag = calendar.create(a_series())
        handle = exchange.handle

        def with_a_person(request: Request, state: Server) -> Response:
            if exchange.is_write(request):
                outlook.place(UID, "Canteen")
            return handle(request, state)

        exchange.handle = with_a_person  # type: ignore[method-assign]
        with pytest.raises(ChangedError):
            calendar.revise(a_series(location="Building 9", sequence=1), etag)
        exchange.handle = handle  # type: ignore[method-assign]
        assert calendar.look([UID])[UID].spec.location == "Canteen"

    def test_answers_do_not_stand_in_the_way_of_a_revision(
        self, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """The change key changes with each answer; the etag says what was written."""
        etag = calendar.create(a_series())
        outlook.answer(UID, MENTOR.address, "Accept")
        calendar.revise(a_series(location="Building 9", sequence=1), etag)

    def test_a_mailbox_without_any_series_of_ours_deletes_nothing(
        self, calendar: ExchangeCalendar
    ) -> None:
        """It is the wrong one, sooner than that everybody's meetings were deleted in one night."""
        found = calendar.changes("", [UID, Uid("5" * 32)])
        assert (found.series, found.vanished, found.complete) == ((), frozenset(), False)

    def test_a_cancelled_series_is_forgotten_with_the_deleted_items(
        self, exchange: FakeExchange, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """All guests are told once; when the bin is emptied it has vanished."""
        etag = calendar.create(a_series())
        told(exchange)
        calendar.cancel(a_series(sequence=1), etag)
        assert told(exchange) == [f"cancelled {MENTEE.address}", f"cancelled {MENTOR.address}"]
        assert calendar.look([UID])[UID].cancelled
        outlook.empty_deleted_items()
        assert calendar.look([UID]) == {}
        assert calendar.changes("", [UID]).vanished == {UID}

    @pytest.mark.parametrize(
        "change",
        [
            {"rrule": "FREQ=MONTHLY;BYDAY=5FR;WKST=MO"},
            {"rrule": "FREQ=MONTHLY;BYMONTHDAY=31;WKST=MO"},
            {"rrule": "FREQ=MONTHLY;BYDAY=1MO,1TU;WKST=MO"},
            {"rrule": "FREQ=WEEKLY;UNTIL=20260101T000000Z;BYDAY=TU;WKST=MO"},
            {"rrule": "FREQ=WEEKLY;COUNT=1;BYDAY=TU;WKST=MO", "excluded": frozenset({AT[0]})},
            {"zone": "Antarctica/Troll"},
            {"organiser": RUTH},
        ],
        ids="".join,
    )
    def test_what_exchange_cannot_keep_is_refused_before_anything_is_written(
        self, exchange: FakeExchange, calendar: ExchangeCalendar, change: dict[str, object]
    ) -> None:
        """R6, R10, R11, R4: no pattern, no zone, no meeting, another organiser."""
        with pytest.raises(RejectedError):
            calendar.create(a_series(**change))
        assert exchange.writes == []

    def test_a_move_past_a_neighbour_is_refused_for_good(self, calendar: ExchangeCalendar) -> None:
        """ErrorOccurrenceCrossingBoundary."""
        with pytest.raises(RejectedError, match="CrossingBoundary"):
            calendar.create(a_series(moved=((AT[1], AT[2] + timedelta(days=1)),)))

    def test_a_later_plan_replaces_what_was_only_begun(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        """The first plan told nobody: only the second is heard of."""
        exchange.fail(Fault.HANGS_UP_AFTER)
        with pytest.raises(UncertainError):
            calendar.create(a_series())
        wanted = replace(a_series(), start=AT[0] + HOUR, excluded=frozenset({AT[1] + HOUR}))
        calendar.create(wanted)
        assert calendar.look([UID])[UID].spec == wanted
        assert told(exchange) == [f"invited {MENTEE.address}", f"invited {MENTOR.address}"]


class TestRooms(ExchangeFixtures):
    def test_a_room_answers_for_the_series_and_for_single_meetings(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        """R30: it is invited as a resource; a meeting elsewhere has another room."""
        garden = Attendee(ROOM, "Garden", room=True)
        wanted = a_series(
            attendees=(MENTOR, MENTEE, garden),
            elsewhere=((AT[3], Place("Attic", OTHER_ROOM)), (AT[5], Place("Canteen"))),
        )
        calendar.create(wanted)
        seen = calendar.look([UID])[UID]
        assert seen.spec == wanted
        answers = {(r.attendee, r.session): r.status for r in seen.responses}
        assert answers == {
            (ROOM, None): ParticipationStatus.ACCEPTED,
            (OTHER_ROOM, SessionId("20260505T070000Z")): ParticipationStatus.DECLINED,
        }
        assert told(exchange) == [
            f"invited {MENTEE.address}",
            f"invited {MENTOR.address}",
            f"invited {ROOM}",
            f"invited {OTHER_ROOM} of 2026-05-05",
            f"cancelled {ROOM} of 2026-05-05",
            f"cancelled {ROOM} of 2026-06-16",
        ]

    @pytest.mark.parametrize("step", range(5))
    def test_a_cut_anywhere_books_every_room_once(
        self, exchange: FakeExchange, calendar: ExchangeCalendar, step: int
    ) -> None:
        """Also between the invitation of people and that of the meeting's own room."""
        wanted = a_series(elsewhere=((AT[3], Place("Garden", ROOM)),))
        count = iter(range(100))
        exchange.fail(
            Fault.HANGS_UP_AFTER, on=lambda r: exchange.is_write(r) and next(count) == step
        )
        with pytest.raises(UncertainError):
            calendar.create(wanted)
        if calendar.look([UID]) == {}:
            calendar.create(wanted)
        assert calendar.look([UID])[UID].spec == wanted
        assert sorted(told(exchange)) == [
            f"invited {MENTEE.address}",
            f"invited {MENTOR.address}",
            f"invited {ROOM} of 2026-05-05",
        ]


class TestReading(ExchangeFixtures):
    def test_answers_are_seen_for_the_series_and_for_one_meeting(
        self, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        calendar.create(a_series())
        token = calendar.changes("", [UID]).token
        outlook.answer(UID, MENTOR.address, "Accept")
        outlook.answer(UID, MENTEE.address, "Decline", AT[2])
        (seen,) = calendar.changes(token, [UID]).series
        answers = [(r.attendee, r.session, r.status) for r in seen.responses]
        assert answers == [
            (MENTOR.address, None, ParticipationStatus.ACCEPTED),
            (MENTEE.address, SessionId("20260414T070000Z"), ParticipationStatus.DECLINED),
        ]
        assert seen.spec == a_series()

    def test_one_meeting_is_dragged_deleted_and_held_elsewhere(
        self, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        etag = calendar.create(a_series())
        outlook.drag(UID, AT[1], AT[1] + HOUR)
        outlook.delete(UID, AT[2])
        outlook.place(UID, "Canteen", AT[3])
        seen = calendar.look([UID])[UID]
        assert seen.etag != etag
        assert seen.spec == a_series(
            moved=((AT[1], AT[1] + HOUR),),
            excluded=frozenset({AT[2]}),
            elsewhere=((AT[3], Place("Canteen")),),
        )

    def test_a_meeting_dragged_back_is_where_it_was(
        self, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """It stays an exception for Exchange, for us it is none."""
        calendar.create(a_series(moved=((AT[1], AT[1] + HOUR),)))
        outlook.drag(UID, AT[1], AT[1])
        assert calendar.look([UID])[UID].spec == a_series()

    def test_what_was_put_back_by_a_person_stays_marked_as_moved(
        self, calendar: ExchangeCalendar
    ) -> None:
        """ "Moved" to its own time: the planner leaves such a meeting alone."""
        wanted = a_series(moved=((AT[1], AT[1]),))
        calendar.create(wanted)
        assert calendar.look([UID])[UID].spec == wanted

    def test_a_forwarded_invitation_shows_a_stranger(
        self, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """R27."""
        calendar.create(a_series())
        outlook.forward(UID, RUTH)
        *known, stranger = calendar.look([UID])[UID].spec.attendees
        assert (known, stranger.address, stranger.optional) == ([MENTOR, MENTEE], RUTH, True)

    def test_our_zone_is_kept_and_a_persons_choice_followed(
        self, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """R4: Zagreb and Warsaw are one zone for Windows; the mark remembers ours."""
        calendar.create(a_series(zone="Europe/Zagreb"))
        assert calendar.look([UID])[UID].spec.zone == "Europe/Zagreb"
        outlook.set_zone(UID, "GMT Standard Time")
        seen = calendar.look([UID])[UID].spec
        assert (seen.zone, seen.start) == ("Europe/London", datetime(2026, 3, 3, 8))

    def test_a_refused_state_lists_everything_again(
        self, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """The mailbox has moved: ErrorInvalidSyncStateData. Nothing is missed, nothing vanishes."""
        calendar.create(a_series())
        outlook.place(UID, "Canteen")
        found = calendar.changes("bm9uc2Vuc2U=", [UID])
        assert ([s.spec.location for s in found.series], found.vanished) == (
            ["Canteen"],
            frozenset(),
        )
        assert calendar.changes(found.token, [UID]).series == ()

    def test_many_changes_come_in_pages(
        self, calendar: ExchangeCalendar, outlook: Hands, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """MaxChangesReturned and IncludesLastItemInRange."""
        monkeypatch.setattr("rmflow.adapters.exchange.sync._MOST", 2)
        for _ in range(5):
            outlook.add_others()
        calendar.create(a_series())
        found = calendar.changes("", [UID])
        assert [s.spec.uid for s in found.series] == [UID]
        assert calendar.changes(found.token, [UID]).token == found.token

    def test_a_damaged_mark_hides_no_other_series(
        self, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """Nothing is concluded from what cannot be understood; it is read again next time."""
        other = a_series(uid="5" * 32)
        calendar.create(a_series())
        calendar.create(other)
        token = calendar.changes("", [UID, other.uid]).token
        item = outlook.item(UID)
        item.extended = {k: v if "uid" in k[1] else "{" for k, v in item.extended.items()}
        outlook.place(UID, "Canteen")
        outlook.place(other.uid, "Canteen")
        found = calendar.changes(token, [UID, other.uid])
        assert [s.spec.uid for s in found.series] == [other.uid]
        assert (found.complete, found.token, found.vanished) == (False, token, frozenset())
        with pytest.raises(RejectedError):
            calendar.look([UID])

    def test_words_of_others_are_never_asked_for(
        self, exchange: FakeExchange, calendar: ExchangeCalendar, outlook: Hands
    ) -> None:
        """Of an appointment without our mark nothing but its id leaves the server."""
        outlook.add_others()
        calendar.create(a_series())
        calendar.changes("", [UID])
        read = [r.body for r in exchange.requests if b"GetItem" in r.body]
        theirs = next(iter(outlook.mailbox.folders["calendar"].items))
        assert not any(theirs.encode() in body for body in read)

    @pytest.mark.parametrize("zone", ["Asia/Dubai", "America/New_York"])
    def test_the_zone_of_this_machine_plays_no_part(
        self, calendar: ExchangeCalendar, monkeypatch: pytest.MonkeyPatch, zone: str
    ) -> None:
        """R2: exchangelib takes a date without a zone for one of this machine's."""
        import time

        monkeypatch.setenv("TZ", zone)
        time.tzset()
        wanted = a_series(rrule="FREQ=WEEKLY;UNTIL=20260728T070000Z;BYDAY=TU;WKST=MO")
        calendar.create(wanted)
        assert calendar.look([UID])[UID].spec == wanted
        monkeypatch.undo()
        time.tzset()


class TestBusy(ExchangeFixtures):
    def test_times_come_in_order_and_in_utc_without_subjects(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        day = datetime(2026, 3, 2, tzinfo=UTC)
        exchange.state.busy[MENTOR.address] = [
            (day + 30 * HOUR, day + 40 * HOUR, "OOF"),
            (day + 9 * HOUR, day + 10 * HOUR, "Tentative"),
            (day + 11 * HOUR, day + 12 * HOUR, "Free"),
            (day + 13 * HOUR, day + 14 * HOUR, "WorkingElsewhere"),
        ]
        found = calendar.busy([MENTOR.address], day, day + timedelta(days=7))
        assert found == {
            MENTOR.address: (
                BusyTime(day + 9 * HOUR, day + 10 * HOUR),
                BusyTime(day + 30 * HOUR, day + 40 * HOUR, away=True),
            )
        }
        assert b">FreeBusy<" in exchange.requests[-1].body

    def test_who_cannot_be_read_hides_nobody_else(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        exchange.state.shy.add(MENTEE.address)
        gone = Attendee(MENTOR.address, "").address.replace("jonas", "nobody")
        people = [MENTEE.address, MENTOR.address, type(MENTOR.address)(gone)]
        assert set(calendar.busy(people, NOW, NOW + HOUR)) == {MENTOR.address}

    def test_many_people_and_long_times_take_several_questions(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        """100 mailboxes and 62 days are the most in one."""
        for number in range(150):
            exchange.state.add_mailbox(f"p{number}@contoso.example", f"P {number}")
        people = [a for a in exchange.state.mailboxes if a.startswith("p")]
        late = NOW + timedelta(days=100)
        exchange.state.busy[people[-1]] = [(late, late + HOUR, "Busy")]
        found = calendar.busy(people, NOW, NOW + timedelta(days=130))
        assert len(exchange.requests) == 2 * 3
        assert (len(found), found[people[-1]]) == (150, (BusyTime(late, late + HOUR),))


class TestRefusals(ExchangeFixtures):
    def test_a_busy_server_says_when_to_come_back(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        """BackOffMilliseconds; reads wait for it, a write is left to the next run."""
        etag = calendar.create(a_series())
        exchange.busy = 1
        assert calendar.look([UID])
        handle = exchange.handle

        def busy_for_writes(request: Request, state: Server) -> Response:
            exchange.busy = int(exchange.is_write(request))
            return handle(request, state)

        exchange.handle = busy_for_writes  # type: ignore[method-assign]
        before = len(exchange.writes)
        with pytest.raises(UnavailableError) as caught:
            calendar.revise(a_series(location="Building 9", sequence=1), etag)
        assert caught.value.retry_after == timedelta(milliseconds=50)
        assert len(exchange.writes) == before + 1

    def test_a_missing_role_is_named(self, exchange: FakeExchange) -> None:
        exchange.state.impersonators.clear()
        with pytest.raises(DeniedError, match=r"New-ManagementRoleAssignment .*Impersonation"):
            opened(exchange).look([UID])

    def test_a_wrong_password_is_ours_to_correct(
        self, exchange: FakeExchange, calendar: ExchangeCalendar
    ) -> None:
        exchange.state.logins.clear()
        with pytest.raises(DeniedError, match="password"):
            calendar.create(a_series())

    def test_delegate_access_needs_no_role(self, exchange: FakeExchange) -> None:
        exchange.state.impersonators.clear()
        exchange.state.delegates[FakeExchange.SERVICE[0]] = {MAILBOX}
        adapter = opened(exchange, access="delegate")
        adapter.create(a_series())
        assert adapter.look([UID])[UID].spec == a_series()

    def test_nothing_listens(self, exchange: FakeExchange) -> None:
        adapter = opened(exchange, endpoint="http://127.0.0.1:9/EWS/Exchange.asmx")
        with pytest.raises(UnavailableError):
            adapter.look([UID])

    def test_no_exchange_at_that_address(self, exchange: FakeExchange) -> None:
        adapter = opened(exchange, endpoint=f"{exchange.url}/owa/")
        with pytest.raises(DeniedError, match="endpoint"):
            adapter.look([UID])


class TestCheckup(ExchangeFixtures):
    def test_all_is_fine_and_nothing_stays(self, exchange: FakeExchange, outlook: Hands) -> None:
        found = list(opened(exchange, SystemClock(), outsider=BOARD).checkup())
        verdicts = {finding.check: finding.verdict for finding in found}
        assert verdicts.pop("encryption") is Verdict.WARNING  # the fake has no certificate
        assert set(verdicts.values()) == {Verdict.FINE}
        assert list(verdicts) == ["mailbox", "clock", "write", "free/busy", "other mailboxes"]
        assert not any(folder.items for folder in outlook.mailbox.folders.values())
        assert told(exchange) == []

    def test_an_account_that_reaches_everybody_is_warned_of(self, exchange: FakeExchange) -> None:
        exchange.state.impersonators[FakeExchange.SERVICE[0]].add(BOARD)
        *_, last = opened(exchange, outsider=BOARD).checkup()
        assert (last.verdict, "ManagementRoleAssignment" in last.advice) == (Verdict.WARNING, True)

    def test_a_missing_role_ends_it_with_advice(self, exchange: FakeExchange) -> None:
        exchange.state.impersonators.clear()
        (only,) = opened(exchange).checkup()
        assert only.verdict is Verdict.FAILED
        assert "New-ManagementRoleAssignment" in only.advice

    def test_free_and_busy_times_that_are_hidden_are_warned_of(
        self, exchange: FakeExchange
    ) -> None:
        exchange.state.shy.add(MAILBOX)
        found = {f.check: f.verdict for f in opened(exchange).checkup()}
        assert (found["free/busy"], found["other mailboxes"]) == (Verdict.WARNING, Verdict.SKIPPED)
