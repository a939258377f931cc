"""What an operator may say about a CalDAV server."""

import pytest
from pydantic import ValidationError

from rmflow.adapters.standards.caldav_settings import Settings

USUAL = {
    "url": "https://dav.contoso.example/cal/",
    "username": "mentoring",
    "password": "file:password",
}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"url": "http://dav.contoso.example/cal/"}, "https://"),
        ({"url": "dav.contoso.example"}, "https://"),
        ({"url": "https:///cal/"}, "https://"),
        ({"url": "https://mentoring:secret@dav.contoso.example/"}, "address alone"),
        ({"url": "https://dav.contoso.example/?a=b"}, "address alone"),
        ({"free_busy": True}, 'scheduling = "server"'),
        ({"scheduling": "both"}, "mail"),
        ({"password": "five wooden spoons"}, "never written here"),
    ],
)
def test_a_mistake_is_told_in_words(options: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Settings.model_validate(USUAL | options)


def test_a_server_on_this_machine_needs_no_certificate() -> None:
    url = "http://localhost:5232/cal/"
    assert Settings.model_validate(USUAL | {"url": url}).url == url


def test_rmflow_mails_unless_told_otherwise() -> None:
    """A server that is asked to invite and cannot would leave people without an invitation."""
    assert Settings.model_validate(USUAL).scheduling == "mail"
