"""A pretend subject beside the product's own."""

from bot import routes
from bot.routes import Hear, build


def beside_the_product() -> Hear:
    """Hears what the product hears; a test adds its own."""
    build()  # loads every chat file
    hear = Hear()
    hear.collected = [*routes.hear.collected]
    return hear
