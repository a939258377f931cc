"""A user's consent, as `rmflow login` asks for it and keeps it (OAuth for installed apps, RFC 8252).

The answer comes to a port of this machine's own loopback, so the browser that opens the address
runs here, or reaches this port through a tunnel.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rmflow.adapters.google.settings import GoogleSettings
from rmflow.errors import DeniedError, UnavailableError

_BACKEND = "google"
_OPERATION = "log in"
_METADATA = "https://www.googleapis.com/auth/gmail.metadata"
_MODIFY = "https://www.googleapis.com/auth/gmail.modify"
_DONE = "rmflow has what it needs. You may close this window."
_PATIENCE_S = 600
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Consent:
    """What one file with a token must allow, and to which backends ("mail_in")."""

    ports: tuple[str, ...]
    settings: GoogleSettings
    scopes: tuple[str, ...]


def needed(settings_of_ports: Mapping[str, Any]) -> Iterator[Consent]:
    """Yield a consent for each file that the backends' settings name, in their order."""
    ports: dict[Path, list[str]] = {}
    for port, settings in settings_of_ports.items():
        if isinstance(settings, GoogleSettings) and settings.credentials == "user":
            assert settings.token is not None
            ports.setdefault(settings.token, []).append(port)
    for together in ports.values():
        group = [settings_of_ports[port] for port in together]
        scopes = {scope for settings in group for scope in settings.scopes}
        if _MODIFY in scopes:  # a token that has both cannot read bodies
            scopes.discard(_METADATA)
        yield Consent(tuple(together), group[0], tuple(sorted(scopes)))


def obtain(consent: Consent, folder: Path, user: str, port: int, say: Say) -> None:
    """Let `say` give the address to open, wait for the answer on `port`, and keep the consent.

    `port` 0 stands for any. Raises DeniedError when the user refused, UnavailableError when no
    answer came, ConfigError when the OAuth client is not one.
    """
    from google_auth_oauthlib.flow import InstalledAppFlow

    from rmflow.adapters.google.credentials import client_of, store_user

    client = client_of(consent.settings, folder)
    flow = InstalledAppFlow.from_client_config({"installed": client}, list(consent.scopes))
    with flow.oauth2session:
        credentials = _answered(_announcing(flow, say), user, port)
    if not credentials.refresh_token:
        raise DeniedError(_BACKEND, _OPERATION, "Google gave no lasting consent; try once more")
    store_user(consent.settings, folder, credentials)


def _announcing(flow: Any, say: Say) -> Any:
    """Let the flow tell `say` the address, where it would print it."""
    make = flow.authorization_url

    def made(**options: Any) -> tuple[str, str]:
        url, state = make(**options)
        say(url)
        return url, state

    flow.authorization_url = made
    return flow


def _answered(flow: Any, user: str, port: int) -> Any:
    from google_auth_oauthlib.flow import WSGITimeoutError
    from oauthlib.oauth2 import (  # type: ignore[import-untyped]  # it has none
        AccessDeniedError,
        OAuth2Error,
    )
    from requests.exceptions import RequestException

    try:
        return flow.run_local_server(
            port=port,
            open_browser=False,
            authorization_prompt_message="",
            success_message=_DONE,
            timeout_seconds=_PATIENCE_S,
            prompt="consent",  # or a second login gets no refresh token
            login_hint=user,
        )
    except AccessDeniedError as error:
        raise DeniedError(_BACKEND, _OPERATION, "the consent was refused") from error
    except Warning as error:  # oauthlib raises it when other scopes were granted
        reason = "not everything was ticked; everything that is asked for is needed"
        raise DeniedError(_BACKEND, _OPERATION, reason) from error
    except OAuth2Error as error:
        reason = f"Google did not accept it ({error.error}); try once more"
        raise DeniedError(_BACKEND, _OPERATION, reason) from error
    except WSGITimeoutError as error:
        raise UnavailableError(_BACKEND, _OPERATION, "nobody answered in ten minutes") from error
    except RequestException as error:
        raise UnavailableError(_BACKEND, _OPERATION, "Google cannot be reached") from error
    except OSError as error:
        reason = f"port {port} cannot be used ({error.strerror}); choose another with --port"
        raise UnavailableError(_BACKEND, _OPERATION, reason) from error
