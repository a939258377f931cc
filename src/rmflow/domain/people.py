"""People: addresses, participants, the roles they play."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import NewType

Address = NewType("Address", str)
PersonId = NewType("PersonId", str)

# One plain mailbox, ASCII local part. Quoted local parts exist in RFC 5322; no directory issues them.
_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}",
    re.IGNORECASE,
)


class Role(Enum):
    """The mentor is the junior who teaches; the mentee is the leader who learns."""

    MENTOR = "mentor"
    MENTEE = "mentee"

    @property
    def other(self) -> "Role":
        """The role of the partner."""
        return Role.MENTEE if self is Role.MENTOR else Role.MENTOR


def parse_address(text: str) -> Address:
    """Return the address in one spelling: trimmed, lower case, domain in ASCII (IDNA).

    Raises ValueError for anything but one plain mailbox, letters of another script included:
    an address that looks right and is not is worse than one that is refused.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    local, at, domain = text.rpartition("@")
    if not at:
        raise ValueError(f'"{text}" is not a mail address')
    try:
        domain = _in_ascii(domain)
    except UnicodeError as error:
        raise ValueError(f'"{text}" is not a mail address: its domain is not valid') from error
    if not local.isascii():
        raise ValueError(f'"{text}" has characters before the @ that mail addresses do not have')
    address = f"{local}@{domain}".lower()
    if not _ADDRESS.fullmatch(address) or ".." in address or local[0] == "." or local[-1] == ".":
        raise ValueError(f'"{text}" is not a mail address')
    return Address(address)


@lru_cache(maxsize=256)
def _in_ascii(domain: str) -> str:
    """Return a domain in its ASCII form (RFC 3490). Thousands of people share a few of them."""
    return domain.encode("idna").decode("ascii")


@dataclass(frozen=True, slots=True)
class Participant:
    """A person of the programme, as the roster describes them.

    `timezone` is an IANA name, `locale` a language such as "de", `region` a country or a part
    of one such as "DE" or "DE-BY" (public holidays). Empty text means the roster is silent.
    """

    id: PersonId
    address: Address
    name: str
    timezone: str
    locale: str = "en"
    region: str = ""
    location: str = ""
    team: str = ""
    manager: Address | None = None
    assistant: Address | None = None
    employee_id: str = ""
    start_date: date | None = None
    avoid: frozenset[Address] = frozenset()
    interests: tuple[str, ...] = ()
    aliases: tuple[Address, ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address that they write from."""
        return (self.address, *self.aliases)

    @property
    def first_name(self) -> str:
        """The name to greet with; "Family, Given" is understood."""
        family, comma, given = self.name.partition(",")
        words = (given if comma else family).split()
        return words[0] if words else self.name
