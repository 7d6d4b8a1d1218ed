"""A pretend LINE platform over HTTP: what the product cannot tell from the real one. See docs/simulator.md."""
