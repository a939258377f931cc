"""Floor of row 1: Python starts and ends."""
