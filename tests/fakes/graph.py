"""Microsoft Graph and the token service of Entra, as far as one app in one tenant sees them.

`GraphService` routes, checks logins, permissions, mailboxes and headers, and lets Microsoft's own
schemas judge every body that goes in or out. What is in a mailbox is the business of its parts
(`graph_calendar.py`, …); each part keeps its state under its name in `GraphService.state`.
"""

import base64
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol
from urllib.parse import parse_qs

from web_server import FakeService, Request, Response

Json = dict[str, Any]

TENANT = "contoso.example"
CLIENT = "11111111-2222-4333-8444-555555555555"
SECRET = "a secret that only the app knows"
MAILBOX = "mentoring@contoso.example"
OUTSIDER = "board@contoso.example"
PERMISSIONS = ("Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send", "Files.ReadWrite.All")


class GraphError(Exception):
    """A refusal, as Graph words it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message

    def response(self, **headers: str) -> Response:
        error = {"error": {"code": self.code, "message": self.message}}
        return Response.of_json(self.status, error, **headers)


def bad(message: str, code: str = "ErrorInvalidRequest") -> GraphError:
    return GraphError(400, code, message)


@dataclass(frozen=True)
class Call:
    """A request that is let in: `groups` are what the route's pattern caught in the path."""

    request: Request
    url: str
    groups: Mapping[str, str]
    prefer: Mapping[str, str]

    def json(self) -> Json:
        """Return the body. Raises GraphError unless it is a JSON object, and is said to be."""
        if "application/json" not in self.request.headers.get("content-type", ""):
            raise GraphError(415, "UnsupportedMediaType", "A Content-Type of JSON is required.")
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise bad("Unable to read JSON request payload.", "BadRequest") from error
        if not isinstance(body, dict):
            raise bad("Unable to read JSON request payload.", "BadRequest")
        return body

    def option(self, name: str, default: str = "") -> str:
        values = self.request.query.get(name, [default])
        if len(values) != 1:
            raise bad(f"{name} is there more than once", "BadRequest")
        return values[0]


Handler = Callable[[Call, Any], Response]


@dataclass(frozen=True)
class Route:
    """One operation. `needs`: one of these permissions. `options`: the query options it knows."""

    method: str
    pattern: str  # below the mailbox, or from the root when `mailbox` is False
    handler: Handler
    needs: Sequence[str]
    options: Sequence[str] = ()
    reads: bool = False
    mailbox: bool = True
    compiled: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        prefix = r"/v1\.0" + (r"/users/(?P<user>[^/]+)" if self.mailbox else "")
        object.__setattr__(self, "compiled", re.compile(prefix + self.pattern))


class Part(Protocol):
    """Some of what is in a mailbox, or beside it."""

    name: str

    def new_state(self) -> Any: ...

    def routes(self) -> Sequence[Route]: ...


class GraphService(FakeService):
    """The service. `permissions` are what an administrator has granted to the app."""

    def __init__(self, *parts: Part, permissions: Sequence[str] = PERMISSIONS) -> None:
        super().__init__({part.name: part.new_state() for part in parts})
        self._routes = [(part.name, route) for part in parts for route in part.routes()]
        self.permissions = list(permissions)
        self.unscoped = False  # True: nobody has narrowed the app down to its own mailbox
        self.secret = SECRET
        self.certificate: tuple[Any, str] | None = None  # a public key and its thumbprint
        self.complaints: list[str] = []
        self._tokens: set[str] = set()
        self._under_way = 0
        self._counter = threading.Lock()

    @property
    def graph_url(self) -> str:
        return f"{self.url}/v1.0"

    def is_write(self, request: Request) -> bool:
        if request.method in ("GET", "HEAD") or request.path.endswith("/oauth2/v2.0/token"):
            return False
        return not any(route.reads for _, route, _ in self._matching(request))

    def handle(self, request: Request, state: Any) -> Response:
        if request.path.startswith(f"/{TENANT}/") or not request.path.startswith("/v1.0"):
            return self._login(request)
        try:
            return self._graph(request, state)
        except GraphError as error:
            self.complaints.append(str(error))
            return error.response()

    def _serve(self, wire: BaseHTTPRequestHandler) -> None:
        with self._counter:
            self._under_way += 1
        try:
            super()._serve(wire)
        finally:
            with self._counter:
                self._under_way -= 1

    def _graph(self, request: Request, state: Any) -> Response:
        if request.headers.get("authorization", "") not in self._tokens:
            raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty or unknown.")
        if self._under_way > 4:
            raise GraphError(429, "ApplicationThrottled", "MailboxConcurrency limit is exceeded.")
        prefer = _preferences(request.headers.get("prefer", ""))
        if prefer.get("IdType") != "ImmutableId":
            raise bad("this app works with immutable ids", "TestWantsImmutableIds")
        matching = self._matching(request)
        if not matching:
            raise bad(f"no such resource: {request.method} {request.path}", "BadRequest")
        name, route, groups = matching[0]
        self._let_in(route, groups.get("user", MAILBOX))
        unknown = request.query.keys() - set(route.options)
        if unknown:
            raise bad(f"query options that it does not know: {sorted(unknown)}", "BadRequest")
        call = Call(request, self.url, groups, prefer)
        return route.handler(call, state[name])

    def _let_in(self, route: Route, user: str) -> None:
        """Refuse what the app has no permission for, and other people's mailboxes."""
        if user not in (MAILBOX, OUTSIDER):
            raise GraphError(404, "ErrorInvalidUser", f"The requested user '{user}' is invalid.")
        permitted = not route.needs or set(route.needs) & set(self.permissions)
        if not permitted or (user == OUTSIDER and not self.unscoped):
            raise GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials.")

    def _matching(self, request: Request) -> list[tuple[str, Route, Mapping[str, str]]]:
        return [
            (name, route, match.groupdict())
            for name, route in self._routes
            if route.method == request.method and (match := route.compiled.fullmatch(request.path))
        ]

    # The token service.

    def _login(self, request: Request) -> Response:
        if request.path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            return Response.of_json(200, self._discovery())
        if request.path == f"/{TENANT}/oauth2/v2.0/token" and request.method == "POST":
            form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
            return self._issue(form)
        text = "AADSTS90002: Tenant not found. Check that there are active subscriptions."
        return _oauth_error("invalid_tenant", text)

    def _discovery(self) -> Json:
        # https, as the real one says: msal takes nothing else.
        base = self.url.replace("http://", "https://") + f"/{TENANT}"
        return {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
        }

    def _issue(self, form: Mapping[str, str]) -> Response:
        if form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type", "AADSTS70003: not this grant.")
        if form.get("scope", "").split()[:1] != [f"{self.url}/.default"]:
            return _oauth_error("invalid_scope", "AADSTS70011: The provided scope is not valid.")
        if form.get("client_id") != CLIENT:
            text = f"AADSTS700016: Application '{form.get('client_id')}' was not found."
            return _oauth_error("unauthorized_client", text)
        if not self._proven(form):
            text = "AADSTS7000215: Invalid client secret provided."
            return _oauth_error("invalid_client", text, status=401)
        claims = {"aud": self.url, "roles": self.permissions, "tid": TENANT, "appid": CLIENT}
        token = ".".join((_base64({"alg": "none"}), _base64(claims), "signature"))
        self._tokens.add(f"Bearer {token}")
        return Response.of_json(
            200, {"token_type": "Bearer", "expires_in": 3599, "access_token": token}
        )

    def _proven(self, form: Mapping[str, str]) -> bool:
        """Return whether the app has shown its secret, or signed with its certificate's key."""
        if "client_assertion" not in form:
            return form.get("client_secret") == self.secret
        if self.certificate is None:
            return False
        key, thumbprint = self.certificate
        return _signed(form["client_assertion"], key, thumbprint)


def _signed(assertion: str, key: Any, thumbprint: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    head, body, signature = assertion.split(".")
    header = json.loads(_bytes(head))
    if header["alg"] != "RS256" or _bytes(header["x5t"]).hex() != thumbprint.lower():
        return False
    try:
        key.verify(_bytes(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _oauth_error(error: str, description: str, status: int = 400) -> Response:
    return Response.of_json(status, {"error": error, "error_description": description})


def _preferences(header: str) -> Mapping[str, str]:
    """Return a Prefer header (RFC 7240) as a mapping; names as they are written."""
    pairs = (part.strip().partition("=")[::2] for part in header.split(",") if part.strip())
    return {name: value.strip('"') for name, value in pairs}


def _base64(content: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
