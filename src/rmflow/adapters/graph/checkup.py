"""What every checkup through Microsoft Graph begins with: the login."""

from rmflow.adapters.graph.client import GraphClient
from rmflow.adapters.graph.settings import GraphSettings
from rmflow.errors import BackendError, ConfigError
from rmflow.ports.checkup import Finding, Verdict


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
