"""What every calendar backend promises (ports/calendar.py), as tests.

A subclass gives two fixtures: `calendar`, empty and fresh, and `outside`, the hands of everybody
else on the same calendar.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from a_series import MENTEE, MENTOR, a_series

from rmflow.domain.people import Address
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import Attendee, Place, SeriesSpec, Uid
from rmflow.errors import ChangedError, UnsupportedError
from rmflow.ports.calendar import Calendar, Capability

NOBODY_KNOWS = Uid("00000000000000000000000000000000")


class Outside(Protocol):
    """What people do in their own programs."""

    def edit(self, spec: SeriesSpec) -> None:
        """Save the series with this UID as `spec`."""

    def delete(self, uid: Uid) -> None:
        """Delete the series."""

    def add_others(self) -> None:
        """Put an event of somebody else, in the same calendar, beside ours."""

    def others(self) -> str:
        """Return that event as it is now, "" if it is gone."""


class CalendarContract:
    """The promises. `known` in the tests is what rmflow would have in its store."""

    def test_a_created_series_is_seen_whole(self, calendar: Calendar) -> None:
        """By the next observation, and by a look."""
        spec = a_series(
            excluded=frozenset({datetime(2026, 4, 14, 9)}),
            moved=((datetime(2026, 5, 5, 9), datetime(2026, 5, 6, 10)),),
            elsewhere=((datetime(2026, 5, 26, 9), Place("Canteen")),),
        )
        etag = calendar.create(spec)
        (seen,) = calendar.changes("", [spec.uid]).series
        assert (seen.spec, seen.etag, seen.cancelled) == (spec, etag, False)
        assert calendar.look([spec.uid, NOBODY_KNOWS]) == {spec.uid: seen}

    def test_an_unchanged_calendar_gives_an_equal_token_and_nothing_else(
        self, calendar: Calendar
    ) -> None:
        """What cron does most of the time."""
        calendar.create(a_series())
        first = calendar.changes("", [a_series().uid])
        again = calendar.changes(first.token, [a_series().uid])
        assert again.token == first.token
        assert (again.series, again.vanished, again.complete) == ((), frozenset(), True)

    def test_an_empty_calendar_is_complete_when_nothing_is_known(self, calendar: Calendar) -> None:
        """The first run of all."""
        found = calendar.changes("", [])
        assert (found.series, found.vanished, found.complete) == ((), frozenset(), True)

    def test_creating_twice_is_refused(self, calendar: Calendar) -> None:
        """A second create after a crash must not overwrite what a person did since."""
        etag = calendar.create(a_series())
        with pytest.raises(ChangedError):
            calendar.create(a_series(summary="Another"))
        seen = calendar.look([a_series().uid])[a_series().uid]
        assert (seen.etag, seen.spec.summary) == (etag, a_series().summary)

    def test_a_cancelled_series_is_not_created_again(self, calendar: Calendar) -> None:
        """Its UID is spent; Google and Graph keep it taken as well."""
        etag = calendar.create(a_series())
        calendar.cancel(replace(a_series(), sequence=1), etag)
        with pytest.raises(ChangedError):
            calendar.create(a_series())

    def test_a_revision_is_seen_since_the_last_token(self, calendar: Calendar) -> None:
        """With a new etag, and only it is sure to be told."""
        etag, other = calendar.create(a_series()), a_series(uid=Uid("5" * 32))
        calendar.create(other)
        known = [a_series().uid, other.uid]
        token = calendar.changes("", known).token
        wanted = a_series(location="Building 9", sequence=1)
        revised = calendar.revise(wanted, etag)
        seen = {series.spec.uid: series for series in calendar.changes(token, known).series}
        assert (seen[wanted.uid].spec, seen[wanted.uid].etag) == (wanted, revised)
        assert revised != etag

    def test_a_persons_edit_is_seen_and_not_overwritten(
        self, calendar: Calendar, outside: Outside
    ) -> None:
        """R26: the next run does not move it back."""
        etag = calendar.create(a_series())
        token = calendar.changes("", [a_series().uid]).token
        moved = a_series(start=datetime(2026, 3, 3, 11), sequence=1)
        outside.edit(moved)
        with pytest.raises(ChangedError):
            calendar.revise(a_series(sequence=1), etag)
        with pytest.raises(ChangedError):
            calendar.cancel(a_series(sequence=1), etag)
        (seen,) = calendar.changes(token, [a_series().uid]).series
        assert (seen.spec.start, seen.cancelled) == (moved.start, False)
        assert seen.etag != etag

    def test_a_token_that_was_never_stored_loses_nothing(
        self, calendar: Calendar, outside: Outside
    ) -> None:
        """A dry run, or a crash between observing and recording."""
        calendar.create(a_series())
        token = calendar.changes("", [a_series().uid]).token
        outside.edit(a_series(location="Canteen"))
        calendar.changes(token, [a_series().uid])
        (seen,) = calendar.changes(token, [a_series().uid]).series
        assert seen.spec.location == "Canteen"

    def test_a_deleted_series_has_vanished(self, calendar: Calendar, outside: Outside) -> None:
        """R25: a person's deletion is an answer; revising it is refused, cancelling it quiet."""
        etag, other = calendar.create(a_series()), a_series(uid=Uid("5" * 32))
        calendar.create(other)
        known = [a_series().uid, other.uid]
        token = calendar.changes("", known).token
        outside.delete(a_series().uid)
        found = calendar.changes(token, known)
        gone = {s.spec.uid for s in found.series if s.cancelled} | found.vanished
        assert (gone, found.complete) == ({a_series().uid}, True)
        with pytest.raises(ChangedError):
            calendar.revise(a_series(sequence=1), etag)
        calendar.cancel(a_series(sequence=1), etag)

    def test_a_cancelled_series_is_seen_as_cancelled_and_stays_so(self, calendar: Calendar) -> None:
        """Cancelling twice, also with the old etag, is quiet: the second is a retry."""
        etag = calendar.create(a_series())
        token = calendar.changes("", [a_series().uid]).token
        calendar.cancel(a_series(sequence=1), etag)
        calendar.cancel(a_series(sequence=1), etag)
        found = calendar.changes(token, [a_series().uid])
        assert [series.cancelled for series in found.series] == [True]

    def test_events_of_others_are_neither_seen_nor_touched(
        self, calendar: Calendar, outside: Outside
    ) -> None:
        """Only what carries our mark."""
        outside.add_others()
        before = outside.others()
        etag = calendar.create(a_series())
        etag = calendar.revise(a_series(sequence=1), etag)
        found = calendar.changes("", [a_series().uid])
        calendar.cancel(a_series(sequence=2), etag)
        assert [series.spec.uid for series in found.series] == [a_series().uid]
        assert found.vanished == frozenset()
        assert outside.others() == before != ""

    @pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
    def test_nine_stays_nine_over_both_clock_changes(self, calendar: Calendar, zone: str) -> None:
        """R1, R3: wall time of the mentor's zone is the truth of a series."""
        spec = a_series(zone=zone, rrule="FREQ=WEEKLY;COUNT=45;BYDAY=TU;WKST=MO")
        calendar.create(spec)
        seen = calendar.look([spec.uid])[spec.uid].spec
        after = datetime(2026, 3, 1, tzinfo=UTC)
        starts = [s.start for s in sessions(seen, after, after + timedelta(days=320))]
        assert {start.hour for start in starts} == {9}
        assert len({start.utcoffset() for start in starts}) == 2

    def test_names_and_words_of_every_script_survive(self, calendar: Calendar) -> None:
        """As they are written, with what iCalendar uses for itself."""
        spec = a_series(
            summary='Зустріч; 指導, "Müller" \\N {x}',
            description="Zeile 1\nZeile 2; Ende,\tja: \\",
            location="Straße 5, Gebäude \U0001f3e2",
            organiser_name="Ментори, GmbH; „Süd“",
            attendees=(
                Attendee(MENTOR.address, "Weber, Jonas: ^'x' 100%2C"),
                Attendee(MENTEE.address, "藤本 “Fuchs”", optional=True),
            ),
        )
        calendar.create(spec)
        assert calendar.look([spec.uid])[spec.uid].spec == spec

    def test_exceptions_are_revised_one_by_one(self, calendar: Calendar) -> None:
        """A meeting moved, one moved again, one put back, one taken out; the others stay."""
        at = [datetime(2026, 3, 3, 9) + timedelta(weeks=3 * n) for n in range(6)]
        hour = timedelta(hours=1)
        first = a_series(moved=((at[1], at[1] + hour), (at[2], at[2] + hour)))
        calendar.create(first)
        wanted = a_series(
            moved=((at[1], at[1] + 2 * hour), (at[3], at[3] - hour)),
            excluded=frozenset({at[4]}),
            elsewhere=((at[1], Place("Canteen")), (at[5], Place("Garden"))),
            sequence=1,
        )
        calendar.revise(wanted, calendar.look([wanted.uid])[wanted.uid].etag)
        seen = calendar.look([wanted.uid])[wanted.uid].spec
        assert replace(seen, sequence=1) == wanted

    def test_a_new_time_for_all_meetings_keeps_the_uid(self, calendar: Calendar) -> None:
        """The rhythm changes before the first meeting: one series, not two."""
        etag = calendar.create(a_series(moved=((a_series().start, datetime(2026, 3, 4, 9)),)))
        wanted = a_series(
            start=datetime(2026, 3, 5, 14),
            rrule="FREQ=MONTHLY;COUNT=6;BYDAY=1TH;WKST=MO",
            sequence=1,
        )
        calendar.revise(wanted, etag)
        assert calendar.look([wanted.uid])[wanted.uid].spec == wanted

    def test_a_new_person_is_invited_to_the_same_series(self, calendar: Calendar) -> None:
        """R20, R29: also to the meeting that had been moved."""
        moved = ((datetime(2026, 4, 14, 9), datetime(2026, 4, 15, 9)),)
        etag = calendar.create(a_series(moved=moved))
        successor = Attendee(Address("ruth.kaya@contoso.example"), "Ruth Kaya")
        wanted = a_series(moved=moved, attendees=(MENTOR, successor), sequence=1)
        calendar.revise(wanted, etag)
        assert calendar.look([wanted.uid])[wanted.uid].spec == wanted

    def test_only_a_declared_capability_can_be_used(self, calendar: Calendar) -> None:
        """What is not declared raises; what is declared answers for everybody it can see."""
        start = datetime(2026, 3, 1, tzinfo=UTC)
        if Capability.FREE_BUSY in calendar.capabilities:
            answer = calendar.busy([MENTOR.address], start, start + timedelta(days=30))
            assert set(answer) <= {MENTOR.address}
        else:
            with pytest.raises(UnsupportedError):
                calendar.busy([MENTOR.address], start, start + timedelta(days=30))
