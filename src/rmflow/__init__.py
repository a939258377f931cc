"""rmflow runs reverse-mentoring programmes by mail and calendar."""

__version__ = "0.1.0"
