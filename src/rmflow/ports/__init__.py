"""What rmflow needs from outside, as protocols. Every write is safe to ask for twice, or says so."""
