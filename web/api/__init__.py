"""The REST API, one file or package a room: each says its `RESOURCES`, and as `PROBLEMS` what it alone refuses."""
