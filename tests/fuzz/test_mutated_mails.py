"""Mails bent at random: each is filed, waits or is passed over, in bounded time and memory.

`make fuzz` reads 100,000 of them; the plain tests a few, other ones every time. A mail that fails
is made again by its number: `mutated_mail(number)`; keep it in `regressions/mails`.
"""

import os
import random
from collections import Counter
from collections.abc import Callable

import pytest
from mail_mutants import mutated_mail
from mail_readings import Outcome, outcomes

FUZZING = bool(os.environ.get("RMFLOW_FUZZ"))
MAILS, SLICE = (100_000, 2_000) if FUZZING else (400, 400)
FIRST = int(os.environ.get("RMFLOW_FUZZ_FIRST", "0"))
BATCH = 200
MOST_SECONDS = 5.0
MOST_BYTES = 768 * 1024 * 1024


@pytest.mark.parametrize("slice", range(MAILS // SLICE))
def test_every_mutated_mail_is_accounted_for(
    slice: int, record_property: Callable[[str, object], None]
) -> None:
    """PITFALLS 4.2: no exception, no loss, no answer that nobody gave."""
    first = FIRST + slice * SLICE if FUZZING else random.randrange(10**9)
    found: list[Outcome] = []
    for start in range(first, first + SLICE, BATCH):
        numbers = range(start, min(start + BATCH, first + SLICE))
        found += outcomes([(number, mutated_mail(number)) for number in numbers])
    slowest = max(found, key=lambda outcome: outcome.seconds)
    largest = max(found, key=lambda outcome: outcome.memory_bytes)
    record_property("mails", len(found))
    for state, number in Counter(outcome.state for outcome in found).items():
        record_property(f"mails {state}", number)
    record_property("longest mail, seconds", (slowest.seconds, slowest.number))
    record_property(
        "most memory of a mail reader, MB", (largest.memory_bytes // 2**20, largest.number)
    )
    assert len(found) == SLICE
    assert [(o.number, o.wrong) for o in found if o.wrong] == []
    assert slowest.seconds < MOST_SECONDS, slowest
    assert largest.memory_bytes < MOST_BYTES, largest
