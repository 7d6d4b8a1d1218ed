"""SMS as a channel: the text and its parts, and one file a provider."""
