"""Backends that speak open standards: vdir, iMIP, Maildir, SMTP, IMAP."""
