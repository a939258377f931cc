"""CalDAV's XML: what we ask, and answers as servers write them."""

import pytest
from lxml import etree

from rmflow.formats.calendar.dav import (
    changed_since,
    multiget,
    precondition,
    propfind,
    read_multistatus,
    read_recipients,
)

ANSWER = b"""<?xml version="1.0"?>
<x:multistatus xmlns:x="DAV:" xmlns:cal="urn:ietf:params:xml:ns:caldav" xmlns:o="urn:others">
 <x:response>
  <x:href> /cal/a%20b.ics </x:href>
  <x:propstat><x:prop><x:getetag>"1"</x:getetag>
   <cal:calendar-data><![CDATA[BEGIN:VCALENDAR & so on]]></cal:calendar-data>
   <o:getetag>"of somebody else"</o:getetag></x:prop>
   <x:status>HTTP/1.1 200 OK</x:status></x:propstat>
  <x:propstat><x:prop><x:displayname/></x:prop>
   <x:status>HTTP/1.1 404 Not Found</x:status></x:propstat>
 </x:response>
 <x:response><x:href>/cal/gone.ics</x:href><x:status>HTTP/1.1 404 Not Found</x:status></x:response>
 <x:sync-token>http://contoso.example/7</x:sync-token>
</x:multistatus>"""


def test_an_answer_is_read_whatever_its_prefixes() -> None:
    read = read_multistatus(ANSWER)
    there, gone = read.resources
    assert (there.href, there.status, there.text("d:getetag")) == ("/cal/a%20b.ics", 200, '"1"')
    assert there.text("c:calendar-data") == "BEGIN:VCALENDAR & so on"
    assert "d:displayname" not in there.found
    assert (gone.href, gone.status, gone.text("d:getetag")) == ("/cal/gone.ics", 404, "")
    assert read.token == "http://contoso.example/7"


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>Welcome</html>", b"<multistatus/>", ANSWER[:200], b"\xff\xfe\x00", b"{}"],
)
def test_what_is_no_multistatus_is_said_to_be_none(content: bytes) -> None:
    """A login page of a proxy must not look like an empty calendar."""
    with pytest.raises(ValueError, match="answer is no"):
        read_multistatus(content)


def test_entities_stay_closed() -> None:
    """Neither files nor bombs (CWE-611, CWE-776)."""
    bomb = b'<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + ANSWER[21:].replace(
        b'"1"', b"&a;"
    )
    assert "root" not in read_multistatus(bomb).resources[0].text("d:getetag")


@pytest.mark.parametrize(
    "question",
    [propfind("d:getetag", "c:schedule-tag"), multiget(["/a&b.ics", "/<.ics"]), changed_since("")],
)
def test_a_question_is_xml_with_namespaces(question: bytes) -> None:
    root = etree.fromstring(question)
    assert etree.QName(root).namespace in ("DAV:", "urn:ietf:params:xml:ns:caldav")


def test_hrefs_in_a_question_are_escaped() -> None:
    hrefs = etree.fromstring(multiget(["/a&b.ics"])).findall("{DAV:}href")
    assert [href.text for href in hrefs] == ["/a&b.ics"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'<error xmlns="DAV:"><valid-sync-token/></error>', "valid-sync-token"),
        (
            b"""<e:error xmlns:e="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
              <c:no-uid-conflict><e:href>/x</e:href></c:no-uid-conflict></e:error>""",
            "no-uid-conflict",
        ),
        (b'<d:error xmlns:d="DAV:"><s:x xmlns:s="http://sabredav.org/ns"/></d:error>', ""),
        (b"<html>Forbidden</html>", ""),
        (b"", ""),
    ],
)
def test_a_refusal_names_its_precondition(content: bytes, name: str) -> None:
    assert precondition(content) == name


def test_an_outbox_answers_for_each_person() -> None:
    answer = b"""<c:schedule-response xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:">
      <c:response><c:recipient><d:href>mailto:a@contoso.example</d:href></c:recipient>
       <c:request-status>2.0;Success</c:request-status>
       <c:calendar-data>BEGIN:VCALENDAR</c:calendar-data></c:response>
      <c:response><c:recipient><d:href>mailto:b@contoso.example</d:href></c:recipient>
       <c:request-status>3.7;Invalid calendar user</c:request-status></c:response>
    </c:schedule-response>"""
    known, unknown = read_recipients(answer)
    assert (known.href, known.content) == ("mailto:a@contoso.example", "BEGIN:VCALENDAR")
    assert (unknown.status[:1], unknown.content) == ("3", "")
