"""The log of the worker: one JSON object a line, ids only; never names, addresses or words."""

import json
import logging
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from rmflow.app.outcome import Ending
from rmflow.app.run import Report
from rmflow.errors import RmflowError
from rmflow.planner.describe import verb


class _AsJson(logging.Formatter):
    """Formats a record whose message is an event's name and whose extras are its facts."""

    def format(self, record: logging.LogRecord) -> str:
        facts = getattr(record, "facts", {})
        at = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        return json.dumps(
            {"at": at, "level": record.levelname.lower(), "event": record.msg, **facts}
        )


class Logbook:
    """Opens the log for one run and closes it; an error that ends the run is logged by its kind."""

    def __init__(self, path: Path | None) -> None:
        self._log = logging.getLogger("rmflow")
        self._log.setLevel(logging.INFO)
        self._log.propagate = False
        self._handler: logging.Handler
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handler = logging.FileHandler(path, encoding="utf-8", delay=True)
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
            code = error.exit_code if isinstance(error, RmflowError) else 70
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
        )

    def _write(self, level: int, event: str, **facts: object) -> None:
        self._log.log(level, event, extra={"facts": facts})
