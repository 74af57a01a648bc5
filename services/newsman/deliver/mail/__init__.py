"""E-mails: when they are due, what they say, how they are sent, and how they are ended."""
