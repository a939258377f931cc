"""The calendar contract on Radicale and Xandikos."""

import pytest
from caldav_fixtures import OnDav
from calendar_contract import CalendarContract
from dav import DavServer

from rmflow.adapters.standards.caldav import CalDavCalendar
from rmflow.ports.calendar import Calendar, Capability


class Contract(OnDav, CalendarContract):
    def test_rmflow_mails_its_invitations(self, calendar: CalDavCalendar) -> None:
        """The planner writes invitations for exactly these; a server that could must not."""
        assert calendar.capabilities == {Capability.INVITES_BY_MAIL}


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
