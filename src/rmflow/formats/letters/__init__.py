"""Letters: from facts to words, from words to bytes."""
