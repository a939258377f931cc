"""What every section of the configuration has in common."""

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """A section: fixed once it is read; an option that it does not know is an error.

    The docstring of a subclass and the descriptions of its fields become the commented sample
    and the reference page, so they are written for an operator.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
