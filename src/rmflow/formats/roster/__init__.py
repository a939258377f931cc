"""The roster, from cells to people and pairings."""
