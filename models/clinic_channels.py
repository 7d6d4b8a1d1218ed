"""By whom a clinic sends short messages and mail. What is secret of it stands beside (`flask clinics secret`)."""

import re
from collections.abc import Iterable
from datetime import time
from decimal import Decimal
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, Strict, ValidationInfo, field_validator, model_validator

from models.clinic_words import Section

SmsProvider = Literal["thaibulksms", "twilio", "http"]
"""A file of `channels/sms/` each."""
SMS_PROVIDERS: tuple[SmsProvider, ...] = get_args(SmsProvider)
SENDER = re.compile(r"[A-Za-z0-9 ._-]{3,11}")
"""What Thailand's operators register as a sender's name (help.clicksend.com, Thailand; AWS sender ids)."""
FIRST_OFFER, LAST_OFFER = time(9), time(21)
"""Between these an SMS may offer something in Thailand, whatever a clinic sets (twilio.com/en/guidelines/th/sms)."""
SHORTENERS = frozenset({
    "bit.ly", "bitly.com", "cutt.ly", "goo.gl", "is.gd", "j.mp", "lin.ee", "ow.ly", "rb.gy", "rebrand.ly", "s.id",
    "shorturl.asia", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "v.gd",
})  # fmt: skip
"""Thailand's operators refuse addresses of these (help.clicksend.com, Thailand)."""
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_MAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]+\.[^@\s.<>]{2,24}")
_HOST = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?")


def shortened(host: str) -> bool:
    """Whether a host is one that makes addresses short for everybody."""
    return host.lower().removeprefix("www.") in SHORTENERS


def registered(url: str, prefixes: Iterable[str]) -> bool:
    """Whether an address lies under one that was registered: of the same host, and below its path."""
    asked = urlsplit(url)
    for prefix in prefixes:
        known = urlsplit(prefix)
        path = known.path.rstrip("/")
        below = not path or asked.path == path or asked.path.startswith(f"{path}/")
        if (asked.scheme, asked.netloc.lower()) == (known.scheme, known.netloc.lower()) and below:
            return True
    return False


class Sms(Section):
    provider: SmsProvider | None = None
    """None: the clinic sends no SMS."""
    sender: str | None = None
    """The name that its operator has registered; the phone shows it."""
    base: str | None = None
    """The provider's address, where it is another than its own; of `http` there is no other."""
    registered_links: tuple[str, ...] = Field((), max_length=50)
    """Beginnings of the addresses that the clinic has registered with its operator: an SMS holds no others."""
    offers_from: str = "09:00"
    offers_until: str = "20:00"
    """When an SMS may offer something, in the clinic's zone; never before 09:00 and after 21:00 of Bangkok."""
    segment_baht: Annotated[Decimal, Field(ge=0, le=100)] | None = None
    """What a part of an SMS costs, for who looks at a rule beforehand."""

    @field_validator("sender")
    @classmethod
    def _registered_name(cls, given: str | None) -> str | None:
        if given is not None and (not SENDER.fullmatch(given) or given != given.strip()):
            raise ValueError("write the registered sender: 3 to 11 letters of a-z, digits, spaces, dots or dashes")
        return given

    @field_validator("base")
    @classmethod
    def _on_the_web(cls, given: str | None) -> str | None:
        if given is not None and not _address(given):
            raise ValueError("write an address that begins with https:// (or http:// on this machine)")
        return given

    @field_validator("registered_links")
    @classmethod
    def _own_addresses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            if not _address(one) or urlsplit(one).query or urlsplit(one).fragment:
                raise ValueError("write how the address begins, such as https://aura.example/")
            if shortened(host := urlsplit(one).hostname or ""):
                raise ValueError(f"{host} shortens addresses for everybody: operators refuse it in an SMS")
        return given

    @field_validator("offers_from", "offers_until")
    @classmethod
    def _by_day(cls, given: str, info: ValidationInfo) -> str:
        if not _HOUR.fullmatch(given):
            raise ValueError("write an hour as 09:00")
        if not FIRST_OFFER <= time.fromisoformat(given) <= LAST_OFFER:
            raise ValueError("an SMS may offer something from 09:00 until 21:00, and no clinic may have it otherwise")
        if info.field_name == "offers_until" and given <= info.data.get("offers_from", ""):
            raise ValueError("write a later hour than offers_from")
        return given

    @model_validator(mode="after")
    def _whole(self) -> "Sms":
        if self.provider is not None and self.sender is None:
            raise ValueError("write the sender, the name that your operator has registered")
        if self.provider == "http" and self.base is None:
            raise ValueError("write base, the address to which the provider `http` is asked to send")
        return self

    @property
    def quiet(self) -> tuple[time, time]:
        """From and until no SMS offers anything; it wraps midnight."""
        return time.fromisoformat(self.offers_until), time.fromisoformat(self.offers_from)


class Email(Section):
    host: str | None = None
    """Of the SMTP server; None: the clinic sends no mail."""
    port: Annotated[int, Strict(), Field(ge=1, le=65_535)] = 587
    user: str | None = Field(None, min_length=1, max_length=200)
    sender: str | None = None
    """The address that stands in From; its name is the clinic's."""

    @field_validator("host")
    @classmethod
    def _a_host(cls, given: str | None) -> str | None:
        if given is not None and not _HOST.fullmatch(given):
            raise ValueError("write the name of a server, such as smtp.resend.com")
        return given

    @field_validator("sender")
    @classmethod
    def _mailed(cls, given: str | None) -> str | None:
        if given is not None and not _MAIL.fullmatch(given):
            raise ValueError("write an e-mail address, such as hello@clinic.example")
        return given

    @model_validator(mode="after")
    def _whole(self) -> "Email":
        if self.host is not None and self.sender is None:
            raise ValueError("write the sender, the address that your mail comes from")
        return self


class OwnChannels(Section):
    """How the clinic speaks besides LINE."""

    sms: Sms = Sms()
    email: Email = Email()


def _address(given: str) -> bool:
    try:
        parts = urlsplit(given)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0 and given.isprintable()
    except ValueError:
        return False
