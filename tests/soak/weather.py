"""Bad weather for a fake service: a share of all requests goes wrong, in every way there is.

The weather also looks how its requests come: none may come before the time that was asked for.
Time is the clock of the run, which moves on when rmflow waits.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from web_server import FakeService, Fault, Request, Response

from rmflow.adapters.clock import StoppedClock

_WRITES = tuple(Fault)
_READS = tuple(f for f in Fault if f not in (Fault.LAGS_AFTER, Fault.COMMITS_LATE))
_SLOW = (Fault.STALLS_AFTER, Fault.COMMITS_LATE)  # they cost time, and are rarer for that
_SAYS_ONE_SECOND = (Fault.BUSY_BEFORE, Fault.FAILS_503_AFTER)
_SHORT_S = (1, 2, 5, 10, 20)
_LONG_S = (30, 120, 900, 5400)  # a run does not wait so long
_LAG = timedelta(seconds=20)

Busy = Callable[[int], Response]


def slow_down(wait_s: int) -> Response:
    """Say 429, and how long to wait."""
    return Response(429, b"{}", {"Retry-After": str(wait_s)})


def unavailable(wait_s: int) -> Response:
    """Say 503, and how long to wait."""
    return Response(503, b"", {"Retry-After": str(wait_s)})


def used_up() -> Response:
    """Say what Google says when the invitations of a day are used up."""
    said = {"domain": "usageLimits", "reason": "quotaExceeded", "message": "Quota exceeded."}
    body = {"error": {"code": 403, "message": "Quota exceeded.", "errors": [said]}}
    return Response(403, json.dumps(body).encode(), {"Content-Type": "application/json"})


class Weather:
    """The weather over one service. `share` of the requests go wrong; 0 is fine weather.

    `busy` are the ways in which it asks to wait; `caps`: it has a cap on what is written a day.
    `early` are the requests that came although it had asked to wait.
    """

    def __init__(
        self,
        service: FakeService,
        clock: StoppedClock,
        *,
        share: float,
        seed: str,
        busy: Sequence[Busy] = (slow_down, unavailable),
        caps: bool = False,
    ) -> None:
        self.share = share
        self.on = False
        self.calls = 0
        self.met: Counter[str] = Counter()
        self.early: list[str] = []
        self._service = service
        self._clock = clock
        self._random = Random(seed)
        self._busy = busy
        self._caps = caps
        self._asked = ""  # who was told to wait
        self._wait_until = self._write_after = self._lags_until = clock.at
        service.weather = self

    def settle(self) -> None:
        """Let everything that is late happen before the next run."""
        self._service.settle()

    def __call__(self, request: Request) -> Fault | Response | None:
        """Return what goes wrong with a request."""
        if not self.on:
            return None
        self.calls += 1
        if request.path.endswith("/token") or "/.well-known/" in request.path:
            return None  # another service
        now, writes = self._clock.now(), self._service.is_write(request)
        self._look_at_the_clock(request, now, writes=writes)
        if now >= self._lags_until:
            self._service._shown = None
        if self._random.random() >= self.share:
            return None
        fault = self._fault(now, writes=writes)
        if max(self._wait_until, self._write_after) > now:
            self._asked = f"{request.method} {request.path}"
        return fault

    def _look_at_the_clock(self, request: Request, now: datetime, *, writes: bool) -> None:
        until = max(self._wait_until, self._write_after) if writes else self._wait_until
        if now < until:
            early = f"{request.method} {request.path} at {now}, not before {until}"
            self.early.append(f"{early}, as {self._asked} was told")

    def _fault(self, now: datetime, *, writes: bool) -> Fault | Response:
        kind = self._random.random()
        if kind < 0.15:
            return self._asks_to_wait(now)
        if self._caps and writes and kind < 0.16:
            self.met["quota"] += 1
            self._write_after = now + timedelta(hours=6)
            return used_up()
        fault = self._random.choice(_WRITES if writes else _READS)
        if fault in _SLOW and self._random.random() < 0.6:
            fault = Fault.RESETS_AFTER
        self.met[fault.name] += 1
        if fault in _SAYS_ONE_SECOND:
            self._wait_until = max(self._wait_until, now + timedelta(seconds=1))
            self.met["Retry-After"] += 1
        if fault is Fault.LAGS_AFTER:
            self._lags_until = now + _LAG
        return fault

    def _asks_to_wait(self, now: datetime) -> Response:
        waits_s = _LONG_S if self._random.random() < 0.1 else _SHORT_S
        say, wait_s = self._random.choice(self._busy), self._random.choice(waits_s)
        self._wait_until = max(self._wait_until, now + timedelta(seconds=wait_s))
        self.met["Retry-After"] += 1
        self.met[say.__name__] += 1
        return say(wait_s)
