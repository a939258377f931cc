"""Google: Gmail and Calendar, through one client that sends a write once."""
