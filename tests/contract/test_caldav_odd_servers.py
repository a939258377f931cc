"""The calendar contract on servers with habits of their own, and what else they make of us."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import odd_dav
import pytest
from a_series import a_series
from caldav_fixtures import Hands, OnDav, opened
from calendar_contract import CalendarContract
from dav import DavServer
from odd_dav import OddDav, Oddity, Onward
from web_server import Fault, Request, Response

from rmflow.adapters.standards.caldav import CalDavCalendar
from rmflow.domain.series import Uid
from rmflow.errors import ChangedError, DeniedError, RejectedError, UnavailableError, UncertainError
from rmflow.formats.calendar.mark import MARK

Begin = Callable[..., AbstractContextManager[OddDav]]
KNOWN = [a_series().uid]


class OnOddDav(OnDav):
    @pytest.fixture
    def path(self, radicale: DavServer) -> str:
        return urlsplit(radicale.new_calendar()).path

    @pytest.fixture
    def begin(self, radicale: DavServer, path: str) -> Begin:
        """Return what puts a proxy with these oddities before the calendar at `path`."""
        parts = urlsplit(radicale.home)

        @contextmanager
        def begin(*oddities: Oddity) -> Iterator[OddDav]:
            shelf = odd_dav.shelf_of(radicale.folder, path)
            with OddDav(f"{parts.scheme}://{parts.netloc}", shelf, *oddities) as service:
                yield service

        return begin


class TestOddServers(OnOddDav, CalendarContract):
    @pytest.fixture(
        params=[
            odd_dav.weak_etags,
            odd_dav.no_etag_after_put,
            odd_dav.no_sync_report,
            odd_dav.wordy,
            odd_dav.in_two_pages,
        ],
        ids=lambda oddity: oddity.__name__,
    )
    def url(self, begin: Begin, path: str, request: pytest.FixtureRequest) -> Iterator[str]:
        with begin(request.param) as service:
            yield service.url + path


class TestHabits(OnOddDav):
    @pytest.fixture
    def service(self, begin: Begin) -> Iterator[OddDav]:
        with begin() as service:
            yield service

    @pytest.fixture
    def url(self, service: OddDav, path: str) -> str:
        return service.url + path

    def test_a_write_is_one_request_and_never_unconditional(
        self, service: OddDav, calendar: CalDavCalendar
    ) -> None:
        etag = calendar.create(a_series())
        etag = calendar.revise(a_series(sequence=1), etag)
        calendar.cancel(a_series(sequence=2), etag)
        conditions = [
            {name for name in request.headers if name.startswith("if-")}
            for request in service.writes
        ]
        assert conditions == [{"if-none-match"}, {"if-match"}, {"if-match"}]

    def test_an_unchanged_calendar_costs_one_request(
        self, service: OddDav, calendar: CalDavCalendar
    ) -> None:
        """What cron does most of the time."""
        calendar.create(a_series())
        token = calendar.changes("", KNOWN).token
        before = len(service.requests)
        calendar.changes(token, KNOWN)
        assert len(service.requests) == before + 1

    def test_an_edit_between_look_and_write_is_found_with_a_weak_etag(
        self, service: OddDav, calendar: CalDavCalendar, outside: Hands
    ) -> None:
        """Without If-Match, the content is compared right before."""
        service.oddities.append(odd_dav.weak_etags)
        etag = calendar.create(a_series())
        outside.edit(a_series(location="Canteen"))
        with pytest.raises(ChangedError):
            calendar.revise(a_series(sequence=1), etag)

    def test_a_uid_in_the_trash_bin_is_a_question_to_a_person(
        self, service: OddDav, calendar: CalDavCalendar
    ) -> None:
        service.oddities.append(odd_dav.trash_bin)
        with pytest.raises(RejectedError, match="trash bin"):
            calendar.create(a_series())

    def test_a_server_that_invites_although_we_do_stops_everything(
        self, service: OddDav, calendar: CalDavCalendar
    ) -> None:
        """calcom#9485: two invitations to everything."""
        service.oddities.append(odd_dav.invites_whoever_is_in)
        with pytest.raises(DeniedError, match="invitations"):
            calendar.create(a_series())

    def test_what_a_server_has_taken_over_is_found_after_a_crash_as_well(
        self, service: OddDav, url: str, calendar: CalDavCalendar, tmp_path: Path
    ) -> None:
        """The check after the write may not have come about, and the mails would go out."""
        service.oddities.append(odd_dav.invites_whoever_is_in)
        service.fail(Fault.HANGS_UP_AFTER, on=lambda request: request.method == "PUT")
        with pytest.raises(UncertainError):
            calendar.create(a_series())
        again = opened(tmp_path, url=url)
        with pytest.raises(DeniedError, match="invitations"):
            again.look(KNOWN)
        again.close()

    def test_a_write_that_cannot_be_read_afterwards_is_in_doubt(
        self, service: OddDav, calendar: CalDavCalendar
    ) -> None:
        """Whoever took it for "did not happen" would find a series that they never made."""

        def unreadable(_: OddDav, request: Request, onward: Onward) -> Response:
            return Response(403) if request.method == "GET" else onward(request)

        service.oddities += [odd_dav.no_etag_after_put, unreadable]
        with pytest.raises(UncertainError):
            calendar.create(a_series())

    def test_a_server_that_invites_nobody_is_not_asked_to(
        self, service: OddDav, url: str, tmp_path: Path
    ) -> None:
        calendar = opened(tmp_path, url=url, scheduling="server")
        with pytest.raises(DeniedError, match="invites nobody"):
            calendar.create(a_series())
        assert service.writes == []
        calendar.close()

    def test_a_calendar_that_is_suddenly_empty_is_no_deletion(
        self, calendar: CalDavCalendar
    ) -> None:
        """A server restored without its data, or another calendar at the address."""
        found = calendar.changes("", KNOWN)
        assert (found.vanished, found.complete) == (frozenset(), False)

    def test_a_token_that_is_forgotten_is_followed_by_everything(
        self, service: OddDav, calendar: CalDavCalendar, outside: Hands
    ) -> None:
        """RFC 6578 section 3.2, DAV:valid-sync-token; what is gone is found by its absence."""
        other = a_series(uid=Uid("5" * 32))
        for spec in (a_series(), other):
            calendar.create(spec)
        token = calendar.changes("", [*KNOWN, other.uid]).token
        outside.delete(other.uid)
        service.oddities.append(odd_dav.forgets_tokens)
        found = calendar.changes(token, [*KNOWN, other.uid])
        assert [series.spec.uid for series in found.series] == KNOWN
        assert (found.vanished, found.complete) == (frozenset({other.uid}), True)

    def test_an_item_that_cannot_be_read_is_looked_at_again(
        self, calendar: CalDavCalendar, outside: Hands
    ) -> None:
        """Nothing is concluded, and the token stays."""
        calendar.create(a_series())
        token = calendar.changes("", KNOWN).token
        broken = outside.ask("GET", f"{KNOWN[0]}.ics").text.replace(MARK, "X-SOMETHING")
        outside.put(f"{KNOWN[0]}.ics", broken.encode())
        found = calendar.changes(token, KNOWN)
        assert (found.series, found.vanished, found.complete) == ((), frozenset(), False)
        assert found.token == token

    def test_the_content_that_is_put_means_the_same_when_it_comes_back(
        self, calendar: CalDavCalendar, outside: Hands
    ) -> None:
        """R33: a server writes VTIMEZONE and properties in its own order; that is no edit."""
        etag = calendar.create(a_series(excluded=frozenset({datetime(2026, 4, 14, 9)})))
        text = outside.ask("GET", f"{KNOWN[0]}.ics").text
        zone = text[text.index("BEGIN:VTIMEZONE") : text.index("BEGIN:VEVENT")]
        lines = text.replace(zone, "").splitlines()
        lines.insert(lines.index("END:VCALENDAR"), zone.rstrip())
        outside.put(f"{KNOWN[0]}.ics", "\r\n".join([*lines, ""]).encode())
        again = calendar.look(KNOWN)[KNOWN[0]]
        assert again.etag.partition(" ")[0] == etag.partition(" ")[0]

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (Response(401), DeniedError),
            (Response(403), DeniedError),
            (Response(404), DeniedError),
            (Response(301, headers={"Location": "https://elsewhere.example/"}), DeniedError),
            (Response(413), RejectedError),
            (Response(423), UnavailableError),
        ],
        ids=lambda value: str(getattr(value, "status", "")),
    )
    def test_what_a_refused_write_means(
        self,
        service: OddDav,
        calendar: CalDavCalendar,
        answer: Response,
        error: type[Exception],
    ) -> None:
        service.oddities.append(lambda _, request, onward: _on_put(request, answer, onward))
        with pytest.raises(error):
            calendar.create(a_series())
        assert len(service.writes) == 1

    def test_a_password_goes_to_no_other_host(
        self, service: OddDav, calendar: CalDavCalendar
    ) -> None:
        """A redirect to elsewhere is told, not followed."""
        away = Response(302, headers={"Location": "http://localhost:1/"})
        service.oddities.append(lambda *_: away)
        with pytest.raises(DeniedError, match="localhost"):
            calendar.look(KNOWN)

    @pytest.mark.parametrize("element", ["current-user-principal", "calendar-home-set"])
    def test_a_password_goes_to_no_host_that_an_answer_names(
        self, service: OddDav, url: str, path: str, tmp_path: Path, element: str
    ) -> None:
        """A proxy that does not tell the server its own name, most often."""
        host = urlsplit(url).netloc.replace("127.0.0.1", "localhost")

        def misnamed(_: OddDav, request: Request, onward: Onward) -> Response:
            answer = onward(request)
            named = rf"(<(?:\w+:)?{element}[^>]*>\s*<href>)/".encode()
            return replace(
                answer, body=re.sub(named, rb"\1http://%b/" % host.encode(), answer.body)
            )

        service.oddities.append(misnamed)
        calendar = opened(tmp_path, url=f"{service.url}/", calendar=path.split("/")[-2])
        with pytest.raises(DeniedError, match="localhost"):
            calendar.look(KNOWN)
        assert {r.headers["host"] for r in service.requests} == {urlsplit(url).netloc}
        calendar.close()

    def test_a_redirect_on_the_same_host_is_followed(
        self, service: OddDav, url: str, tmp_path: Path
    ) -> None:
        """A calendar's address without the slash at its end, behind a careful proxy."""
        calendar = opened(tmp_path, url=url.rstrip("/").replace("/mentoring/", "/old/"))
        calendar_path = urlsplit(url).path

        def moved(_: OddDav, request: Request, onward: Onward) -> Response:
            if request.path.startswith("/old/"):
                return Response(308, headers={"Location": calendar_path})
            return onward(request)

        service.oddities.append(moved)
        assert calendar.changes("", []).complete
        calendar.close()

    def test_a_foreign_item_under_our_name_is_not_touched(
        self, calendar: CalDavCalendar, outside: Hands
    ) -> None:
        outside.add_others()
        with pytest.raises(ChangedError):
            calendar.create(a_series(uid=Uid("dentist")))
        with pytest.raises(ChangedError):
            calendar.revise(a_series(uid=Uid("dentist")), "etag")
        calendar.cancel(a_series(uid=Uid("dentist")), "etag")
        assert "Dentist" in outside.others()


def _on_put(request: Request, answer: Response, onward: Onward) -> Response:
    return answer if request.method == "PUT" else onward(request)
