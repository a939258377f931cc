"""The command line as somebody types it, in this process: exit code and both outputs."""

import io
import logging
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from unittest import mock

from office import Office
from rmflow.cli import main


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


def rmflow(*words: str | Path) -> Said:
    """Type `rmflow WORDS`."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    log = logging.getLogger("rmflow")
    with (
        mock.patch.object(sys, "argv", ["rmflow", *map(str, words)]),
        mock.patch.object(log, "propagate", new=log.propagate),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, _read(out), _read(err))


def at_the_office(office: Office, verb: str, *words: str | Path) -> Said:
    """Type a verb about this office, at its present moment."""
    stop_clock(office.config_path, office.now)
    return rmflow(*verb.split(), *words, "--config", office.config_path)


def stop_clock(config: Path, now: datetime) -> None:
    """Let every process that reads this configuration believe that it is now."""
    line = f"stopped_at = {now.isoformat()}"
    text = re.sub(r"^stopped_at = .*$", line, config.read_text(), flags=re.MULTILINE)
    config.write_text(text)


def _read(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
