"""What a clinic's file holds: the sections of its settings as they are, its branches, services, rewards and
achievements, each a list in the order in which customers see it, and its follow-up rules."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from clinics.rule_items import RuleItem
from customers.branches import WEEKDAYS, span_of
from loyalty import achievements
from loyalty.achievements import LARGEST_REWARD
from loyalty.errors import BadConditions
from models.clinic_channels import OwnChannels
from models.clinic_settings import ClinicSettings, Whole, opens
from models.clinic_words import Section, by_language
from models.loyalty import LARGEST_ENTRY

LONGEST_LIST = 500
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{2,23}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,24}")
_ICON = 10
"""Characters of the column: an emoji may be several."""


def _named(given: dict[str, str]) -> dict[str, str]:
    if not given:
        raise ValueError("write a name")
    return given


def _dialled(given: str) -> str:
    if not _PHONE.fullmatch(given):
        raise ValueError("write a phone number as people dial it, such as 02-123-4567 or +66 81 234 5678")
    return given


def _web(given: str) -> str:
    if not opens(given):
        raise ValueError("write an address that begins with https://")
    return given


def _mailed(given: str) -> str:
    if not _EMAIL.fullmatch(given):
        raise ValueError("write an e-mail address, such as duty@clinic.example")
    return given


def _of_our_time(day: date) -> date:
    if not 2000 <= day.year < 2400:
        raise ValueError("write the year as in 2026, not as in 2569")
    return day


def _hours(given: Any) -> Any:
    """`10:00-12:00, 13:00-20:00`, a list of such spans, or `closed`."""
    if not isinstance(given, Mapping):
        return given
    return {day: [] if spans in (None, "closed") else _split(spans) for day, spans in given.items()}


def _split(spans: Any) -> Any:
    return [span.strip() for span in spans.split(",")] if isinstance(spans, str) else spans


def _weekday(day: str) -> str:
    if day not in WEEKDAYS:
        raise ValueError(f"write one of {', '.join(WEEKDAYS)}")
    return day


def _week(given: dict[str, list[str]]) -> dict[str, list[str]]:
    return {day: given[day] for day in WEEKDAYS if given.get(day)}


def _span(text: str) -> str:
    try:
        begins, ends = span_of(text)
    except ValueError:
        raise ValueError("write hours as 10:00-20:00, or closed") from None
    return f"{begins:%H:%M}-{ends:%H:%M}".replace("-00:00", "-24:00")


Code = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")]
InWords = Annotated[
    dict[str, Annotated[str, Field(min_length=1, max_length=1_000)]],
    BeforeValidator(by_language),
]
"""By language; one text alone is in the first language."""
Name = Annotated[
    dict[str, Annotated[str, Field(min_length=1, max_length=100)]],
    BeforeValidator(by_language),
    AfterValidator(_named),
]
BookingSource = Literal["standard", "calcom", "calendly", "square"]
BookedAs = dict[
    BookingSource, Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=50)]
]
"""What each booking system calls it: its ids or names there."""
Day = Annotated[date, AfterValidator(_of_our_time)]
Phone = Annotated[str, AfterValidator(_dialled)]
Hours = Annotated[
    dict[Annotated[str, AfterValidator(_weekday)], list[Annotated[str, AfterValidator(_span)]]],
    BeforeValidator(_hours),
    AfterValidator(_week),
]


class DutyContact(Section):
    """Who is called when nobody claims an urgent task."""

    name: str = Field(min_length=1, max_length=100)
    phone: Phone | None = None
    email: Annotated[str, AfterValidator(_mailed)] | None = None


class BranchItem(Section):
    """A place of the clinic."""

    code: Code
    name: Name
    phone: Phone | None = None
    address: InWords = Field(default_factory=dict)
    map: Annotated[str, AfterValidator(_web)] | None = None
    """A link that shows the place on a map."""
    hours: Hours = Field(default_factory=dict)
    """By weekday: mon, tue, wed, thu, fri, sat, sun; a day that is left out is closed."""
    holidays: tuple[Day, ...] = Field((), max_length=LONGEST_LIST)
    """Days on which it is closed."""
    staff_group: str | None = Field(None, min_length=1, max_length=100)
    """What the LINE group of its staff is called."""
    duty_contact: DutyContact | None = None
    booked_as: BookedAs = Field(default_factory=dict)


class ServiceItem(Section):
    """What the clinic offers."""

    code: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
    """As the till and the booking system name it in visits and payments."""
    name: Name
    category: str | None = Field(None, min_length=1, max_length=60)
    minutes: Annotated[Whole, Field(ge=1, le=1_440)] | None = None
    price: InWords = Field(default_factory=dict)
    """In words, such as `from ฿1,500`."""
    usual_interval_days: Annotated[Whole, Field(ge=1, le=3_660)] | None = None
    """After how many days people usually come again for it."""
    aftercare: InWords = Field(default_factory=dict)
    """What to do and not to do afterwards."""
    not_after: dict[str, Annotated[Whole, Field(ge=1, le=3_660)]] = Field(default_factory=dict)
    """Contra-indicated: the code of another service, and for how many days after it."""
    medical: bool = False
    """Whether it is a medical treatment."""
    booked_as: BookedAs = Field(default_factory=dict)


class RewardItem(Section):
    """Something points buy."""

    code: Code
    kind: Literal["discount", "free_treatment", "free_product"]
    name: Name
    description: InWords = Field(default_factory=dict)
    points: Annotated[Whole, Field(ge=1, le=LARGEST_ENTRY)]
    """The price."""
    percent: Annotated[Whole, Field(ge=1, le=100)] | None = None
    """Of a discount."""
    stock: Annotated[Whole, Field(ge=0, le=1_000_000)] | None = None
    """How many there are in all, those that customers already have taken included; left out: no limit."""
    per_customer: Annotated[Whole, Field(ge=1, le=10_000)] | None = None
    """How many one customer may have; left out: no limit."""
    valid_from: Day | None = None
    """The first day."""
    valid_until: Day | None = None
    """The last day."""
    least_tier: str | None = None
    code_days: Annotated[Whole, Field(ge=1, le=3_660)] = 30
    """How long a code is good for."""
    refund_unused: bool = True
    """Whether a code that was never used gives its points back when it ends."""

    @model_validator(mode="after")
    def _fits(self) -> "RewardItem":
        if (self.kind == "discount") != (self.percent is not None):
            raise ValueError("a discount has a percent, and nothing else has one")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until lies before valid_from")
        return self


class ConditionsItem(Section):
    """What is to be reached: a figure, and how much of it."""

    metric: str
    at_least: Whole
    within_days: Whole | None = None

    @model_validator(mode="after")
    def _meant(self) -> "ConditionsItem":
        try:
            achievements.validate(self.model_dump(exclude_none=True))
        except BadConditions as error:
            raise ValueError(str(error)) from None
        return self


class AchievementItem(Section):
    """A goal with points."""

    code: Code
    category: str = Field(min_length=1, max_length=20)
    name: Name
    description: InWords = Field(default_factory=dict)
    conditions: ConditionsItem
    points: Annotated[Whole, Field(ge=0, le=LARGEST_REWARD)] = 0
    icon: str | None = Field(None, min_length=1, max_length=_ICON)
    """An emoji."""
    secret: bool = False
    """Whether nobody sees it before it is reached."""


class LineAccount(Section):
    basic_id: str | None = Field(None, pattern="^@[a-z0-9._-]{1,30}$")
    """Of the Official Account, with the @; links that open its chat need it."""
    channel_id: str | None = Field(None, pattern="^[0-9]{5,20}$")
    """Of its Messaging API channel."""


class Channels(OwnChannels):
    """How the clinic is reached; what is secret is not written here."""

    line: LineAccount = LineAccount()


class ClinicFile(ClinicSettings):
    """A list that is left out stays as it is; a section that is left out is the product's."""

    name: str = Field(min_length=1, max_length=60)
    channels: Channels = Channels()
    branches: tuple[BranchItem, ...] | None = Field(None, min_length=1, max_length=LONGEST_LIST)
    services: tuple[ServiceItem, ...] | None = Field(None, max_length=LONGEST_LIST)
    rewards: tuple[RewardItem, ...] | None = Field(None, max_length=LONGEST_LIST)
    achievements: tuple[AchievementItem, ...] | None = Field(None, max_length=LONGEST_LIST)
    followup_rules: tuple[RuleItem, ...] | None = Field(None, max_length=LONGEST_LIST)


LISTS = ("branches", "services", "rewards", "achievements", "followup_rules")
