"""What has no subject: settings, clocks, keys, wake-ups, the way to the database, language."""
