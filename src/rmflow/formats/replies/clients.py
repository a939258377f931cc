"""What each mail program puts around the mail it answers and around signatures; the only such table.

Names are those of the HTML the program writes, lower case, without the `x_` that Outlook puts before
the ids and classes of mail it answers. A misread mail of a program we know becomes a word here.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Client:
    """The marks of one program, each a word or several with spaces between.

    `citing`: classes of a <blockquote> that quotes. `tail_...`: from here on all is quoted.
    `head`: classes of the line that introduces a quote. `signature_...`: of a signature.
    """

    name: str
    citing: str = ""
    tail_ids: str = ""
    tail_classes: str = ""
    tail_names: str = ""
    head: str = ""
    signature_ids: str = ""
    signature_classes: str = ""


CLIENTS = (
    Client(
        "Gmail",
        citing="gmail_quote",
        head="gmail_attr",
        signature_classes="gmail_signature gmail_signature_prefix",
    ),
    Client("Outlook on a Mac", tail_ids="olk_src_body_section"),  # on Windows: OUTLOOK_RULE
    Client(
        "Outlook in a browser", tail_ids="appendonsend divrplyfwdmsg", signature_ids="signature"
    ),
    Client(
        "Outlook, mobile",
        tail_ids="mail-editor-reference-message-container",
        signature_ids="ms-outlook-mobile-signature outlook-mobile-signature",
    ),
    Client(
        "Thunderbird",
        head="moz-cite-prefix moz-email-headers-table",
        signature_classes="moz-signature",
    ),
    Client(
        "Yahoo",
        citing="yahoo_quoted",
        tail_classes="yahoo_quoted",
        signature_ids="ymail_android_signature",
        signature_classes="yahoo_signature",
    ),
    Client("Proton", citing="protonmail_quote", signature_classes="protonmail_signature_block"),
    Client("GMX, web.de", tail_names="quote"),
    Client("Spark", tail_names="messagereplysection"),
    Client("Zoho", tail_classes="zmail_extra"),
    Client("Tuta", citing="tutanota_quote"),
    Client("One not known by name", tail_ids="replysplit"),
    Client("Samsung", signature_ids="composer_signature"),
)
# Outlook's line above the mail it answers: a div with nothing but a thin coloured top border.
OUTLOOK_RULE = r"border:\s*none;\s*border-top:\s*solid\s+(?:#[0-9a-f]{3,6}|windowtext)"


def marks(kind: str) -> frozenset[str]:
    """Return the marks of one kind, a field of `Client`, of all programs."""
    assert kind in {field.name for field in fields(Client)}
    return frozenset(word for client in CLIENTS for word in getattr(client, kind).split())
