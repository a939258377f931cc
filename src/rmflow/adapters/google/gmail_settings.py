"""What an operator says about Gmail."""

from pydantic import Field

from rmflow.adapters.google.settings import GoogleSettings

_GMAIL = "https://www.googleapis.com/auth/gmail."


class GmailMailerSettings(GoogleSettings):
    """Mail leaves through Gmail, from the mailbox of the account that logs in."""

    look_back: bool = Field(
        default=True,
        description="After a crash, see in the headers of sent mail whether a mail had left. Needs "
        "the scope gmail.metadata besides gmail.send; with false a person is asked instead.",
    )

    @property
    def scopes(self) -> tuple[str, ...]:
        """To send, and to see headers."""
        return (f"{_GMAIL}send", f"{_GMAIL}metadata") if self.look_back else (f"{_GMAIL}send",)


class GmailMailboxSettings(GoogleSettings):
    """Incoming mail is read from Gmail, and gets a label of ours instead of the inbox."""

    done_label: str = Field(
        default="rmflow/done", min_length=1, description='Label of what was understood; "/" nests.'
    )
    needs_you_label: str = Field(
        default="rmflow/needs you",
        min_length=1,
        description="Label of what a person should look at.",
    )

    @property
    def scopes(self) -> tuple[str, ...]:
        """To read, and to change labels."""
        return (f"{_GMAIL}modify",)
