"""How a message leaves, and what comes back by the same way."""
