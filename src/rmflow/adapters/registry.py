"""Which backend fills which port: a name for each, imported only when it is used."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from pydantic import BaseModel

from rmflow.errors import ConfigError, Problem


class _Entry(NamedTuple):
    """Where a backend is: its class and the model of its options, each as "module:name".

    `extra` is what must be installed besides rmflow, "" for nothing. `page` tells more, counted
    from docs/backends/; "" stands for a page named like the extra.
    """

    adapter: str
    settings: str
    extra: str = ""
    page: str = ""


# What an extra of pyproject.toml brings, as far as its backends import it.
EXTRAS: Mapping[str, tuple[str, ...]] = {
    "caldav": ("requests",),
    "exchange": ("exchangelib",),
    "google": ("googleapiclient", "google_auth_oauthlib", "requests"),
    "graph": ("msal", "requests"),
}

_STANDARDS = "rmflow.adapters.standards"
_GOOGLE = "rmflow.adapters.google"
_EXCHANGE = "rmflow.adapters.exchange"
_GRAPH = "rmflow.adapters.graph"
_IMIP = "imip.md"

# The first of a port is the one that the sample configuration begins with.
BACKENDS: Mapping[str, Mapping[str, _Entry]] = {
    "roster": {
        "file": _Entry(
            "rmflow.adapters.spreadsheet:FileRoster",
            "rmflow.adapters.spreadsheet:Settings",
            page="../roster.md",
        ),
        "onedrive": _Entry(
            f"{_GRAPH}.workbook_roster:GraphRoster",
            f"{_GRAPH}.workbook_settings:Settings",
            extra="graph",
        ),
        "google-sheets": _Entry(
            f"{_GOOGLE}.sheets_roster:SheetsRoster",
            f"{_GOOGLE}.sheets_settings:RosterSettings",
            extra="google",
            page="google-sheets.md",
        ),
    },
    "calendar": {
        "imip": _Entry(
            f"{_STANDARDS}.imip:ImipCalendar", f"{_STANDARDS}.imip:Settings", page=_IMIP
        ),
        "vdir": _Entry(
            f"{_STANDARDS}.vdir:VdirCalendar", f"{_STANDARDS}.vdir:Settings", page=_IMIP
        ),
        "google": _Entry(
            f"{_GOOGLE}.calendar:GoogleCalendar",
            f"{_GOOGLE}.calendar_settings:CalendarSettings",
            extra="google",
            page="google-calendar.md",
        ),
        "graph": _Entry(
            f"{_GRAPH}.calendar:GraphCalendar",
            f"{_GRAPH}.settings:CalendarSettings",
            extra="graph",
        ),
        "caldav": _Entry(
            f"{_STANDARDS}.caldav:CalDavCalendar",
            f"{_STANDARDS}.caldav_settings:Settings",
            extra="caldav",
        ),
        "exchange": _Entry(
            f"{_EXCHANGE}.calendar:ExchangeCalendar",
            f"{_EXCHANGE}.settings:CalendarSettings",
            extra="exchange",
        ),
    },
    "mail_out": {
        "maildir": _Entry(
            f"{_STANDARDS}.maildir:MaildirMailer",
            f"{_STANDARDS}.maildir:MailerSettings",
            page=_IMIP,
        ),
        "smtp": _Entry(f"{_STANDARDS}.smtp:SmtpMailer", f"{_STANDARDS}.smtp:Settings", page=_IMIP),
        "gmail": _Entry(
            f"{_GOOGLE}.gmail_out:GmailMailer",
            f"{_GOOGLE}.gmail_settings:GmailMailerSettings",
            extra="google",
        ),
        "graph": _Entry(
            f"{_GRAPH}.mail_out:GraphMailer",
            f"{_GRAPH}.mail_settings:MailerSettings",
            extra="graph",
        ),
        "exchange": _Entry(
            f"{_EXCHANGE}.mail_out:ExchangeMailer",
            f"{_EXCHANGE}.mail_settings:MailerSettings",
            extra="exchange",
        ),
    },
    "mail_in": {
        "maildir": _Entry(
            f"{_STANDARDS}.maildir:MaildirMailbox",
            f"{_STANDARDS}.maildir:MailboxSettings",
            page=_IMIP,
        ),
        "imap": _Entry(f"{_STANDARDS}.imap:ImapMailbox", f"{_STANDARDS}.imap:Settings", page=_IMIP),
        "gmail": _Entry(
            f"{_GOOGLE}.gmail_in:GmailMailbox",
            f"{_GOOGLE}.gmail_settings:GmailMailboxSettings",
            extra="google",
        ),
        "graph": _Entry(
            f"{_GRAPH}.mail_in:GraphMailbox",
            f"{_GRAPH}.mail_settings:MailboxSettings",
            extra="graph",
        ),
        "exchange": _Entry(
            f"{_EXCHANGE}.mail_in:ExchangeMailbox",
            f"{_EXCHANGE}.mail_settings:MailboxSettings",
            extra="exchange",
        ),
    },
    "tracking": {
        "xlsx": _Entry(
            "rmflow.adapters.workbook.tracking:XlsxTracking",
            "rmflow.adapters.workbook.tracking:Settings",
            page="../workbook.md",
        ),
        "google-sheets": _Entry(
            f"{_GOOGLE}.sheets_tracking:SheetsTracking",
            f"{_GOOGLE}.sheets_settings:TrackingSettings",
            extra="google",
            page="google-sheets.md",
        ),
    },
    "store": {
        "sql": _Entry(
            "rmflow.adapters.store.sql:SqlStore",
            "rmflow.adapters.store.settings:Settings",
            page="../running.md",
        ),
    },
}


def kinds(port: str) -> tuple[str, ...]:
    """Return the names of the backends that can fill this port."""
    return tuple(BACKENDS[port])


def load(port: str, kind: str) -> type[Any]:
    """Return the class of a backend.

    Raises KeyError for an unknown one, and ConfigError when its libraries are not installed.
    """
    entry = BACKENDS[port][kind]
    missing = [name for name in EXTRAS.get(entry.extra, ()) if find_spec(name) is None]
    if missing:
        text = (
            f'kind "{kind}" needs what is not installed here ({", ".join(missing)}); '
            f'install it with: pip install "rmflow[{entry.extra}]"'
        )
        raise ConfigError([Problem(f"[{port}] kind", text)])
    return _imported(entry.adapter)


def settings_of(port: str, kind: str) -> type[BaseModel] | None:
    """Return the model of a backend's options, None if there is no such backend."""
    entry = BACKENDS[port].get(kind)
    return None if entry is None else _imported(entry.settings)


def _imported(path: str) -> type[Any]:
    module, _, name = path.partition(":")
    found = getattr(import_module(module), name)
    assert isinstance(found, type), path
    return found
