"""The log of the worker: one JSON object a line, ids only; never names, addresses or words."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from rmflow.app.outcome import Ending
from rmflow.app.ports import Ports
from rmflow.app.run import Report
from rmflow.cli import MISTAKE
from rmflow.cli.options import opened
from rmflow.cli.output import show_problems
from rmflow.config import Config
from rmflow.domain.audit import Head, head_in
from rmflow.errors import Problem, RmflowError
from rmflow.planner.describe import verb


class _AsJson(logging.Formatter):
    """Formats a record whose message is an event's name and whose extras are its facts."""

    def format(self, record: logging.LogRecord) -> str:
        facts = getattr(record, "facts", {})
        at = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        return json.dumps(
            {"at": at, "level": record.levelname.lower(), "event": record.msg, **facts}
        )


class _LogFile(logging.FileHandler):
    """The file of a log. One that cannot be written is named once, and keeps nobody from work."""

    def __init__(self, path: Path, keep_days: int) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self._named = False
        with self._naming():
            path.parent.mkdir(parents=True, exist_ok=True)
            if keep_days:
                _shorten(path, keep_days)

    def emit(self, record: logging.LogRecord) -> None:
        with self._naming():
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        raise  # noqa: PLE0704 - logging calls this while it handles the error

    def close(self) -> None:
        with self._naming():
            super().close()

    @contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not self._named:
                text = f"{self.baseFilename} cannot be written ({error.strerror}); look there"
                show_problems([Problem("log", text, warning=True)])
            self._named = True


class Logbook:
    """Opens the log for one run and closes it; an error that ends the run is logged by its kind."""

    def __init__(self, path: Path | None, keep_days: int = 0) -> None:
        self._log = logging.getLogger("rmflow")
        self._log.setLevel(logging.INFO)
        self._log.propagate = False
        self._handler: logging.Handler
        if path is not None:
            self._handler = _LogFile(path, keep_days)
        else:
            self._handler = logging.StreamHandler(sys.stderr)
            self._handler.setLevel(logging.WARNING)
        self._handler.setFormatter(_AsJson())

    def __enter__(self) -> Self:
        self._log.addHandler(self._handler)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            code = error.exit_code if isinstance(error, RmflowError) else MISTAKE
            self._write(logging.ERROR, "run ended", error=kind.__name__, exit_code=code)
        self._log.removeHandler(self._handler)
        self._handler.close()

    def report(self, report: Report) -> None:
        """Log what a run did: one line an action, one line at the end."""
        for outcome in report.outcomes:
            level = logging.INFO if outcome.ending is Ending.DONE else logging.WARNING
            self._write(
                level,
                verb(outcome.action),
                key=outcome.action.key,
                pairing=outcome.action.pairing,
                ending=outcome.ending.value,
            )
        self._write(
            logging.INFO,
            "nothing to do" if report.nothing else "run done",
            plan=report.plan.digest,
            actions=len(report.outcomes),
            unfinished=len(report.unfinished),
            published=report.published,
            **_head(report.head),
        )

    def head(self, head: Head) -> None:
        """Log how far the audit log has come."""
        self._write(logging.INFO, "audit log", **_head(head))

    def _write(self, level: int, event: str, **facts: object) -> None:
        self._log.log(level, event, extra={"facts": facts})


def _shorten(path: Path, keep_days: int) -> None:
    """Take the old lines out of a log, once a day at most; lines without a time stay."""
    today = datetime.now(UTC)
    if not path.exists() or _first_time(path) > today - timedelta(days=keep_days + 1):
        return
    oldest = today - timedelta(days=keep_days)
    lines = path.read_text("utf-8", "replace").splitlines(keepends=True)
    draft = path.with_name(f"{path.name}.part")
    draft.touch(mode=path.stat().st_mode & 0o777)
    draft.write_text("".join(line for line in lines if _time_of(line) > oldest), "utf-8")
    draft.replace(path)


def _first_time(path: Path) -> datetime:
    with path.open(encoding="utf-8", errors="replace") as lines:
        return _time_of(lines.readline())


def _time_of(line: str) -> datetime:
    """Return when a line was written, a far future where it does not say."""
    try:
        return datetime.fromisoformat(json.loads(line)["at"])
    except (ValueError, KeyError, TypeError):
        return datetime.max.replace(tzinfo=UTC)


def _head(head: Head) -> dict[str, str]:
    return {"audit": str(head)} if head.number else {}


@contextmanager
def audited(config: Config) -> Iterator[Ports]:
    """Give the ports as `opened` does; in the end, tell the log how far the audit log has come."""
    with opened(config) as ports:
        before = ports.store.head()
        yield ports
        after = ports.store.head()
    if after != before:
        keep_head(config, after)


def keep_head(config: Config, head: Head) -> None:
    """Tell the log how far the audit log has come."""
    with Logbook(config.sections.log.path) as log:
        log.head(head)


def heads_in(path: Path | None) -> list[Head]:
    """Return the heads of the audit log that a log holds; lines that are no JSON hold none."""
    if path is None or not path.exists():
        return []
    found = []
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if '"audit": "' in line:
                with suppress(ValueError, KeyError):
                    found.append(head_in(json.loads(line)["audit"]))
    return found
