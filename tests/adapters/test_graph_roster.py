"""The roster in OneDrive or SharePoint: read like a file on disk, and nobody else gets our token."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graph import CLIENT, MAILBOX, SECRET, TENANT, GraphService
from graph_files import DRIVE, ITEM, LINK, PATH, SELECTED, SITE, ContentHost, Files, State
from pydantic import ValidationError
from spreadsheet_samples import handmade, row, write_workbook
from web_server import Fault, Request

from findings import the, verdicts
from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.graph import workbook_roster
from rmflow.adapters.graph.workbook_roster import GraphRoster
from rmflow.adapters.graph.workbook_settings import Settings
from rmflow.adapters.spreadsheet import FileRoster
from rmflow.adapters.spreadsheet import Settings as FileSettings
from rmflow.errors import RosterError
from rmflow.formats.table import Cell
from rmflow.ports.checkup import Verdict

CLOCK = StoppedClock(datetime(2026, 11, 3, tzinfo=UTC))
ON_SITE = {"library": SITE, "file": PATH}
PLACES = {
    "site and path": ON_SITE,
    "drive and item": {"library": f"drive:{DRIVE}", "file": f"item:{ITEM}"},
    "drive and path": {"library": f"drive:{DRIVE}", "file": f"/{PATH}"},
    "the mailbox's OneDrive": {"file": PATH},
}


class Library:
    """A document library with one file, and the roster that reads it."""

    def __init__(self, service: GraphService, contents: ContentHost, folder: Path) -> None:
        self.service, self.contents, self.folder = service, contents, folder
        self.share(f"{contents.url}/guest/secret")

    @property
    def file(self) -> State:
        state: State = self.service.state["files"]
        return state

    def share(self, url: str) -> None:
        self.file.host = url

    def save(self, content: bytes) -> None:
        self.file.save(content)
        self.contents.state["/guest/secret"] = content

    def roster(self, **options: Any) -> GraphRoster:
        (self.folder / "graph.secret").write_text(SECRET)
        settings = Settings.model_validate(
            {
                "tenant": TENANT,
                "client_id": CLIENT,
                "secret": "file:graph.secret",
                "mailbox": MAILBOX,
                "url": self.service.graph_url,
                "authority": self.service.url,
                "timeout_s": min(self.service.timeout_s, self.contents.timeout_s),
                **(options or ON_SITE),
            }
        )
        return GraphRoster(settings, self.folder, CLOCK)

    def refusal(self, **options: Any) -> str:
        with pytest.raises(RosterError) as caught:
            self.roster(**options).read()
        return str(caught.value)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    sheets: dict[str, list[list[Cell]]] = {
        "People": [["email", "name"], ["maria.duarte@contoso.example", "María Duarte"]],
        "Pairs": [["mentor", "start"], ["maria.duarte@contoso.example", datetime(2026, 11, 3)]],
    }
    return write_workbook(tmp_path / "Our pairs.xlsx", sheets)


@pytest.fixture
def library(tmp_path: Path, workbook: Path) -> Iterator[Library]:
    with (
        GraphService(Files(), permissions=SELECTED) as service,
        ContentHost() as contents,
    ):
        library = Library(service, contents, tmp_path)
        library.save(workbook.read_bytes())
        yield library


@pytest.mark.parametrize("place", PLACES)
def test_a_workbook_reads_the_same_from_sharepoint_as_from_disk(
    library: Library, workbook: Path, place: str
) -> None:
    on_disk = FileRoster(FileSettings(path=workbook), library.folder, CLOCK).read()
    assert library.roster(**PLACES[place]).read() == on_disk
    assert on_disk[0].source == "Our pairs.xlsx"


def test_a_sharing_link_is_followed_where_the_app_may_read_all_files(
    library: Library, workbook: Path
) -> None:
    """learn.microsoft.com/graph/api/shares-get: no narrower permission will do."""
    assert "may not be read" in library.refusal(file=LINK)
    library.service.permissions[:] = ["Files.ReadWrite.All"]
    on_disk = FileRoster(FileSettings(path=workbook), library.folder, CLOCK).read()
    assert library.roster(file=LINK).read() == on_disk


def test_our_token_goes_to_graph_and_nowhere_else(library: Library) -> None:
    library.roster().read()
    (request,) = library.contents.requests
    assert request.headers.keys() <= {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "connection",
    }


@pytest.mark.parametrize(
    "elsewhere",
    ["http://content.sharepoint.example/x", "ftp://127.0.0.1/x", "//127.0.0.1/x", "", "file:///x"],
)
def test_content_without_tls_is_not_fetched(library: Library, elsewhere: str) -> None:
    library.share(elsewhere)
    assert "not offered over https" in library.refusal()


def test_content_may_not_lead_further(library: Library) -> None:
    """Whoever holds that host would choose what we fetch, inside our own network too."""
    library.share(f"{library.service.graph_url}/sites/{SITE}:/drive/root:/{PATH}:/content")
    assert "answered 401" in library.refusal()
    library.share(f"{library.contents.url}/further")
    assert "answered 302" in library.refusal()


def test_the_fingerprint_follows_the_content_only(library: Library, workbook: Path) -> None:
    """cTag: a comment or a new right on the file does not make it another roster."""
    roster = library.roster()
    first = roster.fingerprint()
    library.file.etag += 1
    assert roster.fingerprint() == first
    library.save(workbook.read_bytes())
    assert roster.fingerprint() != first
    assert library.contents.requests == []


def test_what_is_missing_or_forbidden_is_said_of_the_file(library: Library) -> None:
    library.file.granted = False
    text = library.refusal()
    assert text.startswith("Our pairs.xlsx: may not be read")
    assert "Files.SelectedOperations.Selected" in text
    with pytest.raises(RosterError):
        library.roster().fingerprint()
    library.file.granted, library.file.gone = True, True
    assert library.refusal().startswith("Our pairs.xlsx: is not there; check library")
    library.file.gone, library.file.folder = False, True
    assert "is a folder" in library.refusal()


def test_a_service_that_is_down_leaves_the_last_roster_in_force(library: Library) -> None:
    """A RosterError does that; any other error would end the run."""
    for _ in range(4):
        library.service.fail(Fault.FAILS_500_AFTER, on=lambda request: "root" in request.path)
    with pytest.raises(RosterError, match="cannot be read now"):
        library.roster().fingerprint()


@pytest.mark.parametrize("fault", [Fault.CUT_SHORT_AFTER, Fault.STALLS_AFTER, Fault.RESETS_AFTER])
def test_content_that_does_not_arrive_whole_is_fetched_again(
    library: Library, fault: Fault
) -> None:
    library.contents.fail(fault, on=_any)
    assert len(library.roster().read()) == 2


def _any(request: Request) -> bool:
    return bool(request)


def test_an_address_that_has_expired_is_asked_for_anew_by_the_next_run(library: Library) -> None:
    content = library.contents.state.pop("/guest/secret")
    assert "answered 403" in library.refusal()
    assert len(library.contents.requests) == 1
    library.contents.state["/guest/secret"] = content
    assert len(library.roster().read()) == 2


_FAR_CORNER = f"<sheetData>{row(1, A='email')}{row(1048576, XFD='x')}</sheetData>"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7 no workbook", "is not a complete spreadsheet"),
        (handmade(_FAR_CORNER), "needs too much memory"),
        (handmade("", doctype='<!DOCTYPE x [<!ENTITY x "y">]>'), "DTD"),
        (handmade("", shared_text="x" * 3_000_000), "100 times its size"),
    ],
    ids=["empty", "no workbook", "far corner", "entities", "bomb"],
)
def test_every_rule_for_hostile_files_holds(library: Library, content: bytes, words: str) -> None:
    library.save(content)
    text = library.refusal()
    assert text.startswith("Our pairs.xlsx: ")
    assert words in text


def test_an_enormous_file_is_not_downloaded(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither when Graph tells its size, nor when it tells another one than comes."""
    monkeypatch.setattr(workbook_roster, "MAX_FILE_BYTES", 2_000_000)
    large = b"x" * 8_000_000
    library.save(large)
    assert "is larger than 2 MB" in library.refusal()
    assert library.contents.requests == []
    library.file.content = b"small"
    assert "is larger than 2 MB" in library.refusal()


@pytest.mark.parametrize("name", ["../../etc/passwd.xlsx", "..", "é" * 200 + ".xlsx", "a\\b.xlsx"])
def test_the_name_of_a_file_does_not_choose_where_it_is_written(
    library: Library, name: str
) -> None:
    library.file.name = name
    before = sorted(library.folder.iterdir())
    assert {table.name for table in library.roster().read()} == {"People", "Pairs"}
    assert sorted(library.folder.iterdir())[: len(before)] == before


def test_nothing_of_the_file_stays_on_disk(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    library.roster().read()
    library.save(b"no workbook")
    library.refusal()
    assert list(scratch.iterdir()) == []


# Settings and checkups.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Field required"),
        ({"file": ""}, "pattern"),
        ({"file": f"item:{ITEM}"}, "needs library"),
        ({"library": SITE, "file": f"item:{ITEM}"}, "needs library"),
        ({"library": SITE, "file": LINK}, "leave library away"),
        ({"library": "https://contoso.sharepoint.example/sites/x", "file": PATH}, "pattern"),
        ({"library": "contoso.sharepoint.example/sites/x", "file": PATH}, "pattern"),
        ({"file": "http://contoso.sharepoint.example/x"}, "pattern"),
    ],
)
def test_a_file_is_named_in_one_way(options: dict[str, str], words: str) -> None:
    app = {"tenant": TENANT, "client_id": CLIENT, "secret": "env:X", "mailbox": MAILBOX}
    with pytest.raises(ValidationError, match=words):
        Settings.model_validate({**app, **options})


def test_a_roster_in_good_order_is_found_so(library: Library) -> None:
    found = list(library.roster().checkup())
    assert verdicts(found) == [("login", "fine"), ("read", "fine"), ("other files", "fine")]
    assert "2 sheets with 4 rows" in the("read", found).text


def test_an_app_that_may_read_all_files_is_warned_about(library: Library) -> None:
    library.service.permissions[:] = ["Files.Read.All", "Mail.Send"]
    found = the("other files", library.roster().checkup())
    assert found.verdict is Verdict.WARNING
    assert "Files.Read.All:" in found.text


def test_a_file_that_may_not_be_read_is_found_with_what_to_grant(library: Library) -> None:
    library.file.granted = False
    found = list(library.roster().checkup())
    assert verdicts(found) == [("login", "fine"), ("read", "failed")]
    assert "the role read on this file" in found[-1].advice
    library.service.secret = "another one"
    assert verdicts(library.roster().checkup()) == [("login", "failed")]
