"""What every face is built on: requests, refusals, documents."""
