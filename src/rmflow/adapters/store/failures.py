"""Failures: what a database driver raises, said as a sentence a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from rmflow.errors import BackendError, UnavailableError, UncertainError

# Primary result codes, https://sqlite.org/rescode.html
_SQLITE = {
    "SQLITE_BUSY": "another program keeps the database locked; end it or wait",
    "SQLITE_LOCKED": "another program keeps the database locked; end it or wait",
    "SQLITE_FULL": "the disk is full; make room",
    "SQLITE_IOERR": "the disk reports an error; check it, and that it is not full",
    "SQLITE_READONLY": "writing is not permitted; check who owns the file and its folder",
    "SQLITE_PERM": "access is not permitted; check who owns the file and its folder",
    "SQLITE_CANTOPEN": "the file cannot be opened; check who owns it and its folder",
    "SQLITE_CORRUPT": "the file is damaged; restore the last backup",
    "SQLITE_NOTADB": "the file is not a SQLite database; check the url in [store]",
}

# Error codes, PostgreSQL manual, appendix A.
_POSTGRESQL = {
    "42501": "permission is denied; grant this user its tables, and CREATE on the schema once",
    "53100": "the disk of the server is full; make room",
    "53300": "the server has no connection to spare; close some or raise max_connections",
    "57P01": "the server is shutting down",
}


@contextmanager
def translated(place: str, operation: str) -> Iterator[None]:
    """Raise UnavailableError, or UncertainError when a commit was cut off, for what the driver
    raises inside. `place` is the database as a person knows it, without a password.

    Broken constraints and values no column can hold are our own mistakes: RuntimeError, without
    the row, which may be what somebody wrote.
    """
    try:
        yield
    except (IntegrityError, DataError) as error:
        raise RuntimeError(f"{place}: {operation}: {_sentence(error.orig)}") from None
    except DBAPIError as error:
        raise _failure(place, operation, error) from error


def _failure(place: str, operation: str, error: DBAPIError) -> BackendError:
    # A commit is the only thing sent without a statement over a connection that had worked.
    cut_off_commit = error.connection_invalidated and error.statement is None
    kind = UncertainError if cut_off_commit else UnavailableError
    return kind("store", operation, f"{place}: {_sentence(error.orig)}")


def _sentence(error: BaseException | None) -> str:
    # Extended codes such as SQLITE_IOERR_WRITE refine a primary one.
    name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
    state = getattr(error, "sqlstate", None) or ""
    # The driver's own first line; further lines can hold the values of a row.
    said = str(error).strip().partition("\n")[0]
    return _SQLITE.get(name) or _POSTGRESQL.get(state) or said
