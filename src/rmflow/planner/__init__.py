"""What to do about the difference between wanted and seen; pure."""
