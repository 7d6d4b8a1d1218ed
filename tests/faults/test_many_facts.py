"""A hundred facts a second: none is lost, and each is true once. `python -m benchmarks facts` does it for a minute."""

from urllib.parse import urlsplit

from benchmarks.facts import KINDS, RATE, facts
from benchmarks.load import arriving
from local.environment import BOOKING
from local.plan import simulator_service
from models.base import new_id
from tests.stories.whole import Whole

SECONDS = 1.5
KEPT = """
    SELECT count(*) AS told, count(DISTINCT customer_id) AS people,
           count(*) FILTER (WHERE state = 'done') AS done FROM inbox WHERE event_key LIKE %s
"""
TRUE_ONCE = """
    SELECT (SELECT count(*) FROM appointments WHERE external_id LIKE %s AND outcome = 'completed') AS kept,
           (SELECT count(*) FROM payments WHERE external_id LIKE %s) AS paid,
           (SELECT count(*) FROM treatments WHERE external_id LIKE %s) AS treated,
           (SELECT count(*) FROM visits WHERE uncounted IS NULL AND id IN (
               SELECT visit_id FROM visit_tellings WHERE kind = 'visit' AND external_id LIKE %s)) AS visits
"""


def test_a_hundred_facts_a_second_are_true_once_and_none_is_lost(whole: Whole) -> None:
    count, mark = int(RATE * SECONDS), new_id().hex[-8:]
    port = urlsplit(whole.app.url).port
    assert port is not None
    secret = simulator_service(whole.app.plan).env[BOOKING["booking.standard"]]
    told = list(facts(port, "aura", secret, count, mark))
    arriving(port, told, [number / RATE for number in range(count)])
    whole.settled(within=60)
    [kept] = whole.rows(KEPT, f"{mark}-%")
    groups = count // len(KINDS)
    assert (kept["told"], kept["done"], kept["people"]) == (count, count, groups)
    assert whole.rows(TRUE_ONCE, *[f"{mark}-%"] * 4) == [
        {"kept": groups, "paid": groups, "treated": groups, "visits": groups}
    ]
