"""What every checkup through Microsoft Graph begins with: the login and the clock."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

from rmflow.adapters.graph.client import GraphClient
from rmflow.adapters.graph.settings import GraphSettings
from rmflow.adapters.web import Answer
from rmflow.errors import BackendError, ConfigError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_MOST_SKEW = timedelta(seconds=60)


def login(graph: GraphClient, settings: GraphSettings) -> Finding:
    """Return whether a token is issued."""
    try:
        graph.login.token()
    except BackendError as error:
        advice = "check tenant, client_id and the app's secret or certificate"
        return Finding("login", Verdict.FAILED, error.reason, advice)
    except ConfigError as error:
        return Finding("login", Verdict.FAILED, str(error), "correct the option named")
    return Finding("login", Verdict.FINE, f"as the app {settings.client_id}")


def clocks(answer: Answer, clock: Clock) -> Finding:
    """Return whether our clock agrees with the one that an answer tells."""
    told = answer.headers.get("Date")
    if not told:
        return Finding("clock", Verdict.SKIPPED, "the service does not tell its time")
    skew = abs(clock.now() - parsedate_to_datetime(told))
    if skew > _MOST_SKEW:
        text = f"this machine and the service are {skew.total_seconds():.0f} seconds apart"
        return Finding("clock", Verdict.WARNING, text, "let NTP set the clock of this machine")
    return Finding("clock", Verdict.FINE, "agrees with the service's")
