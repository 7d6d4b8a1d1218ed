"""LINE: its client, its events, and what its messages look like."""
