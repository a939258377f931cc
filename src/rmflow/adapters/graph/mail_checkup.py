"""What can be known of mail through Graph, with a draft to nobody that is removed again.

That a mail may be sent is proved by sending one without a recipient: who may send is told that a
recipient is missing, who may not is refused.
"""

import base64
from collections.abc import Callable, Iterator
from uuid import uuid4

from rmflow.adapters.clock_skew import compared
from rmflow.adapters.graph.checkup import login
from rmflow.adapters.graph.client import GraphClient, Json, path
from rmflow.adapters.graph.mail_settings import MailboxSettings, MailerSettings
from rmflow.adapters.graph.settings import GraphSettings
from rmflow.adapters.web import Answer
from rmflow.domain.people import Address
from rmflow.errors import BackendError, ChangedError, DeniedError, RejectedError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_MIME = {"Content-Type": "text/plain"}
_EVERYWHERE = {"Mail.Read", "Mail.ReadWrite", "Mail.Send"}
_REMOVE = "delete the mail 'rmflow doctor was here' from the mailbox"


def check_mailer(graph: GraphClient, settings: MailerSettings, clock: Clock) -> Iterator[Finding]:
    """Yield what was found about sending; see `Checkup`."""
    yield (begun := login(graph, settings))
    if begun.verdict is Verdict.FAILED:
        return
    if settings.look_back:
        inbox, answer = _inbox(graph)
        yield inbox
        if answer is None:
            return
        yield compared(answer.headers.get("Date"), clock)
        yield from _draft(graph, settings, _look_back)
    else:
        yield _may_send(graph, graph.mailbox("sendMail"), _probe(settings.mailbox)[1])
    yield _reach(graph, settings, sends=True)


def check_mailbox(graph: GraphClient, settings: MailboxSettings, clock: Clock) -> Iterator[Finding]:
    """Yield what was found about reading and filing; see `Checkup`."""
    yield (begun := login(graph, settings))
    if begun.verdict is Verdict.FAILED:
        return
    inbox, answer = _inbox(graph)
    yield inbox
    if answer is None:
        return
    yield compared(answer.headers.get("Date"), clock)
    yield from _draft(graph, settings, _moves)
    yield _reach(graph, settings, sends=False)


def _inbox(graph: GraphClient) -> tuple[Finding, Answer | None]:
    """Return whether the mailbox can be read, and what it answered if so."""
    try:
        answer = graph.ask("open", "GET", graph.mailbox("mailFolders", "inbox", "messages"))
        graph.understood("open", answer)
    except BackendError as error:
        return Finding("inbox", Verdict.FAILED, error.reason, graph.grant()), None
    return Finding("inbox", Verdict.FINE, "the mailbox can be read"), answer


# The probe.

_Trial = Callable[[GraphClient, Json, str], Iterator[Finding]]


def _draft(graph: GraphClient, settings: GraphSettings, trial: _Trial) -> Iterator[Finding]:
    """Make a draft to nobody, try something with it, and remove it."""
    message_id, mime = _probe(settings.mailbox)
    try:
        made = graph.write("draft", "POST", graph.mailbox("messages"), body=mime, headers=_MIME)
    except BackendError as error:
        yield Finding("drafts", Verdict.FAILED, error.reason, graph.grant())
        return
    try:
        yield Finding("drafts", Verdict.FINE, "drafts can be made")
        yield from trial(graph, made, message_id)
    except BackendError as error:
        yield Finding(error.operation, Verdict.FAILED, error.reason, graph.grant())
    finally:
        traces = _removed(graph, str(made["id"]))
    if traces:
        yield Finding("traces", Verdict.WARNING, traces, _REMOVE)


def _probe(mailbox: Address) -> tuple[str, bytes]:
    """Return a mail to nobody as its Message-ID and what Graph takes for MIME."""
    message_id = f"<rmflow-probe-{uuid4().hex}@{mailbox.rpartition('@')[2]}>"
    lines = (
        f"From: {mailbox}",
        f"Message-ID: {message_id}",
        "Subject: rmflow doctor was here; delete this",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "This is a trial of what rmflow may do. It has no recipient.",
        "",
    )
    return message_id, base64.b64encode("\r\n".join(lines).encode("ascii"))


def _look_back(graph: GraphClient, made: Json, message_id: str) -> Iterator[Finding]:
    query = {"$filter": f"internetMessageId eq '{message_id}'", "$select": "id,isDraft"}
    found = list(graph.pages("look back", graph.mailbox("messages"), query=query))
    if made.get("internetMessageId") != message_id:
        text = "a mail gets another Message-ID than ours"
        yield Finding("look back", Verdict.FAILED, text, "set look_back = false in [mail_out]")
    elif not found:
        text = "a draft is not found by its Message-ID"
        advice = "try again in a minute; if it stays so, set look_back = false in [mail_out]"
        yield Finding("look back", Verdict.WARNING, text, advice)
    else:
        yield Finding("look back", Verdict.FINE, "a mail is found by its Message-ID")
    yield _may_send(graph, graph.mailbox("messages", str(made["id"]), "send"), None)


def _may_send(graph: GraphClient, at: str, mime: bytes | None) -> Finding:
    """Send a mail to nobody; `at` may be somebody else's mailbox."""
    try:
        graph.write("send", "POST", at, body=mime, headers=_MIME if mime else None)
    except RejectedError:
        return Finding("send", Verdict.FINE, "mail may be sent; a trial had no recipient")
    except BackendError as error:
        return Finding("send", Verdict.FAILED, error.reason, graph.grant())
    text = "a mail without recipients was accepted, so it is not known whether others are sent"
    return Finding("send", Verdict.WARNING, text, "look at the first mails that rmflow sends")


def _moves(graph: GraphClient, made: Json, _: str) -> Iterator[Finding]:
    at = graph.mailbox("messages", str(made["id"]), "move")
    graph.write("move", "POST", at, body={"destinationId": "deleteditems"})
    yield Finding("move", Verdict.FINE, "mails can be moved")


def _removed(graph: GraphClient, id: str) -> str:
    """Delete the probe, twice: the first time only puts it under Deleted Items."""
    at = graph.mailbox("messages", id)
    try:
        for _ in range(2):
            graph.write("delete", "DELETE", at)
    except ChangedError:
        return ""  # it has gone
    except BackendError as error:
        return f"the trial mail may still be there: {error.reason}"
    return ""


# What the app could do elsewhere.


def _reach(graph: GraphClient, settings: GraphSettings, *, sends: bool) -> Finding:
    """Return whether the app is kept from other mailboxes."""
    if settings.outsider is not None:
        return _refused_elsewhere(graph, settings.outsider, sends=sends)
    everywhere = sorted(graph.login.roles() & _EVERYWHERE)
    if everywhere:
        text = f"the app holds {', '.join(everywhere)} for every mailbox of the tenant"
        return Finding("other mailboxes", Verdict.WARNING, text, graph.grant())
    text = "no mailbox is named that the app must not reach"
    return Finding("other mailboxes", Verdict.SKIPPED, text, "name one as outsider")


def _refused_elsewhere(graph: GraphClient, outsider: Address, *, sends: bool) -> Finding:
    try:
        reached = _reached(graph, outsider, sends=sends)
    except BackendError as error:
        return Finding("other mailboxes", Verdict.SKIPPED, error.reason, "try again later")
    if not reached:
        return Finding("other mailboxes", Verdict.FINE, f"the app is refused at {outsider}")
    text = f"the app reaches {outsider}, and so, probably, every mailbox"
    return Finding("other mailboxes", Verdict.WARNING, text, graph.grant())


def _reached(graph: GraphClient, outsider: Address, *, sends: bool) -> bool:
    """Return whether the app may look into this inbox, or send a mail, to nobody, from there."""
    try:
        if sends:
            at, mime = path("users", outsider, "sendMail"), _probe(outsider)[1]
            graph.write("send elsewhere", "POST", at, body=mime, headers=_MIME)
        else:
            at = path("users", outsider, "mailFolders", "inbox", "messages")
            graph.understood("look elsewhere", graph.ask("look elsewhere", "GET", at))
    except DeniedError:
        return False
    except RejectedError:  # the mail is wrong, not the sender
        return True
    return True
