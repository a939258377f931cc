"""Series and answers as iCalendar and iTIP."""
