"""Amounts as Square tells them."""

from decimal import Decimal

from webhooks.booking.fields import Fields, Wrong


def baht(money: Fields) -> Decimal:
    """Of satang. Raises `Wrong`."""
    if money.text("currency") != "THB":
        raise Wrong(f"{money.place}.currency: only THB earns points")
    satang = money.number("amount")
    if satang is None:
        raise Wrong(f"{money.place}.amount: write a whole number of satang")
    return Decimal(satang) / 100
