"""The conversation: what the bot hears, and what it answers."""
