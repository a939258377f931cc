"""From the file an operator wrote to values the program can rely on."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from rmflow.config.backend import PORTS, Backend, Kinds, SettingsOf, read_backend
from rmflow.config.files import packaged
from rmflow.config.secret import SecretRef
from rmflow.config.sections import FilesOptions, Sections
from rmflow.domain.form import Form
from rmflow.domain.programme import Programme
from rmflow.domain.topic import Topic
from rmflow.errors import ConfigError, Problem
from rmflow.formats.settings.forms import read_forms
from rmflow.formats.settings.toml import Document, Location, check, parse, suggestion
from rmflow.formats.settings.topics import read_topics

M = TypeVar("M", bound=BaseModel)

_SHORTEST_SECRET = 16
_FORMS = ("agenda", "summary")  # the ones that mails ask with


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration without errors. Every path in it is absolute or counts from `folder`.

    `fingerprint` changes when anything changes that the programme or a backend would notice;
    it knows nothing of the secrets. `warnings` are worth a line to the operator.
    """

    path: Path
    folder: Path
    sections: Sections
    backends: Mapping[str, Backend]
    forms: Mapping[str, Form]
    topics: tuple[Topic, ...]
    fingerprint: str
    warnings: tuple[Problem, ...] = ()

    def programme(self) -> Programme:
        """Return the programme. Raises ConfigError when the secret has gone since `load`."""
        asked, mailbox = self.sections.programme, self.sections.mailbox
        coordinator, meetings = self.sections.coordinator, self.sections.meetings
        return Programme(
            id=asked.id,
            name=asked.name,
            mailbox=mailbox.address,
            mailbox_name=mailbox.name,
            coordinator=coordinator.address,
            coordinator_name=coordinator.name,
            salt=_salt(asked.secret.reveal(self.folder)),
            objective=asked.objective,
            language=asked.language,
            timezone=asked.timezone,
            region=asked.region,
            start=asked.start,
            end=asked.end,
            plus_addressing=mailbox.plus_addressing,
            authserv_id=mailbox.authserv_id,
            proof_required=mailbox.authentication_required,
            default_cadence=meetings.cadence,
            cadences=self.sections.all_cadences(),
            hours=meetings.hours(),
            breaks=self.sections.all_breaks(),
            rooms=self.sections.all_rooms(),
            timing=self.sections.timing(),
            limits=self.sections.limits.limits(),
            retention=self.sections.privacy.retention(),
            summaries=asked.summaries,
            counters=asked.counter_proposals,
            forms=self.forms,
            topics=self.topics,
        )


def load(path: Path, settings_of: SettingsOf, kinds: Kinds) -> Config:
    """Return the configuration in this file. Raises ConfigError with everything that is wrong.

    `settings_of(port, kind)` gives the model of a backend's options, None for an unknown kind;
    `kinds(port)` gives the known kinds. The environment and the secrets' files are looked at
    here and in `programme()`, nowhere later.
    """
    folder = path.absolute().parent
    document = parse(_text_of(path, path.name, 'write one with "rmflow init"'), path.name)
    sections, problems = _read_sections(document)
    backends, more = _read_backends(document, settings_of, kinds)
    problems += more
    problems += _secret_problems(sections, backends, document, folder)
    library, more = _read_library(document, folder)
    problems += more
    if sections is None or library is None or any(not problem.warning for problem in problems):
        raise ConfigError(problems)
    return Config(
        path=path,
        folder=folder,
        sections=_anchored(sections, folder),
        backends={
            port: Backend(port, each.kind, _anchored(each.settings, folder))
            for port, each in backends.items()
        },
        forms=library.forms,
        topics=library.topics,
        fingerprint=_fingerprint(sections, backends, library),
        warnings=tuple(problems),
    )


@dataclass(frozen=True, slots=True)
class _Library:
    """The forms and topics, with the texts they were read from."""

    forms: Mapping[str, Form]
    topics: tuple[Topic, ...]
    texts: tuple[str, str]


def _text_of(path: Path, place: str, advice: str) -> str:
    try:
        # An editor on Windows puts a byte order mark in front, which TOML does not have.
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        reason = f"there is no file {path}; {advice}"
    except UnicodeDecodeError:
        reason = f"the file {path} is not UTF-8; save it as UTF-8"
    except OSError as error:
        reason = f"the file {path} cannot be read ({error.strerror}); correct that"
    raise ConfigError([Problem(place, reason)])


def _read_sections(document: Document) -> tuple[Sections | None, list[Problem]]:
    names = {**Sections.model_fields, **PORTS}
    unknown = [name for name in document.tree if name not in names]
    problems = [
        Problem(
            document.place((name,)),
            f'"{name}" is not a section; {suggestion(name, names) or "remove it"}',
        )
        for name in unknown
    ]
    tree = {name: document.tree[name] for name in Sections.model_fields if name in document.tree}
    sections, more = check(Sections, tree, document)
    problems += more
    if sections is not None and sections.meetings.cadence not in sections.all_cadences():
        cadence = sections.meetings.cadence
        advice = suggestion(cadence, sections.all_cadences()) or "describe it under [cadences]"
        place = document.place(("meetings", "cadence"))
        problems.append(Problem(place, f'cadence "{cadence}" is unknown; {advice}'))
    return sections, problems


def _read_backends(
    document: Document, settings_of: SettingsOf, kinds: Kinds
) -> tuple[dict[str, Backend], list[Problem]]:
    backends, problems = {}, []
    for port in PORTS:
        backend, more = read_backend(port, document, settings_of, kinds)
        problems += more
        if backend is not None:
            backends[port] = backend
    return backends, problems


def _read_library(document: Document, folder: Path) -> tuple[_Library | None, list[Problem]]:
    files, _ = check(FilesOptions, document.tree.get("files", {}), document, ("files",))
    if files is None:  # `_read_sections` has said why
        return None, []
    try:
        forms_path, forms_text = _own_or_packaged(files.forms, "forms", document, folder)
        topics_path, topics_text = _own_or_packaged(files.topics, "topics", document, folder)
    except ConfigError as error:
        return None, list(error.problems)
    forms, problems = read_forms(forms_text, forms_path.name)
    if not problems:
        problems += [
            Problem(forms_path.name, f'there is no form "{id}"; add [{id}]')
            for id in _FORMS
            if id not in forms
        ]
    topics, more = read_topics(topics_text, topics_path.name)
    return _Library(forms, topics, (forms_text, topics_text)), [*problems, *more]


def _own_or_packaged(
    own: Path | None, name: str, document: Document, folder: Path
) -> tuple[Path, str]:
    path = packaged(f"config/{name}.toml") if own is None else folder / own
    place = document.place(("files", name))
    return path, _text_of(path, place, "correct the name, or remove it to use rmflow's own")


def _secret_problems(
    sections: Sections | None, backends: Mapping[str, Backend], document: Document, folder: Path
) -> Iterator[Problem]:
    """Yield what is wrong with the secrets that the configuration names."""
    secrets: list[tuple[Location, SecretRef]] = [
        ((port, name), value)
        for port, backend in backends.items()
        for name, values in backend.settings
        for value in (values if isinstance(values, tuple) else (values,))
        if isinstance(value, SecretRef)
    ]
    own: Location = ("programme", "secret")
    if sections is not None:
        secrets.append((own, sections.programme.secret))
    for location, secret in secrets:
        place = document.place(location)
        try:
            value = secret.reveal(folder)
        except ConfigError as error:
            yield from (Problem(place, problem.text) for problem in error.problems)
            continue
        if location == own and len(value) < _SHORTEST_SECRET:
            yield Problem(place, f"it is too short; use {_SHORTEST_SECRET} characters or more")
        if secret.exposed(folder):
            text = f"everybody on this machine can read {secret.name}; say chmod o= {secret.name}"
            yield Problem(place, text, warning=True)


def _anchored(model: M, folder: Path) -> M:
    """Return the model with every path in it counted from `folder`."""
    changes: dict[str, object] = {}
    for name, value in model:
        if isinstance(value, Path):
            changes[name] = folder / value
        elif isinstance(value, BaseModel):
            changes[name] = _anchored(value, folder)
    return model.model_copy(update=changes)


def _salt(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"rmflow keys", hashlib.sha256)


def _fingerprint(sections: Sections, backends: Mapping[str, Backend], library: _Library) -> str:
    # Neither the clock nor the log changes what is wanted of a programme.
    values = [sections.model_dump(mode="json", exclude={"clock", "log"})]
    values += [
        {"kind": each.kind, **each.settings.model_dump(mode="json")} for each in backends.values()
    ]
    text = json.dumps([values, library.texts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
