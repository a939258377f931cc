"""Values as text, for the store."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from a_series import a_series

from rmflow.domain.documents import from_json, to_json
from rmflow.domain.series import SeriesSpec

_PROGRAM = """
from datetime import datetime
from a_series import a_series
from rmflow.domain.documents import to_json
print(to_json(a_series(excluded=frozenset(datetime(2026, 3, day, 9) for day in range(1, 20)))))
"""


def test_equal_values_give_equal_text_in_every_process() -> None:
    """A set has another order in each; a person whose text has changed is planned for anew."""
    checks = Path(__file__).parents[1] / "checks"
    texts = {
        subprocess.check_output(
            [sys.executable, "-c", _PROGRAM],
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(checks)},
        )
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_what_was_written_is_read() -> None:
    spec = a_series(excluded=frozenset({datetime(2026, 3, 3, 9), datetime(2026, 3, 24, 9)}))
    assert from_json(SeriesSpec, to_json(spec)) == spec
