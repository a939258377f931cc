"""What `rmflow doctor` asks of every Google API."""

from collections.abc import Callable, Collection
from pathlib import Path

from rmflow.adapters.google.client import Connection
from rmflow.adapters.google.credentials import obtains
from rmflow.adapters.google.settings import GoogleSettings
from rmflow.errors import BackendError, ConfigError
from rmflow.ports.checkup import Finding, Verdict


def tried(check: str, step: Callable[[], object], text: str) -> Finding:
    """Return how a step went; the reason of a refusal says what to do."""
    try:
        step()
    except BackendError as error:
        said, _, advice = error.reason.partition("; ")
        advice = advice or "look at the network and at google.com/appsstatus, then try again"
        return Finding(check, Verdict.FAILED, said, advice)
    except ConfigError as error:
        return Finding(check, Verdict.FAILED, str(error), "correct the option that is named")
    return Finding(check, Verdict.FINE, text)


def excess(
    connection: Connection, settings: GoogleSettings, folder: Path, broader: Collection[str]
) -> Finding:
    """Return whether the account may do more than it needs.

    What a user consented to is said with the token. A service account gets what it asks for, so
    it asks for each of the `broader` scopes, and should get none.
    """
    if settings.credentials == "user":
        more = connection.granted() - set(settings.scopes)
        advice = "run `rmflow login` again and consent to nothing else"
    else:
        more = frozenset(scope for scope in broader if obtains(settings, folder, scope))
        advice = (
            "take it away from the service account in admin.google.com, Security, API controls, "
            "Domain-wide delegation"
        )
    if more:
        text = f"the account may also use {', '.join(sorted(more))}"
        return Finding("excess rights", Verdict.WARNING, text, advice)
    return Finding("excess rights", Verdict.FINE, "the account may do what is needed, no more")
