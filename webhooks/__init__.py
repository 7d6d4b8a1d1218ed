"""Receivers: verify, store the raw event once, wake a worker, answer 200. They understand nothing."""
