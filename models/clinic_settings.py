"""What a clinic chooses for itself: one frozen object, one model a section, complete and checked.

Stored is only what the clinic has chosen (`Clinic.own_settings`); what it leaves out, or sets to null, is the
installation's value where there is one (`ClinicDefaults`), else the product's, which is the default written here.
A field is added with the code that reads it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, Strict, ValidationError, ValidationInfo, field_validator, model_validator

from models.clinic_channels import OwnChannels
from models.clinic_people import Linking
from models.clinic_portal import Portal
from models.clinic_staff import StaffNotices
from models.clinic_words import Answer, BySubject, NamesByLanguage, Section, Spoken
from runtime.language import BANGKOK, LANGUAGES, Persona
from runtime.settings import ClinicDefaults

LARGEST = 100_000
"""Points that one rule may give at once."""

Whole = Annotated[int, Strict()]
"""A number that was written as one: neither true nor "12"."""
Given = Annotated[Whole, Field(ge=0, le=LARGEST)]
"""Points for one act; 0 gives none."""
Baht = Annotated[Decimal, Field(ge=0, le=10_000_000)]
HourOfDay = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Days = Annotated[Whole, Field(ge=0, le=366)]

_ADDRESS = re.compile(r"https://[!-~]{1,980}")
"""LINE's limit of what a button may open is 1,000 characters; others than ASCII are written as %XX."""
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class BadSettings(ValueError):
    """One line for each setting that is wrong: where it is, what stands there, and what to write instead."""


def opens(address: str) -> bool:
    """Whether a button may open it."""
    try:
        return _ADDRESS.fullmatch(address) is not None and bool(urlsplit(address).hostname)
    except ValueError:
        return False


class Voice(Section):
    """How the clinic appears and speaks."""

    names: NamesByLanguage = Field(default_factory=dict)
    """What it is called in a language in which that is not its name."""
    languages: Spoken = LANGUAGES
    """What it speaks. The first is that of its staff's group, and of who has told no other that is spoken here."""
    zone: ZoneInfo = BANGKOK
    """Decides its days: when one begins, when codes and points end, when it is quiet."""
    persona: Persona = "female"
    """Whose particles the Thai texts carry."""
    brand_color: str = "#8E5A6D"
    """`#RRGGBB`."""

    @field_validator("zone", mode="before")
    @classmethod
    def _known(cls, given: object) -> ZoneInfo:
        if isinstance(given, ZoneInfo):
            return given
        try:
            return ZoneInfo(given) if isinstance(given, str) else ZoneInfo("")
        except (KeyError, ValueError, OSError):  # unknown; no name at all; a folder of names, such as `Asia`
            raise ValueError("write the name of a time zone, such as Asia/Bangkok") from None

    @field_validator("brand_color")
    @classmethod
    def _six_digits(cls, given: str) -> str:
        if not _COLOR.fullmatch(given):
            raise ValueError("write a colour as #RRGGBB, such as #8E5A6D")
        return given


class Points(Section):
    """What earns points, and how long they live."""

    per_baht: Decimal = Field(Decimal("0.1"), ge=0, le=100)
    """For each baht of a treatment, before the tier's multiplier. Else `LOYALTY_POINTS_PER_BAHT`."""
    welcome: Given = 100
    """For joining."""
    review: Given = 50
    """For a review, whatever it says."""
    check_in: Given = 10
    """Once a day."""
    birthday: Given = 100
    """In the month of the birthday, once a year."""
    treatment_pending_days: Days = 0
    """How many days a treatment's points wait before they can be spent; 0: none."""
    points_from: tuple[str, ...] = ()
    """Whose payments earn (`till`, `staff`, …); those of others are kept and earn nothing. None named: everybody's."""
    life_months: Annotated[Whole, Field(ge=1, le=120)] = 12
    """Points end with the month that lies so many months after the one in which they were earned."""


class Referral(Section):
    """Bringing friends."""

    enabled: bool = True
    """Off: no menu, card, achievement or help speaks of it, and a friend's code is a word like any other."""
    points_referrer: Given = 200
    """For who brought a friend that came and paid. Else `REFERRAL_BONUS_POINTS`."""
    points_friend: Given = 0
    """For the friend, at the same time."""
    least_payment: Decimal = Field(Decimal(300), ge=0, le=10_000_000)
    """Baht of the friend's first payment that brings the bonus; smaller ones leave it to a later one."""
    pending_days: Days = 7
    """How many days lie between that payment and the bonus."""
    daily_limit: Annotated[Whole, Field(ge=0, le=10_000)] = 5
    """More friends of one referrer on one day are looked at by staff first."""


class Tier(Section):
    name: str = Field(min_length=1, max_length=20)
    threshold: Annotated[Whole, Field(ge=0, le=1_000_000_000)]
    """Points from which it holds: of all time, or of twelve months, as the policy says."""
    discount: Annotated[Whole, Field(ge=0, le=100)]
    """Percent."""
    multiplier: Decimal = Field(ge=0, le=100)
    """Of the points that a treatment earns."""


def _tier(name: str, threshold: int, discount: int, multiplier: str) -> Tier:
    return Tier(name=name, threshold=threshold, discount=discount, multiplier=Decimal(multiplier))


class Tiers(Section):
    policy: Literal["lifetime", "rolling_12_months"] = "lifetime"
    """Whether points of all time decide, or those of the last twelve months (`loyalty/rolling.py`)."""
    steps: tuple[Tier, ...] = (
        _tier("bronze", 0, 5, "1"),
        _tier("silver", 1_000, 8, "1.5"),
        _tier("gold", 3_000, 10, "2"),
        _tier("platinum", 7_000, 12, "2.5"),
        _tier("diamond", 15_000, 15, "3"),
    )
    """Lowest first, in whatever order they were written; the lowest is everybody's."""

    @field_validator("steps")
    @classmethod
    def _a_staircase(cls, given: tuple[Tier, ...]) -> tuple[Tier, ...]:
        steps = tuple(sorted(given, key=lambda tier: tier.threshold))
        if not steps or steps[0].threshold != 0:
            raise ValueError("write at least one tier, and one with the threshold 0: it is everybody's first")
        for key in ("name", "threshold"):
            values = [getattr(step, key) for step in steps]
            twice = next((value for value in values if values.count(value) > 1), None)
            if twice is not None:
                raise ValueError(f"two tiers have the {key} {twice!r}: give each its own")
        return steps


class GroupTill(Section):
    """What the staff may record in their LINE group."""

    least_payment: Baht = Decimal(1)
    largest_payment: Baht = Decimal(200_000)
    second_member_above: Baht = Decimal(30_000)
    """Above it another member has to confirm."""
    alone_above: Baht = Decimal(10_000)
    """Above it in thirty days another member has to confirm, on a card on which only one ever has recorded."""
    daily_payments: Annotated[Whole, Field(ge=0, le=10_000)] = 100
    daily_baht: Annotated[Decimal, Field(ge=0, le=100_000_000)] = Decimal(300_000)
    """Both of one member on one day."""
    again_minutes: Annotated[Whole, Field(ge=0, le=1_440)] = 10
    """The same amount for the same customer within so many minutes is asked about."""
    finds_an_hour: Annotated[Whole, Field(ge=0, le=1_000)] = 20
    """How often one member may look for somebody."""
    guesses: Annotated[Whole, Field(ge=1, le=1_000)] = 10
    """Codes and numbers that are nobody's, of one member in one hour; then no more of theirs are looked at."""


class Hours(Section):
    """When the clinic is open, besides what its branches say."""

    public_holidays: Literal["closed", "open"] | None = None
    """On Thailand's. Closed: all branches are. Open: their own hours hold. None: nobody has said, so that their hours
    are told with that doubt, no offer is made and nobody is asked to call."""


class Appointments(Section):
    completed_after_hours: Annotated[Whole, Field(ge=1, le=168)] | None = None
    """Hours after its end an appointment counts as completed where nobody has told of a no-show; None: never by it."""


class Links(Section):
    """Addresses that customers are sent to; each may be left out."""

    booking: str | None = None
    """Where customers book, or see how they can."""
    public_review: str | None = None
    """Where anybody may read what they say of the clinic: shown to everybody who has rated a visit, however."""

    @field_validator("booking", "public_review")
    @classmethod
    def _opens(cls, given: str | None) -> str | None:
        if given is not None and not opens(given):
            raise ValueError("write an address that begins with https://")
        return given


MenuField = Literal[
    "card", "join", "points", "rewards", "achievements", "history", "tiers", "appointments", "clinic", "friends",
    "courses", "check_in", "review", "more", "page",
]  # fmt: skip
"""What a field of a menu can be; `richmenus/menus.py` says what each shows and does."""


class Menus(Section):
    """The menus under the chat, from the top left."""

    members: tuple[MenuField, ...] = ("card", "points", "appointments", "clinic", "friends", "more")
    """Six. Where referral is off, `courses` stands in the place of `friends`."""
    guests: tuple[MenuField, ...] = ("join", "appointments", "clinic", "friends", "more")
    """Five: the first is twice as wide. Where referral is off, `tiers` stands in the place of `friends`."""

    @field_validator("members", "guests")
    @classmethod
    def _full(cls, given: tuple[MenuField, ...], info: ValidationInfo) -> tuple[MenuField, ...]:
        wanted = len(cls.model_fields[str(info.field_name)].default)
        if len(given) != wanted or len(set(given)) != wanted:
            raise ValueError(f"write {wanted} different fields of the menu")
        return given


class Customers(Section):
    """What holds for customers who have chosen nothing else."""

    quiet_from: HourOfDay = "21:00"
    """From then on nothing is said unasked, in the clinic's zone."""
    quiet_until: HourOfDay = "09:00"

    ask_feedback: bool = True
    """Whether they are asked once, on the third day at the earliest, how a visit was."""

    @field_validator("quiet_until")
    @classmethod
    def _ends(cls, given: str, info: ValidationInfo) -> str:
        if given == info.data.get("quiet_from"):
            raise ValueError("write another time than quiet_from: else it would be quiet all day, or never")
        return given

    @property
    def quiet(self) -> tuple[time, time]:
        """From and until; where it begins later than it ends, it wraps midnight."""
        return time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until)


class Followups(Section):
    """What holds for all that is said unasked by rules."""

    holdout_percent: Annotated[Whole, Field(ge=0, le=10)] = 0
    """So many of a hundred customers each rule leaves out of its offers, always the same ones, so that what it brings
    can be told. With fewer than two thousand who receive offers a year of it teaches nothing."""


class Privacy(Section):
    """What the clinic tells of its customers' data."""

    words_to_staff: bool = True
    """Whether the staff's group is shown what a customer wrote who wants to talk to somebody, or writes of their
    health."""
    notice_version: str = Field("2026-11-draft", min_length=1, max_length=40)
    """Changed together with any of the texts that customers are shown and asked, so that each knows what they saw."""


class ClinicSettings(Section):
    voice: Voice = Voice()
    points: Points = Points()
    referral: Referral = Referral()
    tiers: Tiers = Tiers()
    links: Links = Links()
    menus: Menus = Menus()
    group_till: GroupTill = GroupTill()
    hours: Hours = Hours()
    appointments: Appointments = Appointments()
    staff_notices: StaffNotices = StaffNotices()
    customers: Customers = Customers()
    followups: Followups = Followups()
    privacy: Privacy = Privacy()
    linking: Linking = Linking()
    channels: OwnChannels = OwnChannels()
    portal: Portal = Portal()
    phrases: BySubject = Field(default_factory=dict)
    """What people say there for a subject, besides the product's words."""
    answers: Annotated[tuple[Answer, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "ClinicSettings":
        if "page" in (*self.menus.members, *self.menus.guests) and self.portal.liff_id is None:
            raise ValueError("menus: `page` opens the customers' page, so write portal.liff_id, or another field")
        return self


S = TypeVar("S", bound=ClinicSettings)


def parse(own: object) -> ClinicSettings:
    """What a clinic has chosen, completed by the product's values. Raises `BadSettings`."""
    try:
        return ClinicSettings.model_validate(own)
    except ValidationError as error:
        raise BadSettings("\n".join(_what_to_write(error))) from None


def effective(own: object, defaults: ClinicDefaults) -> ClinicSettings:
    """What holds for a clinic that has chosen `own` on an installation with these defaults. Raises `BadSettings`."""
    return completed(parse(own), defaults)


def completed(chosen: S, defaults: ClinicDefaults) -> S:
    """With the installation's values where the clinic has chosen none."""
    points, referral = chosen.points, chosen.referral
    if "per_baht" not in points.model_fields_set:
        points = points.model_copy(update={"per_baht": defaults.points_per_baht})
    if "points_referrer" not in referral.model_fields_set:
        referral = referral.model_copy(update={"points_referrer": defaults.referral_bonus_points})
    return chosen.model_copy(update={"points": points, "referral": referral})


_cached: dict[UUID, tuple[tuple[str, ClinicDefaults], ClinicSettings]] = {}


def cached(clinic_id: UUID, version: str, own: Mapping[str, Any], defaults: ClinicDefaults) -> ClinicSettings:
    """`effective`, worked out once a process for each version of a clinic's row. Raises `BadSettings`."""
    known = _cached.get(clinic_id)
    if known is None or known[0] != (version, defaults):
        known = _cached[clinic_id] = ((version, defaults), effective(own, defaults))
    return known[1]


def _what_to_write(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False):
        where = ".".join(str(step) for step in one["loc"]) or "settings"
        said = str(one["ctx"]["error"]) if one["type"] == "value_error" else one["msg"][:1].lower() + one["msg"][1:]
        given = "" if isinstance(one["input"], Mapping) else f" (not {one['input']!r})"
        yield f"{where}: {said}{given}"
