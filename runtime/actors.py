"""Who did something, as it is kept beside what was done: text, so that it outlives whoever it names.

system                  this product by itself: the calendar, a rule
customer                the person whom it is about
staff                   somebody with a terminal
staff:<hex>, group:<hex>  in a group of the staff, by blind index (`customers/staff.py`)
api:<id>                the clinic's own system, by its API key
"""

from uuid import UUID

SYSTEM = "system"
CUSTOMER = "customer"
STAFF = "staff"


def api_key(id_: UUID) -> str:
    return f"api:{id_}"
