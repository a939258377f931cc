"""Incoming mail: parsed, sorted by kind, interpreted."""
