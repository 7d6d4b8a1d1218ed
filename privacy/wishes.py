"""What somebody wants to hear of, by their own decision: wherever they make it, it is made by these functions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from models.customers import Customer
from privacy import ages, consent

CHAT, PAGE = "line_chat", "portal"
"""Where a decision was made."""
Hindrance = Literal["age_unknown", "under_age"]
"""Why somebody cannot agree: they have not said whether they are of age; or they are not, and no guardian agrees."""


@dataclass(frozen=True)
class Texts:
    """What is before whoever decides, in their language; its hash is kept with what they decide."""

    offers: str
    stop_all: str


@dataclass(frozen=True)
class Wisher:
    """Who decides, when and where."""

    session: Session
    customer: Customer
    now: datetime
    source: str
    texts: Texts

    @property
    def hindered(self) -> Hindrance | None:
        if consent.may_agree(self.session, self.customer, self.now):
            return None
        return "age_unknown" if self.customer.adult is None else "under_age"

    def agree(self, purpose: str, text: str, channel: str = "line") -> Hindrance | None:
        """None: it is agreed."""
        if (why := self.hindered) is None:
            self.decide(purpose, text, channel, granted=True)
        return why

    def decide(self, purpose: str, text: str, channel: str = "line", *, granted: bool) -> None:
        """A no, which anybody may say, or what is so until somebody says no. `text`: what they saw."""
        consent.decide(
            self.session, self.customer, purpose=purpose, channel=channel, granted=granted, text=text, now=self.now,
            source=self.source,
        )  # fmt: skip

    def want_offers(self) -> Hindrance | None:
        """Who has stopped everything wants to hear of us again. None: it is agreed."""
        if (why := self.hindered) is not None:
            return why
        if consent.stopped(self.session, self.customer):
            self.decide(consent.UNASKED, self.texts.stop_all, granted=True)
        self.decide(consent.MARKETING, self.texts.offers, granted=True)
        return None

    def stop_offers(self) -> None:
        """Of offers that were agreed to over other channels nobody means to keep some."""
        self.decide(consent.MARKETING, self.texts.offers, granted=False)
        for channel in consent.ELSEWHERE:
            if consent.decision(self.session, self.customer, consent.MARKETING, channel):
                self.decide(consent.MARKETING, self.texts.offers, channel, granted=False)

    def stop_everything(self) -> None:
        self.decide(consent.UNASKED, self.texts.stop_all, granted=False)
        self.decide(consent.MARKETING, self.texts.offers, granted=False)

    def write_again(self) -> bool:
        """Offers are another question, and stay as they are. False where nothing was stopped."""
        if not consent.stopped(self.session, self.customer):
            return False
        self.decide(consent.UNASKED, self.texts.stop_all, granted=True)
        return True

    def say_age(self, *, adult: bool) -> datetime | None:
        """Whether they are of age. Until when what they have said before is believed instead; None: it is noted."""
        if adult and (until := ages.stands_until(self.session, self.customer, self.now)) is not None:
            return until
        ages.say(self.session, self.customer, self.now, adult=adult)
        if not adult and consent.decision(self.session, self.customer, consent.MARKETING, "line"):
            self.decide(consent.MARKETING, self.texts.offers, granted=False)
        return None
