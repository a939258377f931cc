"""The check of a zip archive before anything unpacks it: xlsx and ods files are zip archives."""

import io
import zipfile
import zlib

MAX_ENTRIES = 200
# The sheets of 100,000 pairs and their 200,000 people unpack to 134 MB.
MAX_UNPACKED_BYTES = 256_000_000
MAX_RATIO = 100
_BIG_BYTES = 1_000_000
_HEAD_BYTES = 4096
_ENCRYPTED = 0x1  # bit 0 of the general purpose flag (APPNOTE section 4.4.4)


class DamagedError(Exception):
    """The archive cannot be read as one: half-written, cut off, or something else entirely."""


class HostileError(Exception):
    """The archive is readable, and no office program makes such a file. The text says why."""


class LockedError(Exception):
    """The archive is encrypted with a password."""


def inspect(content: bytes) -> None:
    """Return quietly when the archive may be unpacked.

    Looks at the directory, which may lie, and at the first bytes of each XML entry: whoever
    unpacks still needs a limit of memory and time. Raises DamagedError, HostileError, LockedError.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _inspect_sizes(archive.infolist())
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as stream:
                        _inspect_head(stream.read(_HEAD_BYTES))
            _inspect_manifest(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise DamagedError(str(error)) from error


def _inspect_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise HostileError(f"it has {len(entries):,} parts, more than {MAX_ENTRIES}")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        raise HostileError(f"it unpacks to {unpacked // 1_000_000:,} MB")
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise LockedError
        if entry.file_size > max(_BIG_BYTES, entry.compress_size * MAX_RATIO):
            raise HostileError(
                f"{entry.filename} unpacks to more than {MAX_RATIO} times its size, as no table does"
            )


def _inspect_head(head: bytes) -> None:
    """Refuse a document type definition: no office program writes one, entities hide in them."""
    # Without its NULs, UTF-16 reads like ASCII.
    if b"<!DOCTYPE" in head.replace(b"\0", b"").upper():
        raise HostileError("it carries a document type definition (DTD)")


def _inspect_manifest(archive: zipfile.ZipFile) -> None:
    """Tell an ods with a password by its manifest (ODF 1.3 part 2, section 3.4)."""
    try:
        manifest = archive.getinfo("META-INF/manifest.xml")
    except KeyError:
        return
    with archive.open(manifest) as stream:
        if b"encryption-data" in stream.read(_BIG_BYTES):
            raise LockedError
