"""The four, by name; and those that sell, with what they do."""

from types import ModuleType

from simulator.booking import square_sales, standard_sales
from simulator.booking.calcom import CalCom
from simulator.booking.calendly import Calendly
from simulator.booking.source import Source
from simulator.booking.square import Square
from simulator.booking.standard import Standard

SYSTEMS: dict[str, Source] = {one.name: one for one in (Standard(), CalCom(), Calendly(), Square())}
SELLERS: dict[str, dict[str, ModuleType]] = {
    "standard": {"invoice": standard_sales, "course": standard_sales},
    "square": {"invoice": square_sales},
}
"""Source → what it sells → how it is told."""
