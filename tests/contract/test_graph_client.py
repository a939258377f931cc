"""Requests to Graph, logging in, and what `rmflow doctor` finds; the fake's own teeth."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from a_series import a_series
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from graph import Call, GraphService, Route
from graph_world import World, a_world, settings
from pydantic import ValidationError
from web_server import Fault, Request, Response

from rmflow.adapters.graph.client import GraphClient
from rmflow.domain.series import Uid
from rmflow.errors import (
    ChangedError,
    ConfigError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from rmflow.ports.checkup import Finding, Verdict

THUMBPRINT = "0123456789abcdef0123456789abcdef01234567"
EVENT = {
    "subject": "Lunch",
    "start": {"dateTime": "2026-03-03T12:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-03-03T13:00:00", "timeZone": "UTC"},
}


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


@pytest.fixture
def client(world: World) -> Iterator[GraphClient]:
    client = GraphClient(settings(world.service), Path(), backend="graph", needs="Calendars.Read")
    yield client
    client.close()


def is_token(request: Request) -> bool:
    return request.path.endswith("/token")


class TestLogin:
    def test_one_token_serves_a_run(self, world: World) -> None:
        """msal keeps it; two requests for any number of others."""
        calendar = world.open()
        calendar.create(a_series())
        assert len([r for r in world.service.requests if "/v1.0" not in r.path]) == 2

    def test_a_certificate_signs_instead_of_a_secret(self, world: World, tmp_path: Path) -> None:
        """The key never leaves."""
        key = generate_private_key(65537, 2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / "graph.key").write_bytes(pem)
        world.service.certificate = (key.public_key(), THUMBPRINT)
        certificate = f"file:{tmp_path / 'graph.key'}"
        calendar = world.open(secret=None, certificate=certificate, thumbprint=THUMBPRINT)
        assert calendar.changes("", []).complete

    def test_a_key_that_is_none_is_the_operators_to_correct(
        self, world: World, tmp_path: Path
    ) -> None:
        """The certificate instead of its key, most often."""
        (tmp_path / "graph.key").write_text("-----BEGIN CERTIFICATE-----\n")
        certificate = f"file:{tmp_path / 'graph.key'}"
        calendar = world.open(secret=None, certificate=certificate, thumbprint=THUMBPRINT)
        with pytest.raises(ConfigError, match=r"graph\.key: it is no private key"):
            calendar.changes("", [])

    @pytest.mark.parametrize(
        ("option", "advice"),
        [
            ({"tenant": "fabrikam.example"}, "tenant is not known"),
            ({"client_id": "9"}, "check client_id and tenant"),
        ],
    )
    def test_a_refusal_names_the_option(
        self, world: World, option: dict[str, Any], advice: str
    ) -> None:
        """AADSTS codes mean nothing to most people."""
        with pytest.raises(DeniedError, match=advice):
            world.open(**option).changes("", [])

    def test_a_wrong_secret_is_tried_once(self, world: World) -> None:
        """Entra counts wrong attempts."""
        world.service.secret = "renewed"
        calendar = world.open()
        for _ in range(3):
            with pytest.raises(DeniedError, match="wrong or has expired"):
                calendar.changes("", [])
        assert len([r for r in world.service.requests if is_token(r)]) == 1

    def test_a_token_service_that_hangs_up_is_asked_again(self, world: World) -> None:
        """Asking for a token changes nothing; and a write has not left before there is one."""
        world.service.fail(Fault.RESETS_AFTER, on=is_token)
        world.open().create(a_series())
        for _ in range(4):
            world.service.fail(Fault.FAILS_500_AFTER, on=is_token)
        with pytest.raises(UnavailableError):
            world.open().create(a_series(uid=Uid("5" * 32)))

    def test_a_token_that_is_refused_is_said_to_be(self, world: World, client: GraphClient) -> None:
        """Another cloud, or a clock that is far off."""
        client.login.token()
        world.service._tokens.clear()
        with pytest.raises(DeniedError, match="token is not accepted"):
            client.read("look", client.mailbox("calendar"))


class Odd:
    """A part of the service that says odd things."""

    name = "odd"
    answers: list[Response]

    def new_state(self) -> None: ...

    def routes(self) -> list[Route]:
        options = ("$skip",)
        return [
            Route("GET", "/odd", self._say, [], options),
            Route("POST", "/odd", self._say, []),
        ]

    def _say(self, call: Call, state: Any) -> Response:
        return self.answers.pop(0)


def refusal(status: int, code: str) -> Response:
    message = "Something about anna@contoso.example."
    return Response.of_json(status, {"error": {"code": code, "message": message}})


class TestAnswers:
    @pytest.fixture
    def odd(self) -> Odd:
        return Odd()

    @pytest.fixture
    def client(self, odd: Odd, monkeypatch: pytest.MonkeyPatch) -> Iterator[GraphClient]:
        with a_world(), GraphService(odd) as service:
            client = GraphClient(settings(service), Path(), backend="graph", needs="Mail.Send")
            yield client
            client.close()

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (Response(302, headers={"Location": "https://portal.example/"}), DeniedError),
            (refusal(400, "ErrorInvalidRequest"), RejectedError),
            (Response(407), DeniedError),
            (refusal(408, "ErrorTimeoutExpired"), UncertainError),
            (refusal(403, "ErrorAccessDenied"), DeniedError),
            (refusal(404, "ErrorItemNotFound"), ChangedError),
            (refusal(404, "MailboxNotEnabledForRESTAPI"), DeniedError),
            (refusal(409, "ErrorIrresolvableConflict"), ChangedError),
            (refusal(412, "ErrorIrresolvableConflict"), ChangedError),
            (refusal(413, "ErrorQuotaExceeded"), DeniedError),
            (refusal(413, "ErrorMessageSizeExceeded"), RejectedError),
            (refusal(403, "ErrorExceededMessageLimit"), UnavailableError),
            (refusal(423, "notAllowed"), UnavailableError),
            (refusal(429, "ApplicationThrottled"), UnavailableError),
            (refusal(503, "MailboxConcurrency"), UncertainError),
            (Response(400, b"<html>"), UnavailableError),
            (Response(413, b"<html>"), RejectedError),
        ],
        ids=lambda value: value.__name__ if isinstance(value, type) else str(value.status),
    )
    def test_each_refusal_has_a_meaning(
        self, odd: Odd, client: GraphClient, answer: Response, error: type[Exception]
    ) -> None:
        """And its words are kept, without the addresses in them."""
        odd.answers = [answer]
        with pytest.raises(error) as caught:
            client.write("send", "POST", client.mailbox("odd"), body={})
        assert "anna@" not in str(caught.value)

    def test_accepted_with_a_wait_is_a_success(self, odd: Odd, client: GraphClient) -> None:
        """C12: 202 with Retry-After; sending again would be a second mail."""
        odd.answers = [Response(202, headers={"Retry-After": "1"})]
        assert client.write("send", "POST", client.mailbox("odd"), body={}) == {}

    def test_a_link_to_another_host_is_not_followed(self, odd: Odd, client: GraphClient) -> None:
        """Our token would go there."""
        link = "https://graph.fabrikam.example/v1.0/next"
        odd.answers = [Response.of_json(200, {"value": [{"n": 1}], "@odata.nextLink": link})]
        with pytest.raises(DeniedError, match="another host"):
            list(client.pages("list", client.mailbox("odd")))

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]"])
    def test_an_answer_without_a_list_is_no_empty_list(
        self, odd: Odd, client: GraphClient, body: bytes
    ) -> None:
        """All meetings would have vanished, and three hundred questions be asked."""
        odd.answers = [Response(200, body, {"Content-Type": "application/json"})]
        with pytest.raises(UnavailableError):
            list(client.pages("list", client.mailbox("odd")))

    def test_reads_wait_as_long_as_they_are_told(self, odd: Odd, client: GraphClient) -> None:
        """Retry-After; a service without patience gets nothing at all."""
        odd.answers = [Response(429, b"{}", {"Retry-After": "0"}), Response.of_json(200, {"n": 1})]
        assert client.read("look", client.mailbox("odd")) == {"n": 1}
        odd.answers = [Response(429, b"{}", {"Retry-After": "600"})]
        with pytest.raises(UnavailableError) as caught:
            client.read("look", client.mailbox("odd"))
        assert caught.value.retry_after == timedelta(minutes=10)

    def test_pages_follow_each_other(self, world: World, client: GraphClient) -> None:
        """Ten events a page unless asked otherwise."""
        calendar = world.open()
        for _ in range(12):
            world.people.mailbox.tick()
        here = GraphClient(settings(world.service), Path(), backend="graph", needs="x")
        for n in range(12):
            here.write("fill", "POST", here.mailbox("events"), body={**EVENT, "subject": str(n)})
        found = here.pages("list", here.mailbox("events"), query={"$select": "subject"})
        assert sorted(int(event["subject"]) for event in found) == list(range(12))
        here.close()
        calendar.close()


class TestFake:
    """A fake that takes anything proves nothing: each of these is a typo of ours, planted."""

    @pytest.mark.parametrize(
        "change",
        [
            {"subjekt": "Lunch"},
            {"body": {"contenttype": "text", "content": ""}},
            {"body": {"contentType": "Text", "content": ""}},
            {"start": {"dateTime": "2026-03-03T12:00:00", "timeZone": "Europe/Atlantis"}},
            {"end": {"dateTime": "2026-03-03T11:00:00", "timeZone": "UTC"}},
            {"attendees": [{"emailAddress": {"address": "a@b.example"}, "type": "room"}]},
            {"attendees": [{"emailAddress": {"name": "Nobody"}, "type": "required"}]},
            {"iCalUId": "ours"},
            {"singleValueExtendedProperties": [{"id": "rmflow-uid", "value": "x"}]},
            {"recurrence": {"pattern": {"type": "weekly", "interval": 1}, "range": {}}},
            {"sensitivity": "Private"},
        ],
        ids=json.dumps,
    )
    def test_a_body_with_a_typo_is_refused(
        self, client: GraphClient, change: dict[str, object]
    ) -> None:
        """The vendor's schema, and what Exchange checks beyond it."""
        with pytest.raises(RejectedError):
            client.write("write", "POST", client.mailbox("events"), body={**EVENT, **change})

    @pytest.mark.parametrize(
        "query",
        [
            {"$select": "subjct"},
            {"$filter": "subject eq 'Lunch' and nonsense"},
            {"$filter": "singleValueExtendedProperties/any(ep: ep/id eq 'x' and ep/value eq 'y')"},
            {"$expand": "singleValueExtendedProperties"},
            {"$expand": "exceptionOccurrences"},
            {"$orderBy": "subject"},
            {"$top": "5000"},
        ],
        ids=json.dumps,
    )
    def test_a_query_with_a_typo_is_refused(
        self, client: GraphClient, query: dict[str, str]
    ) -> None:
        """OData options are as easily misspelt as bodies."""
        with pytest.raises(RejectedError):
            list(client.pages("list", client.mailbox("events"), query=query))

    def test_a_request_without_immutable_ids_is_refused(
        self, client: GraphClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On every request, not on most."""
        monkeypatch.setattr("rmflow.adapters.graph.client._IMMUTABLE", "return=minimal")
        with pytest.raises(RejectedError, match="TestWantsImmutableIds"):
            client.read("look", client.mailbox("calendar"))

    def test_what_is_changed_must_be_as_it_was_seen_and_keeps_its_transaction(
        self, client: GraphClient
    ) -> None:
        """If-Match, and transactionId is for the first request only."""
        body = {**EVENT, "transactionId": "one"}
        made = client.write("write", "POST", client.mailbox("events"), body=body)
        at = client.mailbox("events", made["id"])
        with pytest.raises(RejectedError):
            client.write("write", "PATCH", at, body={"transactionId": "two"})
        client.write("write", "PATCH", at, body={"subject": "Tea"}, etag=made["@odata.etag"])
        with pytest.raises(ChangedError):
            client.write("write", "PATCH", at, body={"subject": "?"}, etag=made["@odata.etag"])
        with pytest.raises(RejectedError, match="organizer"):
            client.write("write", "POST", f"{at}/cancel", body={})


class TestDoctor:
    def found(self, world: World, **options: Any) -> dict[str, Finding]:
        calendar = world.open(datetime.now(UTC), **options)
        return {finding.check: finding for finding in calendar.checkup()}

    def test_all_is_well(self, world: World) -> None:
        """Nobody is told, and nothing is left behind."""
        found = self.found(world)
        assert {finding.verdict for finding in found.values()} == {Verdict.WARNING, Verdict.FINE}
        assert found["permissions"].text == "it also has Files.ReadWrite.All"
        assert (world.told(), world.people.mailbox.events) == ([], {})
        assert [finding.check for finding in found.values()][:3] == ["login", "mailbox", "clock"]

    def test_a_failed_login_ends_it(self, world: World) -> None:
        """With the sentence that helps."""
        world.service.secret = "renewed"
        (login,) = self.found(world).values()
        assert (login.verdict, "expired" in login.text) == (Verdict.FAILED, True)

    def test_a_missing_right_is_named(self, world: World) -> None:
        """First no right at all, then a right to read only."""
        world.service.permissions = []
        found = self.found(world)
        assert list(found) == ["login", "mailbox"]
        assert "Calendars.ReadWrite" in found["mailbox"].advice
        world.service.permissions = ["Calendars.Read"]
        found = self.found(world)
        assert found["write"].verdict is Verdict.FAILED
        assert "Calendars.ReadWrite" in found["write"].advice

    def test_an_app_that_reaches_everybody_is_a_warning(self, world: World) -> None:
        """Consent in the app registration, instead of RBAC for Applications."""
        world.service.unscoped = True
        finding = self.found(world)["other mailboxes"]
        assert (finding.verdict, "RBAC" in finding.advice) == (Verdict.WARNING, True)
        nobody = self.found(world, outsider="nobody@contoso.example")["other mailboxes"]
        assert nobody.verdict is Verdict.SKIPPED
        assert self.found(world, outsider=None)["other mailboxes"].verdict is Verdict.SKIPPED

    def test_a_clock_that_is_off_is_a_warning(self, world: World) -> None:
        """Tokens and due dates depend on it."""
        calendar = world.open(datetime.now(UTC) - timedelta(minutes=5))
        verdicts = {finding.check: finding.verdict for finding in calendar.checkup()}
        assert verdicts["clock"] is Verdict.WARNING

    def test_a_probe_that_stays_is_named(self, world: World) -> None:
        """It can be written and not removed: somebody has to."""
        world.service.fail(Fault.HANGS_UP_BEFORE, on=lambda request: request.method == "DELETE")
        finding = self.found(world)["remove"]
        assert (finding.verdict, "rmflow probe" in finding.advice) == (Verdict.FAILED, True)


class TestSettings:
    def test_checking_a_configuration_loads_no_library(self) -> None:
        """`rmflow check` starts in a tenth of a second."""
        code = (
            "import sys, rmflow.adapters.graph.settings as s; "
            "sys.exit(bool({'msal', 'requests'} & sys.modules.keys()))"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

    @pytest.mark.parametrize(
        "options",
        [
            {"secret": None},
            {"certificate": "file:key", "thumbprint": THUMBPRINT},
            {"secret": None, "certificate": "file:key"},
            {"url": "http://graph.fabrikam.example/v1.0"},
            {"authority": "https://"},
            {"authority": "https://user@login.fabrikam.example"},
            {"mailbox": "mentoring"},
            {"tenant": "contoso.example/.."},
        ],
        ids=str,
    )
    def test_what_cannot_work_is_refused(self, world: World, options: dict[str, Any]) -> None:
        """Before the first run, with everything else that is wrong."""
        with pytest.raises(ValidationError):
            settings(world.service, **options)
