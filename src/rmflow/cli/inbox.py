"""`rmflow inbox`: mails that wait for a person."""

import sys
from pathlib import Path

import click

from rmflow.app.waiting import (
    assign_mail,
    discard_mail,
    gone,
    reread_mails,
    show_mail,
    waiting_mails,
)
from rmflow.cli.logbook import audited
from rmflow.cli.options import config_option, configured, json_option, opened
from rmflow.cli.output import show_json
from rmflow.errors import RmflowError


@click.group(subcommand_metavar="VERB …")
def inbox() -> None:
    """Read and settle the mails that wait for a person.

    A mail waits when rmflow could not be sure what it says or whom it is from. It is kept, raw
    and whole, until you assign or discard it.
    """


@inbox.command("list")
@config_option
@json_option
def list_mails(config_path: Path, *, as_json: bool) -> None:
    """List the mails that wait, oldest first."""
    with opened(configured(config_path)) as ports:
        mails = waiting_mails(ports)
    if as_json:
        show_json([mail.as_json() for mail in mails])
        return
    if not mails:
        click.echo("No mail waits for you.")
    for mail in mails:
        click.echo(
            f"{mail.id[:8]}  {mail.received_at:%Y-%m-%d}  {mail.pairing or '-':<10} {mail.why}"
        )


@inbox.command(short_help="Show one mail and what rmflow made of it.")
@click.argument("mail")
@config_option
@click.option("--raw", is_flag=True, help="Show the mail as it came in, byte by byte.")
def show(mail: str, config_path: Path, *, raw: bool) -> None:
    """Show one mail: who wrote it, what rmflow made of it, and its words."""
    with audited(configured(config_path)) as ports:
        found = show_mail(ports, mail)
    reading = found.reading
    if raw:
        if found.raw is None:
            raise RmflowError(gone(reading.mail_id))
        sys.stdout.buffer.write(found.raw)
        return
    click.echo(f"From     {reading.sender}\nSubject  {reading.subject}\nWaits    {reading.why}\n")
    click.echo(reading.text or "(no words of its own)")
    if reading.elided:
        click.echo(f"\nLeft out, because others wrote it:\n{reading.elided}")


@inbox.command(short_help="File a mail as the summary of a pair's meeting.")
@click.argument("mail")
@click.argument("pair")
@click.option("--meeting", metavar="DATE", default="", help="The day of the meeting, 2027-02-16.")
@config_option
def assign(mail: str, pair: str, meeting: str, config_path: Path) -> None:
    """File a mail as the summary of a meeting of PAIR: of the last one, or of --meeting."""
    with audited(configured(config_path)) as ports:
        click.echo(assign_mail(ports, mail, pair, meeting))


@inbox.command(short_help="Read waiting mails anew, and file those that are clear now.")
@click.argument("mail", default="")
@config_option
def reread(mail: str, config_path: Path) -> None:
    """Read MAIL, or all mails that wait, anew, and file those that are clear now.

    After a new version, a change of the roster or of the configuration the next runs do so by
    themselves.
    """
    with audited(configured(config_path)) as ports:
        found = reread_mails(ports, mail)
    for reading in found:
        click.echo(f"{reading.mail_id[:8]}  {reading.pairing or '-':<10} {reading.status.value}")
    click.echo(f"{len(found)} of the mails that waited are clear now.")


@inbox.command()
@click.argument("mail")
@config_option
def discard(mail: str, config_path: Path) -> None:
    """Take a mail off the list. It is kept in the store all the same."""
    with audited(configured(config_path)) as ports:
        discard_mail(ports, mail)
    click.echo("Taken off the list.")
