"""A real Cyrus with implicit scheduling (RFC 6638) on loopback, without root rights.

    with start_cyrus() as server:
        server.calendar_url("jonas.weber")

Its packages exclude Dovecot's, so `.ci/get-cyrus` unpacks them into a folder of their own,
`$RMFLOW_CYRUS` or `.cache/cyrus` of the checkout; the test is skipped where there is none. Every
user has the password "pw". Invitations to people it does not know go to a program (`notify`),
which writes them down in `mails`.
"""

import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from loopback import free_port

PASSWORD = "pw"
DOMAIN = "contoso.example"
USERS = ("mentoring", "jonas.weber", "helena.fuchs", "ruth.kaya")
_ADMIN = f"admin@{DOMAIN}"

_IMAPD_CONF = """\
cyrus_user: {user}
configdirectory: {folder}/conf
partition-default: {folder}/spool
defaultpartition: default
proc_path: {folder}/proc
mboxname_lockpath: {folder}/lock
notifysocket: {folder}/notify.sock
sievedir: {folder}/sieve
admins: {admin}
allowplaintext: yes
virtdomains: userid
defaultdomain: internal
unixhierarchysep: yes
altnamespace: yes
servername: localhost
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
sasl_mech_list: PLAIN LOGIN
httpmodules: caldav freebusy
caldav_allowscheduling: on
caldav_realm: Cyrus
calendar_user_address_set: {domain}
imipnotifier: external
notify_external: {folder}/notify
umask: 077
"""

_CYRUS_CONF = """\
START {{
  recover cmd="{bin}/ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{bin}/imapd -C {folder}/imapd.conf -U 100" listen="127.0.0.1:{imap}" prefork=0
  http cmd="{bin}/httpd -C {folder}/imapd.conf -U 100" listen="127.0.0.1:{http}" prefork=1
  notify cmd="{bin}/notifyd -C {folder}/imapd.conf" listen="{folder}/notify.sock" proto="udp" prefork=1
}}
EVENTS {{
}}
"""

_NOTIFY = """\
#!/bin/sh
exec cat >"$(mktemp {folder}/mails/XXXXXXXX)"
"""


@dataclass(frozen=True)
class Cyrus:
    """A running server."""

    url: str
    folder: Path

    def calendar_url(self, user: str) -> str:
        """Return the calendar that everybody has from the beginning."""
        return f"{self.url}/dav/calendars/user/{user}@{DOMAIN}/Default/"

    def mails(self) -> list[str]:
        """Return what it would have mailed to people it does not know."""
        return [path.read_text() for path in (self.folder / "mails").iterdir()]


@contextmanager
def start_cyrus() -> Iterator[Cyrus]:
    """Run a server for as long as the block lasts."""
    root = _unpacked()
    # Short, because of sockets, and open to the user that it runs as.
    folder = Path(tempfile.mkdtemp(prefix="cyrus-", dir="/tmp"))
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    imap, http = free_port(), free_port()
    values = {
        "folder": folder,
        "bin": root / "usr/lib/cyrus/bin",
        "user": owner.pw_name,
        "admin": _ADMIN,
        "domain": DOMAIN,
        "imap": imap,
        "http": http,
    }
    for name, text in (
        ("imapd.conf", _IMAPD_CONF),
        ("cyrus.conf", _CYRUS_CONF),
        ("notify", _NOTIFY),
    ):
        (folder / name).write_text(text.format(**values), encoding="ascii")
    (folder / "notify").chmod(0o755)
    for name in ("conf/socket", "conf/db", "spool", "proc", "lock", "sieve", "mails"):
        (folder / name).mkdir(parents=True)
    environment = _environment(root)
    _add_users(root, folder, environment)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    master = [str(root / "usr/lib/cyrus/bin/master"), "-D"]
    for option, name in (("-C", "imapd.conf"), ("-M", "cyrus.conf"), ("-p", "pid")):
        master += [option, str(folder / name)]
    server = subprocess.Popen(
        master,
        env=environment,
        user=owner.pw_uid if os.geteuid() == 0 else None,
        group=owner.pw_gid if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until_it_listens(server, http)
        _make_mailboxes(imap)
        yield Cyrus(f"http://127.0.0.1:{http}", folder)
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # its own session; nothing of it outlives the test
        server.wait(timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


def _unpacked() -> Path:
    """Return the folder of the packages; skip the test where they are missing."""
    usual = Path(__file__).parents[2] / ".cache/cyrus"
    root = Path(os.environ.get("RMFLOW_CYRUS", usual))
    if not (root / "usr/lib/cyrus/bin/master").exists():
        pytest.skip("needs Cyrus: .ci/get-cyrus")
    return root


def _environment(root: Path) -> Mapping[str, str]:
    libraries = {str(path.parent) for path in root.rglob("lib*.so.*")}
    return {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": ":".join(sorted(libraries))}


def _add_users(root: Path, folder: Path, environment: Mapping[str, str]) -> None:
    program = str(root / "usr/sbin/saslpasswd2")
    for user in (*USERS, "admin"):
        subprocess.run(
            [program, "-c", "-p", "-f", str(folder / "sasldb2"), "-u", DOMAIN, user],
            input=PASSWORD.encode(),
            env=environment,
            check=True,
        )


def _make_mailboxes(imap_port: int) -> None:
    with imaplib.IMAP4("127.0.0.1", imap_port, timeout=10) as admin:
        admin.login(_ADMIN, PASSWORD)
        for user in USERS:
            status, said = admin.create(f"user/{user}@{DOMAIN}")
            assert status == "OK", said


def _wait_until_it_listens(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    pytest.fail("Cyrus did not start")
