"""A service on loopback that keeps state, counts what reaches it, and fails on demand.

A subclass answers one request from its state. Everything that can go wrong between a service
and its client is here, once: a `Fault` says whether the write is committed and what the client
gets to see of it.
"""

import copy
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Fault(Enum):
    """Twelve ways in which one request goes wrong."""

    HANGS_UP_BEFORE = "hangs up, nothing was done"
    BUSY_BEFORE = "429 with Retry-After, nothing was done"
    HANGS_UP_AFTER = "does it, then hangs up"
    RESETS_AFTER = "does it, then resets the connection"
    FAILS_500_AFTER = "does it, then answers 500"
    FAILS_503_AFTER = "does it, then answers 503 with Retry-After"
    FAILS_504_AFTER = "does it, then answers 504"
    CUT_SHORT_AFTER = "does it, and half of the answer arrives"
    NONSENSE_AFTER = "does it, and answers with something unreadable"
    STALLS_AFTER = "does it, and answers too late"
    COMMITS_LATE = "gives no answer in time, and does it then"
    LAGS_AFTER = "does it, hangs up, and does not show it for a while"


@dataclass(frozen=True, slots=True)
class Request:
    """What reached the service. `path` has no query; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """What the service says."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, status: int, body: Any, **headers: str) -> Self:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = json.dumps(body).encode()
        return cls(status, content, {"Content-Type": "application/json; charset=UTF-8", **named})


class FakeService:
    """The base. `state` is everything that the service remembers, and can be copied.

    `requests` are all that reached it; `weather` says of each what goes wrong, a `Fault` or
    another answer than it would get, None for nothing. Use as a context manager.
    """

    PATIENCE_S = 0.8  # what is late comes after this

    def __init__(self, state: Any) -> None:
        self.state = state
        self.requests: list[Request] = []
        self._shown: Any = None  # what reads see while the service lags behind
        self._faults: list[tuple[Fault, Callable[[Request], bool]]] = []
        self.weather: Callable[[Request], Fault | Response | None] = lambda _: None
        self._lock = threading.RLock()
        self._late: list[threading.Thread] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    # For subclasses.

    def handle(self, request: Request, state: Any) -> Response:
        """Answer a request; only a write may change `state`."""
        raise NotImplementedError

    def is_write(self, request: Request) -> bool:
        """Return whether a request changes anything."""
        return request.method not in ("GET", "HEAD", "OPTIONS")

    # For tests.

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def timeout_s(self) -> float:
        """How long a client under test waits for an answer.

        Short only before a fault that nobody sees who waits: a busy machine is late, too.
        """
        late = (Fault.STALLS_AFTER, Fault.COMMITS_LATE)
        return self.PATIENCE_S / 2 if any(fault in late for fault, _ in self._faults) else 30

    @property
    def writes(self) -> list[Request]:
        """The requests that were meant to change something."""
        return [request for request in self.requests if self.is_write(request)]

    def fail(self, fault: Fault, on: Callable[[Request], bool] | None = None) -> None:
        """Let the next write (or the next request that `on` picks) go wrong, once."""
        self._faults.append((fault, on or self.is_write))

    def settle(self) -> None:
        """Let everything that is late happen, and be seen."""
        for thread in self._late:
            thread.join()
        self._late.clear()
        self._shown = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()
        self._server.shutdown()
        self._server.server_close()

    # The wire.

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # the body must not wait until the head is acknowledged

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):  # any method of HTTP or WebDAV
                    return partial(service._serve, self)
                raise AttributeError(name)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler

    def _serve(self, wire: BaseHTTPRequestHandler) -> None:
        request = _request(wire)
        if request is None:
            wire.close_connection = True
            return
        with self._lock:
            self.requests.append(request)
            fault = self._fault_for(request)
        if fault is None:
            _answer(wire, self._handled(request))
            return
        if isinstance(fault, Response):
            _answer(wire, fault)
            return
        match fault:
            case Fault.HANGS_UP_BEFORE:
                _hang_up(wire)
            case Fault.BUSY_BEFORE:
                _answer(wire, Response(429, b"{}", {"Retry-After": "1"}))
            case Fault.COMMITS_LATE:
                thread = threading.Thread(target=self._handle_late, args=(request,))
                self._late.append(thread)
                thread.start()
                time.sleep(self.PATIENCE_S)
                _hang_up(wire)
            case _:
                with self._lock:
                    before = copy.deepcopy(self.state) if fault is Fault.LAGS_AFTER else None
                    response = self._handled(request)
                    self._shown = before or self._shown
                _spoil(wire, fault, response, self.PATIENCE_S)

    def _handle_late(self, request: Request) -> None:
        time.sleep(self.PATIENCE_S)
        self._handled(request)

    def _handled(self, request: Request) -> Response:
        with self._lock:
            lagging = self._shown is not None and not self.is_write(request)
            return self.handle(request, self._shown if lagging else self.state)

    def _fault_for(self, request: Request) -> Fault | Response | None:
        for index, (fault, on) in enumerate(self._faults):
            if on(request):
                del self._faults[index]
                return fault
        return self.weather(request)


def _request(wire: BaseHTTPRequestHandler) -> Request | None:
    """Return what came, None if the client went away before it had said all."""
    from urllib.parse import parse_qs, unquote, urlsplit

    parts = urlsplit(wire.path)
    length = int(wire.headers.get("Content-Length") or 0)
    body = wire.rfile.read(length)
    if len(body) < length:
        return None
    return Request(
        method=wire.command,
        path=unquote(parts.path),
        query=parse_qs(parts.query, keep_blank_values=True),
        headers={name.lower(): value for name, value in wire.headers.items()},
        body=body,
    )


def _spoil(wire: BaseHTTPRequestHandler, fault: Fault, response: Response, patience: float) -> None:
    """Let the client see this much of what has happened."""
    match fault:
        case Fault.FAILS_500_AFTER:
            _answer(wire, Response(500, b'{"error": "internal"}'))
        case Fault.FAILS_503_AFTER:
            _answer(wire, Response(503, b"", {"Retry-After": "1"}))
        case Fault.FAILS_504_AFTER:
            _answer(wire, Response(504, b"<html>Gateway Timeout</html>"))
        case Fault.CUT_SHORT_AFTER:
            _answer(wire, response, cut=True)
        case Fault.NONSENSE_AFTER:
            _answer(wire, Response(200, b'{"id": "', response.headers))
        case Fault.STALLS_AFTER:
            time.sleep(patience)
            _hang_up(wire)
        case Fault.RESETS_AFTER:
            # Linger of zero seconds: close sends RST.
            linger = struct.pack("ii", 1, 0)
            wire.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            _hang_up(wire, politely=False)
        case _:
            _hang_up(wire)


def _answer(wire: BaseHTTPRequestHandler, response: Response, *, cut: bool = False) -> None:
    body = response.body or (b"{}" if cut else b"")
    wire.send_response(response.status)
    for name, value in response.headers.items():
        wire.send_header(name, value)
    if response.status not in (204, 304) or cut:
        wire.send_header("Content-Length", str(len(body) + (10 if cut else 0)))
    wire.end_headers()
    wire.wfile.write(body[: len(body) // 2] if cut else body)
    wire.wfile.flush()
    if cut:
        _hang_up(wire)


def _hang_up(wire: BaseHTTPRequestHandler, *, politely: bool = True) -> None:
    wire.close_connection = True
    if politely:
        wire.connection.shutdown(socket.SHUT_RDWR)
    else:
        wire.connection.close()
