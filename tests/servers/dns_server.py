"""A name server on a free port of loopback: knows the records that a test gives it.

with DnsServer({("contoso.example", "MX"): ["10 mail.contoso.example."]}) as server:
    ...  # whatever asks dnspython's default resolver
"""

import socket
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

Zone = Mapping[tuple[str, str], Sequence[str]]

# What a domain with everything in order publishes.
IN_ORDER: Zone = {
    ("contoso.example", "MX"): ["10 mail.contoso.example."],
    ("contoso.example", "TXT"): ['"v=spf1 mx -all"', '"an-owner=7"'],
    ("_dmarc.contoso.example", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:d@contoso.example"'],
    ("s1._domainkey.contoso.example", "TXT"): ['"v=DKIM1; k=rsa; " "p=MIGfMA0GCSqGSIb3"'],
}


class DnsServer:
    """The server. `asked` are the questions so far. `silent`: it hears, and says nothing.

    `refusing`: every answer is SERVFAIL.
    """

    def __init__(self, zone: Zone, *, silent: bool = False, refusing: bool = False) -> None:
        self._zone, self._silent, self._refusing = zone, silent, refusing
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def resolver(self) -> dns.resolver.Resolver:
        """Return a resolver that asks this server only."""
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = self._socket.getsockname()[1]
        return resolver

    def instead_of_the_worlds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let everything in this process ask this server."""
        monkeypatch.setattr(dns.resolver, "default_resolver", self.resolver())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.sendto(b"", self._socket.getsockname())  # an empty packet ends it
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            packet, sender = self._socket.recvfrom(4096)
            if not packet:
                return
            query = dns.message.from_wire(packet)
            answer = self._answer(query)
            if not self._silent:
                self._socket.sendto(answer.to_wire(), sender)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if self._refusing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif records := self._zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *records))
        elif not any(known == name or known.endswith(f".{name}") for known, _ in self._zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
