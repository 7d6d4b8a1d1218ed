"""Who is who: finding, creating and describing the customers of a clinic."""
