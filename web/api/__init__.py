"""The REST API, one folder a room."""
