"""Which adapter fills which port; the only place that knows both sides."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from rmflow.adapters import registry
from rmflow.adapters.clock import StoppedClock, SystemClock
from rmflow.app.ports import Ports
from rmflow.config import Config, load
from rmflow.config.files import packaged
from rmflow.formats.letters.facts import LetterFacts
from rmflow.formats.letters.written import Writer, Written
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Mailbox, Mailer
from rmflow.ports.roster import RosterSource
from rmflow.ports.store import Store


def load_config(path: Path) -> Config:
    """Return the configuration in a file, its backends' options checked by the backends."""
    return load(path, registry.settings_of, registry.kinds)


def open_ports(config: Config, clock: Clock | None = None) -> Ports:
    """Return the ports that a configuration names. `clock` None: the one it asks for."""
    clock = clock or clock_of(config)
    mailbox: Mailbox = _backend(config, "mail_in", clock)
    return Ports(
        programme=config.programme(),
        settings_fingerprint=config.fingerprint,
        clock=clock,
        store=open_store(config),
        roster=_backend(config, "roster", clock),
        calendar=_backend(config, "calendar", clock),
        mailer=_mailer(config, clock, mailbox),
        mailbox=mailbox,
        tracking=_backend(config, "tracking", clock),
        writer=letter_writer(config),
    )


def open_store(config: Config) -> Store:
    """Return the store alone, for verbs that only look at what is remembered."""
    from rmflow.adapters.store.sql import open_store as opened

    settings = config.backends["store"].settings
    password = settings.password.reveal(config.folder) if settings.password else ""
    return opened(settings.url, base=config.folder, password=password)


def clock_of(config: Config) -> Clock:
    """Return the clock: the machine's, or in a rehearsal one that stands still."""
    stopped: datetime | None = config.sections.clock.stopped_at
    return StoppedClock(stopped.astimezone(UTC)) if stopped else SystemClock()


def letter_writer(config: Config) -> Writer:
    """Return the writer of letters, with the operator's own templates before ours."""
    return _LateWriter(config.sections.files.templates)


class _LateWriter:
    """Imports the writer at the first letter; most runs write none, and it starts slowly."""

    def __init__(self, own_templates: Path | None) -> None:
        self._own_templates = own_templates

    def write(self, facts: LetterFacts) -> Written:
        return self._writer.write(facts)

    @cached_property
    def _writer(self) -> Writer:
        from rmflow.formats.letters.writer import LetterWriter

        return LetterWriter(_template_loader(self._own_templates))


def _template_loader(own: Path | None) -> Callable[[str], str | None]:
    folders = [*([own] if own else []), packaged("templates")]

    def load_template(name: str) -> str | None:
        for folder in folders:
            path = folder / name
            if path.is_file():
                return path.read_text(encoding="utf-8")
        return None

    return load_template


def _backend(config: Config, port: str, clock: Clock) -> Any:
    chosen = config.backends[port]
    adapter = registry.load(port, chosen.kind)
    return adapter(chosen.settings, config.folder, clock)


def _mailer(config: Config, clock: Clock, mailbox: Mailbox) -> Mailer:
    """Return the mailer; SMTP looks for copies of its mails in the programme's own mailbox."""
    chosen = config.backends["mail_out"]
    adapter = registry.load("mail_out", chosen.kind)
    mailer: Mailer
    if chosen.kind == "smtp":
        mailer = adapter(chosen.settings, config.folder, clock, mailbox)
    else:
        mailer = adapter(chosen.settings, config.folder, clock)
    return mailer


def open_roster(config: Config) -> RosterSource:
    """Return the roster alone, for verbs that need no network."""
    roster: RosterSource = _backend(config, "roster", clock_of(config))
    return roster


def starter_files() -> dict[str, bytes]:
    """Return the files of a new folder by name: a configuration and an empty roster."""
    from rmflow.adapters.starter import empty_roster

    sample = packaged("config/programme.toml").read_bytes()
    return {"programme.toml": sample, "roster.xlsx": empty_roster()}
