"""The sample and the reference say what the program does, and the sample works as shipped."""

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from rmflow.adapters.registry import kinds, settings_of
from rmflow.config import load
from rmflow.config.described import Section, sections
from rmflow.config.files import packaged
from rmflow.config.reference import reference
from rmflow.config.sample import sample

ROOT = Path(__file__).parents[2]
STALE = "it is stale; run python docs/generate.py"


def test_the_sample_is_fresh() -> None:
    shipped = packaged("config/programme.toml").read_text(encoding="utf-8")
    assert shipped == sample(settings_of, kinds), STALE


def test_the_reference_is_fresh() -> None:
    shipped = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert shipped == reference(settings_of, kinds), STALE


def test_the_sample_is_valid_as_it_is(tmp_path: Path) -> None:
    path = placed(tmp_path, sample(settings_of, kinds))
    config = load(path, settings_of, kinds)
    assert config.programme().id == "reverse-mentoring"
    assert config.warnings == ()


def test_what_the_sample_shows_as_the_default_is_the_default(tmp_path: Path) -> None:
    """Somebody who removes a "#" without a change of the value must not change anything."""
    shipped = sample(settings_of, kinds)
    before = load(placed(tmp_path, shipped), settings_of, kinds).fingerprint
    known = [section for section in sections(settings_of, kinds) if section.needed]
    assert (
        load(placed(tmp_path, said(known, of="default")), settings_of, kinds).fingerprint == before
    )


@pytest.mark.parametrize("choose", [lambda of_port: of_port[0], lambda of_port: of_port[-1]])
def test_every_example_can_be_used(
    tmp_path: Path, choose: Callable[[list[Section]], Section]
) -> None:
    for name in ("mail", "database", "caldav"):
        secret(tmp_path / f"{name}.password")
    for name in (
        "store.key",
        "mail.token",
        "graph.secret",
        "exchange.password",
        "exchange.secret",
        "google-key.json",
        "google-client.json",
    ):
        secret(tmp_path / name)
    for name in ("topics.toml", "forms.toml"):
        text = packaged(f"config/{name}").read_text(encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    chosen: dict[str, list[Section]] = {}
    for section in sections(settings_of, kinds):
        chosen.setdefault(section.heading, []).append(section)
    text = said([choose(same) for same in chosen.values()], of="example")
    config = load(placed(tmp_path, text), settings_of, kinds)
    assert "fortnightly" in config.programme().cadences


def test_no_option_is_left_out_of_the_reference() -> None:
    page = reference(settings_of, kinds)
    for section in sections(settings_of, kinds):
        assert section.heading in page
        for option in section.options:
            assert option.name in page


def said(chosen: Iterable[Section], of: str) -> str:
    """Return a configuration that says every option's `default` or `example`."""
    lines = []
    for section in chosen:
        lines.append(section.heading)
        for option in section.options:
            value = option.example if option.required else getattr(option, of)
            lines += [f"{option.name} = {value}"] if value else []
    text = "\n".join(lines)
    tomllib.loads(text)
    return text


def placed(folder: Path, text: str) -> Path:
    secret(folder / "secret.key")
    path = folder / "programme.toml"
    path.write_text(text, encoding="utf-8")
    return path


def secret(path: Path) -> None:
    path.write_text("five wooden spoons", encoding="utf-8")
    path.chmod(0o600)
