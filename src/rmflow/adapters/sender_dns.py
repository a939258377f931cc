"""What the world's name servers say of the sender: whether mail from it will be believed.

Read: RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC), RFC 7505 (null MX). Only records are
looked at; which address a mail leaves from, and whether it is signed, only a received mail shows.
"""

from collections.abc import Iterator
from typing import Any

from rmflow.ports.checkup import Finding, Verdict

_LONGEST_WAIT_S = 5.0
_MOST_SPF_LOOKUPS = 10  # RFC 7208 section 4.6.4
_SPF_LOOKUPS = ("include", "a", "mx", "ptr", "exists", "redirect")

# What a provider wants included, by kind of mail_out and by the end of an SMTP server's name.
_PROVIDERS = {
    "google": "_spf.google.com",
    "gmail": "_spf.google.com",
    "graph": "spf.protection.outlook.com",
    "gmail.com": "_spf.google.com",
    "google.com": "_spf.google.com",
    "office365.com": "spf.protection.outlook.com",
    "outlook.com": "spf.protection.outlook.com",
    "amazonaws.com": "amazonses.com",
    "sendgrid.net": "sendgrid.net",
    "mailgun.org": "mailgun.org",
}


class _SilentError(Exception):
    """No name server gives an answer."""


class SenderDns:
    """Examines the domain of the programme's mailbox.

    `provider` is the kind of mail_out or the name of the SMTP server; `selector` names the DKIM
    key, "" when the operator does not say.
    """

    def __init__(self, domain: str, selector: str, provider: str) -> None:
        self._domain, self._selector = domain, selector
        self._include = _include(provider)

    def checkup(self) -> Iterator[Finding]:
        """Yield what was found; one SKIPPED where nobody answers."""
        try:
            yield self._mail_exchanger()
            yield self._spf()
            yield self._dmarc()
            yield self._dkim()
        except _SilentError as error:
            text = f"no name server gives an answer ({error})"
            advice = "ask again where there is one, or look at the records by hand"
            yield Finding("name servers", Verdict.SKIPPED, text, advice)

    def _mail_exchanger(self) -> Finding:
        hosts = [str(record.exchange).rstrip(".") for record in _answers(self._domain, "MX")]
        if hosts == [""]:
            text = f"{self._domain} says that it takes no mail (RFC 7505)"
            return Finding("MX", Verdict.FAILED, text, "no reply can arrive: use another domain")
        if hosts:
            return Finding("MX", Verdict.FINE, f"mail to {self._domain} goes to {hosts[0]}")
        if _answers(self._domain, "A") or _answers(self._domain, "AAAA"):
            text = f"{self._domain} has none; mail goes to its own address"
            return Finding("MX", Verdict.WARNING, text, "publish an MX record")
        text = f"{self._domain} is not known to take mail"
        return Finding(
            "MX", Verdict.WARNING, text, "publish an MX record, unless all mail is local"
        )

    def _spf(self) -> Finding:
        records = _spf_records(self._domain)
        if not records:
            wanted = f"include:{self._include} " if self._include else ""
            advice = f"publish one that names your mail servers: v=spf1 {wanted}mx -all"
            return Finding("SPF", Verdict.WARNING, f"{self._domain} has no record", advice)
        if len(records) > 1:
            text = f"{self._domain} has {len(records)} records, which counts as a broken one"
            return Finding("SPF", Verdict.FAILED, text, "merge them into one")
        includes, lookups = _followed(records[0])
        if lookups > _MOST_SPF_LOOKUPS:
            text = f"it needs more than {_MOST_SPF_LOOKUPS} look-ups, which counts as a broken one"
            return Finding("SPF", Verdict.FAILED, text, "remove what is not needed any more")
        if "+all" in records[0].split() or "all" in records[0].split():
            text, advice = "it lets everybody send", "end it with -all or ~all"
            return Finding("SPF", Verdict.WARNING, text, advice)
        if self._include and self._include not in includes:
            text = f"it does not include {self._include}, through which mails leave"
            return Finding("SPF", Verdict.WARNING, text, f"add include:{self._include}")
        return Finding("SPF", Verdict.FINE, records[0])

    def _dmarc(self) -> Finding:
        for domain in _upwards(self._domain):
            texts = [t for t in _texts(f"_dmarc.{domain}") if t.lower().startswith("v=dmarc1")]
            if len(texts) == 1:
                tags = _tags(texts[0])
                below = domain != self._domain and "sp" in tags
                policy = tags["sp"] if below else tags.get("p", "none")
                return _judged(policy.lower(), domain)
            if texts:
                text = f"{domain} has {len(texts)} records, which counts as none"
                return Finding("DMARC", Verdict.FAILED, text, "leave one of them")
        advice = f"publish at _dmarc.{self._domain}: v=DMARC1; p=none, and stricter later"
        return Finding("DMARC", Verdict.WARNING, f"{self._domain} has no record", advice)

    def _dkim(self) -> Finding:
        if not self._selector:
            text = "which key signs the mails cannot be seen from outside"
            advice = "say dkim_selector in [mailbox]; s= in a DKIM-Signature has it"
            return Finding("DKIM", Verdict.SKIPPED, text, advice)
        name = f"{self._selector}._domainkey.{self._domain}"
        keys = [_tags(text).get("p", "") for text in _texts(name)]
        if any(keys):
            return Finding("DKIM", Verdict.FINE, f"{name} has a key")
        text = f"the key at {name} was revoked" if keys else f"there is no key at {name}"
        return Finding("DKIM", Verdict.FAILED, text, "publish it, or correct dkim_selector")


def _include(provider: str) -> str:
    """Return what the SPF record must include, "" if the provider is nobody we know."""
    ends = (known for known in _PROVIDERS if provider == known or provider.endswith(f".{known}"))
    return next((_PROVIDERS[known] for known in ends), "")


def _judged(policy: str, domain: str) -> Finding:
    if policy == "none":
        text = f"{domain} asks nobody to refuse forged mail (p=none)"
        advice = "go to p=quarantine when its reports show that your own mail passes"
        return Finding("DMARC", Verdict.WARNING, text, advice)
    return Finding("DMARC", Verdict.FINE, f"{domain} asks for p={policy}")


def _followed(record: str) -> tuple[set[str], int]:
    """Return every domain that a record includes, however deep, and the look-ups it costs."""
    included: set[str] = set()
    pending, lookups = [record], 0
    while pending and lookups <= _MOST_SPF_LOOKUPS:
        for term in pending.pop().lower().split()[1:]:
            name, _, value = term.lstrip("+-~?").replace("=", ":", 1).partition(":")
            lookups += name.partition("/")[0] in _SPF_LOOKUPS
            if name in ("include", "redirect") and "%" not in value and value not in included:
                included.add(value)
                pending += _spf_records(value)
    return included, lookups


def _spf_records(domain: str) -> list[str]:
    return [text for text in _texts(domain) if text.lower().split(" ")[0] == "v=spf1"]


def _upwards(domain: str) -> Iterator[str]:
    """Yield the domain and those above it, without the top-level one."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        yield ".".join(labels[start:])


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a DKIM or DMARC record."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _texts(name: str) -> list[str]:
    """Return the TXT records of a name; a long one comes in pieces."""
    return [b"".join(record.strings).decode("utf-8", "replace") for record in _answers(name, "TXT")]


def _answers(name: str, kind: str) -> list[Any]:
    """Return the records of a name, [] for none. Raises _SilentError."""
    import dns.exception
    import dns.resolver

    try:
        resolver = dns.resolver.get_default_resolver()
        return list(resolver.resolve(name, kind, lifetime=_LONGEST_WAIT_S, search=False))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise _SilentError(type(error).__name__) from error
    except OSError as error:
        raise _SilentError(error.strerror or type(error).__name__) from error
