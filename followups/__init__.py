"""What the clinic says unasked, and the only door through which it goes out."""
