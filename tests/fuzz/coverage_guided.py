"""Fuzzing by coverage: `make fuzz` gives each reader some minutes, led by the lines it reaches.

    python tests/fuzz/coverage_guided.py mail SECONDS FOLDER

FOLDER gets what was found on the way; an input that ends a reader is written there as `crash-…`,
and belongs, shortened, into `regressions/`.
"""

import importlib
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
for folder in (HERE, *(HERE.parent / name for name in ("", "checks", "formats", "formats/corpus"))):
    sys.path.insert(0, str(folder))
atheris: Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["rmflow"]):
    import reply_corpus as corpus
    from calendar_answers import COUNTER, GOOGLE, OUTLOOK
    from mail_mutants import seeds
    from mail_readings import faults, read
    from roster_samples import PROGRAMME
    from workbook_mutants import _texts

    from rmflow.domain.documents import to_json
    from rmflow.errors import ConfigError
    from rmflow.formats.calendar.itip import method_of, read_responses
    from rmflow.formats.roster.delimited import read_delimited
    from rmflow.formats.roster.understanding import understand
    from rmflow.formats.settings.forms import read_forms
    from rmflow.formats.settings.toml import parse

Target = Callable[[bytes], None]


def mail(content: bytes) -> None:
    """MIME, whose it is, the new text, the form."""
    found = list(faults(*read(content)))
    assert not found, found


def itip(content: bytes) -> None:
    """An answer to an invitation."""
    method_of(content)
    for response in read_responses(content, received_at=corpus.RECEIVED):
        to_json(response).encode()


def roster(content: bytes) -> None:
    """A csv file to people and pairs; what opens workbooks is not Python."""
    try:
        table = read_delimited(content, "roster.csv", max_rows=1_000, max_columns=100)
    except ValueError:
        return
    reading = understand([table], PROGRAMME)
    assert reading.roster or reading.problems
    for problem in reading.problems:
        str(problem).encode()


def config(content: bytes) -> None:
    """The operator's own words."""
    text = content.decode("utf-8", "replace")
    read_forms(text, "forms.toml")
    with suppress(ConfigError):
        parse(text, "programme.toml")


FORMS = corpus.FORMS_FILE.read_bytes()[:4_000]
TARGETS: dict[str, tuple[Target, tuple[bytes, ...]]] = {
    "mail": (mail, tuple(raw for raw in seeds()[::12] if len(raw) < 8_000)),
    "itip": (itip, tuple(text.encode() for text in (OUTLOOK, GOOGLE, COUNTER))),
    "roster": (roster, _texts()),
    "config": (config, (FORMS,)),
}


def main() -> None:
    """Run one target."""
    name, seconds, found = sys.argv[1:]
    target, some = TARGETS[name]
    Path(found).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as corpus_folder:
        for number, seed in enumerate(some):
            Path(corpus_folder, f"seed-{number}").write_bytes(seed)
        limits = [
            "-timeout=20",
            "-rss_limit_mb=1500",
            "-max_len=60000",
            f"-max_total_time={seconds}",
        ]
        atheris.Setup([name, *limits, f"-artifact_prefix={found}/", corpus_folder], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
