"""The roster as a workbook in OneDrive or SharePoint, read through Microsoft Graph."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlsplit

from rmflow.adapters.graph.checkup import login
from rmflow.adapters.graph.client import GraphClient, Json, path
from rmflow.adapters.graph.download import Downloads
from rmflow.adapters.graph.workbook_settings import Settings
from rmflow.adapters.spreadsheet import MAX_FILE_BYTES, tables_in
from rmflow.adapters.web import Answer
from rmflow.errors import BackendError, DeniedError, Problem, RejectedError, RosterError
from rmflow.formats.table import Table
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

BACKEND = "graph files"
_ABOUT = "id,name,size,eTag,cTag,file"
_LONGEST_NAME = 200
_LOCAL = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = {
    "Files.Read.All",
    "Files.ReadWrite.All",
    "Sites.Read.All",
    "Sites.ReadWrite.All",
    "Sites.Manage.All",
    "Sites.FullControl.All",
}


_GRANT = (
    "give the app the permission Files.SelectedOperations.Selected, and the role read on this "
    "file (or Sites.Selected, and read on its site)"
)


class GraphRoster:
    """A `RosterSource`. The file is downloaded and read as one on disk would be, by `spreadsheet`,
    in a child process with limits. It is never written.

    What keeps it from being read, a service that is down included, is a problem of the roster:
    the last good one stays in force. The content tag (cTag) is the fingerprint: it stays when
    only somebody's comment or a right changes.

    Peculiarities, read in November 2026 (learn.microsoft.com/graph/api/driveitem-get-content,
    /shares-get, /graph/permissions-selected-overview):

    - `/content` answers 302 to an address that needs no login, for some minutes. Our token stays
      with Graph; the address must be https, and may not lead further.
    - The tags may change without an edit (SharePoint writes properties into the file); then it is
      read, and found to say the same.
    - A file that is being edited in the browser is read as it was last saved, seconds ago.
    - An app has one file with Files.SelectedOperations.Selected, one site with Sites.Selected, each
      with the role "read" on it. A sharing link takes Files.ReadWrite.All. Whether a file may be
      named by its path with the first one alone was not tried: name it by drive: and item:.
    """

    def __init__(self, settings: Settings, folder: Path, clock: Clock) -> None:
        needs = "Files.SelectedOperations.Selected"
        self._graph = GraphClient(settings, folder, backend=BACKEND, needs=needs)
        self._downloads = Downloads(
            BACKEND, lambda request: request, _refusal, timeout_s=settings.timeout_s
        )
        self._at, self._content_at = _addresses(settings)
        self._settings = settings
        self._name = _file_name(settings.file if "://" not in settings.file else "")

    def fingerprint(self) -> str:
        """Return the id and the content tag of the file. Raises RosterError like `read`."""
        with self._problems():
            item = self._item()
            return f"{item['id']} {item.get('cTag') or item['eTag']}"

    def read(self) -> tuple[Table, ...]:
        """Return the sheets of the file."""
        with self._problems():
            item = self._item()
            if item.get("size", 0) > MAX_FILE_BYTES:
                raise self._refused(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")
            tables = tables_in(self._download(), self._name)
        if not tables:
            raise self._refused("has nothing in it; add the sheets People and Pairs")
        return tables

    def checkup(self) -> Iterator[Finding]:
        """Read the file as a run does, and see whether the app could read any other."""
        begun = login(self._graph, self._settings)
        self._graph.close()
        yield begun
        if begun.verdict is Verdict.FAILED:
            return
        try:
            tables = self.read()
        except RosterError as error:
            for problem in error.problems:
                yield Finding("read", Verdict.FAILED, str(problem), _GRANT)
            return
        rows = sum(len(table.rows) for table in tables)
        text = f"{self._name}: {len(tables)} sheets with {rows} rows"
        yield Finding("read", Verdict.FINE, text)
        yield self._reach()

    def _reach(self) -> Finding:
        everywhere = sorted(self._graph.login.roles() & _EVERYWHERE)
        if everywhere:
            text = f"the app holds {', '.join(everywhere)}: every file of the tenant"
            return Finding("other files", Verdict.WARNING, text, _GRANT)
        return Finding("other files", Verdict.FINE, "the app holds no right to all files")

    def _item(self) -> Json:
        """Return what is known about the file. Its own name is used from now on."""
        item = self._graph.read("look", self._at, query={"$select": _ABOUT})
        if item is None:
            raise self._refused("is not there; check library and file in [roster]")
        if "file" not in item:
            raise self._refused("is a folder; name the file in it")
        self._name = _file_name(str(item["name"]))
        return item

    def _download(self) -> bytes:
        """Fetch the content into memory: names do not lie about in temporary files."""
        answer = self._graph.ask("download", "GET", self._content_at)
        if answer.status != 302:
            self._graph.understood("download", answer)
            reason = f"it answered {answer.status} instead of where the content is"
            raise RejectedError(BACKEND, "download", reason)
        url = answer.headers.get("Location", "")
        if not _trusted(url, self._settings.url):
            raise DeniedError(BACKEND, "download", "the content is not offered over https")
        return self._downloads.get("download", url, self._whole)

    def _whole(self, chunks: Iterable[bytes]) -> bytes:
        content = bytearray()
        for chunk in chunks:
            content += chunk
            if len(content) > MAX_FILE_BYTES:
                raise self._refused(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")
        return bytes(content)

    @contextmanager
    def _problems(self) -> Iterator[None]:
        """Tell what Graph refuses as a problem of the roster, and leave no connection open."""
        try:
            yield
        except DeniedError as error:
            raise self._refused(f"may not be read ({error.reason}); {_GRANT}") from error
        except BackendError as error:
            text = f"cannot be read now ({error.reason}); the next run tries again"
            raise self._refused(text) from error
        finally:
            self._downloads.close()
            self._graph.close()

    def _refused(self, text: str) -> RosterError:
        return RosterError([Problem(self._name, text)])


def _addresses(settings: Settings) -> tuple[str, str]:
    """Return where the file and its content are, below the address of Graph."""
    kind, _, rest = settings.file.partition(":")
    if kind == "https":
        token = base64.urlsafe_b64encode(settings.file.encode()).decode().rstrip("=")
        item = f"/shares/u!{token}/driveItem"
    elif kind == "item":
        item = f"{_library(settings)}/items/{quote(rest, safe='!')}"
    else:
        item = f"{_library(settings)}/root:/{quote(settings.file.strip('/'))}"
        return item, f"{item}:/content"
    return item, f"{item}/content"


def _library(settings: Settings) -> str:
    """Return the address of the document library or OneDrive."""
    place, _, rest = settings.library.partition(":")
    if place == "drive":
        return f"/drives/{quote(rest, safe='!')}"
    if rest:
        return f"/sites/{place}:{quote(rest)}:/drive"
    return f"/sites/{place}/drive" if place else path("users", settings.mailbox, "drive")


def _trusted(url: str, graph: str) -> bool:
    """Return whether content may come from there: over TLS, or from this machine as Graph does."""
    parts = urlsplit(url)
    here = parts.hostname in _LOCAL and urlsplit(graph).hostname in _LOCAL
    secure = parts.scheme == "https" or (parts.scheme == "http" and here)
    return secure and bool(parts.hostname)


def _refusal(operation: str, answer: Answer) -> BackendError:
    """Return what an answer from the content's own address means; the next run gets another one."""
    reason = f"the content's own address answered {answer.status}"
    return RejectedError(BACKEND, operation, reason)


def _file_name(told: str) -> str:
    """Return the name of the file as one that any file system takes."""
    name = PurePosixPath(told).name
    if name in ("", "..") or len(name.encode()) > _LONGEST_NAME:
        return "roster" + PurePosixPath(name).suffix[:8]
    return name
