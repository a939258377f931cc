"""Microsoft 365 through Microsoft Graph: one app, one programme mailbox."""
