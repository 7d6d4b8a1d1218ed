"""REST under `/api`, one file a subject. `routes.register` puts it on the application."""
