"""What people and other programs look at."""
