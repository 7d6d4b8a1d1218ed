"""Cards of prices: in the words of the clinic's file, and in no others."""

from collections.abc import Sequence

from bot.cards.frame import palette_of
from channels.line.flex import GAP, GAP_SMALL, bubble, button, caption, key_value, title, uri
from channels.line.lengths import truncate, truncate_units
from channels.line.limits import ALT_TEXT
from channels.line.messages import Card
from channels.message import aloud
from customers.branches import in_words
from models.branches import Service
from models.clinics import Clinic
from runtime.language import Language

SHOWN = 12
"""Services at most in one bubble; of the others people are asked."""
NAME, PRICE = 60, 80


def prices(clinic: Clinic, t: Language, services: Sequence[Service]) -> Card:
    """Each with the price that stands in the file; what has none there says so."""
    lines = [(named(t, one), in_words(one.price, t.code) or t("Please ask us")) for one in services[:SHOWN]]
    booking, more = clinic.settings.links.booking, len(services) > SHOWN
    ask = t("For anything else please write to us: our team reads this chat.")
    return Card(
        truncate_units(aloud(t("Prices"), *(f"{name} {price}" for name, price in lines), *([ask] if more else [])),
                       ALT_TEXT),
        bubble(
            title(t("Prices")),
            *(key_value(truncate(name, NAME), truncate(price, PRICE), margin=GAP_SMALL) for name, price in lines),
            *([caption(ask, margin=GAP)] if more else []),
            buttons=[button(t("Book online"), uri(booking), palette_of(clinic))] if booking else None,
        ),
    )  # fmt: skip


def named(t: Language, service: Service) -> str:
    return in_words(service.names, t.code, service.code)
