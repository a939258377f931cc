"""A simulated organisation that lives through six months of mentoring in seconds."""
