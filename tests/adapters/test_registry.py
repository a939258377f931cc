"""Every backend is found by its name, and costs nothing before it is."""

import subprocess
import sys

import pytest

from rmflow.adapters.registry import BACKENDS, kinds, load, settings_of
from rmflow.config.backend import PORTS

EVERY = [(port, kind) for port, backends in BACKENDS.items() for kind in backends]


def test_every_port_of_the_configuration_has_backends() -> None:
    assert set(BACKENDS) == set(PORTS)
    assert all(not port.usual or port.usual in kinds(name) for name, port in PORTS.items())


@pytest.mark.parametrize(("port", "kind"), EVERY)
def test_a_backend_has_a_class_and_documented_options(port: str, kind: str) -> None:
    assert isinstance(load(port, kind), type)
    settings = settings_of(port, kind)
    assert settings is not None
    assert settings.__doc__
    assert all(field.description for name, field in settings.model_fields.items() if name != "kind")


@pytest.mark.parametrize(("port", "kind"), EVERY)
def test_an_unknown_option_is_refused_by_every_backend(port: str, kind: str) -> None:
    settings = settings_of(port, kind)
    assert settings is not None
    assert settings.model_config.get("extra") == "forbid"


def test_an_unknown_backend_is_none_at_all() -> None:
    assert settings_of("calendar", "sundial") is None


def test_looking_at_the_names_imports_no_backend() -> None:
    """A cron job that starts every few minutes pays for what it uses, and for nothing else."""
    program = (
        "import sys; from rmflow.adapters.registry import kinds; kinds('calendar');"
        "print([n for n in sys.modules if n.startswith('rmflow.adapters.')"
        " or n.partition('.')[0] in ('sqlalchemy', 'icalendar', 'imapclient', 'xlsxwriter')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "['rmflow.adapters.registry']"
