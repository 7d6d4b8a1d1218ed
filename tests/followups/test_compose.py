"""Each kind of notification that is written has its words, and they fit."""

import ast
import re
from collections.abc import Mapping
from typing import get_args

import pytest
from sqlalchemy.orm import Session

from channels.line.draw import card
from channels.line.limits import check
from customers import grants
from customers.people import new_customer
from customers.voice import language_of, palette_of
from followups import compose, moments
from loyalty import notifications
from models.customers import LineLink
from models.loyalty import Notification, NotificationData
from runtime.actors import CUSTOMER
from tests.check.tree import sources
from tests.fixtures.clinic import NOW

WRITTEN = re.compile(
    r"INSERT INTO notifications\b.*?(?:SELECT|VALUES\s*\()\s*[^,]+,[^,]+,[^,]+,\s*('\w+'|[^,]+),", re.DOTALL
)
BOUND = {("loyalty/booking.py", ":kind"), ("loyalty/notifications.py", ":kind")}
"""Bound there, and said with a `News` or to `write_all` by whoever calls."""


def kinds_written(files: Mapping[str, str]) -> dict[str, str | None]:
    """Where a notification is written, by `write`, with an earning or in SQL → its kind; None: no constant."""
    found: dict[str, str | None] = {}
    for path, source in files.items():
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="write" | "write_all", value=ast.Name(id="notifications")), args=args
                ):
                    kind = args[2].value if len(args) > 2 and isinstance(args[2], ast.Constant) else None
                    found[f"{path}:{node.lineno}"] = kind if isinstance(kind, str) else None
                case ast.Assign(targets=[ast.Attribute(attr="kind")], value=ast.Constant(value=str(kind))) if path in (
                    "followups/notifications.py",
                    "followups/expiring.py",
                ):
                    found[f"{path}:{node.lineno}"] = kind
                case ast.Call(func=ast.Name(id="News"), args=[ast.Constant(value=str(kind)), *_]):
                    found[f"{path}:{node.lineno}"] = kind
                case ast.Call(func=ast.Name(id="News")):
                    found[f"{path}:{node.lineno}"] = None
                case ast.Constant(value=str(sql)) if "INSERT INTO notifications" in sql:
                    for number, match in enumerate(WRITTEN.findall(sql) or [""]):
                        if (path, match) in BOUND:
                            continue
                        kind = match.strip("'") if match.startswith("'") else None
                        found[f"{path}:{node.lineno}:{number}"] = kind
    return found


def test_every_kind_that_is_written_has_words() -> None:
    written = kinds_written(
        {path: source for path, source in sources("*.py").items() if not path.startswith(("tests/", "simulator/"))}
    )
    worded = set(compose.kinds) | set(moments.messages)
    assert {place for place, kind in written.items() if kind not in worded} == set()
    assert set(written.values()) == worded, "no words for what nobody writes"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('notifications.write(session, customer, "tier_upgarded", now)', "tier_upgarded"),
        ("notifications.write(session, customer, kind, now)", None),
        ("SQL = \"INSERT INTO notifications (id, clinic_id, customer_id, kind) SELECT g(), c.a, c.b, 'no', x\"", "no"),
        ("SQL = 'INSERT INTO notifications (id) VALUES (1)'", None),
        ("SQL = 'INSERT INTO notifications (id, kind) SELECT :id, :clinic, :customer, :kind, x'", None),
        ('earn(session, profile, 5, cause, now, news=News("points_erned", {}))', "points_erned"),
        ("earn(session, profile, 5, cause, now, news=News(kind, {}))", None),
    ],
)
def test_each_kind_without_words_is_seen(source: str, kind: str | None) -> None:
    assert list(kinds_written({"a.py": source}).values()) == [kind]


def test_every_kind_has_words_that_fit_in_both_languages(session: Session, mali: LineLink) -> None:
    friend = new_customer(session, mali.customer.clinic, NOW)
    grant, _new = grants.give(session, mali.customer, friend, "bookings", NOW, by=CUSTOMER, reason="own_word")
    samples: dict[str, NotificationData] = {
        "points_earned": {"points": 1_000_000, "source": "treatment"},
        "birthday_points": {"points": 100},
        "tier_upgraded": {"tier": "platinum"},
        "tier_lowered": {"tier": "platinum"},
        "tier_at_risk": {"tier": "platinum", "below": "gold", "missing": 1_200, "on": "2027-03-01"},
        "tier_terms": {"tier": "platinum", "on": "2027-03-01"},
        "achievement_unlocked": {"achievement": "unknown"},
        "referral_paid": {"points": 200},
        "points_promised": {"points": 1, "on": "2027-03-01T00:00:00+07:00"},
        "points_matured": {"points": 1},
        "points_expired": {"points": 1, "on": "2027-03-01T00:00:00+07:00"},
        "points_expiring": {"points": 1, "on": "2027-03-01T00:00:00+07:00"},
        "points_clawed_back": {"points": 5},
        "redemption_used": {"redemption": str(mali.customer_id)},
        "redemption_expired": {"redemption": str(mali.customer_id), "points": 500},
        "payment_undone": {},
        "visit_undone": {},
        "use_undone": {"redemption": str(mali.customer_id)},
        "tie_asked": {"tie": str(mali.customer_id)},
        "linked": {},
        "not_linked": {},
        "unlinked": {},
        "course_shared": {"course": str(mali.customer_id), "sessions": 3},
        "course_received": {"course": str(mali.customer_id), "sessions": 3},
        "share_undone": {},
        "grant_given": {"grant": str(grant.id), "side": "owner"},
        "grant_ended": {"grant": str(grant.id), "side": "holder"},
    }
    assert set(samples) == set(compose.kinds) == set(get_args(notifications.Kind)) - set(moments.messages)
    told = [Notification(kind=kind, data=data) for kind, data in samples.items()]
    palette = palette_of(mali.customer.clinic)
    for language in ("th", "en"):
        mali.customer.language = language
        t = language_of(mali.customer.clinic, mali.customer)
        for half in (told[::2], told[1::2]):
            drawn = compose.fitted(session, mali.customer.clinic, t, half, lambda said: card(said, palette))
            check({"type": "flex", "altText": drawn.alt, "contents": dict(drawn.contents)})


def test_what_came_late_is_summed_up(session: Session, mali: LineLink) -> None:
    """Points of several months in one line, and of several tiers the one that holds."""
    mali.customer.language = "en"
    told: list[tuple[str, NotificationData]] = [
        ("tier_lowered", {"tier": "gold"}),
        ("points_expired", {"points": 30, "on": "2027-03-01T00:00:00+07:00"}),
        ("tier_lowered", {"tier": "silver"}),
        ("points_expired", {"points": 20, "on": "2027-01-01T00:00:00+07:00"}),
        ("points_expired", {"points": 50, "on": "2027-02-01T00:00:00+07:00"}),
    ]
    news = [Notification(kind=kind, data=data, reason=compose.CATCHING_UP) for kind, data in told]
    t = language_of(mali.customer.clinic, mali.customer)
    message = compose.fitted(session, mali.customer.clinic, t, news, lambda said: said)
    assert message.title == "What has happened meanwhile"
    assert [one.lead for one in message.paragraphs] == ["100 points have expired", "Your tier is Silver now"]
    assert message.paragraphs[0].text.startswith("The last of them could be used until Feb 28, 2027.")
    assert (
        compose.fitted(session, mali.customer.clinic, t, news[:1], lambda said: said).title == "Your tier is Gold now"
    )
