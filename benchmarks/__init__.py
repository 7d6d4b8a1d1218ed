"""What this system reaches, beside what this machine would allow: `python -m benchmarks`."""
