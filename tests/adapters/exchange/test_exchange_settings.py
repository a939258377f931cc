"""What an operator may say of an Exchange server."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from rmflow.adapters.exchange.settings import ExchangeSettings

USUAL = {
    "endpoint": "https://mail.contoso.example/EWS/Exchange.asmx",
    "mailbox": "Mentoring@Contoso.example",
    "username": "CONTOSO\\svc-mentoring",
    "password": "file:exchange.password",
}


def said(**changes: object) -> str:
    with pytest.raises(ValidationError) as caught:
        ExchangeSettings.model_validate({**USUAL, **changes})
    return str(caught.value)


def test_the_usual_is_accepted() -> None:
    """Addresses have one spelling."""
    assert ExchangeSettings.model_validate(USUAL).mailbox == "mentoring@contoso.example"


@pytest.mark.parametrize(
    "host",
    ["outlook.office365.com", "outlook.office.com", "contoso.mail.protection.outlook.com"],
)
def test_exchange_online_is_sent_to_graph_with_the_dates(host: str) -> None:
    """Microsoft, "Exchange Online EWS, your time is almost up", February 2026."""
    complaint = said(endpoint=f"https://{host}/EWS/Exchange.asmx")
    assert all(part in complaint for part in ("1 October 2026", "1 April 2027", "graph"))


@pytest.mark.parametrize(
    "endpoint",
    ["mail.contoso.example", "http://mail.contoso.example/EWS/Exchange.asmx", "https://"],
)
def test_passwords_travel_encrypted(endpoint: str) -> None:
    assert "https://" in said(endpoint=endpoint)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"password": None}, 'auth = "ntlm" needs username and password'),
        ({"auth": "basic", "username": ""}, 'auth = "basic" needs username and password'),
        ({"auth": "oauth", "client_id": "app"}, 'auth = "oauth" needs client_id, tenant'),
    ],
)
def test_a_login_needs_its_parts(changes: dict[str, object], complaint: str) -> None:
    assert complaint in said(**changes)


def test_checking_a_configuration_does_not_import_exchangelib() -> None:
    """It takes half a second, and may not be installed."""
    code = "import sys, rmflow.adapters.exchange.settings; sys.exit('exchangelib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
