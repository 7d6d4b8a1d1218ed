"""What the demo clinic says unasked by its own rules, to Mali in Thai and to Ken in English, as signed booking webhooks
and the clock bring it, through the months after a visit.
"""

from calendar import isleap
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode

from runtime.language import BANGKOK
from tests.fixtures.waiting import eventually
from tests.stories.guest import (
    DAY,
    EN,
    MINUTE,
    TH,
    Guest,
    books,
    english,
    on,
    planned,
    sent,
    shop,
    start,
    thai,
    to,
    ways,
)
from tests.stories.test_bills_and_courses import Shop
from tests.stories.whole import Json, Whole

__all__ = ["english", "shop", "start", "thai"]

ASKED = {TH: "วันนี้เป็นอย่างไรบ้างคะ", EN: "How are you today?"}
RATE = {TH: "การมาครั้งล่าสุดเป็นอย่างไรบ้างคะ", EN: "We would like to hear how your visit"}
OFFER = {TH: "ผ่านไปสองสัปดาห์แล้วหลังจากมาที่", EN: "it has been two weeks since you came to"}
WISHES = {TH: "ขออวยพรให้ปีนี้ใจดีกับคุณ", EN: "wish you a kind year, good health"}
AWAY = {TH: "ไม่ได้พบกันที่", EN: "it has been a while since you came to"}


def came(shop: Shop, booking: Json) -> datetime:
    """The appointment was kept, and what was done was done; when that was."""
    shop.does(booking, "come")
    shop.does(booking, "complete")
    newest = "SELECT performed_at AS at FROM treatments ORDER BY created_at DESC, id DESC LIMIT 1"
    return shop.whole.rows(newest)[0]["at"].astimezone(BANGKOK)  # type: ignore[no-any-return]


@dataclass
class Walk:
    """From a visit of both to sixty days without another."""

    whole: Whole
    shop: Shop
    start: date
    both: tuple[Guest, Guest]
    done: dict[str, datetime] = field(default_factory=dict)
    """Guest → when something was done last at a visit of theirs."""

    @property
    def birthday(self) -> date:
        return self.start + 25 * DAY

    def visit(self) -> None:
        for who in self.both:
            on_it = {"month": self.birthday.month, "day": self.birthday.day}
            who.phone.press({"type": "postback", "data": f"birthday_set?{urlencode(on_it)}"})
        bookings = [books(self.shop, who, on(self.start, "11:00")) for who in self.both]
        to(self.whole, on(self.start, "12:00"))
        self.done = {who.id: came(self.shop, one) for who, one in zip(self.both, bookings, strict=True)}

    def go(self, days: int) -> None:
        """So many days after the visits."""
        to(self.whole, max(self.done.values()) + days * DAY + MINUTE)

    def the_day_after(self) -> None:
        """How are you? Who is well may be told what goes with it."""
        for who in self.both:
            who.become("post_treatment", planned(self.done[who.id] + DAY))
        self.go(1)
        for who in self.both:
            who.hears(ASKED)
            who.phone.tap("all_well")
            who.phone.tap("fitting?answer=yes")
            who.forget()

    def a_week_after(self) -> None:
        """A rating, which the product does not ask for besides."""
        to(self.whole, on(self.start + 3 * DAY, "11:01"))
        for who in self.both:
            who.become("satisfaction_survey", planned(self.done[who.id] + 7 * DAY))
            self.rows_are("SELECT feedback FROM visits WHERE customer_id = %s", who, {"feedback": "survey"})
            who.forget()
        self.go(7)
        for who, stars in zip(self.both, (5, 1), strict=True):
            who.hears(RATE)
            assert ways(who, "satisfaction_survey") == {"email": "no_address", "in_app": None, "line": None}
            who.phone.tap("review")
            rating = str(who.phone.button("rate?")["data"]).rsplit("=", 1)[0]
            who.phone.press({"type": "postback", "data": f"{rating}={stars}"})
            who.forget()

    def two_weeks_after(self) -> None:
        """An offer; not to who was not content, until somebody has looked after that."""
        content, other = self.both
        self.go(14)
        content.hears(OFFER)
        content.phone.tap("not_now")
        (held,) = eventually(
            lambda: [one for one in other.fates("upsell_opportunity") if str(one[1]).startswith("paused:")], within=30
        )
        assert held[0] == "planned" and held[2] >= self.done[other.id] + 15 * DAY
        rests = [one for one in self.whole.app.flask("pauses", "list", "aura").splitlines() if other.id in one]
        self.whole.app.flask("pauses", "end", "aura", rests[0].split(":", maxsplit=1)[0])
        to(self.whole, held[2] + MINUTE)
        other.hears(OFFER)

    def another_visit(self) -> None:
        who, day = self.both[0], self.start + 20 * DAY
        booking = books(self.shop, who, on(day, "11:00"))
        to(self.whole, on(day, "12:00"))
        self.done[who.id] = came(self.shop, booking)

    def at_nine_on_the_birthday(self) -> None:
        """An offer with the wishes, and the wishes without one to nobody who has that."""
        to(self.whole, on(self.birthday, "08:59"))
        for who in self.both:
            who.become("birthday_special", planned(on(self.birthday, "09:00")))
            who.forget()
        to(self.whole, on(self.birthday, "09:01"))
        for who in self.both:
            who.hears(WISHES)
            who.become("birthday_special", sent(on(self.birthday, "09:00")))
            who.forget()
        to(self.whole, on(self.birthday, "10:05"))
        wished = "SELECT state, reason FROM notifications WHERE customer_id = %s AND kind = 'congratulation'"
        for who in self.both:
            self.rows_are(wished, who, {"state": "skipped", "reason": "with_an_offer"})

    def not_now(self) -> None:
        """Said of one treatment, it holds for the next too."""
        who = self.both[0]
        to(self.whole, self.done[who.id] + 14 * DAY + MINUTE)
        eventually(lambda: who.fates("upsell_opportunity")[-1][:2] == ("cancelled", "not_now"), within=30)

    def away(self) -> None:
        """Sixty days without a visit, which began at eleven; another visit begins them anew."""
        for who in reversed(self.both):
            last = self.done[who.id].replace(hour=11, minute=0, second=0, microsecond=0)
            assert who.stands("inactive_reactivation") == [planned(last + 60 * DAY)]
            to(self.whole, last + 60 * DAY + MINUTE)
            who.hears(AWAY)
            who.forget()

    def rows_are(self, query: str, who: Guest, row: Json) -> None:
        eventually(lambda: self.whole.rows(query, who.id) == [row], within=30)


def test_after_a_visit_and_when_none_follows(
    whole: Whole, shop: Shop, start: date, thai: Guest, english: Guest
) -> None:
    walk = Walk(whole, shop, start, (thai, english))
    walk.visit()
    walk.the_day_after()
    walk.a_week_after()
    walk.two_weeks_after()
    walk.another_visit()
    walk.at_nine_on_the_birthday()
    walk.not_now()
    walk.away()
    # The 29th of February is kept on the 28th where there is none.
    leap = Guest(whole.person("Ploy"), TH)
    leap.phone.press({"type": "postback", "data": "birthday_set?month=2&day=29"})
    leap.forget()
    day = _kept_next(whole.now().astimezone(BANGKOK).date())
    # The days between are made up first, while the clock goes on.
    to(whole, on(day, "08:30"))
    leap.become("birthday_special", planned(on(day, "09:00")), within=90)
    to(whole, on(day, "09:01"))
    leap.become("birthday_special", sent(on(day, "09:00")))
    leap.hears(WISHES)


def _kept_next(today: date) -> date:
    days = (date(year, 2, 29 if isleap(year) else 28) for year in (today.year, today.year + 1))
    return next(day for day in days if day > today)
