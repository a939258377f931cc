"""Twenty mail programs: the bytes each makes of what somebody typed above and into our letter."""

import re
from collections.abc import Callable, Mapping
from html import escape

from corpus_tongues import TONGUES, Tongue
from reply_corpus import MAILBOX_NAME, REPLY_TO, Reply, letter, message

from rmflow.domain.people import Address

WHO = f"{MAILBOX_NAME} <{REPLY_TO}>"
_AUTHOR = "Margaret Okafor"
_ADDRESS = Address("margaret.okafor@contoso.example")


def _mail(plain: str = "", html: str = "", *, flowed: bool = False) -> bytes:
    mail = message()
    if plain:
        mail.set_content(plain)
    if flowed:
        mail.replace_header("Content-Type", 'text/plain; charset="utf-8"; format=flowed')
    if html and plain:
        mail.add_alternative(html, subtype="html")
    elif html:
        mail.set_content(html, subtype="html")
    return mail.as_bytes()


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _divs(text: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.splitlines())


def _breaks(text: str) -> str:
    return "<br>\n".join(map(escape, text.splitlines()))


def _paragraphs(text: str) -> str:
    lines = (escape(line) or "<o:p>&nbsp;</o:p>" for line in text.splitlines())
    return "".join(f'<p class="MsoNormal">{line}</p>' for line in lines)


def _headers(reply: Reply, tongue: Tongue, mark: str = "") -> list[str]:
    """The block above a quote: sender, moment, recipient, subject."""
    values = (WHO, tongue.moment, f"{_AUTHOR} <{_ADDRESS}>", letter(reply.locale).subject)
    return [f"{mark}{label}: {value}" for label, value in zip(tongue.labels, values, strict=True)]


def _bold(headers: list[str], line_end: str = "<br>") -> str:
    parts = (header.partition(":") for header in headers)
    return line_end.join(f"<b>{name}:</b>{escape(value)}" for name, _, value in parts)


def gmail_web(reply: Reply, tongue: Tongue) -> bytes:
    head = tongue.gmail.format(who=WHO)
    plain = tongue.gmail.format(who=f"{MAILBOX_NAME} <\n{REPLY_TO}>")
    html = (
        f'<div dir="ltr">{_divs(reply.above)}</div><br><div class="gmail_quote gmail_quote_container">'
        f'<div dir="ltr" class="gmail_attr">{escape(head)}<br></div><blockquote class="gmail_quote" '
        'style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">'
        f"{reply.form_html}</blockquote></div>"
    )
    return _mail(f"{reply.above}\n\n{plain}\n\n{_quoted(reply.form_text)}\n", html)


def gmail_app(reply: Reply, tongue: Tongue) -> bytes:
    head = tongue.gmail.format(who=WHO)
    html = (
        f'<div dir="auto">{_divs(reply.above)}</div><br><div class="gmail_quote">'
        f'<div dir="ltr" class="gmail_attr">{escape(head)}<br></div><blockquote class="gmail_quote" '
        f'style="margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex">{reply.form_html}</blockquote></div>'
    )
    return _mail(f"{reply.above}\n\n{head}\n\n{_quoted(reply.form_text)}\n", html)


def outlook_desktop(reply: Reply, tongue: Tongue) -> bytes:
    block = (
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">'
        f'<p class="MsoNormal">{_bold(_headers(reply, tongue))}<o:p></o:p></p></div></div>'
    )
    close = f"{tongue.close}\n{_AUTHOR}"
    html = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin:0cm}</style>'
        "<!--[if gte mso 9]><xml><o:shapedefaults/></xml><![endif]--></head><body>"
        f'<div class="WordSection1">{_paragraphs(reply.above)}<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
        f"{_paragraphs(close)}{block}{reply.form_html}</div></body></html>"
    )
    head = "\n".join(_headers(reply, tongue))
    return _mail(f"{reply.above}\n\n{close}\n\n{head}\n\n{reply.form_text}\n", html)


def outlook_plain(reply: Reply, tongue: Tongue) -> bytes:
    head = "\n".join(_headers(reply, tongue))
    return _mail(
        f"{reply.above}\n\n{tongue.close}\n{_AUTHOR}\n\n-----{tongue.original}-----\n{head}\n\n{reply.form_text}\n"
    )


def outlook_web(reply: Reply, tongue: Tongue) -> bytes:
    return _mail(
        html=f'<html><body><div class="elementToProof">{_divs(reply.above)}</div>'
        f'<div id="Signature"><p>{_AUTHOR}</p><p>Chief Operating Officer | Contoso</p></div><div id="appendonsend"></div>'
        '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">'
        f"{_bold(_headers(reply, tongue))}</font><div>&nbsp;</div></div><div>{reply.form_html}</div></body></html>"
    )


def outlook_mobile(reply: Reply, tongue: Tongue) -> bytes:
    app, _, _ = tongue.outlook_app.partition("<")
    html = (
        f'<html><body><div dir="auto">{_divs(reply.above)}</div><div dir="auto" id="ms-outlook-mobile-signature">'
        f"<div><br></div>{app.replace('Outlook', '<a href=#>Outlook</a>')}</div>"
        f'<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">{_bold(_headers(reply, tongue))}</font>'
        f"</div>{reply.form_html}</body></html>"
    )
    head = "\n".join(_headers(reply, tongue))
    rule = "_" * 32
    return _mail(
        f"{reply.above}\n\n{tongue.outlook_app}\n{rule}\n{head}\n\n{reply.form_text}\n", html
    )


def outlook_mobile_plain(reply: Reply, tongue: Tongue) -> bytes:
    head = "\n".join(_headers(reply, tongue))
    return _mail(
        f"{reply.above}\n\n{tongue.outlook_app}\n{'_' * 32}\n{head}\n\n{reply.form_text}\n"
    )


def apple_mail(reply: Reply, tongue: Tongue) -> bytes:
    head = tongue.apple.format(who=WHO)
    html = (
        f'<html><body style="overflow-wrap: break-word;">{_divs(reply.above)}<div><br><blockquote type="cite"><div>{escape(head)}</div>'
        f'<br class="Apple-interchange-newline"><div>{reply.form_html}</div></blockquote></div><br></body></html>'
    )
    return _mail(f"{reply.above}\n\n> {head}\n> \n{_quoted(reply.form_text)}\n", html)


def iphone(reply: Reply, tongue: Tongue) -> bytes:
    head = tongue.apple.format(who=WHO)
    html = (
        f'<html><body dir="auto">{_divs(reply.above)}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{escape(tongue.phone)}</div>'
        f'<div dir="ltr"><br><blockquote type="cite">{escape(head)}<br><br></blockquote></div>'
        f'<blockquote type="cite"><div dir="ltr">\ufeff{reply.form_html}</div></blockquote></body></html>'
    )
    quote = _quoted(reply.form_text).replace("> ", "> \ufeff", 1)
    return _mail(f"{reply.above}\n\n{tongue.phone}\n\n> {head}\n> \n{quote}\n", html)


def thunderbird_below(reply: Reply, tongue: Tongue) -> bytes:
    head = tongue.thunderbird.format(who=MAILBOX_NAME)
    return _mail(
        f"{head}\n{_quoted(reply.form_text)}\n\n{reply.above}\n\n-- \n{_AUTHOR}\nCOO\n", flowed=True
    )


def thunderbird_html(reply: Reply, tongue: Tongue) -> bytes:
    head = tongue.thunderbird.format(who=MAILBOX_NAME)
    return _mail(
        html=f"<html><body><p>{_breaks(reply.above)}</p>"
        f'<div class="moz-signature">-- <br>{_AUTHOR}<br>Contoso</div><div class="moz-cite-prefix">{escape(head)}<br></div>'
        f'<blockquote type="cite" cite="mid:0123@contoso.example">{reply.form_html}</blockquote></body></html>'
    )


def notes(reply: Reply, tongue: Tongue) -> bytes:
    """HCL Notes: headers in small grey type with wide gaps, a rule, our letter."""
    parts = [header.partition(":") for header in _headers(reply, tongue)]
    rows = "".join(
        f'<font size="1" color="#5f5f5f" face="sans-serif">{name}: &nbsp; &nbsp; &nbsp; &nbsp;</font>'
        f'<font size="1" face="sans-serif">{escape(value)}</font><br>'
        for name, _, value in parts
    )
    html = (
        f'<font size="2" face="sans-serif">{_breaks(reply.above)}</font><br><br><font size="2">{tongue.close}<br>{_AUTHOR}</font>'
        f"<br><br><br>{rows}<hr noshade><br>{reply.form_html}"
    )
    plain = "\n".join(f"{name}:        {value.strip()}" for name, _, value in parts)
    return _mail(
        f"{reply.above}\n\n{tongue.close}\n{_AUTHOR}\n\n\n\n{plain}\n\n\n\n{reply.form_text}\n",
        html,
    )


def notes_web(reply: Reply, tongue: Tongue) -> bytes:
    """HCL iNotes and Verse: a line with our name between dashes, then headers."""
    del tongue  # it writes English, whatever the browser's language is
    english = TONGUES["en"]
    headers = _headers(reply, english)
    order = (headers[2], headers[0], headers[1].replace("Sent", "Date"), headers[3])
    return _mail(
        f'{reply.above}\n\n-----"{MAILBOX_NAME}" <{REPLY_TO}> wrote: -----\n'
        + "\n".join(order)
        + f"\n\n{reply.form_text}\n"
    )


def yahoo(reply: Reply, tongue: Tongue) -> bytes:
    head = escape(tongue.apple.format(who=WHO))
    return _mail(
        html=f'<html><head></head><body><div class="ydp yahoo-style-wrap">{_divs(reply.above)}<div><br></div></div>'
        '<div id="ydp1234yahoo_quoted_9876" class="ydp1234yahoo_quoted"><div style="font-size:13px;color:#26282a;">'
        f"<div>{head}</div><div><br></div><div>{reply.form_html}</div></div></div></body></html>"
    )


def gmx(reply: Reply, tongue: Tongue) -> bytes:
    headers = _headers(reply, tongue)
    order = [headers[1], headers[0], headers[2], headers[3]]
    return _mail(
        html=f'<html><body><div style="font-family: Verdana;font-size: 12.0px;">{_divs(reply.above)}<div>&nbsp;'
        '<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;">'
        f'<div style="margin:0 0 10px 0;">{_bold(order, "<br/>")}</div><div name="quoted-content">{reply.form_html}</div></div></div></div></body></html>'
    )


def webde_app(reply: Reply, tongue: Tongue) -> bytes:
    """web.de and GMX on a phone: an app's line, then the address alone and a date."""
    head = tongue.apple.format(who=f"{REPLY_TO}")
    return _mail(
        f"{reply.above}\n-- \nGesendet mit der WEB.DE Mail App\n\n{head}\n\n{_quoted(reply.form_text)}\n"
    )


def proton(reply: Reply, tongue: Tongue) -> bytes:
    del tongue  # it writes English
    head = escape(f"On Tuesday, November 3rd, 2026 at 14:05, {WHO} wrote:")
    return _mail(
        html=f'<div style="font-family: Arial;">{_divs(reply.above)}</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a href="#">Proton Mail</a> secure email.</div></div>'
        f'<div class="protonmail_quote">{head}<br><blockquote class="protonmail_quote" type="cite">{reply.form_html}</blockquote><br></div>'
    )


def zimbra(reply: Reply, tongue: Tongue) -> bytes:
    headers = _bold(_headers(reply, tongue))
    return _mail(
        html=f'<html><body><div style="font-family: arial"><div>{_breaks(reply.above)}</div><div><br></div><hr id="zwchr" data-marker="__DIVIDER__">'
        f'<div data-marker="__HEADERS__"><blockquote style="border-left:2px solid #1010FF;margin-left:5px;padding-left:5px;">{headers}</blockquote></div>'
        f'<div data-marker="__QUOTED_TEXT__"><blockquote style="border-left:2px solid #1010FF;margin-left:5px;padding-left:5px;">{reply.form_html}</blockquote></div></div></body></html>'
    )


def samsung(reply: Reply, tongue: Tongue) -> bytes:
    lines = "".join(f"<div>{escape(header)} </div>" for header in _headers(reply, tongue))
    return _mail(
        html=f'<html><body dir="auto"><div dir="auto">{_divs(reply.above)}</div><div><br></div><div id="composer_signature" dir="auto"><div style="font-size:12px;color:#575757" dir="auto">Sent from my Galaxy</div></div><div><br></div>'
        f'<div align="left" dir="auto" style="font-size:100%;color:#000000"><div>-------- {tongue.original} --------</div>{lines}<div><br></div></div>{reply.form_html}</body></html>'
    )


def fastmail(reply: Reply, tongue: Tongue) -> bytes:
    del tongue  # it writes English
    head = f"On Tue, Nov 3, 2026, at 2:05 PM, {MAILBOX_NAME} wrote:"
    html = f'<!DOCTYPE html><html><head><title></title></head><body>{_divs(reply.above)}<div><br></div><div>{head}</div><blockquote type="cite" id="qt" style="">{reply.form_html}</blockquote><div><br></div></body></html>'
    return _mail(f"{reply.above}\n\n{head}\n{_quoted(reply.form_text)}\n", html)


def tuta(reply: Reply, tongue: Tongue) -> bytes:
    del tongue  # a date, "by", the address
    return _mail(
        html=f"<html><body>{_divs(reply.above)}<div><br></div><div>--<br>Sent with Tuta; enjoy secure & ad-free emails.<br></div><div><br></div>"
        f'<div>Nov 3, 2026, 14:05 by {REPLY_TO}:<br></div><blockquote class="tutanota_quote" style="border-left: 1px solid #93A3B8; padding-left: 10px; margin-left: 5px;">{reply.form_html}</blockquote></body></html>'
    )


CLIENTS: Mapping[str, Callable[[Reply, Tongue], bytes]] = {
    client.__name__: client
    for client in (
        gmail_web, gmail_app, outlook_desktop, outlook_plain, outlook_web, outlook_mobile,
        outlook_mobile_plain, apple_mail, iphone, thunderbird_below, thunderbird_html, notes,
        notes_web, yahoo, gmx, webde_app, proton, zimbra, samsung, fastmail, tuta,
    )
}  # fmt: skip


def wraps(raw: bytes) -> bool:
    """Whether a mail is plain text, in which lines may have been broken."""
    return re.search(rb"(?i)content-type: text/html", raw) is None
