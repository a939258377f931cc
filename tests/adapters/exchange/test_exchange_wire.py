"""What goes over the wire: a write once, whatever exchangelib would like to do about it."""

import base64
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
import spnego
from a_series import a_series
from ews import FakeExchange, fault
from ews_store import EwsError, Server
from exchange_world import ExchangeFixtures, opened, settings
from requests_ntlm import HttpNtlmAuth
from web_server import Fault, Request, Response

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.calendar import ExchangeCalendar
from rmflow.adapters.exchange.writing import SeriesWriter
from rmflow.errors import DeniedError, RejectedError, UncertainError

_FINE = b"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><s:Body>
 <m:DeleteItemResponse><m:ResponseMessages><m:DeleteItemResponseMessage ResponseClass="Success">
 <m:ResponseCode>NoError</m:ResponseCode></m:DeleteItemResponseMessage></m:ResponseMessages>
 </m:DeleteItemResponse></s:Body></s:Envelope>"""


class TestWire(ExchangeFixtures):
    @pytest.mark.parametrize("code", ["ErrorInvalidServerVersion", "ErrorInvalidRequest"])
    def test_no_other_version_is_tried_for_a_write(
        self, exchange: FakeExchange, calendar: ExchangeCalendar, code: str
    ) -> None:
        """exchangelib would send it again under each of a dozen versions."""
        handle = exchange.handle

        def refusing(request: Request, state: Server) -> Response:
            if exchange.is_write(request):
                return Response(500, fault(EwsError(code)), {"Content-Type": "text/xml"})
            return handle(request, state)

        exchange.handle = refusing  # type: ignore[method-assign]
        with pytest.raises(RejectedError):
            calendar.create(a_series())
        assert len(exchange.writes) == 1

    def test_requests_are_not_written_into_the_log(
        self, exchange: FakeExchange, caplog: pytest.LogCaptureFixture
    ) -> None:
        """exchangelib logs whole requests, names and words included, when it is surprised."""
        caplog.set_level(logging.DEBUG)
        exchange.fail(Fault.RESETS_AFTER)
        with pytest.raises(UncertainError):
            opened(exchange).create(a_series())
        assert "Helena" not in caplog.text

    def test_two_accounts_share_neither_password_nor_connection(
        self, exchange: FakeExchange
    ) -> None:
        """exchangelib keeps one protocol for each address and login, for ever."""
        one, two = (MailboxAccount(settings(exchange), Path()) for _ in range(2))
        assert one.protocol is not two.protocol


class Internet:
    """A web server that wants NTLM, as IIS does in front of Exchange: for each connection."""

    def __init__(self) -> None:
        self.arrived: list[int] = []  # the statuses of all answers
        self.carried_out = 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                self.login = spnego.server(protocol="ntlm")

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                token = self.headers.get("Authorization", "").removeprefix("NTLM ")
                challenge = b""
                if token and not self.login.complete:
                    try:
                        challenge = self.login.step(base64.b64decode(token)) or b""
                    except spnego.exceptions.SpnegoError:
                        self.login = spnego.server(protocol="ntlm")
                if self.login.complete:
                    owner.carried_out += 1
                    self.say(200, _FINE)
                else:
                    self.say(401, b"", f"NTLM {base64.b64encode(challenge).decode()}".strip())

            def say(self, status: int, body: bytes, login: str = "") -> None:
                owner.arrived.append(status)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if login:
                    self.send_header("WWW-Authenticate", login)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/EWS/Exchange.asmx"


class TestNtlm(ExchangeFixtures):
    @pytest.fixture
    def internet(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
        users = tmp_path / "users"
        users.write_text("CONTOSO:svc-mentoring:correct horse\n")
        monkeypatch.setenv("NTLM_USER_FILE", str(users))
        monkeypatch.setattr(HttpNtlmAuth, "_get_server_cert", _no_certificate)
        server = Internet()
        yield server
        server.server.shutdown()
        server.server.server_close()

    @contextmanager
    def account(self, internet: Internet, exchange: FakeExchange) -> Iterator[SeriesWriter]:
        chosen = settings(exchange, auth="ntlm", endpoint=internet.endpoint, timeout_s=5)
        account = MailboxAccount(chosen, Path())
        yield SeriesWriter(account, "probe")
        account.close()

    def test_a_handshake_carries_a_write_out_once(
        self, internet: Internet, exchange: FakeExchange
    ) -> None:
        """The request travels three times, and is refused with 401 before it is looked at, twice;
        on a connection that is known it travels once.
        """
        with self.account(internet, exchange) as writer:
            writer.destroy(_Thing())
            assert (internet.arrived, internet.carried_out) == ([401, 401, 200], 1)
            writer.destroy(_Thing())
            assert (internet.arrived[3:], internet.carried_out) == ([200], 2)

    def test_a_wrong_password_carries_nothing_out(
        self, internet: Internet, exchange: FakeExchange, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EXCHANGE_PASSWORD", "wrong")
        with (
            self.account(internet, exchange) as writer,
            pytest.raises(DeniedError, match="password"),
        ):
            writer.destroy(_Thing())
        assert internet.carried_out == 0


def _no_certificate(_: HttpNtlmAuth, response: requests.Response) -> None:
    """It looks into the connection, which is possible only before the answer is read. Here there
    is no TLS, and looking would leave a socket open.
    """
    assert not response._content_consumed  # type: ignore[attr-defined]  # not in the stubs


class _Thing:
    id = "AAMkAD=="
    changekey = "DwAAAB=="
