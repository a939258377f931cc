"""Every backend is found by its name, and costs nothing before it is."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rmflow.adapters import registry
from rmflow.adapters.registry import BACKENDS, EXTRAS, kinds, load, settings_of
from rmflow.config.backend import PORTS
from rmflow.errors import ConfigError

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


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_backend_whose_libraries_are_missing_says_what_to_install(
    extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator must not meet a traceback of imports."""
    entry = registry._Entry("rmflow.adapters.nowhere:Nothing", "", extra=extra)
    monkeypatch.setitem(registry.BACKENDS["calendar"], "sundial", entry)
    library = EXTRAS[extra][0]
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigError) as caught:
        load("calendar", "sundial")
    assert str(caught.value) == (
        f'[calendar] kind: kind "sundial" needs what is not installed here ({library}); '
        f'install it with: pip install "rmflow[{extra}]"'
    )


def test_every_extra_can_be_installed_under_its_name() -> None:
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    offered = tomllib.loads(pyproject.read_text())["project"]["optional-dependencies"]
    assert set(EXTRAS) <= set(offered)
    assert {entry.extra for of_port in BACKENDS.values() for entry in of_port.values()} <= {
        "",
        *EXTRAS,
    }


_BARE = """
import sys
from rmflow.adapters import registry
for names in registry.EXTRAS.values():
    sys.modules.update(dict.fromkeys(names))
for port, of_port in registry.BACKENDS.items():
    for kind, entry in of_port.items():
        registry.settings_of(port, kind)
        if not entry.extra:
            registry.load(port, kind)
"""


def test_without_any_extra_the_options_are_known_and_the_rest_works() -> None:
    """`rmflow check` reads a configuration on a machine that lacks the libraries."""
    done = subprocess.run([sys.executable, "-c", _BARE], capture_output=True, check=False)
    assert done.stderr.decode() == ""


def test_looking_at_the_names_imports_no_backend() -> None:
    """A cron job that starts every few minutes pays for what it uses, and for nothing else."""
    program = (
        "import sys; from rmflow.adapters.registry import kinds; kinds('calendar');"
        "print([n for n in sys.modules if n.startswith('rmflow.adapters.')"
        " or n.partition('.')[0] in ('sqlalchemy', 'icalendar', 'imapclient', 'xlsxwriter')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "['rmflow.adapters.registry']"
