"""What an existing database needs to get to the newest schema; forward only."""
