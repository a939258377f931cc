"""What an operator may say, and what it means."""
