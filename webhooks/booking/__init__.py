"""`POST /webhooks/booking/<clinic slug>/<source>`: the clinic's booking systems, one file each."""

from webhooks.booking.calcom import CalCom
from webhooks.booking.calendly import Calendly
from webhooks.booking.square import Square
from webhooks.booking.standard import Standard
from webhooks.booking.system import System


def systems(public_url: str) -> list[System]:
    """All that are known. `public_url`: where this installation is reached, which one of them signs with the body."""
    return [Standard(), CalCom(), Calendly(), Square(public_url)]
