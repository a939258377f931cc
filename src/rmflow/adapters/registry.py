"""Which backend fills which port: a name for each, imported only when it is used."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from pydantic import BaseModel


class _Entry(NamedTuple):
    """Where a backend is: its class and the model of its options, each as "module:name"."""

    adapter: str
    settings: str


_STANDARDS = "rmflow.adapters.standards"

# The first of a port is the one that the sample configuration begins with.
BACKENDS: Mapping[str, Mapping[str, _Entry]] = {
    "roster": {
        "file": _Entry(
            "rmflow.adapters.spreadsheet:FileRoster",
            "rmflow.adapters.spreadsheet:Settings",
        ),
    },
    "calendar": {
        "imip": _Entry(f"{_STANDARDS}.imip:ImipCalendar", f"{_STANDARDS}.imip:Settings"),
        "vdir": _Entry(f"{_STANDARDS}.vdir:VdirCalendar", f"{_STANDARDS}.vdir:Settings"),
    },
    "mail_out": {
        "maildir": _Entry(
            f"{_STANDARDS}.maildir:MaildirMailer",
            f"{_STANDARDS}.maildir:MailerSettings",
        ),
        "smtp": _Entry(f"{_STANDARDS}.smtp:SmtpMailer", f"{_STANDARDS}.smtp:Settings"),
    },
    "mail_in": {
        "maildir": _Entry(
            f"{_STANDARDS}.maildir:MaildirMailbox",
            f"{_STANDARDS}.maildir:MailboxSettings",
        ),
        "imap": _Entry(f"{_STANDARDS}.imap:ImapMailbox", f"{_STANDARDS}.imap:Settings"),
    },
    "tracking": {
        "xlsx": _Entry(
            "rmflow.adapters.workbook.tracking:XlsxTracking",
            "rmflow.adapters.workbook.tracking:Settings",
        ),
    },
    "store": {
        "sql": _Entry(
            "rmflow.adapters.store.sql:SqlStore", "rmflow.adapters.store.settings:Settings"
        ),
    },
}


def kinds(port: str) -> tuple[str, ...]:
    """Return the names of the backends that can fill this port."""
    return tuple(BACKENDS[port])


def load(port: str, kind: str) -> type[Any]:
    """Return the class of a backend. Raises KeyError for an unknown one."""
    return _imported(BACKENDS[port][kind].adapter)


def settings_of(port: str, kind: str) -> type[BaseModel] | None:
    """Return the model of a backend's options, None if there is no such backend."""
    entry = BACKENDS[port].get(kind)
    return None if entry is None else _imported(entry.settings)


def _imported(path: str) -> type[Any]:
    module, _, name = path.partition(":")
    found = getattr(import_module(module), name)
    assert isinstance(found, type), path
    return found
