"""Which adapter fills which port; the only place that knows both sides."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rmflow.adapters import registry
from rmflow.adapters.clock import StoppedClock, SystemClock
from rmflow.adapters.google.consent import Consent, needed, obtain
from rmflow.app.ports import Ports
from rmflow.config import Config, load
from rmflow.config.files import packaged
from rmflow.domain import records as memory
from rmflow.formats.letters.facts import LetterFacts
from rmflow.formats.letters.written import Writer, Written
from rmflow.ports.checkup import Examination, Finding, Verdict
from rmflow.ports.clock import Clock
from rmflow.ports.erasure import Eraser
from rmflow.ports.mail import Mailbox
from rmflow.ports.roster import RosterSource
from rmflow.ports.store import Store

if TYPE_CHECKING:
    from rmflow.adapters.store.sql import SqlStore


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
        providers={port: backend.kind for port, backend in config.backends.items()},
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
    return _sql_store(config)


def _sql_store(config: Config) -> "SqlStore":
    from rmflow.adapters.store.sql import open_store as opened

    settings = config.backends["store"].settings
    password = settings.password.reveal(config.folder) if settings.password else ""
    keys = settings.keys(config.folder)
    salt = config.programme().salt
    return opened(settings.url, base=config.folder, password=password, keys=keys, salt=salt)


def back_up_store(config: Config, target: Path) -> None:
    """Copy the store to a file, whole. Raises UnsupportedError for PostgreSQL."""
    with closing(_sql_store(config)) as store:
        store.backup(target)


def rekey_store(config: Config) -> Iterator[tuple[int, int]]:
    """Bring the store under its first key; yield how many rows are done, of how many."""
    from rmflow.adapters.store.rekey import rekey

    with closing(_sql_store(config)) as store, store.lease():
        yield from rekey(store)


def open_eraser(ports: Ports) -> Eraser:
    """Return what erases people from the store of these ports."""
    from rmflow.adapters.store.erasure import SqlEraser
    from rmflow.adapters.store.sql import SqlStore

    assert isinstance(ports.store, SqlStore)
    return SqlEraser(ports.store)


def restore_store(config: Config, backup: Path, records: Iterable[memory.Written]) -> Path:
    """Put a backup in the place of the store; return where the replaced one is kept."""
    from rmflow.adapters.store.restore import restore

    settings, folder = config.backends["store"].settings, config.folder
    keys, salt = settings.keys(folder), config.programme().salt
    now = SystemClock().now()
    return restore(settings.url, folder, backup, records, now, keys=keys, salt=salt)


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


def _template_folders(own: Path | None) -> list[Path]:
    return [*([own] if own else []), packaged("templates")]


def _template_loader(own: Path | None) -> Callable[[str], str | None]:
    folders = _template_folders(own)

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


def _mailer(config: Config, clock: Clock, mailbox: Mailbox | None) -> Any:
    """Return the mailer; SMTP looks for copies of its mails in the programme's own mailbox."""
    chosen = config.backends["mail_out"]
    adapter = registry.load("mail_out", chosen.kind)
    if chosen.kind == "smtp":
        sender = config.sections.mailbox.address
        return adapter(chosen.settings, config.folder, clock, mailbox, sender)
    return adapter(chosen.settings, config.folder, clock)


def open_roster(config: Config) -> RosterSource:
    """Return the roster alone, for verbs that need no network."""
    roster: RosterSource = _backend(config, "roster", clock_of(config))
    return roster


def starter_files() -> dict[str, bytes]:
    """Return the files of a new folder by name: a configuration and an empty roster."""
    from rmflow.adapters.starter import empty_roster

    sample = packaged("config/programme.toml").read_bytes()
    return {"programme.toml": sample, "roster.xlsx": empty_roster()}


def examinations(config: Config) -> Iterator[Examination]:
    """Yield what `rmflow doctor` looks at, in this order. Nothing is opened before its turn."""
    from rmflow.app import doctor

    # The machine's own clock: in a rehearsal, too, servers are compared with that one.
    clock, programme = SystemClock(), config.programme()
    looks = {
        "configuration": partial(doctor.configuration, config),
        "clock": partial(doctor.clock, config, clock),
        "templates": partial(
            doctor.templates, letter_writer(config), programme, _languages(config)
        ),
        **{
            f"{port} ({backend.kind})": partial(_checkup, config, port, clock)
            for port, backend in config.backends.items()
        },
        "DNS of the sender": partial(_sender_dns, config),
    }
    for subject, findings in looks.items():
        yield Examination(subject, findings)


def _languages(config: Config) -> set[str]:
    """Return the languages that there are mail templates in, the operator's own included."""
    folders = _template_folders(config.sections.files.templates)
    found = (path for folder in folders for path in (folder / "mail").glob("*/"))
    return {path.name for path in found if path.is_dir()}


def _checkup(config: Config, port: str, clock: Clock) -> Iterator[Finding]:
    """Open a backend, examine it, close it."""
    backend = _patient(config, port, clock)
    try:
        yield from backend.checkup()
        if port == "roster":
            from rmflow.app import doctor

            yield from doctor.roster(backend, config.programme())
    finally:
        if hasattr(backend, "close"):
            backend.close()


def _patient(config: Config, port: str, clock: Clock) -> Any:
    match port:
        case "store":  # opening the store makes it, and an examination leaves nothing behind
            from rmflow.adapters.store.checkup import SqlCheckup

            return SqlCheckup(config.backends[port].settings, config.folder, clock)
        case "mail_out":
            return _mailer(config, clock, None)
        case _:
            return _backend(config, port, clock)


def _sender_dns(config: Config) -> Iterator[Finding]:
    chosen = config.backends["mail_out"]
    if chosen.kind == "maildir":
        text = "mails are laid down as files, so nobody asks for it"
        yield Finding("name servers", Verdict.SKIPPED, text)
        return
    from rmflow.adapters.sender_dns import SenderDns

    mailbox = config.sections.mailbox
    provider = chosen.settings.host if chosen.kind == "smtp" else chosen.kind
    domain = mailbox.address.partition("@")[2]
    yield from SenderDns(domain, mailbox.dkim_selector, provider).checkup()


def consents(config: Config) -> tuple[Consent, ...]:
    """Return what `rmflow login` can ask a user for. Raises ConfigError for a missing extra."""
    found = tuple(needed({port: b.settings for port, b in config.backends.items()}))
    for consent in found:
        for port in consent.ports:
            registry.load(port, config.backends[port].kind)
    return found


def obtain_consent(config: Config, consent: Consent, port: int, say: Callable[[str], None]) -> None:
    """Get a consent and keep it; `say` is given the address to open."""
    obtain(consent, config.folder, config.sections.mailbox.address, port, say)
