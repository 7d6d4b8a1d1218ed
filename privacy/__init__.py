"""What customers were told and what they allow."""
