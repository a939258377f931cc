"""The layer under every web API: what a request that went wrong means."""

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from rmflow.adapters.graph.download import Downloads
from rmflow.adapters.web import Answer, Web, retry_after
from rmflow.errors import DeniedError, RejectedError, UnavailableError, UncertainError


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))


@contextmanager
def listening(
    authority: trustme.CA, answer: Callable[[ssl.SSLSocket], None]
) -> Iterator[tuple[str, list[bytes]]]:
    """Serve TLS, a request a connection; yield the address and what was received."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    raw, _ = server.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(raw, server_side=True) as connection:
                        received.append(connection.recv(65_536))
                        answer(connection)
                except OSError:
                    raw.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}/", received
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def broken(connection: ssl.SSLSocket) -> None:
    """Put something on the wire that is no TLS, as a middlebox does that gives up."""
    os.write(connection.fileno(), b"HTTP/1.1 504 Gateway Timeout\r\n\r\n")
    connection.recv(1)


def opened() -> Web:
    return Web("post", lambda request: request, timeout_s=5)


@pytest.mark.usefixtures("trusted")
def test_a_write_that_was_read_is_in_doubt_when_tls_breaks(authority: trustme.CA) -> None:
    """Whoever reads "the certificate is not trusted" would send it a second time."""
    with listening(authority, broken) as (url, received), pytest.raises(UncertainError):
        opened().write("send", "POST", url, body=b"a mail")
    assert len(received) == 1


@pytest.mark.usefixtures("trusted")
def test_a_read_is_tried_again_when_tls_breaks(authority: trustme.CA) -> None:
    downloads = Downloads(
        "post", lambda request: request, lambda *_: RejectedError("post", "get", ""), timeout_s=5
    )
    with listening(authority, broken) as (url, received), pytest.raises(UnavailableError):
        downloads.get("get", url, b"".join)
    assert len(received) == 4


def test_a_certificate_that_nobody_vouches_for_is_for_the_operator(authority: trustme.CA) -> None:
    with listening(authority, broken) as (url, received):
        with pytest.raises(DeniedError, match="certificate"):
            opened().write("send", "POST", url, body=b"a mail")
        assert received == []


@contextmanager
def proxied(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> Iterator[list[bytes]]:
    """Let a proxy take each request, say this, and hang up; yield the first lines it read."""
    lines: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    lines.append(connection.recv(65_536).partition(b" HTTP")[0])
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.getsockname()[1]}")
        for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield lines
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_write_that_a_proxy_took_is_in_doubt_when_it_hangs_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """urllib3 calls that an error of the proxy, as if nothing had reached it."""
    with proxied(monkeypatch, b"") as lines, pytest.raises(UncertainError):
        opened().write("send", "POST", "http://mail.contoso.example/send", body=b"a mail")
    assert lines == [b"POST http://mail.contoso.example/send"]


def test_a_proxy_that_lets_nobody_through_has_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with proxied(monkeypatch, refusal) as lines, pytest.raises(UnavailableError):
        opened().write("send", "POST", "https://mail.contoso.example/send", body=b"a mail")
    assert lines == [b"CONNECT mail.contoso.example:443"]


def test_a_proxy_that_is_not_there_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxied(monkeypatch, b""):
        pass
    with pytest.raises(UnavailableError):
        opened().write("send", "POST", "https://mail.contoso.example/send", body=b"a mail")


def answering(said: bytes) -> Callable[[ssl.SSLSocket], None]:
    def answer(connection: ssl.SSLSocket) -> None:
        connection.settimeout(0.2)
        with suppress(OSError):
            connection.sendall(said)
            while connection.recv(65_536):  # what is unread when it closes resets the connection
                pass
        connection.close()

    return answer


@pytest.mark.usefixtures("trusted")
def test_503_says_how_long_to_wait_as_429_does(authority: trustme.CA) -> None:
    """RFC 9110 section 10.2.3 names it first."""
    said = b"HTTP/1.1 503 No\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n"
    with listening(authority, answering(said)) as (url, received):
        with pytest.raises(UncertainError) as write:
            opened().write("send", "POST", url, body=b"a mail")
        with pytest.raises(UnavailableError) as read:
            opened().read("get", "GET", url)
    assert write.value.retry_after == read.value.retry_after == timedelta(seconds=90)
    assert len(received) == 2


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("length", [b"Content-Length: 9999999999", b"Connection: close"])
def test_a_service_that_talks_without_end_is_not_listened_to(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, length: bytes
) -> None:
    """Gigabytes would fill the memory; a read does not begin anew for them, either."""
    monkeypatch.setattr("rmflow.adapters.web.LARGEST_BYTES", 100_000)
    said = b"HTTP/1.1 200 Fine\r\n" + length + b"\r\n\r\n" + b"x" * 1_000_000
    with listening(authority, answering(said)) as (url, received):
        with pytest.raises(UncertainError, match="no end"):
            opened().write("send", "POST", url, body=b"a mail")
        with pytest.raises(UnavailableError, match="no end"):
            opened().read("get", "GET", url)
    assert len(received) == 2


def test_certificates_that_are_not_where_they_should_be_are_for_the_operator(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """requests raises a bare OSError for that."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    with listening(authority, broken) as (url, received):
        with pytest.raises(DeniedError, match=r"REQUESTS_CA_BUNDLE.*nowhere\.pem"):
            opened().write("send", "POST", url, body=b"a mail")
        assert received == []


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, timedelta(seconds=7)),
        ({"Retry-After": "9" * 5000}, timedelta(days=1)),
        ({"Retry-After": "Fri, 01 Jan 2100 00:00:30 GMT"}, timedelta(seconds=30)),
        ({"Retry-After": "Fri, 01 Jan 2100 00:00:30 -0000"}, timedelta(seconds=30)),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_from_anything(
    headers: dict[str, str], wait: timedelta | None
) -> None:
    """A header that is odd must not end a run in the middle of a write."""
    dated = {**headers, "Date": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert retry_after(Answer(429, dated, b"")) == wait


def test_a_service_without_a_readable_date_is_measured_by_our_own() -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    headers = {"Retry-After": f"{soon:%a, %d %b %Y %H:%M:%S} GMT", "Date": "today"}
    wait = retry_after(Answer(429, headers, b""))
    assert wait is not None
    assert timedelta(minutes=58) < wait < timedelta(minutes=61)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (r'"Z\u00f6e"', "Zöe"),
        (r'"\ud83d\ude42"', "🙂"),
        (r'"a\ud83d b"', "a\ufffd b"),
        (r'"a\udE42 b"', "a\ufffd b"),
        (r'"\uD83D\ud83d\ude42"', "\ufffd🙂"),
        (r'"C:\\ud800"', r"C:\ud800"),
    ],
)
def test_half_a_character_in_an_answer_is_none(sent: str, read: str) -> None:
    """Python reads a lone surrogate in JSON, and neither a database nor a mail can hold it."""
    assert Answer(200, {}, sent.encode()).json() == read
