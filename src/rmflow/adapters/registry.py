"""Which backend fills which port: a name for each, imported only when it is used."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from pydantic import BaseModel


class _Entry(NamedTuple):
    """Where a backend is: its module, its class, and the model of its options."""

    module: str
    adapter: str
    settings: str


_STANDARDS = "rmflow.adapters.standards"

BACKENDS: Mapping[str, Mapping[str, _Entry]] = {
    "roster": {
        "file": _Entry("rmflow.adapters.spreadsheet", "FileRoster", "Settings"),
    },
    "calendar": {
        "imip": _Entry(f"{_STANDARDS}.imip", "ImipCalendar", "Settings"),
        "vdir": _Entry(f"{_STANDARDS}.vdir", "VdirCalendar", "Settings"),
    },
    "mail_out": {
        "smtp": _Entry(f"{_STANDARDS}.smtp", "SmtpMailer", "Settings"),
        "maildir": _Entry(f"{_STANDARDS}.maildir", "MaildirMailer", "MailerSettings"),
    },
    "mail_in": {
        "imap": _Entry(f"{_STANDARDS}.imap", "ImapMailbox", "Settings"),
        "maildir": _Entry(f"{_STANDARDS}.maildir", "MaildirMailbox", "MailboxSettings"),
    },
    "tracking": {
        "xlsx": _Entry("rmflow.adapters.workbook", "XlsxTracking", "Settings"),
    },
    "store": {
        "sql": _Entry("rmflow.adapters.store.sql", "SqlStore", "Settings"),
    },
}


def kinds(port: str) -> tuple[str, ...]:
    """Return the names of the backends that can fill this port, the usual one first."""
    return tuple(BACKENDS[port])


def load(port: str, kind: str) -> type[Any]:
    """Return the class of a backend. Raises KeyError for an unknown one."""
    entry = BACKENDS[port][kind]
    adapter = getattr(import_module(entry.module), entry.adapter)
    assert isinstance(adapter, type)
    return adapter


def settings_of(port: str, kind: str) -> type[BaseModel] | None:
    """Return the model of a backend's options, None if there is no such backend."""
    entry = BACKENDS[port].get(kind)
    if entry is None:
        return None
    settings = getattr(import_module(entry.module), entry.settings)
    assert isinstance(settings, type)
    assert issubclass(settings, BaseModel)
    return settings
