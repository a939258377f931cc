"""A real Dovecot on a free port of the loopback interface, without root rights and in no time.

    with start_dovecot() as server:
        server.deliver(raw)

It takes any user name with the password "pw", so that one server serves many tests: see
`with_user`. Skips the test when Dovecot is not installed. Everything lives in a short-named folder of its own under /tmp: the paths of its
sockets must fit into 108 bytes, and the user it drops to must be able to reach them.
"""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme
from loopback import free_port

_PROGRAM = "/usr/sbin/dovecot"
_PASSWORD = "pw"

_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
last_valid_uid = 0
mail_location = maildir:{folder}/mail/%u
auth_username_format = %Lu
{extra}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  # No waiting after failed logins.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server. `port` speaks IMAP (and STARTTLS), `tls_port` IMAP over TLS."""

    host: str
    port: int
    tls_port: int
    user: str
    password: str
    folder: Path

    def with_user(self, user: str) -> "Dovecot":
        """Return this server seen by somebody else; their mailbox is empty at first."""
        return replace(self, user=user)

    def deliver(self, raw: bytes, mailbox: str = "INBOX") -> None:
        """Put a message into a mailbox, as it is."""
        with self.client() as client:
            status, answer = client.append(f'"{mailbox}"', "", "", raw)
            assert status == "OK", answer

    def client(self) -> imaplib.IMAP4:
        """Return a plain client of another library, logged in: what a person's program sees."""
        client = imaplib.IMAP4(self.host, self.port, timeout=10)
        client.login(self.user, self.password)
        return client


@contextmanager
def start_dovecot(
    *,
    prefix: str = "",
    separator: str = "/",
    capability: str = "",
    certificate: trustme.LeafCert | None = None,
) -> Iterator[Dovecot]:
    """Run a server for as long as the block lasts; every one has an empty mailbox.

    `prefix` and `separator` are those of the personal namespace ("INBOX." and "."), `capability`
    replaces what it announces after login, `certificate` turns TLS on.
    """
    if not Path(_PROGRAM).exists():
        pytest.skip("needs Dovecot: apt-get install dovecot-imapd")
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    extra = [f"imap_capability = {capability}"] if capability else []
    if certificate:
        chain, key = folder / "chain.pem", folder / "key.pem"
        chain.write_bytes(b"".join(part.bytes() for part in certificate.cert_chain_pems))
        certificate.private_key_pem.write_to_path(key)
        extra += [f"ssl_cert = <{chain}", f"ssl_key = <{key}"]
    port = free_port()
    tls_port = free_port() if certificate else 0
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    text = _CONFIG.format(
        folder=folder,
        ssl="yes" if certificate else "no",
        user=owner.pw_name,
        group=grp.getgrgid(owner.pw_gid).gr_name,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        extra="\n".join(extra),
        password=_PASSWORD,
        port=port,
        tls_port=tls_port,
        prefix=prefix,
        separator=separator,
    )
    for path in (folder / "mail", folder / "run"):
        path.mkdir()
    (folder / "dovecot.conf").write_text(text, encoding="ascii")
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    server = subprocess.Popen(
        [_PROGRAM, "-F", "-c", str(folder / "dovecot.conf")],
        user=owner.pw_uid if os.geteuid() == 0 else None,
        group=owner.pw_gid if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _wait_until_it_listens(server, port, folder / "log")
        yield Dovecot("127.0.0.1", port, tls_port, "mentoring@contoso.example", _PASSWORD, folder)
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # its own session; nothing of it outlives the test
        server.wait(timeout=10)
        assert server.stderr is not None
        server.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_it_listens(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    said = log.read_text() if log.exists() else ""
    pytest.fail(f"Dovecot did not start: {said}{server.stderr and server.stderr.read()!r}")
