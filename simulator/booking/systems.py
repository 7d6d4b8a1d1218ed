"""The four, by name."""

from simulator.booking.calcom import CalCom
from simulator.booking.calendly import Calendly
from simulator.booking.source import Source
from simulator.booking.square import Square
from simulator.booking.standard import Standard

SYSTEMS: dict[str, Source] = {one.name: one for one in (Standard(), CalCom(), Calendly(), Square())}
