"""Microsoft's own schema of Exchange Web Services, as the judge of requests and answers.

The schema (`messages.xsd`, `types.xsd`, MIT) lies outside the repository, in $RMFLOW_CONTRACTS.
Without it no fake of Exchange can be trusted: the tests that use one are skipped, and say why.
What Microsoft leaves out of it, free and busy times, is in `ews_availability.rng`.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

FOLDER = Path(
    os.environ.get("RMFLOW_CONTRACTS")
    or Path(__file__).resolve().parents[2].parent / "shared" / "contracts"
)

S = "http://schemas.xmlsoap.org/soap/envelope/"
M = "http://schemas.microsoft.com/exchange/services/2006/messages"
T = "http://schemas.microsoft.com/exchange/services/2006/types"
E = "http://schemas.microsoft.com/exchange/services/2006/errors"
XS = "{http://www.w3.org/2001/XMLSchema}"
NAMES = {"s": S, "m": M, "t": T}


def violation(element: etree._Element) -> str:
    """Return what is wrong with an element of the body or the header, "" if nothing is."""
    judge = _availability() if "GetUserAvailability" in element.tag else _schema()
    if judge.validate(element):
        return ""
    return str(judge.error_log)


def load() -> None:
    """Read the schemas, which takes longer than clients under test wait for an answer."""
    _schema()
    _types()
    _availability()


@cache
def order_of(kind: str) -> tuple[str, ...]:
    """Return the names of an item's elements in the order that the schema asks for."""
    types = _types()
    items = types.find(f"{XS}complexType[@name='ArrayOfRealItemsType']")
    assert items is not None
    known = items.find(f".//{XS}element[@name='{kind}']")
    name = f"{kind}Type" if known is None else known.get("type", "")[2:]
    declared = types.find(f"{XS}complexType[@name='{name}']")
    assert declared is not None, kind
    extension = declared.find(f".//{XS}extension")
    base = () if extension is None else order_of(extension.get("base", "")[2:-4])
    return (*base, *(str(e.get("name")) for e in declared.iter(f"{XS}element")))


def element(tag: str, *children: Any, **attributes: Any) -> etree._Element:
    """Return an element, "m:Items" or "t:Item", with texts and elements in it."""
    prefix, _, name = tag.partition(":")
    made = etree.Element(f"{{{NAMES[prefix]}}}{name}", nsmap=NAMES)
    for attribute, value in attributes.items():
        made.set(attribute, str(value))
    for child in children:
        if isinstance(child, str):
            made.text = child
        else:
            made.append(child)
    return made


def local(node: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return etree.QName(node).localname


def _file(name: str) -> Path:
    path = FOLDER / "ews" / name
    if not path.is_file():
        pytest.skip(f"{path} is missing: set RMFLOW_CONTRACTS to the folder of vendors' schemas")
    return path


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_file("messages.xsd")))


@cache
def _types() -> etree._Element:
    return etree.parse(_file("types.xsd")).getroot()


@cache
def _availability() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("ews_availability.rng")))
