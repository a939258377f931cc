"""What an operator says about mail through Exchange; imports nothing heavy."""

from pydantic import Field

from rmflow.adapters.exchange.settings import ExchangeSettings
from rmflow.config.values import Mail


class MailerSettings(ExchangeSettings):
    """Mail is sent by an Exchange server of your own (2013 SP1 or newer), from the programme's
    mailbox.
    """

    mailbox: Mail = Field(
        description="The programme's mailbox, which sends the letters.",
        examples=["mentoring@contoso.example"],
    )


class MailboxSettings(ExchangeSettings):
    """Incoming mail is read from the inbox of a mailbox on an Exchange server of your own
    (2013 SP1 or newer).
    """

    mailbox: Mail = Field(
        description="The programme's mailbox, whose inbox is read.",
        examples=["mentoring@contoso.example"],
    )
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
