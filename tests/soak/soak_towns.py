"""The services that the soak runs on, under a weather of their own each."""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import services
from dav import PASSWORD, USER, start_radicale
from dav_proxy import DavProxy, Shelf
from ews import fault
from ews_store import EwsError
from smtp_sink import DROP, Phase, SmtpSink, _Fault
from townspeople import itip_reply
from weather import Weather, slow_down, unavailable
from web_server import FakeService, Response

from rmflow.adapters.clock import StoppedClock
from rmflow.domain.series import Response as Answer
from rmflow.domain.series import SeriesSpec

S = TypeVar("S", bound=FakeService)

# Clients hang up long before a service that stalls does; a busy machine is slow as well.
_PATIENCE_S = 5.0
_TIMEOUT_S = 4.0
_FINE_TIMEOUT_S = 60
_MAILBOX = "mentoring@contoso.example"


@dataclass(frozen=True)
class Climate:
    """How much goes wrong. `share` 0: nothing."""

    share: float
    seed: str

    @property
    def timeout_s(self) -> float:
        return _TIMEOUT_S if self.share else _FINE_TIMEOUT_S


class Town(Protocol):
    """A provider with its weather, and what people have of it."""

    @property
    def weathers(self) -> "Mapping[str, Weather | PostalWeather]": ...

    def sections(self, folder: Path) -> str: ...

    def letters(self) -> list[tuple[str, bytes]]: ...

    def deliver(self, raw: bytes, at: datetime) -> None: ...

    def answer(self, spec: SeriesSpec, response: Answer, original: datetime | None) -> object: ...

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None: ...

    def told(self) -> list[str]: ...

    def close(self) -> None: ...


def ews_busy(wait_s: int) -> Response:
    """Say ErrorServerBusy, and how long to wait."""
    busy = EwsError("ErrorServerBusy", fault=True, BackOffMilliseconds=str(wait_s * 1000))
    return Response(500, fault(busy), {"Content-Type": "text/xml; charset=utf-8"})


def _sections(text: str, climate: Climate) -> str:
    return re.sub(r"(?m)^(kind = .*)$", rf"\1\ntimeout_s = {climate.timeout_s}", text)


class GoogleTown(services.Google):
    """Google Calendar and Gmail."""

    def __init__(self, people: Mapping[str, str], clock: StoppedClock, climate: Climate) -> None:
        super().__init__()
        self._climate = climate
        self._carried: dict[str, int] = {}
        self._gmail.state.now = clock.now
        self.weathers = {
            name: Weather(
                _impatient(service),
                clock,
                share=climate.share,
                seed=f"{climate.seed} {name}",
                caps=True,
            )
            for name, service in (("calendar", self._calendar), ("Gmail", self._gmail))
        }

    def sections(self, folder: Path) -> str:
        return _sections(super().sections(folder), self._climate)

    def letters(self) -> list[tuple[str, bytes]]:
        for to, raws in self._gmail.state.outside.items():
            self._letters += [(to, raw) for raw in raws[self._carried.get(to, 0) :]]
            self._carried[to] = len(raws)
        return self._letters

    def told(self) -> list[str]:
        return list(self._calendar.notices)


class GraphTown(services.Microsoft365):
    """Microsoft 365."""

    def __init__(self, people: Mapping[str, str], clock: StoppedClock, climate: Climate) -> None:
        super().__init__()
        self._climate = climate
        service = _impatient(self._service)
        self.weathers = {"Graph": Weather(service, clock, share=climate.share, seed=climate.seed)}

    def sections(self, folder: Path) -> str:
        return _sections(super().sections(folder), self._climate)

    def told(self) -> list[str]:
        return list(self._people.mailbox.notices)


class ExchangeTown(services.Exchange):
    """An Exchange server."""

    def __init__(self, people: Mapping[str, str], clock: StoppedClock, climate: Climate) -> None:
        super().__init__(people)
        self._climate = climate
        self.weathers = {
            "EWS": Weather(
                _impatient(self._service),
                clock,
                share=climate.share,
                seed=climate.seed,
                busy=(slow_down, unavailable, ews_busy),
            )
        }

    def sections(self, folder: Path) -> str:
        return _sections(super().sections(folder), self._climate)

    def told(self) -> list[str]:
        return [f"{n.kind} {n.to} {n.uid} {n.occurrence}" for n in self._service.state.notices]


class CalDavTown:
    """Radicale behind a proxy, SMTP with copies into a Maildir."""

    def __init__(self, people: Mapping[str, str], clock: StoppedClock, climate: Climate) -> None:
        self._people = people
        self._climate = climate
        self._stack = ExitStack()
        server = self._stack.enter_context(start_radicale())
        self._url = server.new_calendar()
        parts = urlsplit(self._url)
        shelf = Shelf(server.folder / Path(parts.path).name)
        proxy = DavProxy(f"{parts.scheme}://{parts.netloc}", shelf)
        self._proxied = self._stack.enter_context(_impatient(proxy)).url + parts.path
        self._sink = self._stack.enter_context(FitfulSink(climate.share, climate.seed))
        weather = Weather(proxy, clock, share=climate.share, seed=climate.seed)
        self.weathers: Mapping[str, Weather | PostalWeather] = {
            "CalDAV": weather,
            "SMTP": self._sink.weather,
        }
        self._inbox = Path()
        self._delivered = self._copied = 0
        self._letters: list[tuple[str, bytes]] = []

    def sections(self, folder: Path) -> str:
        self._inbox = folder / "mail" / "in"
        (folder / "caldav.password").write_text(PASSWORD)
        return (
            f'[calendar]\nkind = "caldav"\nurl = "{self._proxied}"\nusername = "{USER}"\n'
            f'password = "file:caldav.password"\nscheduling = "mail"\n'
            f"timeout_s = {self._climate.timeout_s}\n"
            f'[mail_out]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {self._sink.port}\n'
            f'security = "none"\nauth = "none"\ncopy_to = "{_MAILBOX}"\n'
            f'[mail_in]\nkind = "maildir"\npath = "mail/in"\n'
        )

    def letters(self) -> list[tuple[str, bytes]]:
        """Return what people got; the programme's own copies go into its mailbox."""
        for mail in self._sink.mails[self._copied :]:
            for recipient in mail.recipients:
                if recipient == _MAILBOX:
                    self._lay_down(mail.content, None)
                else:
                    self._letters.append((recipient, mail.content))
        self._copied = len(self._sink.mails)
        return self._letters

    def deliver(self, raw: bytes, at: datetime) -> None:
        self._lay_down(raw, at)

    def answer(self, spec: SeriesSpec, response: Answer, original: datetime | None) -> None:
        name = self._people[response.attendee]
        self._lay_down(itip_reply(response, spec, name), response.stamped_at)

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        dav = services.CalDav.__new__(services.CalDav)
        dav._url = self._url
        dav.drag(spec, original, start)

    def told(self) -> list[str]:
        return []

    def close(self) -> None:
        self._stack.close()

    def _lay_down(self, raw: bytes, at: datetime | None) -> None:
        for name in ("tmp", "new", "cur"):
            (self._inbox / name).mkdir(parents=True, exist_ok=True)
        self._delivered += 1
        path = self._inbox / "new" / f"{self._delivered:06}.town"
        path.write_bytes(raw)
        if at is not None:
            os.utime(path, (at.timestamp(), at.timestamp()))


@dataclass
class PostalWeather:
    """What befalls mails on their way through SMTP; the counterpart of `Weather`."""

    share: float
    random: Random
    on: bool = False
    calls: int = 0
    met: dict[str, int] = field(default_factory=dict)
    early: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """Do nothing: SMTP is never late."""

    def fault(self, phase: Phase) -> _Fault | None:
        """Return what goes wrong in a phase of a mail: in a fifth of the mails something does."""
        if not self.on:
            return None
        self.calls += phase == "mail"
        if self.random.random() >= 1 - (1 - self.share) ** 0.25:
            return None
        answer = self.random.choice((DROP, "451 4.3.0 try later", "421 4.3.2 closing down"))
        lost = phase == "dot" and answer == DROP and self.random.random() < 0.5
        name = f"{phase} {answer}{' kept' if lost else ''}"
        self.met[name] = self.met.get(name, 0) + 1
        return _Fault(phase, answer, None, 1, keeps=lost)


class FitfulSink(SmtpSink):
    """An SMTP server under a weather."""

    def __init__(self, share: float, seed: str) -> None:
        super().__init__()
        self.weather = PostalWeather(share, Random(f"{seed} smtp"))

    def fault(self, phase: Phase, recipients: list[str]) -> _Fault | None:
        return self.weather.fault(phase)


def _impatient(service: S) -> S:
    service.PATIENCE_S = _PATIENCE_S
    return service


TOWNS: Mapping[str, Callable[[Mapping[str, str], StoppedClock, Climate], Town]] = {
    "google": GoogleTown,
    "graph": GraphTown,
    "exchange": ExchangeTown,
    "caldav": CalDavTown,
}
