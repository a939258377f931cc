"""Secrets are named, never written down, and never shown."""

from pathlib import Path

import pytest

from rmflow.config import Options, SecretRef
from rmflow.errors import ConfigError


class Mailbox(Options):
    password: SecretRef


def test_a_file_counts_from_the_given_folder(tmp_path: Path) -> None:
    (tmp_path / "mail.password").write_text("five wooden spoons\n", encoding="utf-8")
    assert SecretRef.parse("file:mail.password").reveal(tmp_path) == "five wooden spoons"


def test_an_absolute_file_is_taken_as_it_is(tmp_path: Path) -> None:
    """Container platforms mount secrets under /run/secrets."""
    (tmp_path / "password").write_text("five wooden spoons", encoding="utf-8")
    reference = SecretRef.parse(f"file:{tmp_path / 'password'}")
    assert reference.reveal(Path("/nowhere")) == "five wooden spoons"


def test_a_variable_is_read_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RMFLOW_TEST_PASSWORD", "five wooden spoons")
    assert SecretRef.parse("env:RMFLOW_TEST_PASSWORD").reveal(tmp_path) == "five wooden spoons"


@pytest.mark.parametrize("written", ["hunter2", "env:", "file: ", "vault:spoons", "", 7])
def test_a_literal_secret_is_refused_without_being_shown(written: object) -> None:
    with pytest.raises(ValueError, match='write "file:NAME"') as refused:
        SecretRef.parse(written)
    assert not any(word in str(refused.value) for word in ("hunter2", "spoons", "7"))


def test_a_model_shows_the_reference_and_not_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RMFLOW_TEST_PASSWORD", "five wooden spoons")
    mailbox = Mailbox.model_validate({"password": "env:RMFLOW_TEST_PASSWORD"})
    assert "spoons" not in repr(mailbox)
    assert mailbox.model_dump_json() == '{"password":"env:RMFLOW_TEST_PASSWORD"}'


def test_a_missing_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RMFLOW_TEST_PASSWORD", raising=False)
    with pytest.raises(ConfigError, match="the environment variable RMFLOW_TEST_PASSWORD is not"):
        SecretRef.parse("env:RMFLOW_TEST_PASSWORD").reveal(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "there is no file"), (b" \n", "is empty"), (b"\xff\xfe", "it is not text")],
)
def test_a_file_without_a_secret_is_named(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(ConfigError, match=reason) as refused:
        SecretRef.parse("file:key").reveal(tmp_path)
    assert str(tmp_path / "key") in str(refused.value)


def test_only_a_file_that_everybody_can_read_is_exposed(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("five wooden spoons", encoding="utf-8")
    key.chmod(0o644)
    assert SecretRef.parse("file:key").exposed(tmp_path)
    key.chmod(0o640)
    assert not SecretRef.parse("file:key").exposed(tmp_path)
    assert not SecretRef.parse("env:HOME").exposed(tmp_path)
