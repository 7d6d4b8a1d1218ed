"""A clinic with a LINE group of its staff, and what they have not been told yet."""

import json
from dataclasses import dataclass
from typing import Any

from customers import staff, staff_members, staff_notices
from customers.people import meet_on_line
from facts.visited import visited
from loyalty import points, reviews
from models.access import StaffGroup
from models.base import new_id
from models.clinics import Clinic
from models.conversations import InboxEvent
from models.customers import Customer
from models.facts import Review, Visit
from models.staff import Role
from models.staff_notices import NoticeData
from runtime.clock import real
from tests.fixtures.house import House

MEMBERS = 8


@dataclass
class Team:
    """Eight people and the clinic's account, in a group that is bound."""

    house: House
    clinic: Clinic
    group_id: str
    user_id: str
    colleague_id: str

    @property
    def group(self) -> StaffGroup:
        return self.house.session.get_one(StaffGroup, (self._bound, self.clinic.id))

    def __post_init__(self) -> None:
        session, now = self.house.session, self.house.noon
        bound = staff.bind(session, self.clinic, staff.make_code(session, self.clinic, now), self.group_id, now)
        assert bound is not None
        self._bound = bound.id
        session.commit()

    def writes(
        self, said: str = "ไปกินข้าวกัน", *, answerable: bool = True, quotes: str | None = None, by: str = ""
    ) -> None:
        """It has come in and waits. `by`: somebody else than the first of them; `quotes`: LINE's id of a message."""
        user_id = by or self.user_id
        token, now, vault = new_id().hex, real(), self.house.session.info["vault"]
        if answerable:
            self.house.simulator.call("POST", "reply-tokens", {"tokens": {token: self.group_id}})
        raw = {
            "type": "message", "mode": "active", "webhookEventId": new_id().hex, "replyToken": token,
            "timestamp": int(now.timestamp() * 1000),
            "source": {"type": "group", "groupId": self.group_id, "userId": user_id},
            "message": {"type": "text", "id": new_id().hex, "text": said}
            | ({"quotedMessageId": quotes} if quotes else {}),
        }  # fmt: skip
        self.house.session.add(
            InboxEvent(
                clinic_id=self.clinic.id, clinic=self.clinic, source="line", event_key=raw["webhookEventId"],
                actor_index=vault.index(self.clinic.id, "line", user_id), type="message", occurred_at=now,
                received_at=now, due_at=now, raw=json.dumps(raw).encode(),
            )
        )  # fmt: skip
        self.house.session.commit()

    def lets(self, *people: str) -> None:
        """They may act, the first of them is the manager."""
        for user_id in people or (self.user_id,):
            member = staff_members.meet(self.house.session, self.group, user_id, self.house.noon)
            role: Role = "manager" if user_id == self.user_id else "staff"
            staff_members.allow(self.house.session, member, role, self.house.noon, by="staff")
        self.house.session.commit()

    def message(self, words: str) -> str:
        """LINE's id of the clinic's last message in the group with these words."""
        items = self.house.simulator.call("GET", f"groups/{self.group_id}/chat")["items"]
        said = [item for item in items if item["from"] == "bot"]
        return str([one["item_id"] for one in said if words in json.dumps(one["message"], ensure_ascii=False)][-1])

    def read(self, words: str) -> int:
        """In how many of the clinic's messages the group has read these words."""
        items = self.house.simulator.call("GET", f"groups/{self.group_id}/chat")["items"]
        said = [json.dumps(item["message"], ensure_ascii=False) for item in items if item["from"] == "bot"]
        return len([one for one in said if words in one])

    @property
    def charged(self) -> int:
        """How many messages of the month LINE has counted."""
        used: dict[str, Any] = self.house.simulator.call("GET", "state")
        return int(used["channels"][0]["quota_used"])


def team(house: House, clinic: Clinic) -> Team:
    people = [house.simulator.call("POST", "people", {"name": f"Staff {n}"})["user_id"] for n in range(MEMBERS)]
    made = {"channel": house.simulator.channel_id, "name": "Staff", "members": people}
    return Team(house, clinic, house.simulator.call("POST", "groups", made)["group_id"], *people[:2])


def newcomer(house: House, clinic: Clinic, name: str = "Mali") -> Customer:
    """A member whom LINE does not know."""
    customer = meet_on_line(house.session, clinic, f"U{new_id().hex}", house.noon).customer
    customer.display_name = name
    house.session.flush()
    points.create_loyalty_profile(house.session, customer, house.noon)
    return customer


def rated(house: House, customer: Customer) -> None:
    """They have given one star, which is still to be told; nothing else has come of it."""
    session, now = house.session, house.noon
    visit = Visit(clinic_id=customer.clinic_id, customer_id=customer.id, visited_at=now, created_at=now)
    session.add(visit)
    session.flush()
    review = Review(
        clinic_id=customer.clinic_id, customer_id=customer.id, customer=customer, visit_id=visit.id, rating=1,
        created_at=now,
    )  # fmt: skip
    session.add(review)
    about: NoticeData = {"review": str(review.id)}
    staff_notices.write(session, customer.clinic, "low_rating", now, key=str(review.id), customer=customer, data=about)


def low_rating(house: House, customer: Customer, words: str = "รอนานมาก") -> None:
    """They give two stars, and it is to be told at once."""
    told: dict[str, Any] = {"source": "till", "external_id": new_id().hex, "service_code": None}
    visit = visited(house.session, customer, visited_at=house.noon, now=house.noon, **told)
    house.session.flush()
    reviews.review(house.session, customer, visit.id, 2, words, house.noon)
    house.session.commit()


def riding(house: House, clinic: Clinic) -> None:
    """From now on low ratings wait for an answer."""
    clinic.own_settings = {"staff_notices": {"low_rating": "ride"}}
    house.session.commit()


def waiting(house: House, clinic: Clinic) -> int:
    return staff_notices.waiting(house.session, clinic, house.noon)
