"""Which database a url means, and what is said about one that means none."""

import sys
import traceback
from pathlib import Path

import pytest

from rmflow.adapters.store.database import open_database
from rmflow.adapters.store.sqlite import network_file_system
from rmflow.errors import ConfigError

MOUNTS = """\
proc /proc proc rw,nosuid 0 0
/dev/sda1 / ext4 rw,relatime 0 0
files.contoso.example:/home /home nfs4 rw,vers=4.2 0 0
/dev/sdb1 /home/local xfs rw 0 0
//nas/HR\\040share /mnt/HR\\040share cifs rw 0 0
hr@files: /mnt/remote fuse.sshfs rw 0 0
tmpfs /mnt tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/rmflow/state.db", ""),
        ("/home/rmflow/state.db", "nfs4"),
        ("/home/local/state.db", ""),
        ("/homework/state.db", ""),
        ("/mnt/HR share/state.db", "cifs"),
        ("/mnt/remote/a/b/state.db", "fuse.sshfs"),
        ("/mnt/state.db", ""),
    ],
)
def test_the_nearest_mount_decides_whether_a_file_is_on_a_network(path: str, kind: str) -> None:
    """WAL needs memory shared by all readers: https://sqlite.org/wal.html, section 1."""
    assert network_file_system(Path(path), MOUNTS) == kind


def test_a_network_file_system_is_refused_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_text = Path.read_text
    monkeypatch.setattr(
        Path,
        "read_text",
        lambda path, *how: (
            MOUNTS.replace("/home ", f"{tmp_path} ")
            if path == Path("/proc/mounts")
            else read_text(path, *how)
        ),
    )
    with pytest.raises(ConfigError, match=r"network file system \(nfs4\).*use postgresql://"):
        open_database("sqlite:///state.db", base=tmp_path, password="")
    assert list(tmp_path.iterdir()) == []


def test_a_relative_file_is_looked_for_in_the_base_folder(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    places = [
        open_database(url, base=tmp_path / "config", password="").place
        for url in ("sqlite:///state.db", "sqlite:///../state.db", f"sqlite:///{tmp_path}/abs.db")
    ]
    assert places == [
        f"{tmp_path}/config/state.db",
        f"{tmp_path}/state.db",
        f"{tmp_path}/abs.db",
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "not a database address"),
        ("state.db", "not a database address"),
        ("postgresql://rm:canary@5432:db/x", "not a database address"),
        ("mysql://rm:canary@localhost/x", '"mysql" is unknown; use sqlite:///FILE or postgresql'),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://state.db", "names no file"),
        ("sqlite:///state.db?mode=ro", "holds more than a file"),
    ],
)
def test_a_url_that_means_no_database_is_refused_without_showing_it(
    url: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        open_database(url, base=tmp_path, password="")
    assert str(caught.value).startswith(f"[store] url: {said}")
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_missing_driver_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'rmflow\[postgresql\]'"):
        open_database("postgresql://rm@db.contoso.example/rmflow", base=Path(), password="")


def test_a_password_may_come_from_beside_the_url() -> None:
    database = open_database("postgres://rm@db.contoso.example/x", base=Path(), password="canary")
    assert database.engine.url.password == "canary"
    assert database.place == "postgresql://rm@db.contoso.example/x"
    assert "canary" not in repr(database)


def test_what_the_url_says_about_the_connection_wins() -> None:
    url = "postgresql://db.contoso.example/x?connect_timeout=3&sslmode=verify-full"
    query = open_database(url, base=Path(), password="").engine.url.query
    assert query == {
        "connect_timeout": "3",
        "sslmode": "verify-full",
        "application_name": "rmflow",
    }
