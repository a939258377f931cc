"""What people write: their own words, and the answers in them."""
