"""Exchange Server in one's own house, by Exchange Web Services."""
