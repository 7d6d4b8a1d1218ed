"""LINE's doors for the webhook endpoint."""
