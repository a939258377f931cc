"""Options that several verbs share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
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
json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


def configured(path: Path) -> Config:
    """Return the configuration that `--config` names."""
    if path.is_dir():
        inside = [path / "programme.toml", path / "config" / "programme.toml"]
        path = next((each for each in inside if each.exists()), inside[0])
    return load_config(path)


@contextmanager
def opened(config: Config) -> Iterator[Ports]:
    """Give the ports of a configuration, and close them at the end."""
    ports = open_ports(config)
    try:
        yield ports
    finally:
        ports.close()
