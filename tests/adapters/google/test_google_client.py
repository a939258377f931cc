"""Google's client over our layer: one request a write, and errors that say who grants what."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google_login import GoogleLogin
from googleapiclient.errors import HttpError
from pydantic import ValidationError
from web_server import FakeService, Fault, Request, Response

from rmflow.adapters.google.client import service
from rmflow.adapters.google.settings import GoogleSettings
from rmflow.errors import (
    ConfigError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
    UsedUpError,
)

SEND = "https://www.googleapis.com/auth/gmail.send"
MAILBOX = "mentoring@contoso.example"


class OneMailbox(FakeService):
    """As much of Gmail as one `messages.send` needs, with a door for any answer."""

    def __init__(self) -> None:
        super().__init__([])
        self.login = GoogleLogin(frozenset({MAILBOX}), {SEND})
        self.says: Response | None = None

    def is_write(self, request: Request) -> bool:
        return request.path.endswith("/send")

    def handle(self, request: Request, state: Any) -> Response:
        if request.path == "/token":
            return self.login.answer(request)
        if self.login.scopes(request) is None:
            return google_error(401, "authError")
        if self.says is not None:
            return self.says
        if self.is_write(request):
            state.append(request.json()["raw"])
        return Response.of_json(200, {"id": str(len(state))})


def google_error(status: int, reason: str) -> Response:
    errors = [{"domain": "global", "reason": reason, "message": "words"}]
    return Response.of_json(
        status, {"error": {"code": status, "message": "words", "errors": errors}}
    )


@pytest.fixture
def gmail() -> Iterator[OneMailbox]:
    with OneMailbox() as fake:
        yield fake


@pytest.fixture
def settings(gmail: OneMailbox, tmp_path: Path) -> GoogleSettings:
    gmail.login.write_key(tmp_path / "key.json", f"{gmail.url}/token")
    return settings_for(gmail, key="file:key.json", subject=MAILBOX)


@pytest.fixture
def user_settings(gmail: OneMailbox, tmp_path: Path) -> GoogleSettings:
    gmail.login.write_client(tmp_path / "client.json", gmail.url)
    (tmp_path / "token.json").write_text('{"refresh_token": "consent"}')
    gmail.login.consent("consent", {SEND})
    return settings_for(gmail, credentials="user", client="file:client.json", token="token.json")


def settings_for(gmail: OneMailbox, **options: Any) -> GoogleSettings:
    return GoogleSettings.model_validate({"url": gmail.url, **options})


def send(settings: GoogleSettings, folder: Path) -> Any:
    resource = service(settings, folder, "gmail", "v1", [SEND])
    try:
        return resource.users().messages().send(userId="me", body={"raw": "QUJD"}).execute()
    finally:
        resource.close()


def profile(settings: GoogleSettings, folder: Path) -> Any:
    resource = service(settings, folder, "gmail", "v1", [SEND])
    try:
        return resource.users().getProfile(userId="me").execute()
    finally:
        resource.close()


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_one_write_reaches_the_wire_once_whatever_goes_wrong(
    gmail: OneMailbox, settings: GoogleSettings, tmp_path: Path, fault: Fault
) -> None:
    """httplib2 sends it again when the connection ends without an answer (PROVIDERS 0)."""
    gmail.fail(fault)
    error = UnavailableError if fault is Fault.BUSY_BEFORE else UncertainError
    with pytest.raises(error):
        send(settings.model_copy(update={"timeout_s": gmail.timeout_s}), tmp_path)
    gmail.settle()
    assert len(gmail.writes) == 1


def test_a_read_is_tried_again(gmail: OneMailbox, settings: GoogleSettings, tmp_path: Path) -> None:
    gmail.fail(Fault.HANGS_UP_AFTER, on=lambda request: request.path.endswith("/profile"))
    assert profile(settings, tmp_path) == {"id": "0"}
    assert [r.path.rpartition("/")[2] for r in gmail.requests] == ["token", "profile", "profile"]


def test_a_token_is_fetched_once_and_late(
    gmail: OneMailbox, settings: GoogleSettings, tmp_path: Path
) -> None:
    messages = service(settings, tmp_path, "gmail", "v1", [SEND]).users().messages()
    assert gmail.requests == []
    for _ in range(3):
        messages.send(userId="me", body={"raw": "QUJD"}).execute()
    assert [r.path.rpartition("/")[2] for r in gmail.requests] == ["token", *["send"] * 3]
    messages.close()


def test_a_lost_token_request_is_tried_again(
    gmail: OneMailbox, settings: GoogleSettings, tmp_path: Path
) -> None:
    """It changes nothing, even before a write."""
    gmail.fail(Fault.RESETS_AFTER, on=lambda request: request.path == "/token")
    assert send(settings, tmp_path) == {"id": "1"}
    assert len(gmail.writes) == 1


def test_without_delegation_it_says_which_scopes_to_allow_where(
    gmail: OneMailbox, settings: GoogleSettings, tmp_path: Path
) -> None:
    gmail.login.delegated.clear()
    with pytest.raises(DeniedError, match=r"admin\.google\.com.*gmail\.send"):
        send(settings, tmp_path)
    assert gmail.writes == []


def test_an_unknown_mailbox_is_named_as_the_likely_cause(
    gmail: OneMailbox, settings: GoogleSettings, tmp_path: Path
) -> None:
    strange = settings.model_copy(update={"subject": "typo@contoso.example"})
    with pytest.raises(DeniedError, match="`subject`"):
        send(strange, tmp_path)


def test_a_refused_login_is_not_repeated(
    gmail: OneMailbox, settings: GoogleSettings, tmp_path: Path
) -> None:
    """A run may have three hundred mails to send."""
    gmail.login.delegated.clear()
    messages = service(settings, tmp_path, "gmail", "v1", [SEND]).users().messages()
    for _ in range(3):
        with pytest.raises(DeniedError):
            messages.send(userId="me", body={"raw": "QUJD"}).execute()
    assert len(gmail.requests) == 1
    messages.close()


def test_a_user_who_consented_is_acted_for(
    gmail: OneMailbox, user_settings: GoogleSettings, tmp_path: Path
) -> None:
    assert send(user_settings, tmp_path) == {"id": "1"}


def test_a_withdrawn_consent_asks_for_another(
    gmail: OneMailbox, user_settings: GoogleSettings, tmp_path: Path
) -> None:
    gmail.login.consents.clear()
    with pytest.raises(DeniedError, match="rmflow login"):
        send(user_settings, tmp_path)


def test_a_missing_consent_asks_for_one(user_settings: GoogleSettings, tmp_path: Path) -> None:
    (tmp_path / "token.json").unlink()
    with pytest.raises(ConfigError, match="rmflow login"):
        send(user_settings, tmp_path)


def test_a_new_refresh_token_is_kept_for_the_next_run(
    gmail: OneMailbox, user_settings: GoogleSettings, tmp_path: Path
) -> None:
    """The old one may be dead from now on. Nobody but us reads the file."""
    gmail.login.rotates = True
    for _ in range(2):
        send(user_settings, tmp_path)
    token = tmp_path / "token.json"
    assert json.loads(token.read_text()) == {"refresh_token": "consent++"}
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["client.json", "token.json"]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"web": {}}', '{"type": "service_account", "private_key": "x"}']
)
def test_a_file_that_is_no_key_is_named(
    settings: GoogleSettings, tmp_path: Path, content: str
) -> None:
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(ConfigError, match=r"key\.json"):
        send(settings, tmp_path)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((401, "authError"), DeniedError),
        ((403, "forbidden"), DeniedError),
        ((403, "insufficientPermissions"), DeniedError),
        ((403, "accessNotConfigured"), DeniedError),
        ((403, "rateLimitExceeded"), UnavailableError),
        ((403, "userRateLimitExceeded"), UnavailableError),
        ((403, "quotaExceeded"), UsedUpError),
        ((400, "invalidArgument"), RejectedError),
        ((400, "failedPrecondition"), DeniedError),
        ((413, "uploadTooLarge"), RejectedError),
        ((302, ""), DeniedError),
        ((407, ""), DeniedError),
        ((408, ""), UncertainError),
        ((403, "forbiddenForNonOrganizer"), RejectedError),
        ((404, "notFound"), HttpError),
        ((409, "duplicate"), HttpError),
        ((410, "fullSyncRequired"), HttpError),
        ((412, "conditionNotMet"), HttpError),
        ((429, "rateLimitExceeded"), UnavailableError),
    ],
)
def test_each_refusal_means_one_thing(
    gmail: OneMailbox,
    settings: GoogleSettings,
    tmp_path: Path,
    answer: tuple[int, str],
    error: type[Exception],
) -> None:
    gmail.says = google_error(*answer)
    with pytest.raises(error) as caught:
        send(settings, tmp_path)
    assert type(caught.value) is error
    assert len(gmail.writes) == 1
    if "quotaExceeded" in answer:
        assert isinstance(caught.value, UnavailableError)
        assert caught.value.retry_after is not None
        assert caught.value.retry_after.total_seconds() == 6 * 3600


@pytest.mark.parametrize("words", ["Welcome to our network", "Willkommen, schön"])
def test_a_page_in_between_that_says_200_is_no_success(
    gmail: OneMailbox, settings: GoogleSettings, tmp_path: Path, words: str
) -> None:
    gmail.says = Response(200, f"<html>{words}</html>".encode("latin-1"))
    with pytest.raises(UncertainError):
        send(settings, tmp_path)


def test_what_a_gateway_refuses_is_tried_again(
    gmail: OneMailbox, settings: GoogleSettings, tmp_path: Path
) -> None:
    """A mail that Google never saw would be held for ever."""
    gmail.says = Response(400, b"<html>Bad gateway, bad request</html>")
    with pytest.raises(UnavailableError, match="not Google's"):
        send(settings, tmp_path)


def test_a_server_that_is_not_there_is_unavailable(
    gmail: OneMailbox, user_settings: GoogleSettings, tmp_path: Path
) -> None:
    with OneMailbox() as other:
        gone = user_settings.model_copy(update={"url": other.url})
    with pytest.raises(UnavailableError, match="no connection"):
        send(gone, tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "needs key and subject"),
        ({"credentials": "user"}, "needs client and token"),
        ({"url": "http://gmail.contoso.example"}, "https"),
        ({"url": "https://"}, "no plain address"),
    ],
)
def test_settings_that_cannot_work_are_refused(options: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        GoogleSettings.model_validate(options)
