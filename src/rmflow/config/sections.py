"""The sections of the configuration. A backend's own options live beside its adapter."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from rmflow.config.options import Options
from rmflow.config.secret import SecretRef
from rmflow.config.values import (
    Days,
    Every,
    Hours,
    Line,
    Locale,
    Mail,
    Region,
    Share,
    Zone,
    parse_every,
    parse_hours,
)
from rmflow.domain.programme import (
    BUILT_IN_CADENCES,
    Break,
    Cadence,
    CounterMode,
    Limits,
    Retention,
    SummaryMode,
    Timing,
    WorkingHours,
)
from rmflow.domain.series import Place
from rmflow.formats.settings.names import Slug

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


class ProgrammeOptions(Options):
    """The programme itself."""

    id: Slug = Field(
        description="A short name in lower-case letters, digits and hyphens. Never change it: "
        "every invitation and every reply is recognised by it.",
        examples=["reverse-mentoring"],
    )
    name: Line = Field(
        description="The name that participants read.", examples=["Reverse Mentoring"]
    )
    objective: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = Field(
        default="",
        description="What the programme is for, in one sentence; mails quote it.",
        examples=["Leaders hear first-hand what helps and what hinders people who are new here."],
    )
    secret: SecretRef = Field(
        description="Where the programme's secret is kept: 16 characters or more, known to nobody. "
        "It makes reply addresses unguessable. Keep it: by another one nothing is recognised, and "
        "rmflow does nothing.",
        examples=["file:secret.key"],
    )
    language: Locale = Field(
        default="en", description="The language of people for whom the roster names none."
    )
    timezone: Zone = Field(
        default="UTC",
        description="The time zone of people for whom the roster names none.",
        examples=["Europe/Berlin"],
    )
    region: Region = Field(
        default="",
        description="The country, or a part of it such as DE-BY, whose public holidays count for "
        "people for whom the roster names none.",
        examples=["DE"],
    )
    start: date | None = Field(
        default=None, description="No meeting before this day.", examples=[date(2027, 1, 11)]
    )
    end: date | None = Field(
        default=None,
        description="No meeting after this day. Without it, meetings go on.",
        examples=[date(2027, 12, 17)],
    )
    summaries: SummaryMode = Field(
        default=SummaryMode.FIELDS,
        description='"fields": the coordinator reads the summaries in the tracking workbook. '
        '"counts": the text stays with the pair; the workbook shows only that it came, and '
        "its rating. Every request says which of the two it is.",
    )
    counter_proposals: CounterMode = Field(
        default=CounterMode.FOLLOW,
        description='What a proposed new time does. "follow": the meeting moves where the time '
        'suits both. "ask": the coordinator decides.',
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError(
                f"end {self.end} is before start {self.start}; correct one of the two days"
            )
        return self


class MailboxOptions(Options):
    """The mailbox of the programme: mails and invitations come from it, replies go to it."""

    address: Mail = Field(
        description="Its address. No person should read or sort the mail in it.",
        examples=["mentoring@contoso.example"],
    )
    name: Line = Field(
        description="The sender's name that participants see.", examples=["Reverse Mentoring"]
    )
    plus_addressing: bool = Field(
        default=True,
        description="Whether mail to mentoring+anything@ arrives in this mailbox as well, as it "
        "does in most systems. It is the surest way to know which mail a reply answers.",
    )
    dkim_selector: Annotated[str, StringConstraints(pattern=r"^([\w-]+(\.[\w-]+)*)?$")] = Field(
        default="",
        description="The name of the key that your mail system signs mails with: s= in the "
        "DKIM-Signature of a mail from it. `rmflow doctor` then looks whether the key is known.",
        examples=["selector1"],
    )
    authserv_id: Annotated[str, StringConstraints(pattern=r"^([\w-]+(\.[\w-]+)*)?$")] = Field(
        default="",
        description="How your own receiving mail server names itself in the Authentication-Results "
        'header of a mail, before the first semicolon; "none" if it names nobody, as Microsoft 365 '
        "does. A mail whose sender fails its examination then waits for a person. The server must "
        "write the header on every mail from outside, above all others of that name.",
        examples=["mx.contoso.example"],
    )
    authentication_required: bool = Field(
        default=False,
        description="Whether a mail waits for a person also where the server has found out nothing "
        "about its sender, as is usual for mail within one organisation.",
    )

    @model_validator(mode="after")
    def _can_be_proven(self) -> Self:
        if self.authentication_required and not self.authserv_id:
            raise ValueError(
                "authentication_required needs authserv_id: without it nobody is ever confirmed"
            )
        return self


class CoordinatorOptions(Options):
    """The person who owns the roster and reads the tracking workbook."""

    address: Mail = Field(
        description="The coordinator's address.", examples=["hannah.weber@contoso.example"]
    )
    name: Line = Field(
        description="The coordinator's name, as participants know it.", examples=["Hannah Weber"]
    )


class MeetingsOptions(Options):
    """When pairs meet."""

    cadence: str = Field(
        default="hour-monthly",
        description='How often a pair meets unless the roster says otherwise: "hour-monthly" '
        '(60 minutes every month), "every-3-weeks" (45 minutes, at least 6 meetings), "pilot" '
        "(30 minutes every month, 6 meetings), or one of your own from [cadences].",
    )
    lead_days: Days = Field(
        default=7, description="Days between an invitation and the first meeting, at least."
    )
    tolerance_days: Days = Field(
        default=5,
        description="How many days a single meeting may move to avoid a holiday or a break.",
    )
    working_hours: Hours = Field(
        default="09:00-17:00",
        description="The hours in which people meet and get mail, in each person's own time zone.",
    )
    working_days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = Field(
        default=("Mon", "Tue", "Wed", "Thu", "Fri"),
        description="The days on which people meet and get mail.",
    )
    declines_before_asking: Annotated[int, Field(ge=1, le=20)] = Field(
        default=2,
        description="After so many declined meetings in a row the coordinator is asked.",
    )

    def hours(self) -> WorkingHours:
        """Return the working hours and days."""
        start, end = parse_hours(self.working_hours)
        days = frozenset(_WEEKDAYS.index(day) for day in self.working_days)
        return WorkingHours(start, end, days)


class LettersOptions(Options):
    """The mails around a meeting. They leave in the recipient's working hours."""

    agenda_days_before: Days = Field(
        default=5, description="The leader is asked for an agenda so many days before a meeting."
    )
    prompt_days_before: Days = Field(
        default=2, description="Both get a topic so many days before a meeting."
    )
    summary_hours_after: Annotated[int, Field(ge=0, le=240)] = Field(
        default=2, description="The leader is asked for a summary so many hours after a meeting."
    )
    reminder_days_after: Annotated[
        tuple[Annotated[int, Field(ge=1, le=90)], ...], Field(max_length=2)
    ] = Field(
        default=(3, 7),
        description="A summary that did not come is asked for again after so many days: two "
        "reminders at most, [] for none.",
    )
    summary_expires_days: Annotated[int, Field(ge=1, le=366)] = Field(
        default=21, description="After so many days a missing summary is let go."
    )
    weekly_limit: Annotated[int, Field(ge=1, le=50)] = Field(
        default=4,
        description="So many mails at most reach a person in seven days. Invitations, and answers "
        "to what the person wrote, do not count. The first question for the summary of a meeting "
        "counts, and is sent all the same; then other mails wait or are left out.",
    )

    @model_validator(mode="after")
    def _reminders_make_sense(self) -> Self:
        days = self.reminder_days_after
        if list(days) != sorted(set(days)):
            raise ValueError("reminder_days_after must rise; write [3, 7], not [7, 3]")
        if days and days[-1] >= self.summary_expires_days:
            raise ValueError(
                f"the reminder after {days[-1]} days would never be sent, because "
                f"summary_expires_days is {self.summary_expires_days}; change one of the two"
            )
        return self


class LimitsOptions(Options):
    """How much one run may undo before it stops and asks a person."""

    cancel_share: Share = Field(
        default=0.2, description="Stop when more than this share of all series would be cancelled…"
    )
    cancel_minimum: Annotated[int, Field(ge=1)] = Field(
        default=5, description="…and there are at least so many series."
    )
    roster_shrink_share: Share = Field(
        default=0.2,
        description="Stop when more than this share of the roster's pairs is gone since last time.",
    )

    def limits(self) -> Limits:
        """Return the limits."""
        return Limits(self.cancel_share, self.cancel_minimum, self.roster_shrink_share)


_Kept = Annotated[int, Field(ge=1, le=36_500)]


class PrivacyOptions(Options):
    """How long what people wrote is kept. Invitations tell them.

    What waits for a person is not deleted. What keeps anything from happening twice stays, and so do
    names, dates and ratings, until `rmflow forget`.
    """

    mail_days: _Kept = Field(
        default=30,
        description="A mail is deleted, as it came in, so many days after it waits for nobody any "
        "more. What lies in the mailbox is your mail system's: let that delete it as well.",
    )
    text_days: _Kept = Field(
        default=180,
        description="What was written, by people and to them, is deleted so many days after a "
        "pair's last meeting.",
    )
    log_days: _Kept = Field(
        default=180, description="Lines of the log file are deleted after so many days."
    )

    def retention(self) -> Retention:
        """Return how long mails and words are kept."""
        return Retention(timedelta(days=self.mail_days), timedelta(days=self.text_days))


class CadenceOptions(Options):
    """A rhythm of your own, with a name of your own: the roster's column `cadence` then says it."""

    minutes: Annotated[int, Field(ge=5, le=480)] = Field(
        description="How long a meeting lasts.", examples=[40]
    )
    every: Every = Field(
        description='How often: "1 week", "3 weeks", "1 month", "2 months".', examples=["2 weeks"]
    )
    meetings: Annotated[int, Field(ge=1, le=520)] | None = Field(
        default=None,
        description="How many meetings. Without it they go on until the programme ends.",
        examples=[8],
    )
    at_least: Annotated[int, Field(ge=0, le=520)] = Field(
        default=0, description="With fewer meetings than this a pair is shown as falling short."
    )

    def cadence(self, name: str) -> Cadence:
        """Return the cadence under this name."""
        frequency, interval = parse_every(self.every)
        duration = timedelta(minutes=self.minutes)
        return Cadence(name, duration, frequency, interval, self.meetings, self.at_least)


class BreakOptions(Options):
    """Days on which nobody meets, besides public holidays. Repeat the section for each break."""

    name: Line = Field(description="What people call it.", examples=["Summer break"])
    first: date = Field(description="The first day.", examples=[date(2027, 7, 26)])
    last: date = Field(description="The last day.", examples=[date(2027, 8, 13)])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(
                f"last {self.last} is before first {self.first}; correct one of the two days"
            )
        return self


class RoomOptions(Options):
    """A room that the calendar can book. Repeat the section for each room.

    Where the roster's location is the name of one, it is invited to the meetings. A meeting for
    which it is taken goes to the first of the others that is free.
    """

    name: Line = Field(
        description="Its name, as the roster writes it.", examples=["Building 4, room 212"]
    )
    address: Mail = Field(
        description="The address under which it is booked.", examples=["room-212@contoso.example"]
    )


class FilesOptions(Options):
    """Files of your own instead of the ones that come with rmflow."""

    topics: Path | None = Field(
        default=None, description="The topics to talk about.", examples=["topics.toml"]
    )
    forms: Path | None = Field(
        default=None,
        description="The questions of the agenda and summary mails.",
        examples=["forms.toml"],
    )
    templates: Path | None = Field(
        default=None,
        description="A folder of mail templates; those it lacks are taken from rmflow.",
        examples=["templates"],
    )


class ClockOptions(Options):
    """For rehearsals and demonstrations; leave it out otherwise."""

    stopped_at: AwareDatetime | None = Field(
        default=None,
        description="Pretend that it is this moment.",
        examples=[datetime(2027, 1, 11, 9, tzinfo=UTC)],
    )


class LogOptions(Options):
    """What the worker writes about itself: ids, never names or what people wrote."""

    path: Path | None = Field(
        default=None,
        description="The log file. Without it the log goes to standard error.",
        examples=["rmflow.log"],
    )


class Sections(Options):
    """All sections but those of the backends."""

    programme: ProgrammeOptions
    mailbox: MailboxOptions
    coordinator: CoordinatorOptions
    meetings: MeetingsOptions = MeetingsOptions()
    letters: LettersOptions = LettersOptions()
    limits: LimitsOptions = LimitsOptions()
    privacy: PrivacyOptions = PrivacyOptions()
    cadences: Mapping[Slug, CadenceOptions] = Field(default={}, examples=["fortnightly"])
    breaks: tuple[BreakOptions, ...] = ()
    rooms: tuple[RoomOptions, ...] = ()
    files: FilesOptions = FilesOptions()
    clock: ClockOptions = ClockOptions()
    log: LogOptions = LogOptions()

    def all_cadences(self) -> Mapping[str, Cadence]:
        """Return the built-in cadences and the operator's own, which win."""
        own = {name: options.cadence(name) for name, options in self.cadences.items()}
        return {**BUILT_IN_CADENCES, **own}

    def all_breaks(self) -> tuple[Break, ...]:
        """Return the breaks."""
        return tuple(Break(each.name, each.first, each.last) for each in self.breaks)

    def all_rooms(self) -> tuple[Place, ...]:
        """Return the rooms, in the order in which they stand in for each other."""
        return tuple(Place(each.name, each.address) for each in self.rooms)

    def timing(self) -> Timing:
        """Return the clock around a meeting."""
        letters, meetings = self.letters, self.meetings
        return Timing(
            agenda_before=timedelta(days=letters.agenda_days_before),
            prompt_before=timedelta(days=letters.prompt_days_before),
            summary_after=timedelta(hours=letters.summary_hours_after),
            reminders_after=tuple(timedelta(days=days) for days in letters.reminder_days_after),
            summary_expires=timedelta(days=letters.summary_expires_days),
            weekly_letters=letters.weekly_limit,
            lead=timedelta(days=meetings.lead_days),
            tolerance=timedelta(days=meetings.tolerance_days),
            declines_before_asking=meetings.declines_before_asking,
        )
