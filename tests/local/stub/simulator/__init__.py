"""Stands in for the simulator where the supervisor is tested."""
