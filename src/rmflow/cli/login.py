"""`rmflow login`: somebody allows rmflow to use their Google account."""

from pathlib import Path

import click

from rmflow.cli.options import config_option, configured
from rmflow.config import Config
from rmflow.wiring import consents, obtain_consent

_PORT = 8085


@click.command()
@config_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_PORT,
    show_default=True,
    help="Port of this machine that the browser comes back to; 0 takes any that is free.",
)
def login(config_path: Path, port: int) -> None:
    """Let somebody allow rmflow to use their Google account.

    Only for Google backends with credentials = "user". Prints an address to open in a browser,
    waits until it was answered there, and keeps the consent in the file that `token` names.
    """
    config = configured(config_path)
    found = consents(config)
    if not found:
        raise click.UsageError(
            "No backend here logs in as a user, so there is nothing to allow. A Google backend "
            'does with credentials = "user"; see docs/backends/google.md.'
        )
    for consent in found:
        sections = ", ".join(f"[{name}]" for name in consent.ports)
        click.echo(f"For {sections} rmflow asks for:")
        click.echo("".join(f"  {scope}\n" for scope in consent.scopes))
        obtain_consent(config, consent, port, lambda url: _tell(url, config, port))
        click.echo(f"Kept in {config.folder / str(consent.settings.token)}.\n")


def _tell(url: str, config: Config, port: int) -> None:
    click.echo(
        f"Open this address in a browser, log in as {config.sections.mailbox.address}, tick all\n"
        f"that is asked for and allow it:\n\n{url}\n"
    )
    if port:
        click.echo(
            "The browser must run on this machine. If it runs on another, leave this open and type\n"
            f"there first: ssh -L {port}:localhost:{port} NAME-OF-THIS-MACHINE\n"
        )
    click.echo("Waiting ...")
