"""The mailboxes of the pretend people: a real SMTP server, and what a provider of mail reports of what it took."""
