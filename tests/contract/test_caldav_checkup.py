"""What `rmflow doctor` finds out about CalDAV servers, and that nothing of it stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import odd_dav
import pytest
from caldav_fixtures import Hands, opened
from cyrus import DOMAIN, start_cyrus
from cyrus import PASSWORD as CYRUS_PASSWORD
from dav import DavServer, start_radicale, start_xandikos
from loopback import free_port
from odd_dav import OddDav, Oddity, Onward
from web_server import Request, Response

from findings import the, troubles, verdicts
from rmflow.adapters.clock import StoppedClock, SystemClock
from rmflow.adapters.standards.caldav import CalDavCalendar
from rmflow.adapters.standards.caldav_settings import Settings
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock


@pytest.fixture(scope="module")
def radicale() -> Iterator[DavServer]:
    with start_radicale() as server:
        yield server


def examined(folder: Path, clock: Clock | None = None, **options: object) -> list[Finding]:
    """Return what was found, by default with the machine's clock."""
    (folder / "password").write_text("pw")
    usual = {"username": "mentoring", "password": "file:password", "timeout_s": 10}
    settings = Settings.model_validate(usual | options)
    calendar = CalDavCalendar(settings, folder, clock or SystemClock())
    found = list(calendar.checkup())
    calendar.close()
    return found


def odd(radicale: DavServer, folder: Path, *oddities: Oddity) -> list[Finding]:
    """Return what was found on a server with these oddities."""
    url = radicale.new_calendar()
    parts = urlsplit(url)
    shelf = odd_dav.shelf_of(radicale.folder, url)
    with OddDav(f"{parts.scheme}://{parts.netloc}", shelf, *oddities) as service:
        found = examined(folder, url=service.url + parts.path)
        assert shelf.items() == []
    return found


def test_a_calendar_in_order_has_no_troubles(radicale: DavServer, tmp_path: Path) -> None:
    url = radicale.new_calendar()
    token = opened(tmp_path, url=url).changes("", []).token
    assert verdicts(examined(tmp_path, url=url)) == [
        ("reachable", "fine"),
        ("login", "fine"),
        ("clock", "fine"),
        ("calendar", "fine"),
        ("changes", "fine"),
        ("write", "fine"),
        ("silence", "fine"),
        ("invitations", "fine"),
        ("free/busy", "skipped"),
    ]
    assert opened(tmp_path, url=url).changes(token, []).series == ()


def test_a_server_that_could_invite_is_seen_to_keep_silent(tmp_path: Path) -> None:
    with start_xandikos() as server:
        found = examined(tmp_path, url=server.new_calendar())
    assert the("silence", found).verdict is Verdict.FINE


def test_a_server_that_would_invite_as_well_is_found_out(
    radicale: DavServer, tmp_path: Path
) -> None:
    """C22, before the first meeting; the probe is long over and its guest is nobody."""
    trouble = the("silence", odd(radicale, tmp_path, odd_dav.invites_whoever_is_in))
    assert (trouble.verdict, trouble.advice) == (Verdict.FAILED, 'set scheduling = "server"')


def test_nobody_at_the_address_is_the_only_finding(tmp_path: Path) -> None:
    found = examined(tmp_path, url=f"http://127.0.0.1:{free_port()}/mentoring/")
    assert verdicts(found) == [("reachable", "failed")]


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_refusal_comes_with_advice(radicale: DavServer, tmp_path: Path, status: int) -> None:
    (found,) = odd(radicale, tmp_path, lambda *_: Response(status))
    assert found.verdict is Verdict.FAILED
    assert found.advice


def test_an_account_is_no_calendar(radicale: DavServer, tmp_path: Path) -> None:
    radicale.new_calendar()
    found = examined(tmp_path, url=radicale.home)
    assert [finding.check for finding in troubles(found)] == ["calendar"]


def test_a_calendar_that_may_only_be_read_is_found_out(radicale: DavServer, tmp_path: Path) -> None:
    found = odd(
        radicale,
        tmp_path,
        lambda _, request, onward: Response(403) if request.method == "PUT" else onward(request),
    )
    assert the("write", found).verdict is Verdict.FAILED


def test_a_probe_that_cannot_be_deleted_is_found_out(radicale: DavServer, tmp_path: Path) -> None:
    """It is not ours, so no run will take it for a series."""
    url = radicale.new_calendar()
    parts = urlsplit(url)
    shelf = odd_dav.shelf_of(radicale.folder, url)
    keeps: Oddity = lambda _, request, onward: (  # noqa: E731 - as the others are
        Response(403) if request.method == "DELETE" else onward(request)
    )
    with OddDav(f"{parts.scheme}://{parts.netloc}", shelf, keeps) as service:
        found = examined(tmp_path, url=service.url + parts.path)
    assert the("write", found).verdict is Verdict.FAILED
    assert opened(tmp_path, url=url).changes("", []).series == ()


def test_a_server_that_lives_in_another_time_is_found_out(
    radicale: DavServer, tmp_path: Path
) -> None:
    fast = StoppedClock(datetime.now(UTC) + timedelta(minutes=10))
    found = examined(tmp_path, fast, url=radicale.new_calendar())
    clock = the("clock", found)
    assert (clock.verdict, clock.advice != "") == (Verdict.WARNING, True)


def test_a_server_that_cannot_tell_changes_is_a_warning(
    radicale: DavServer, tmp_path: Path
) -> None:
    def silent(_: OddDav, request: Request, onward: Onward) -> Response:
        answer = onward(request)
        return Response(
            answer.status, answer.body.replace(b"sync-collection", b"another"), answer.headers
        )

    assert the("changes", odd(radicale, tmp_path, silent)).verdict is Verdict.WARNING


def test_a_server_that_invites_nobody_cannot_be_asked_to(
    radicale: DavServer, tmp_path: Path
) -> None:
    found = examined(tmp_path, url=radicale.new_calendar(), scheduling="server", free_busy=True)
    failed = [finding.check for finding in troubles(found)]
    assert failed == ["invitations", "free/busy"]


@pytest.mark.server
@pytest.mark.parametrize("scheduling", ["mail", "server"])
def test_nobody_hears_of_a_checkup(tmp_path: Path, scheduling: str) -> None:
    with start_cyrus() as server:
        user = f"mentoring@{DOMAIN}"
        found = examined(
            tmp_path,
            url=server.calendar_url("mentoring"),
            username=user,
            scheduling=scheduling,
            free_busy=scheduling == "server",
        )
        inbox = server.calendar_url("mentoring").replace("Default", "Inbox")
        hands = Hands(inbox, (user, CYRUS_PASSWORD))
        assert ".ics" not in hands.ask("PROPFIND", "", headers={"Depth": "1"}).text
        assert server.mails() == []
    assert [f.check for f in troubles(found)] == (["free/busy"] if scheduling == "mail" else [])
