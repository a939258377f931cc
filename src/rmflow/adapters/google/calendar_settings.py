"""The options of Google Calendar."""

from pydantic import Field

from rmflow.adapters.google.settings import GoogleSettings

_CALENDAR = "https://www.googleapis.com/auth/calendar."


class CalendarSettings(GoogleSettings):
    """The meetings are kept in Google Calendar, which invites people and notes their answers."""

    calendar: str = Field(
        default="primary",
        min_length=1,
        description='The calendar: "primary" for the mailbox\'s own, or the id of another one '
        '(its settings, "Integrate calendar") that the mailbox may change.',
        examples=["primary"],
    )
    online_meeting: bool = Field(
        default=False,
        description="Whether a new series gets a Google Meet link.",
    )
    guests_can_modify: bool = Field(
        default=True,
        description="Whether the two people may move their meetings in their own calendars.",
    )

    @property
    def scopes(self) -> tuple[str, ...]:
        """To change events, and to ask when people are busy."""
        return (f"{_CALENDAR}events", f"{_CALENDAR}events.freebusy")
