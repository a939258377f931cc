"""Google Calendar as an operator configures it, on the fake."""

from datetime import UTC, datetime
from pathlib import Path

from google_calendar import GoogleCalendarService

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.google.calendar import GoogleCalendar
from rmflow.adapters.google.calendar_settings import CalendarSettings
from rmflow.domain.people import Address
from rmflow.domain.series import Attendee

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
OUTSIDER = Attendee(Address("noor.haddad@fabrikam.example"), "Noor Haddad")


def opened(google: GoogleCalendarService, folder: Path, **options: object) -> GoogleCalendar:
    """Return the calendar, with the consent of its mailbox."""
    google.login.write_client(folder / "client.json", google.url)
    google.login.consent("consent", google.scopes)
    (folder / "token.json").write_text('{"refresh_token": "consent"}')
    settings = CalendarSettings.model_validate(
        {
            "credentials": "user",
            "client": "file:client.json",
            "token": "token.json",
            "url": google.url,
            "timeout_s": 10,
            **options,
        }
    )
    return GoogleCalendar(settings, folder, StoppedClock(NOW))
