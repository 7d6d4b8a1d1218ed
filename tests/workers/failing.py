"""What RQ finds by its dotted name, and what fails with somebody's words in hand."""

TYPED = "ploypailin.s@example.com"


def fails() -> None:
    raise ValueError(TYPED)
