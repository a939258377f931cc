"""The verbs an operator types. Each is imported when it is used, so that `--help` is quick."""

import errno
from importlib import import_module

import click

from rmflow import __version__

# Verb: (module, what the list of verbs says). The order is the order of a first acquaintance.
_VERBS = {
    "demo": ("demo", "Play six months of an invented programme into a folder."),
    "init": ("init", "Make a folder with a configuration and an empty roster."),
    "check": ("check", "Read configuration and roster; say everything that is wrong."),
    "login": ("login", "Let somebody allow rmflow to use their Google account."),
    "doctor": ("doctor", "Try everything that a run needs; send nothing."),
    "preview": ("preview", "Write every mail, in every language, as a file to look at."),
    "plan": ("plan", "Show what a run would do now. Changes nothing."),
    "run": ("run", "Do what is due now: this is what cron calls."),
    "status": ("status", "Show how the programme stands and what waits for a person."),
    "explain": ("explain", "Tell the story of one pair: what was done, when and why."),
    "inbox": ("inbox", "Read and settle the mails that wait for a person."),
    "audit": ("audit", "List what was done, and check that nobody has changed the list."),
    "backup": ("backup", "Copy the database to a file, at any time."),
    "restore": ("backup", "Put a backup in the place of the database."),
    "rekey": ("rekey", "Bring the database under the key that [store] names first."),
    "export": ("person", "Write everything that is kept about a person into a folder."),
    "forget": ("person", "Erase everything that is kept about a person."),
}


class _Verbs(click.Group):
    """A group that imports a verb when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"rmflow.cli.{_VERBS[cmd_name][0]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, text) for verb, (_, text) in _VERBS.items()])


# What an operator can mend: room, rights, the disk. Any other such error is a mistake of ours.
_OF_A_DISK = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
)

_EPILOG = """\
Every verb has its own help: rmflow VERB --help.

\b
Exit codes:
  0   done
  1   something failed, or waits for a person
  2   the configuration, or what was typed, has a mistake
  3   the roster has a mistake
  4   the plan would undo much: a person must confirm it
  5   a server or a disk cannot be reached
  70  a mistake in rmflow itself
  75  another run is at work
"""
MISTAKE = 70


@click.group(
    cls=_Verbs,
    subcommand_metavar="VERB …",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="rmflow", message="%(prog)s %(version)s")
def cli() -> None:
    """Run a reverse-mentoring programme by mail and calendar.

    A coordinator keeps a roster; rmflow, called by cron, invites the pairs, sends topics, asks
    for summaries, reads the answers and keeps a workbook of how it goes.
    """


def main() -> None:
    """Run the command line; every deliberate error ends in one message and its exit code.

    Of any other nothing is shown but where it happened: what it says may be somebody's words.
    """
    from rmflow.errors import RmflowError

    try:
        cli.main(prog_name="rmflow", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except click.Abort:
        raise SystemExit(130) from None
    except RmflowError as error:
        from rmflow.cli.output import complain

        complain(error)
        raise SystemExit(error.exit_code) from None
    except Exception as error:  # noqa: BLE001 - what we did not expect is told, but not its words
        if isinstance(error, OSError) and error.errno in _OF_A_DISK:
            click.echo(f"rmflow: {error.filename or 'disk'}: {error.strerror}", err=True)
            raise SystemExit(5) from None
        from rmflow.app.trace import trace_of

        click.echo(
            f"rmflow: a mistake of ours; report it with these lines\n{trace_of(error)}", err=True
        )
        raise SystemExit(MISTAKE) from None
