"""The desk's doors for tests: events, log, faults, reset."""
