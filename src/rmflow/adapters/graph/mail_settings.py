"""What an operator says about mail through Microsoft Graph; imports nothing heavy."""

from pydantic import Field

from rmflow.adapters.graph.settings import GraphSettings


class MailerSettings(GraphSettings):
    """Mail is sent by Microsoft 365, from the programme's mailbox."""

    look_back: bool = Field(
        default=True,
        description="Each mail is a draft first, and after a crash the mailbox tells whether it "
        "had left (Mail.ReadWrite and Mail.Send). With false Mail.Send is enough, and what may "
        "have left is put before a person.",
    )


class MailboxSettings(GraphSettings):
    """Incoming mail is read from the inbox of a mailbox in Microsoft 365."""

    done_folder: str = Field(
        default="rmflow done",
        min_length=1,
        description="Where mail goes that was understood: a folder beside the inbox.",
    )
    needs_you_folder: str = Field(
        default="rmflow needs you",
        min_length=1,
        description="Where mail goes that a person should look at.",
    )
