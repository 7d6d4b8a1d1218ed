"""A rule with a link: it is sent when it is due, tapped on the phone, and the clinic's API tells that it was."""

from datetime import timedelta

import httpx

from models.followups import LinkWords
from tests.fixtures.waiting import eventually
from tests.stories.whole import Json, Phone, Whole, actions

BOOK: LinkWords = {"label": "Directions", "url": "https://aura.example/way?from=line"}


def test_a_link_is_sent_tapped_and_counted(whole: Whole, member: Phone) -> None:
    scopes = ["--scope=followup:read", "--scope=followup:write", "--scope=followup:activate", "--scope=facts:write"]
    secret = whole.app.flask("api-keys", "create", "aura", "Links", *scopes).split()[-1]
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"{whole.app.url}/api", headers=headers, trust_env=False) as api:
        text = {"message": "{appointmentTime}", "links": [BOOK]}
        asked = {"name": "Way", "type": "appointment_reminder", "channels": ["line"], "active": True}
        template = {**text, "texts": {"en": text}}
        rule = api.post("/followup/rules", json={**asked, "template": template}).raise_for_status().json()
        whose = f"ext:line:{member.user_id}"
        starts = (whole.now() + timedelta(days=3)).replace(hour=7, minute=0, second=0, microsecond=0)
        told = {"id": "L-1", "state": "booked", "at": whole.now().isoformat(), "startsAt": starts.isoformat()}
        api.post("/facts/appointments", json={**told, "customerId": whose}).raise_for_status()

        def ours() -> Json:
            found: list[Json] = (
                api.get("/followup/executions", params={"ruleId": rule["id"], "customerId": whose})
                .raise_for_status()
                .json()["items"]
            )
            return found[0] if found else {}

        eventually(ours, within=30.0)
        due = starts - timedelta(days=1)
        whole.sim("PUT", "clock", {"advance_seconds": int((due - whole.now()).total_seconds()) + 60})

        def link() -> Json:
            member.read()
            found = [one for message in member.shown for one in actions(message) if one.get("label") == BOOK["label"]]
            return found[-1] if found else {}

        action = eventually(link, within=60.0)
        assert action["uri"].startswith(f"{whole.app.url}/l/aura/") and "aura.example" not in action["uri"]
        assert (ours()["status"], ours()["clickedAt"]) == ("sent", None)
        whole.sim("PUT", "clock", {"advance_seconds": 60})
        seen = whole.sim("POST", f"people/{member.user_id}/act", {"action": action})
        assert (seen["does"], seen["leads_to"]) == ("open", BOOK["url"])
        (delivery,) = ours()["deliveries"]
        assert ours()["clickedAt"] == delivery["clickedAt"] is not None
        assert (delivery["clicks"], delivery["machineClicks"], ours()["openedAt"]) == (1, 0, None)
        forged = whole.sim("POST", f"people/{member.user_id}/act", {"action": {**action, "uri": action["uri"] + "x"}})
        assert forged == {"does": "open", "uri": action["uri"] + "x"}
        member.tap("appointments")
        assert ours()["respondedAt"] and ours()["response"] == {"button": "appointments"}
        api.delete(f"/followup/rules/{rule['id']}").raise_for_status()
