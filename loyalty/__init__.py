"""Points, tiers and what they buy. It never messages anybody: it writes rows that others act on."""
