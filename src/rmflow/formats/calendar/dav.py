"""What is said to a CalDAV server in XML, and what it answers.

WebDAV RFC 4918, CalDAV RFC 4791, sync-collection RFC 6578, scheduling RFC 6638. Names of
properties are written with the prefixes of `_SPACES`: "d:getetag", "c:calendar-data".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

_SPACES = {"d": "DAV:", "c": "urn:ietf:params:xml:ns:caldav"}
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Resource:
    """One answer of a multistatus. `href` is as the server writes it: a path or a whole URL.

    `status` is that of the resource as a whole: 200, unless the server says otherwise.
    `found` holds the properties that it has; those it lacks or refuses are left out.
    """

    href: str
    status: int
    found: Mapping[str, etree._Element]

    def text(self, name: str) -> str:
        """Return the text of a property, "" if it has none."""
        element = self.found.get(name)
        return "" if element is None else "".join(map(str, element.itertext())).strip()

    def hrefs(self, name: str) -> tuple[str, ...]:
        """Return the hrefs in a property."""
        element = self.found.get(name)
        return () if element is None else tuple(_hrefs(element))

    def has(self, name: str, child: str) -> bool:
        """Return whether an element of that name is somewhere in a property."""
        element = self.found.get(name)
        return element is not None and next(element.iter(_tag(child)), None) is not None


@dataclass(frozen=True, slots=True)
class Multistatus:
    """RFC 4918 section 13; `token` is the sync token of RFC 6578, "" if there is none."""

    resources: tuple[Resource, ...]
    token: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """What the outbox says of one person (RFC 6638 section 10.7); `content` is iCalendar."""

    href: str
    status: str
    content: str


def propfind(*names: str) -> bytes:
    """Return the question for these properties (RFC 4918 section 9.1)."""
    root = _element("d:propfind")
    _add_properties(root, names)
    return _bytes(root)


def multiget(hrefs: Iterable[str]) -> bytes:
    """Return the question for the content of these items (RFC 4791 section 7.9)."""
    root = _element("c:calendar-multiget")
    _add_properties(root, ("d:getetag", "c:calendar-data"))
    for href in hrefs:
        _element("d:href", root).text = href
    return _bytes(root)


def changed_since(token: str) -> bytes:
    """Return the question for what changed; an empty token asks for everything (RFC 6578)."""
    root = _element("d:sync-collection")
    _element("d:sync-token", root).text = token
    _element("d:sync-level", root).text = "1"
    _add_properties(root, ("d:getetag",))
    return _bytes(root)


def read_multistatus(content: bytes) -> Multistatus:
    """Return what a server answered. Raises ValueError for what is no multistatus."""
    root = _root(content, "d:multistatus")
    resources = tuple(_resource(answer) for answer in root.iterchildren(_tag("d:response")))
    return Multistatus(resources, (root.findtext(_tag("d:sync-token")) or "").strip())


def read_recipients(content: bytes) -> tuple[Recipient, ...]:
    """Return what an outbox answered. Raises ValueError for what is no schedule response."""
    root = _root(content, "c:schedule-response")
    return tuple(
        Recipient(
            href=next(_hrefs(answer), ""),
            status=(answer.findtext(_tag("c:request-status")) or "").strip(),
            content=answer.findtext(_tag("c:calendar-data")) or "",
        )
        for answer in root.iterchildren(_tag("c:response"))
    )


def precondition(content: bytes) -> str:
    """Return which precondition a refusal names ("no-uid-conflict"), "" if it names none.

    RFC 4918 section 16.
    """
    try:
        root = _root(content, "d:error")
    except ValueError:
        return ""
    named = (etree.QName(child) for child in root.iterchildren("*"))
    return next((name.localname for name in named if name.namespace in _SPACES.values()), "")


def _resource(answer: etree._Element) -> Resource:
    found: dict[str, etree._Element] = {}
    for propstat in answer.iterchildren(_tag("d:propstat")):
        if _status(propstat) == 200:
            for prop in propstat.iterchildren(_tag("d:prop")):
                found |= {_name(child): child for child in prop.iterchildren("*")}
    return Resource(next(_hrefs(answer), ""), _status(answer), found)


def _status(element: etree._Element) -> int:
    """Return the number in a status line ("HTTP/1.1 404 Not Found"); without one all is well."""
    words = (element.findtext(_tag("d:status")) or "").split()
    return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 200


def _hrefs(element: etree._Element) -> Iterator[str]:
    for href in element.iter(_tag("d:href")):
        yield (href.text or "").strip()


def _root(content: bytes, name: str) -> etree._Element:
    """Parse without entities, external files and network. Raises ValueError."""
    if len(content) > _MOST_BYTES:
        raise ValueError("its answer is too large")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("its answer is no XML") from error
    if root.tag != _tag(name):
        raise ValueError(f"its answer is no {name.partition(':')[2]}")
    return root


def _add_properties(root: etree._Element, names: Iterable[str]) -> None:
    prop = _element("d:prop", root)
    for name in names:
        _element(name, prop)


def _element(name: str, parent: etree._Element | None = None) -> etree._Element:
    if parent is None:
        return etree.Element(_tag(name), nsmap=_SPACES)
    return etree.SubElement(parent, _tag(name))


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_SPACES[prefix]}}}{local}"


def _name(element: etree._Element) -> str:
    """Return the name with our prefix; a name of somebody else's keeps its namespace."""
    name = etree.QName(element)
    prefixes = {space: prefix for prefix, space in _SPACES.items()}
    prefix = prefixes.get(name.namespace or "")
    return f"{prefix}:{name.localname}" if prefix else name.text


def _bytes(root: etree._Element) -> bytes:
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return content
