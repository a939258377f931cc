"""Who provides what the ports ask for; one file per provider and port."""
