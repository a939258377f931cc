"""Google's token endpoint, and the credentials that are used at it.

    fake = GoogleLogin()
    fake.write_key(folder / "key.json", f"{service.url}/token")
    fake.answer(request)  # in the service's handle(), for POST /token
    fake.scopes(request)  # what the bearer of a request may do, None for an unknown one

It knows grants of service accounts (RFC 7523), whose signature it checks, refresh tokens, and
codes of users who consented in a browser (RFC 8252, with RFC 7636). What an administrator allowed
is `delegated`; what a user consented to is in `consents`.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from web_server import Request, Response

ACCOUNT = "rmflow@mentoring-project.iam.gserviceaccount.example"
CLIENT = {"client_id": "rmflow-client", "client_secret": "not-so-secret"}
_AUDIENCE = "https://oauth2.googleapis.com/token"
_TYPES = {
    "urn:ietf:params:oauth:grant-type:jwt-bearer": "assertion",
    "refresh_token": "refresh_token",
    "authorization_code": "code",
}


@cache
def _private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(
        public_exponent=65537, key_size=1024
    )  # small: loading one takes a while


@dataclass
class GoogleLogin:
    """What the token endpoint knows. `mailboxes` are the users of the organisation."""

    mailboxes: frozenset[str]
    delegated: set[str] = field(default_factory=set)
    consents: dict[str, set[str]] = field(default_factory=dict)
    rotates: bool = False  # whether a refresh token is good for one use
    tokens: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    codes: dict[str, tuple[dict[str, str], list[str]]] = field(default_factory=dict)

    # Files of an operator.

    def write_key(self, path: Path, token_uri: str) -> None:
        """Write the JSON key of the service account."""
        path.write_text(self.key(token_uri))

    def key(self, token_uri: str) -> str:
        """Return the JSON key of the service account."""
        pem = _private_key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "mentoring-project",
                "private_key_id": "1",
                "private_key": pem.decode(),
                "client_email": ACCOUNT,
                "client_id": "100000000000000000001",
                "token_uri": token_uri,
            }
        )

    def write_client(self, path: Path, root: str) -> None:
        """Write the JSON of the OAuth client, a desktop app."""
        path.write_text(self.client(root))

    def client(self, root: str) -> str:
        """Return the JSON of the OAuth client."""
        uris = {"auth_uri": f"{root}/auth", "token_uri": f"{root}/token"}
        return json.dumps({"installed": {**CLIENT, **uris}})

    def consent(self, refresh_token: str, scopes: Iterable[str]) -> None:
        """Let the user of the first mailbox consent."""
        self.consents[refresh_token] = set(scopes)

    def browse(self, url: str, ticked: Collection[str] | None = None) -> str:
        """Do what a user does at the address of a consent; return where the browser goes then.

        `ticked` None: all scopes that are asked for; empty: the user refuses.
        """
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT["client_id"]
        assert asked["response_type"] == "code"
        assert asked["access_type"] == "offline"
        assert asked["code_challenge_method"] == "S256"
        assert urlsplit(asked["redirect_uri"]).hostname == "localhost"
        scopes = asked["scope"].split() if ticked is None else list(ticked)
        answer = {"state": asked["state"]}
        if scopes:
            answer |= {"code": f"code-{len(self.codes)}", "scope": " ".join(scopes)}
            self.codes[answer["code"]] = (asked, scopes)
        else:
            answer["error"] = "access_denied"
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    # The service.

    def scopes(self, request: Request) -> frozenset[str] | None:
        """Return what the bearer of a request may do, None for an unknown or expired token."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        found = self.tokens.get(token)
        return found[1] if kind == "Bearer" and found else None

    def user(self, request: Request) -> str:
        """Return whose mailbox the bearer acts for."""
        return self.tokens[request.headers["authorization"].partition(" ")[2]][0]

    def answer(self, request: Request) -> Response:
        """Answer POST /token as RFC 6749 section 5 and RFC 7523 have it."""
        if request.headers.get("content-type") != "application/x-www-form-urlencoded":
            return _refusal("invalid_request")
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        needed = _TYPES.get(form.get("grant_type", ""))
        if needed is None:
            return _refusal("unsupported_grant_type")
        if needed == "assertion":
            return self._for_account(form[needed])
        if _client(request, form) != CLIENT:
            return _refusal("invalid_client", 401)
        return self._for_code(form) if needed == "code" else self._for_user(form)

    def _for_account(self, assertion: str) -> Response:
        head, claims_text, signature = assertion.split(".")
        try:
            _private_key().public_key().verify(
                _decoded(signature),
                f"{head}.{claims_text}".encode(),
                padding.PKCS1v15(),
                hashes.SHA256(),
            )
        except InvalidSignature:
            return _refusal("invalid_grant")
        claims = json.loads(_decoded(claims_text))
        if claims["iss"] != ACCOUNT or claims["aud"] != _AUDIENCE:
            return _refusal("invalid_grant")
        wanted = frozenset(claims["scope"].split())
        if "sub" not in claims or not wanted <= self.delegated:
            return _refusal("unauthorized_client", 401)
        if claims["sub"] not in self.mailboxes:
            return _refusal("invalid_grant")
        return self._granted(claims["sub"], wanted)

    def _for_user(self, form: dict[str, str]) -> Response:
        refresh_token = form.get("refresh_token", "")
        consented = self.consents.get(refresh_token)
        if consented is None:
            return _refusal("invalid_grant")
        extra = {}
        if self.rotates:
            extra = {"refresh_token": f"{refresh_token}+"}
            self.consents[extra["refresh_token"]] = self.consents.pop(refresh_token)
        return self._granted(min(self.mailboxes), frozenset(consented), **extra)

    def _for_code(self, form: dict[str, str]) -> Response:
        asked, scopes = self.codes.pop(form["code"], ({}, []))
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        wanted = (asked.get("redirect_uri"), asked.get("code_challenge"))
        if wanted != (form.get("redirect_uri"), challenge):
            return _refusal("invalid_grant")
        refresh_token = f"consent-{len(self.consents) + 1}"
        self.consents[refresh_token] = set(scopes)
        user = min(self.mailboxes)
        return self._granted(user, frozenset(scopes), refresh_token=refresh_token)

    def _granted(self, user: str, scopes: frozenset[str], **extra: str) -> Response:
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = (user, scopes)
        body = {"access_token": token, "expires_in": 3599, "token_type": "Bearer", **extra}
        return Response.of_json(200, body | {"scope": " ".join(sorted(scopes))})


def _client(request: Request, form: dict[str, str]) -> dict[str, str | None]:
    """Return which client asks, in the header or in the body (RFC 6749 section 2.3.1)."""
    kind, _, both = request.headers.get("authorization", "").partition(" ")
    if kind != "Basic":
        return {name: form.get(name) for name in CLIENT}
    id, _, secret = base64.b64decode(both).decode().partition(":")
    return {"client_id": id, "client_secret": secret}


def _refusal(error: str, status: int = 400) -> Response:
    return Response.of_json(status, {"error": error, "error_description": "It is so."})


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
