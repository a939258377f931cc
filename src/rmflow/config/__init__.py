"""What an operator may say, and what it means."""

from rmflow.config.loading import Config, load
from rmflow.config.options import Options
from rmflow.config.secret import SecretRef

__all__ = ["Config", "Options", "SecretRef", "load"]
