"""E-mail: one message as text and HTML, carried to the clinic's own mail server."""
