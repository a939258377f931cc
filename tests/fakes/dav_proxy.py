"""A real CalDAV server behind a proxy that fails on demand.

The state is the folder in which Radicale keeps a calendar. A copy of the state is a copy of the
folder under another name; while the proxy lags behind, reads go there and are told so nowhere.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import requests
from web_server import FakeService, Request, Response

_PASSED_ON = ("authorization", "content-type", "depth", "if-match", "if-none-match")
_PASSED_BACK = ("Content-Type", "DAV", "ETag", "Location")


@dataclass(frozen=True)
class Shelf:
    """A calendar's folder."""

    folder: Path

    def __deepcopy__(self, memo: dict[int, Any]) -> "Shelf":
        copied = self.folder.with_name(uuid4().hex)
        shutil.copytree(self.folder, copied)
        return Shelf(copied)

    @property
    def name(self) -> str:
        return self.folder.name

    def items(self) -> list[str]:
        """Return the names of what is stored."""
        return sorted(path.name for path in self.folder.glob("*.ics"))


class Unknown(Shelf):
    """Where a server other than Radicale keeps its data: it cannot be made to lag."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Unknown":
        return self


class DavProxy(FakeService):
    """In front of the server at `origin` ("http://127.0.0.1:5232"), whose data is on a shelf."""

    state: Shelf

    def __init__(self, origin: str, shelf: Shelf) -> None:
        super().__init__(shelf)
        self._origin = origin
        self._onward = requests.Session()

    def is_write(self, request: Request) -> bool:
        return request.method in ("PUT", "DELETE")

    def handle(self, request: Request, state: Shelf) -> Response:
        shown, real = self.state.name, state.name
        answer = self._onward.request(
            request.method,
            self._origin + quote(request.path.replace(shown, real)),
            data=request.body.replace(shown.encode(), real.encode()),
            headers={name: request.headers[name] for name in _PASSED_ON if name in request.headers},
            timeout=10,
        )
        headers = {
            name: answer.headers[name].replace(real, shown)
            for name in _PASSED_BACK
            if name in answer.headers
        }
        body = answer.content.replace(real.encode(), shown.encode())
        return Response(answer.status_code, body, headers)

    def __exit__(self, *_: object) -> None:
        super().__exit__(*_)
        self._onward.close()
