"""Text and bytes to domain values and back; pure."""
