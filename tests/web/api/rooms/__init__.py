"""Rooms that only tests have: each is one file."""
