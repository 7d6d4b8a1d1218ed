"""What is new while a page is open: the page asks every few seconds for a mark, and draws itself anew where it changed.

A request of its own each time and nothing held in between: an open page costs two statements in five seconds, and no
thread.
"""

import json

from sqlalchemy import text

from web.portal.pages import Pages
from web.portal.visit import File, Visit

# A few rows of three indexes. `xmin` is the transaction that wrote the profile last: whatever was earned, spent or
# reached. A code that is used at the counter, or not used after all, leaves the profile as it is.
_MARK = text("""
    SELECT (SELECT xmin::text FROM loyalty_profiles WHERE customer_id = :customer AND clinic_id = :clinic),
           (SELECT max(id::text) FROM sends
            WHERE customer_id = :customer AND clinic_id = :clinic AND channel = 'in_app'),
           (SELECT max(settled_at)::text FROM redemptions WHERE customer_id = :customer AND clinic_id = :clinic)
""")


def _around(visit: Visit) -> dict[str, object]:
    return {"mark": mark(visit)}


pages = Pages(around=_around)


@pages.show("/now", guests=True)
def now(visit: Visit) -> File:
    return File(json.dumps({"mark": mark(visit)}).encode(), "application/json")


def mark(visit: Visit) -> str:
    """Another one once something that pages show has changed."""
    row = visit.session.execute(_MARK, {"customer": visit.customer.id, "clinic": visit.clinic.id}).one()
    return "-".join(str(one or 0) for one in row)
