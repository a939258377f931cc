"""One file in OneDrive or SharePoint, as Graph shows it, and the host that its content comes from.

As learn.microsoft.com/graph/api/driveitem-get-content has it, `/content` leads to an address on
another host, which is good for a while and wants no login.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph import Call, GraphError, Json, Route, bad
from web_server import FakeService, Request, Response

SITE = "contoso.sharepoint.example:/sites/mentoring"
DRIVE = "b!-RIj2DuyvEyV1T4NlOaMHk8XkS_I8MdFlUCq1BlcjgmhRfAj3"
ITEM = "01BYE5RZ6QN3ZWBTUFOFD3GSPGOHDJD36K"
LINK = "https://contoso.sharepoint.example/:x:/s/mentoring/EU9?e=Ä1"
PATH = "Programme/Our pairs.xlsx"
SELECTED = ("Files.SelectedOperations.Selected", "Sites.Selected")
_READS = (*SELECTED, "Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All")
_SHARED = ("Files.ReadWrite.All", "Sites.ReadWrite.All")
_PROPERTIES = {"id", "name", "size", "eTag", "cTag", "file", "folder", "lastModifiedDateTime"}


@dataclass
class State:
    """The file. `granted`: the app has a role on it. `etag` and `ctag` count what happened."""

    content: bytes = b""
    name: str = "Our pairs.xlsx"
    folder: bool = False
    granted: bool = True
    gone: bool = False
    etag: int = 1
    ctag: int = 1
    host: str = ""  # where the content is

    def save(self, content: bytes) -> None:
        """Let somebody save the file."""
        self.content = content
        self.etag += 1
        self.ctag += 1

    def resource(self) -> Json:
        return {
            "id": ITEM,
            "name": self.name,
            "size": len(self.content),
            "eTag": f'"{{5C6D}},{self.etag}"',
            "cTag": f'"c:{{5C6D}},{self.ctag}"',
            **({"folder": {}} if self.folder else {"file": {}}),
        }


class Files:
    """The part of GraphService."""

    name = "files"

    def new_state(self) -> State:
        return State()

    def routes(self) -> Sequence[Route]:
        token = "u!" + base64.urlsafe_b64encode(LINK.encode()).decode().rstrip("=")
        by_path = f"/root:/{PATH}"
        at = [
            (f"/drives/{DRIVE}/items/{ITEM}", "", _READS, False),
            (f"/drives/{DRIVE}{by_path}", ":", _READS, False),
            (f"/sites/{SITE}:/drive{by_path}", ":", _READS, False),
            (f"/drive{by_path}", ":", _READS, True),
            (f"/shares/{token}/driveItem", "", _SHARED, False),
        ]
        return [
            route
            for path, colon, needs, mailbox in at
            for route in (
                Route("GET", re.escape(path), _about, needs, ("$select",), mailbox=mailbox),
                Route("GET", re.escape(f"{path}{colon}/content"), _content, needs, mailbox=mailbox),
            )
        ]


class ContentHost(FakeService):
    """The host of contents. `state` has them by their secret paths."""

    def __init__(self) -> None:
        super().__init__({})

    def handle(self, request: Request, state: Any) -> Response:
        if "authorization" in request.headers or "prefer" in request.headers:
            return Response(400, b"a token has leaked to another host")
        if request.path == "/further":
            return Response(302, headers={"Location": f"{self.url}/guest/secret"})
        if request.path not in state:
            return Response(403, b"this address has expired")
        return Response(200, state[request.path], {"Content-Type": "application/octet-stream"})


def _about(call: Call, state: State) -> Response:
    _check(state)
    wanted = set(filter(None, call.option("$select").split(",")))
    if wanted - _PROPERTIES:
        raise bad(f"Could not find a property named {sorted(wanted - _PROPERTIES)}", "BadRequest")
    shown = state.resource()
    return Response.of_json(200, {k: v for k, v in shown.items() if not wanted or k in wanted})


def _content(call: Call, state: State) -> Response:
    _check(state)
    return Response(302, headers={"Location": state.host})


def _check(state: State) -> None:
    if not state.granted:
        raise GraphError(403, "accessDenied", "Access denied")
    if state.gone:
        raise GraphError(404, "itemNotFound", "The resource could not be found.")
