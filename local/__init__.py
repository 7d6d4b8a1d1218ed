"""Everything behind `make run`: embedded PostgreSQL and Valkey, the supervisor, demo data."""
