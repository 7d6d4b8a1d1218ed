"""Faces: what people and other programs look at."""
