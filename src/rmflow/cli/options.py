"""Options that several verbs share."""

import logging
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from rmflow.app.ports import Ports
from rmflow.config import Config
from rmflow.wiring import load_config, open_ports

USUAL = "config/programme.toml"

config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=True),
    default=lambda: Path(os.environ.get("RMFLOW_CONFIG", USUAL)),
    show_default=f"$RMFLOW_CONFIG, else {USUAL}",
    metavar="FILE",
    help="The configuration; a folder means the programme.toml in it.",
)
_NOBODY = logging.NullHandler()
json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


def configured(path: Path) -> Config:
    """Return the configuration that `--config` names; from now on this process keeps its own."""
    _keep_to_ourselves()
    if path.is_dir():
        inside = [path / "programme.toml", path / "config" / "programme.toml"]
        path = next((each for each in inside if each.exists()), inside[0])
    return load_config(path)


def _keep_to_ourselves() -> None:
    """Let libraries log to nobody, for their lines show requests and answers whole; and let no
    crash leave our memory in a file.
    """
    logging.getLogger().addHandler(_NOBODY)
    with suppress(ValueError, OSError):
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))


@contextmanager
def opened(config: Config) -> Iterator[Ports]:
    """Give the ports of a configuration, and close them at the end."""
    ports = open_ports(config)
    try:
        yield ports
    finally:
        ports.close()
