"""A small real organisation in a folder: spreadsheet, maildirs, .ics files, SQLite, workbook.

Nothing is replaced but the clock. People are played by writing the files that they would cause.
"""

import copy
import email
import email.policy
import mailbox
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

from xlsxwriter import Workbook

from rmflow.adapters.clock import StoppedClock
from rmflow.app.ports import Ports
from rmflow.app.run import Report, propose, run
from rmflow.config import Config
from rmflow.planner.plan import Plan
from rmflow.wiring import load_config, open_ports

_CONFIG = """\
[programme]
id = "rm-test"
name = "Reverse Mentoring"
secret = "file:secret.key"
timezone = "Europe/Berlin"
{programme}
[mailbox]
address = "mentoring@contoso.example"
name = "Reverse Mentoring"
[coordinator]
address = "hanna.brandt@contoso.example"
name = "Hanna Brandt"
[roster]
path = "roster.xlsx"
[calendar]
kind = "{calendar}"
path = "calendars"
[mail_out]
kind = "maildir"
path = "out"
[mail_in]
kind = "maildir"
path = "in"
[tracking]
path = "tracking.xlsx"
[store]
url = "sqlite:///state.db"
[log]
path = "rmflow.log"
[clock]
stopped_at = {clock}
"""

PEOPLE = ("email", "name", "timezone", "locale", "region", "location", "team")
PAIRS = ("pair_id", "mentor", "mentee", "cadence", "slot", "status")
NAMES = ("Mara Vogel", "Ben Ode", "Aylin Demir", "Tom Brook", "Lea Kunz", "Ivo Marek")
LEADERS = ("Jens Adler", "Ruth Kaya", "Paul Novak", "Anna Ruiz", "Olga Hahn", "Karl Stein")


def address(name: str) -> str:
    return name.lower().replace(" ", ".") + "@contoso.example"


@lru_cache(maxsize=4)
def _loaded(path: Path, text: str) -> Config:
    """Return the configuration; read again only when its text has changed."""
    return load_config(path)


class Office:
    """The folder and what people do in it."""

    def __init__(
        self,
        folder: Path,
        *,
        pairs: int = 3,
        calendar: str = "imip",
        programme: str = "",
        start: datetime,
    ) -> None:
        self.folder = folder
        self.now = start
        self.clock = StoppedClock(start)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "secret.key").write_text("a secret that only this test knows\n")
        (folder / "secret.key").chmod(0o600)
        text = _CONFIG.format(calendar=calendar, programme=programme, clock=start.isoformat())
        (folder / "programme.toml").write_text(text)
        self.rows: list[tuple[str, ...]] = [
            (
                f"pair-{n + 1}",
                address(NAMES[n]),
                address(LEADERS[n]),
                "hour-monthly",
                "Tue 10:00",
                "",
            )
            for n in range(pairs)
        ]
        self.people: list[tuple[str, ...]] = [
            (address(name), name, "Europe/Berlin", "en", "", f"Building {n}, room {n}", f"Team {n}")
            for n, name in enumerate((*NAMES[:pairs], *LEADERS[:pairs]))
        ]
        self.save_roster()

    @property
    def config_path(self) -> Path:
        return self.folder / "programme.toml"

    def save_roster(self) -> None:
        with Workbook(self.folder / "roster.xlsx") as book:
            for name, head, rows in (
                ("People", PEOPLE, self.people),
                ("Pairs", PAIRS, self.rows),
            ):
                sheet = book.add_worksheet(name)
                for number, row in enumerate((head, *rows)):
                    sheet.write_row(number, 0, row)

    def copied(self, folder: Path) -> "Office":
        """Return a copy of the office with all its files, to do with as a test likes."""
        office = copy.deepcopy(self)
        office.folder = Path(shutil.copytree(self.folder, folder))
        return office

    def config(self) -> Config:
        return _loaded(self.config_path, self.config_path.read_text())

    @contextmanager
    def ports(self) -> Iterator[Ports]:
        ports = open_ports(self.config(), self.clock)
        try:
            yield ports
        finally:
            ports.close()

    def at(self, now: datetime) -> "Office":
        self.now = self.clock.at = now
        return self

    def live_until(self, now: datetime) -> "Office":
        """Go on to that moment, with a run in each month on the way."""
        while (moment := self.now + timedelta(days=30)) < now:
            self.at(moment).run()
        return self.at(now)

    def run(self, confirmed: str = "") -> Report:
        with self.ports() as ports:
            return run(ports, confirmed=confirmed)

    def plan(self) -> Plan:
        with self.ports() as ports:
            return propose(ports, self.clock.now()).plan

    # What people see and do.

    def mails_to(self, person: str) -> list[EmailMessage]:
        """Return the mails in a person's Maildir, oldest first."""
        found = []
        for path in sorted((self.folder / "out" / address(person)).glob("*/*.rmflow*")):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return sorted(found, key=lambda mail: (mail["Date"].datetime, mail["X-Rmflow-Key"]))

    def outbox(self) -> list[tuple[str, str]]:
        """Return kind and recipient of every mail that lies in a Maildir, one line a file."""
        return sorted(
            (kind_of(path.read_bytes()), path.parent.parent.name)
            for path in (self.folder / "out").glob("*/*/*.rmflow*")
            if path.parent.name in ("new", "cur")
        )

    def last_mail(self, person: str, kind: str) -> EmailMessage:
        return [mail for mail in self.mails_to(person) if mail["X-Rmflow-Kind"] == kind][-1]

    def answer(self, person: str, kind: str, text: str, *, number: int = 0) -> bytes:
        """Let a person reply to the newest mail of a kind: new text above, ours quoted below."""
        letter = self.last_mail(person, kind)
        body = letter.get_body(("plain",))
        assert body is not None
        quoted = "".join(f"> {line}\n" for line in body.get_content().splitlines())
        reply = EmailMessage()
        reply["From"] = f"{person} <{address(person)}>"
        reply["To"] = letter["Reply-To"]
        reply["Subject"] = f"Re: {letter['Subject']}"
        reply["Date"] = self.now
        reply["Message-ID"] = (
            f"<{person.replace(' ', '')}-{kind}-{number}-{self.now:%j%H}@mail.contoso.example>"
        )
        reply["In-Reply-To"] = letter["Message-ID"]
        head = f"On {self.now:%d %B %Y}, Reverse Mentoring <mentoring@contoso.example> wrote:"
        reply.set_content(f"{text}\n\n{head}\n{quoted}")
        return self.deliver(reply.as_bytes())

    def respond(
        self, person: str, status: str, *, uid: str = "", extra: Sequence[str] = ()
    ) -> bytes:
        """Let a person answer the newest invitation, as a calendar program would."""
        letter = self.last_mail(person, "invitation")
        content = next(p for p in letter.walk() if p.get_content_type() == "text/calendar")
        uid = uid or re.findall(r"^UID:(.+?)\r?$", content.get_content(), re.MULTILINE)[0]
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Calendar//EN", "METHOD:REPLY",
            "BEGIN:VEVENT", f"UID:{uid}", "SEQUENCE:0", f"DTSTAMP:{self.now:%Y%m%dT%H%M%SZ}",
            "ORGANIZER:mailto:mentoring@contoso.example",
            f"ATTENDEE;PARTSTAT={status}:mailto:{address(person)}",
            *extra, "END:VEVENT", "END:VCALENDAR", "",
        ]  # fmt: skip
        reply = EmailMessage()
        reply["From"] = f"{person} <{address(person)}>"
        reply["To"] = "mentoring@contoso.example"
        reply["Subject"] = f"{status.title()}: Reverse Mentoring"
        reply["Date"] = self.now
        reply["Message-ID"] = (
            f"<{person.replace(' ', '')}-{status}-{self.now:%j%H%M}@mail.contoso.example>"
        )
        reply.set_content(f"{person} has answered.")
        reply.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": "REPLY"})
        return self.deliver(reply.as_bytes())

    def deliver(self, raw: bytes) -> bytes:
        """Put a raw mail into the programme's inbox."""
        inbox = mailbox.Maildir(self.folder / "in", create=True)
        path = self.folder / "in" / "new" / inbox.add(raw)
        os.utime(path, (self.now.timestamp(), self.now.timestamp()))
        return raw


def kind_of(raw: bytes) -> str:
    match = re.search(rb"^X-Rmflow-Kind: (\S+)\r?$", raw, re.MULTILINE)
    assert match is not None
    return match[1].decode()
