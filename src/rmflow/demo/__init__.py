"""`rmflow demo`: an invented organisation lives through six months."""
