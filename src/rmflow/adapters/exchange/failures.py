"""What exchangelib's errors mean to us."""

from datetime import timedelta

from exchangelib import errors as ews

from rmflow.adapters.exchange.wire import BACKEND, Wire, meaning_in
from rmflow.errors import BackendError, ChangedError, DeniedError, RejectedError, UnavailableError

_IMPERSONATION = (
    ews.ErrorImpersonateUserDenied,
    ews.ErrorImpersonationDenied,
    ews.ErrorImpersonationFailed,
)
_RIGHTS = (
    ews.ErrorAccessDenied,
    ews.ErrorCreateItemAccessDenied,
    ews.ErrorAccountDisabled,
    ews.ErrorNonExistentMailbox,
    ews.ErrorNonPrimarySmtpAddress,
    ews.ErrorMailboxMoveInProgress,
    ews.ErrorSendAsDenied,
)
# It was changed, moved or deleted between our look and our write, and nothing was written.
_CONFLICTS = (
    ews.ErrorIrresolvableConflict,
    ews.ErrorStaleObject,
    ews.ErrorItemNotFound,
    ews.ErrorFolderExists,
    ews.ErrorInvalidChangeKey,
    ews.ErrorCalendarOccurrenceIsDeletedFromRecurrence,
)
_BAD_LOGIN = "the user name or the password is wrong, or the account is locked"


def impersonation_advice(username: str, mailbox: str) -> str:
    """Return what an Exchange administrator types to let a service account act as a mailbox."""
    return (
        f"grant it in the Exchange Management Shell: New-ManagementRoleAssignment "
        f"-Name rmflow -Role ApplicationImpersonation -User {username or 'SERVICE-ACCOUNT'} "
        f"-CustomRecipientWriteScope SCOPE, where SCOPE (New-ManagementScope) holds {mailbox} only"
    )


def meaning(error: Exception, wire: Wire, *, advice: str) -> BackendError:
    """Return the error of ours that stands for one of exchangelib's.

    `advice` is what helps when impersonation is refused. What is neither known nor a plain
    refusal may have happened.
    """
    lost = meaning_in(error)
    if lost is not None:
        return lost
    operation, code = wire.operation, type(error).__name__
    match error:
        case ews.ErrorServerBusy() if error.__context__ is None:
            wait = timedelta(seconds=error.back_off or 0)
            return UnavailableError(BACKEND, operation, "it is busy", wait)
        case ews.ErrorSubmissionQuotaExceeded():
            return UnavailableError(BACKEND, operation, "the mailbox has sent too much for now")
        case ews.ErrorQuotaExceeded():
            return DeniedError(BACKEND, operation, "the mailbox is full")
        case ews.UnauthorizedError():
            return DeniedError(BACKEND, operation, _BAD_LOGIN)
        case _ if isinstance(error, _IMPERSONATION):
            return DeniedError(BACKEND, operation, f"{code}; {advice}")
        case _ if isinstance(error, _RIGHTS):
            return DeniedError(BACKEND, operation, f"{code}; check the account and the mailbox")
        case _ if isinstance(error, _CONFLICTS):
            return ChangedError(BACKEND, operation, f"it is not as it was seen ({code})")
        case _ if isinstance(error, ews.ResponseMessageError) and _is_refusal(code):
            return RejectedError(BACKEND, operation, code)
        case _:
            return wire.unclear(code)


def _is_refusal(code: str) -> bool:
    """Return whether a response code says that this request is wrong, so that nothing was done."""
    return code.startswith(
        (
            "ErrorInvalid",
            "ErrorCalendar",
            "ErrorOccurrence",
            "ErrorRecurrence",
            "ErrorChangeKey",
            "ErrorObjectType",
            "ErrorSchemaValidation",
            "ErrorPropertyUpdate",
            "ErrorUnsupported",
            "ErrorIncorrect",
            "ErrorMessageSizeExceeded",
            "ErrorMimeContent",
            "ErrorMissing",
            "ErrorCannot",
        )
    )
