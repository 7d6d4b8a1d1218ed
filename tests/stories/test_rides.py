"""A reminder of low priority for which no message of the month is left: it stands below the answer to whatever its
customer writes next, by signed webhooks, in Thai and in English, and the clinic's API tells so.
"""

from datetime import timedelta

import httpx
import pytest

from tests.fixtures.waiting import eventually
from tests.stories.whole import Json, Phone, Whole, words

WORDS = {"th": "แล้วพบกันเวลา {appointmentTime} นะคะ", "en": "We look forward to seeing you at {appointmentTime}"}
READ = {"th": "แล้วพบกันเวลา 14:00", "en": "We look forward to seeing you at 14:00"}
ASKS, PERSON = {"th": "แต้ม", "en": "points"}, {"th": "ขอคุยกับแอดมิน", "en": "human"}


@pytest.mark.parametrize("language", ["th", "en"])
def test_what_no_message_was_left_for_rides_in_the_next_ordinary_answer(
    whole: Whole, mali: Phone, ken: Phone, language: str
) -> None:
    phone = mali if language == "th" else ken
    phone.follow()
    if language == "en":
        phone.say("english")
    phone.tap("join")
    whose = f"ext:line:{phone.user_id}"
    scopes = ["--scope=followup:read", "--scope=followup:write", "--scope=followup:activate", "--scope=facts:write"]
    secret = whole.app.flask("api-keys", "create", "aura", f"Rides {language}", *scopes).split()[-1]
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"{whole.app.url}/api", headers=headers, trust_env=False) as api:
        template = {"message": WORDS["th"], "texts": {"en": {"message": WORDS["en"]}}}
        asked = {"name": f"Ride {language}", "type": "appointment_reminder", "channels": ["line"], "priority": "low"}
        rule = api.post("/followup/rules", json={**asked, "active": True, "template": template}).raise_for_status()
        mine = {"ruleId": rule.json()["id"], "customerId": whose}
        starts = (whole.now() + timedelta(days=3)).replace(hour=7, minute=0, second=0, microsecond=0)
        told = {"id": f"R-{language}", "state": "booked", "at": whole.now().isoformat()}
        told |= {"startsAt": starts.isoformat(), "customerId": whose}
        api.post("/facts/appointments", json=told).raise_for_status()

        def ours() -> Json:
            found: list[Json] = api.get("/followup/executions", params=mine).raise_for_status().json()["items"]
            return found[0] if found else {}

        eventually(ours, within=30.0)
        whole.fault("quota_429", "push", times=100)
        due = starts - timedelta(days=1) + timedelta(minutes=1)
        whole.sim("PUT", "clock", {"advance_seconds": int((due - whole.now()).total_seconds())})
        eventually(lambda: ours()["reason"] == "line_quota", within=60.0)
        whole.sim("DELETE", "faults")
        phone.read()
        assert READ[language] not in words(phone.shown)
        assert READ[language] not in words(phone.say(PERSON[language]))
        assert READ[language] not in words(phone.say(ASKS[language]))  # people answer them
        assert READ[language] in words(phone.tap("help"))
        assert READ[language] not in words(phone.say(ASKS[language]))
        (delivery,) = ours()["deliveries"]
        assert (ours()["status"], delivery["channel"], delivery["state"]) == ("sent", "line", "sent")
        assert (delivery["inAnswer"], delivery["unit"], delivery["reason"]) == (True, None, None)
        api.delete(f"/followup/rules/{mine['ruleId']}").raise_for_status()
