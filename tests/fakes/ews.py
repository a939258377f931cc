"""Exchange Web Services on loopback: SOAP, logins, impersonation, and the operations on items.

Every request and every answer is judged by Microsoft's schema. What belongs to one kind of item
stands in modules of its own: `ews_calendar` for meetings, `ews_mail` for mail. `OPERATIONS` is the
list to extend.
"""

import base64
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.server import BaseHTTPRequestHandler
from typing import Any

import trustme
from ews_availability import get_user_availability
from ews_mail_operations import create_folder, find_folder, move_item, send_item
from ews_operations import (
    Desk,
    Messages,
    create_item,
    delete_item,
    find_item,
    get_folder,
    get_item,
    sync_folder_items,
    update_item,
)
from ews_schema import E, S, T, element, load, local, violation
from ews_store import EwsError, Server
from lxml import etree
from web_server import FakeService, Request, Response

OPERATIONS: dict[str, Callable[[Desk, etree._Element], Messages]] = {
    "GetFolder": get_folder,
    "FindItem": find_item,
    "GetItem": get_item,
    "CreateItem": create_item,
    "UpdateItem": update_item,
    "DeleteItem": delete_item,
    "SyncFolderItems": sync_folder_items,
    "SendItem": send_item,
    "MoveItem": move_item,
    "FindFolder": find_folder,
    "CreateFolder": create_folder,
}
_WITHOUT_ITEMS = {"DeleteItem", "GetFolder", "FindItem", "SendItem", "FindFolder", "CreateFolder"}
WRITES = {"CreateItem", "UpdateItem", "DeleteItem", "MoveItem", "SendItem", "CreateFolder"}
_PATH = "/EWS/Exchange.asmx"
_XML = {"Content-Type": "text/xml; charset=utf-8"}
_VERSIONS = {"Exchange2013_SP1", "Exchange2015", "Exchange2016"}


@dataclass(frozen=True)
class Call:
    """One SOAP request, understood."""

    operation: str
    body: etree._Element
    impersonated: str
    version: str


class FakeExchange(FakeService):
    """An Exchange Server 2016. `people` are made with a mailbox each; `service` is the account
    that programs log in with, which may act as the first of them and as nobody else.

    With a `certificate` it speaks TLS. `busy` answers the next so many requests with
    ErrorServerBusy. Logins are basic; what NTLM does on the wire is tested without this fake.
    """

    SERVICE = ("CONTOSO\\svc-mentoring", "correct horse")

    def __init__(
        self, people: Mapping[Any, str], certificate: trustme.LeafCert | None = None
    ) -> None:
        load()
        server = Server()
        for address, name in people.items():
            server.add_mailbox(address, name)
        user, password = self.SERVICE
        server.logins[user] = password
        server.impersonators[user] = {next(iter(people))}
        super().__init__(server)
        self._encrypted = certificate is not None
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            certificate.configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.busy = 0
        self.nonsense: list[str] = []

    @property
    def endpoint(self) -> str:
        url = self.url.replace("http:", "https:") if self._encrypted else self.url
        return url + _PATH

    def operations(self) -> list[str]:
        """Return the names of the operations that were asked for, in order."""
        return [_operation(request.body) for request in self.requests]

    def is_write(self, request: Request) -> bool:
        return _operation(request.body) in WRITES

    def handle(self, request: Request, state: Server) -> Response:
        if request.path != _PATH:
            return Response(404, b"<html>Not Found</html>")
        user = self._user(request, state)
        if user is None:
            return Response(401, b"", {"WWW-Authenticate": 'Basic realm="mail.contoso.example"'})
        try:
            call = _understood(request)
            self._slow_down()
            answer = self._answer(call, Desk(state, _acting_as(call, state, user), user))
        except EwsError as error:
            return Response(500, fault(error), _XML)
        return Response(200, self._checked(answer), _XML)

    def __exit__(self, *args: object) -> None:
        super().__exit__(*args)
        assert not self.nonsense, f"the fake's own answers break the schema: {self.nonsense}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        handler = super()._handler()
        # Head and body of an answer are two packets: do not wait 40 ms between them.
        return type("Handler", (handler,), {"disable_nagle_algorithm": True})

    def _user(self, request: Request, state: Server) -> str | None:
        kind, _, code = request.headers.get("authorization", "").partition(" ")
        if kind != "Basic":
            return None
        user, _, password = base64.b64decode(code).decode().partition(":")
        return user if state.logins.get(user) == password else None

    def _slow_down(self) -> None:
        if self.busy:
            self.busy -= 1
            raise EwsError("ErrorServerBusy", fault=True, BackOffMilliseconds="50")

    def _answer(self, call: Call, desk: Desk) -> etree._Element:
        if call.operation == "GetUserAvailabilityRequest":
            return get_user_availability(desk.server, call.body)
        if call.operation not in OPERATIONS:
            raise EwsError("ErrorInvalidRequest", f"{call.operation} is not faked", fault=True)
        messages = element("m:ResponseMessages")
        for message in OPERATIONS[call.operation](desk, call.body):
            messages.append(_message(call.operation, message))
        return element(f"m:{call.operation}Response", messages)

    def _checked(self, answer: etree._Element) -> bytes:
        wrong = violation(answer)
        if wrong:
            self.nonsense.append(wrong)
        version = etree.Element(f"{{{T}}}ServerVersionInfo", nsmap={"h": T})
        numbers = {"MajorVersion": 15, "MinorVersion": 1, "MajorBuildNumber": 2507}
        for name, number in numbers.items():
            version.set(name, str(number))
        version.set("MinorBuildNumber", "37")
        version.set("Version", "V2017_07_11")
        return _envelope(element("s:Header", version), element("s:Body", answer))


@lru_cache(maxsize=1024)
def _operation(request: bytes) -> str:
    """Return what a request asks for, "" for what is no SOAP."""
    try:
        body = etree.fromstring(request).find(f"{{{S}}}Body")
    except etree.XMLSyntaxError:
        return ""
    return "" if body is None or not len(body) else local(body[0])


def _understood(request: Request) -> Call:
    """Return the call in a request. What breaks the schema is refused as Exchange refuses it."""
    envelope = etree.fromstring(request.body)
    header, body = envelope.find(f"{{{S}}}Header"), envelope.find(f"{{{S}}}Body")
    if body is None or len(body) != 1:
        raise EwsError("ErrorInvalidRequest", "There is no request.", fault=True)
    headers = [] if header is None else list(header)
    # The schema is that of one version, and allows only its name.
    for part in (*(h for h in headers if "RequestServerVersion" not in h.tag), body[0]):
        wrong = violation(part)
        if wrong:
            raise EwsError("ErrorSchemaValidation", wrong, fault=True, Violation=wrong)
    version = next((h.get("Version", "") for h in headers if "RequestServerVersion" in h.tag), "")
    if version not in _VERSIONS:
        raise EwsError("ErrorInvalidServerVersion", version, fault=True)
    addresses = [h.findtext(".//{*}PrimarySmtpAddress") for h in headers if "Imperson" in h.tag]
    return Call(local(body[0]), body[0], str(addresses[0]).lower() if addresses else "", version)


def _acting_as(call: Call, state: Server, user: str) -> str:
    """Return the mailbox that a request is made as, "" for the service account itself."""
    if not call.impersonated:
        return ""
    state.mailbox(call.impersonated)
    if call.impersonated not in state.impersonators.get(user, ()):
        raise EwsError("ErrorImpersonateUserDenied", "The account may not do that.", fault=True)
    return call.impersonated


def _message(operation: str, content: "EwsError | list[Any]") -> etree._Element:
    """Return one ResponseMessage; `content` are its own elements, or what went wrong."""
    tag = f"m:{operation}ResponseMessage"
    if not isinstance(content, EwsError):
        return element(tag, element("m:ResponseCode", "NoError"), *content, ResponseClass="Success")
    message = element(
        tag,
        element("m:MessageText", content.text),
        element("m:ResponseCode", content.code),
        element("m:DescriptiveLinkKey", "0"),
        ResponseClass="Error",
    )
    if operation == "SyncFolderItems":
        message.append(element("m:SyncState"))
        message.append(element("m:IncludesLastItemInRange", "true"))
    elif operation not in _WITHOUT_ITEMS:
        message.append(element("m:Items"))
    return message


def fault(error: EwsError) -> bytes:
    """Return the SOAP fault for an error."""
    detail = etree.Element("detail")
    for name, text in (("ResponseCode", error.code), ("Message", error.text)):
        etree.SubElement(detail, f"{{{E}}}{name}", nsmap={"e": E}).text = text
    if error.values:
        xml = etree.SubElement(detail, f"{{{T}}}MessageXml", nsmap={"t": T})
        for name, text in error.values.items():
            child = name if name == "Violation" else "Value"
            value = etree.SubElement(xml, f"{{{T}}}{child}")
            value.text = text
            if child == "Value":
                value.set("Name", name)
    told = element("s:Fault")
    for name, text in (("faultcode", f"a:{error.code}"), ("faultstring", error.text)):
        etree.SubElement(told, name).text = text
    told.append(detail)
    return _envelope(element("s:Body", told))


def _envelope(*parts: etree._Element) -> bytes:
    return etree.tostring(element("s:Envelope", *parts), xml_declaration=True, encoding="utf-8")
