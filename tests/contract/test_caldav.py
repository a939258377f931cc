"""The calendar contract on Radicale and Xandikos."""

from datetime import datetime

import pytest
from a_series import a_series
from caldav_fixtures import NOW, Hands, OnDav
from calendar_contract import CalendarContract
from dav import DavServer
from ical_checks import expand_python

from rmflow.adapters.standards.caldav import CalDavCalendar
from rmflow.formats.calendar.ics import stored
from rmflow.ports.calendar import Calendar, Capability


class Contract(OnDav, CalendarContract):
    def test_rmflow_mails_its_invitations(self, calendar: CalDavCalendar) -> None:
        """The planner writes invitations for exactly these; a server that could must not."""
        assert calendar.capabilities == {Capability.INVITES_BY_MAIL}

    def test_other_programs_read_the_same_meetings_from_the_server(
        self, calendar: CalDavCalendar, outside: Hands
    ) -> None:
        """R33: what we put comes back with the same meetings, for programs without our code."""
        spec = a_series(
            rrule="FREQ=WEEKLY;COUNT=30;BYDAY=TU;WKST=MO",
            excluded=frozenset({datetime(2026, 3, 31, 9)}),
            moved=((datetime(2026, 10, 20, 9), datetime(2026, 10, 22, 17)),),
        )
        calendar.create(spec)
        given = outside.ask("GET", f"{spec.uid}.ics").content
        sent = stored(spec, now=NOW)
        assert expand_python(given) == expand_python(sent) != []


class TestRadicale(Contract):
    @pytest.fixture
    def url(self, radicale: DavServer) -> str:
        return radicale.new_calendar()


class TestXandikos(Contract):
    @pytest.fixture
    def url(self, xandikos: DavServer) -> str:
        return xandikos.new_calendar()

    @pytest.mark.xfail(reason="Xandikos 0.4.10 takes an escaped backslash before N for a new line")
    def test_names_and_words_of_every_script_survive(self, calendar: Calendar) -> None:
        """It gives a strong ETag all the same (against RFC 4791 section 5.3.4)."""
        super().test_names_and_words_of_every_script_survive(calendar)
