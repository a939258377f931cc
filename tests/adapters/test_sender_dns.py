"""What the name servers say of the sender, asked from a real one on loopback."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from dns_server import IN_ORDER, DnsServer, Zone

from findings import the, troubles, verdicts
from rmflow.adapters import sender_dns
from rmflow.adapters.sender_dns import SenderDns
from rmflow.ports.checkup import Finding, Verdict

DOMAIN = "contoso.example"
Ask = Callable[..., list[Finding]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Give a function that examines the domain, in a world with IN_ORDER and these records."""
    with ExitStack() as stack:

        def ask(
            records: Zone | None = None,
            *,
            domain: str = DOMAIN,
            selector: str = "s1",
            provider: str = "mail.contoso.example",
        ) -> list[Finding]:
            server = stack.enter_context(DnsServer({**IN_ORDER, **(records or {})}))
            server.instead_of_the_worlds(monkeypatch)
            return list(SenderDns(domain, selector, provider).checkup())

        yield ask


def spf(*texts: str) -> Zone:
    return {(DOMAIN, "TXT"): [f'"{text}"' for text in texts]}


def dmarc(*texts: str) -> Zone:
    return {(f"_dmarc.{DOMAIN}", "TXT"): [f'"{text}"' for text in texts]}


def test_a_domain_in_order_is_fine(ask: Ask) -> None:
    found = ask()
    assert verdicts(found) == [(c, "fine") for c in ("MX", "SPF", "DMARC", "DKIM")]
    assert the("MX", found).text == "mail to contoso.example goes to mail.contoso.example"


def test_without_a_selector_the_key_cannot_be_seen(ask: Ask) -> None:
    """RFC 6376 section 3.1: a domain may have any number of keys under any names."""
    finding = the("DKIM", ask(selector=""))
    assert finding.verdict is Verdict.SKIPPED
    assert finding.advice.startswith("say dkim_selector in [mailbox]")


def test_a_domain_that_nobody_knows_is_warned_of_throughout(ask: Ask) -> None:
    found = ask(domain="fabrikam.invalid", selector="")
    assert [verdict for _, verdict in verdicts(found)] == ["warning"] * 3 + ["skipped"]


class TestMx:
    def test_a_null_mx_takes_no_mail(self, ask: Ask) -> None:
        (finding,) = troubles(ask({(DOMAIN, "MX"): ["0 ."]}))
        assert (finding.check, finding.verdict) == ("MX", Verdict.FAILED)

    def test_an_address_stands_in_for_a_missing_mx(self, ask: Ask) -> None:
        (finding,) = troubles(ask({(DOMAIN, "MX"): [], (DOMAIN, "A"): ["192.0.2.1"]}))
        assert finding.text == "contoso.example has none; mail goes to its own address"


class TestSpf:
    @pytest.mark.parametrize(
        ("texts", "provider", "said"),
        [
            ([], "smtp.gmail.com", "has no record"),
            (["v=spf1 mx -all", "v=spf1 a -all"], "", "2 records, which counts as a broken one"),
            (["v=spf1 +all"], "", "it lets everybody send"),
            (["v=spf1 mx -all"], "smtp.office365.com", "include spf.protection.outlook.com"),
            (["v=spf1 mx -all"], "google", "it does not include _spf.google.com"),
            ([f"v=spf1 {'mx ' * 11}-all"], "", "more than 10 look-ups"),
        ],
    )
    def test_what_is_wrong_with_it_is_said(
        self, ask: Ask, texts: list[str], provider: str, said: str
    ) -> None:
        (finding,) = troubles(ask(spf(*texts), provider=provider))
        assert finding.check == "SPF"
        assert said in finding.text
        assert finding.advice

    def test_an_include_within_an_include_counts(self, ask: Ask) -> None:
        records = {
            **spf("v=spf1 include:spf.contoso.example -all"),
            ("spf.contoso.example", "TXT"): ['"v=spf1 redirect=_spf.google.com"'],
        }
        assert not troubles(ask(records, provider="smtp.gmail.com"))

    def test_a_circle_of_includes_ends(self, ask: Ask) -> None:
        records = {
            **spf("v=spf1 include:spf.contoso.example -all"),
            ("spf.contoso.example", "TXT"): ['"v=spf1 include:contoso.example -all"'],
        }
        assert not troubles(ask(records))

    def test_a_look_alike_of_a_provider_is_none(self, ask: Ask) -> None:
        assert not troubles(ask(provider="smtp.notgmail.com"))


class TestDmarc:
    @pytest.mark.parametrize(
        ("texts", "said"),
        [
            ([], "contoso.example has no record"),
            (["v=DMARC1; p=none"], "(p=none)"),
            (["v=DMARC1; p=reject", "v=DMARC1; p=none"], "2 records, which counts as none"),
        ],
    )
    def test_what_is_wrong_with_it_is_said(self, ask: Ask, texts: list[str], said: str) -> None:
        (finding,) = troubles(ask(dmarc(*texts)))
        assert finding.check == "DMARC"
        assert said in finding.text

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("v=DMARC1; p=quarantine", "contoso.example asks for p=quarantine"),
            ("v=DMARC1; p=none; sp=reject", "contoso.example asks for p=reject"),
        ],
    )
    def test_a_domain_below_goes_by_the_one_above(self, ask: Ask, text: str, said: str) -> None:
        """RFC 7489 section 6.6.3; `sp` is for the domains below."""
        assert the("DMARC", ask(dmarc(text), domain=f"hr.{DOMAIN}")).text == said


class TestDkim:
    @pytest.mark.parametrize(
        ("selector", "records", "said"),
        [
            ("s2", {}, "there is no key at s2._domainkey.contoso.example"),
            ("s1", {(f"s1._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; p="']}, "was revoked"),
        ],
    )
    def test_a_key_that_is_not_there_is_a_failure(
        self, ask: Ask, selector: str, records: Zone, said: str
    ) -> None:
        """RFC 6376 section 3.6.1: an empty p= has been revoked."""
        (finding,) = troubles(ask(records, selector=selector))
        assert (finding.check, finding.verdict) == ("DKIM", Verdict.FAILED)
        assert said in finding.text


@pytest.mark.parametrize(
    ("fault", "reason"), [("silent", "Timeout"), ("refusing", "NoNameservers")]
)
def test_where_nobody_answers_it_is_skipped_once_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, fault: str, reason: str
) -> None:
    """A machine without DNS, behind a firewall: nothing is known, so nothing is wrong."""
    monkeypatch.setattr(sender_dns, "_LONGEST_WAIT_S", 0.2)
    with DnsServer(IN_ORDER, **{fault: True}) as server:
        server.instead_of_the_worlds(monkeypatch)
        (finding,) = SenderDns(DOMAIN, "s1", "").checkup()
    assert (finding.check, finding.verdict) == ("name servers", Verdict.SKIPPED)
    assert reason in finding.text
    assert {name for name, _ in server.asked} == {DOMAIN}
