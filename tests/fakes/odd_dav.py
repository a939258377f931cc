"""CalDAV servers as they are found in the wild: a real Radicale whose answers are bent.

Each oddity is something that a document allows or that a product is known for.
"""

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dav_proxy import DavProxy, Shelf
from web_server import Request, Response

Onward = Callable[[Request], Response]  # passes a request on to the real server
# What a proxy does with a request.
Oddity = Callable[["OddDav", Request, Onward], Response]


class OddDav(DavProxy):
    """In front of the Radicale at `origin`, with these oddities, the first one outermost."""

    def __init__(self, origin: str, shelf: Shelf, *oddities: Oddity) -> None:
        super().__init__(origin, shelf)
        self.oddities = list(oddities)

    def handle(self, request: Request, state: Shelf) -> Response:
        def onward(asked: Request, depth: int = 0) -> Response:
            if depth < len(self.oddities):
                return self.oddities[depth](self, asked, lambda each: onward(each, depth + 1))
            return super(OddDav, self).handle(asked, state)

        return onward(request)


def weak_etags(_: OddDav, request: Request, onward: Onward) -> Response:
    """RFC 9110 section 8.8.1; If-Match with one never fits (section 13.1.1)."""
    if request.headers.get("if-match", "").startswith("W/"):
        return Response(412)
    answer = _with_headers(onward(request), ETag=lambda etag: f"W/{etag}")
    body = re.sub(rb"(getetag>)(&quot;|\")", rb"\1W/\2", answer.body)
    return replace(answer, body=body)


def no_etag_after_put(_: OddDav, request: Request, onward: Onward) -> Response:
    """RFC 4791 section 5.3.4: a server that changes what it stores must not tell an ETag."""
    answer = onward(request)
    return _with_headers(answer, ETag=lambda _: "") if request.method == "PUT" else answer


def no_sync_report(_: OddDav, request: Request, onward: Onward) -> Response:
    """RFC 3253 section 3.6: DAV:supported-report."""
    if b"sync-collection" in request.body:
        return _refusal("supported-report")
    return onward(request)


def forgets_tokens(_: OddDav, request: Request, onward: Onward) -> Response:
    """RFC 6578 section 3.2; old drafts and some servers answer 409."""
    if re.search(rb"sync-token>[^<]", request.body):
        return _refusal("valid-sync-token", 409)
    return onward(request)


def wordy(service: OddDav, request: Request, onward: Onward) -> Response:
    """Whole URLs as hrefs, needless percent signs, properties it lacks, compression unasked."""
    answer = onward(request)
    if answer.status != 207:
        return answer
    body = re.sub(
        rb"href>/([^<]*?)([^</]\.ics)?</",
        lambda found: (
            b"href>" + service.url.encode() + b"/" + found[1] + _encoded(found[2]) + b"</"
        ),
        answer.body,
    )
    lacking = b"<propstat><prop><getetag/></prop><status>HTTP/1.1 404 Not Found</status></propstat>"
    body = body.replace(b"<propstat>", lacking + b"<propstat>")
    return replace(
        answer, body=gzip.compress(body), headers={**answer.headers, "Content-Encoding": "gzip"}
    )


def in_two_pages(_: OddDav, request: Request, onward: Onward) -> Response:
    """RFC 6578 section 3.6: the first answer holds a part, says 507, and where to go on."""
    if b"sync-collection" not in request.body:
        return onward(request)
    second = b"second page of " in request.body
    asked = replace(request, body=request.body.replace(b"second page of ", b""))
    if second:
        asked = replace(request, body=re.sub(rb"sync-token>[^<]*<", b"sync-token><", request.body))
    answer = onward(asked)
    if not second and re.search(rb"sync-token>[^<]", request.body):
        return answer
    responses = re.findall(rb"<response>.*?</response>", answer.body, re.DOTALL)
    shown = responses[len(responses) // 2 :] if second else responses[: len(responses) // 2]
    body = re.sub(rb"<response>.*</response>", b"", answer.body, flags=re.DOTALL)
    if not second:
        href = request.path.encode()
        shown.append(
            b"<response><href>%b</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
            % href
        )
        body = body.replace(b"<sync-token>", b"<sync-token>second page of ")
    return replace(answer, body=body.replace(b"<sync-token>", b"".join(shown) + b"<sync-token>"))


def trash_bin(_: OddDav, request: Request, onward: Onward) -> Response:
    """nextcloud/server#30096: what sabre/dav says then."""
    if request.method == "PUT" and request.headers.get("if-none-match") == "*":
        said = (
            b'<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">'
            b"<s:exception>Sabre\\DAV\\Exception\\BadRequest</s:exception>"
            b"<s:message>Calendar object with uid already exists in this calendar collection."
            b"</s:message></d:error>"
        )
        return Response(400, said, {"Content-Type": "application/xml; charset=utf-8"})
    return onward(request)


def invites_whoever_is_in(_: OddDav, request: Request, onward: Onward) -> Response:
    """A server that schedules and does not know SCHEDULE-AGENT: it drops the parameter."""
    if request.method == "PUT":
        kept = re.sub(rb"SCHEDULE-AGENT=CLIENT;?", b"", _unfolded(request.body))
        request = replace(request, body=kept.replace(b";:mailto", b":mailto"))
    answer = onward(request)
    return _with_headers(answer, DAV=lambda dav: f"{dav}, calendar-auto-schedule")


def _with_headers(answer: Response, **changes: Callable[[str], str]) -> Response:
    headers = dict(answer.headers)
    for name, change in changes.items():
        if name in headers:
            headers[name] = change(headers[name])
    return replace(answer, headers={name: value for name, value in headers.items() if value})


def _refusal(precondition: str, status: int = 403) -> Response:
    body = f'<d:error xmlns:d="DAV:"><d:{precondition}/></d:error>'.encode()
    return Response(status, body, {"Content-Type": "application/xml; charset=utf-8"})


def _encoded(end: bytes | None) -> bytes:
    return b"" if end is None else b"%%%02X" % end[0] + end[1:]


def _unfolded(content: bytes) -> bytes:
    return content.replace(b"\r\n ", b"")


def shelf_of(folder: Path, url: str) -> Shelf:
    """Return the folder behind a calendar's address."""
    return Shelf(folder / url.rstrip("/").rpartition("/")[2])
