"""What the clinic says unasked, and when."""
