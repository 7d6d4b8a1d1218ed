"""Every setting, typed, with the environment variable it comes from.

The variable of a field is its name in capitals. `tests/check/test_settings.py` holds the README's table to this file.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_KEY = "development-only"
KEY_BYTES = 32
DRAWN = 16
"""So many different bytes, and so many different steps from one byte to the next, has a key that was drawn by chance;
that one has fewer happens once in 10^11 keys."""
LEAST_SECRET = 16
_PRINTED = re.compile(r"[!-~]*")


@dataclass(frozen=True)
class ClinicDefaults:
    """What holds for the clinics of this installation that have not chosen their own."""

    points_per_baht: Decimal
    referral_bonus_points: int
    public_url: str = ""
    """Under which customers reach it; empty where nobody has said."""
    line_apps: str = "https://liff.line.me"
    """Before the id of a LIFF app."""
    sends_sms: bool = False
    """Whether the environment names a provider of SMS."""


class SettingsRefused(ValueError):
    """Names each variable that is wrong and says how to mend it, a line each; never quotes what it holds."""


class Settings(BaseSettings):
    """What the process was told by its environment; processes take it by `read`.

    White space around a value is no part of it: `echo x | secret add` leaves a line break behind. Raises
    `pydantic.ValidationError`, which quotes nothing of what was given.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    app_env: Literal["development", "production"] = Field(
        "production", description="`development` opens the clock and demo endpoints; anything public is `production`"
    )
    database_url: str = Field(
        "postgresql+psycopg:///aura", description="PostgreSQL; `make run` brings its own where this is not set"
    )
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0", description="Redis or Valkey; `make run` brings its own where this is not set"
    )
    secret_keys: SecretStr = Field(
        SecretStr(DEVELOPMENT_KEY),
        description="Keys that wrap the data keys: 32 bytes each in URL-safe base64, comma-separated, newest first",
    )
    index_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_KEY),
        description="32 bytes in URL-safe base64 for the blind indexes; never rotated by itself",
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="The address under which customers and LINE reach this server"
    )
    timing_divisor: int = Field(
        1, ge=1, le=100, description="Everything that waits, waits this many times shorter; tests only, in development"
    )
    port: int = Field(8000, ge=1, le=65535, description="The port the web server listens on")
    trusted_proxies: int = Field(
        0,
        ge=0,
        description="How many proxies stand in front: whose `X-Forwarded-For` says where a request is from",
    )
    simulator_port: int = Field(8100, ge=1, le=65535, description="The port of the simulator in `make run`")

    metrics_port: int = Field(
        0,
        ge=0,
        le=65_000,
        description="First of three ports on this machine: metrics of chat, send and slow; 0 = none",
    )
    line_api_base: str = Field("https://api.line.me", description="LINE's API; the simulator's address in `make run`")
    line_channel_id: str = Field(
        "", description="Channel id of the clinic `aura`; with the secret it gives stateless tokens"
    )
    line_channel_secret: SecretStr = Field(
        SecretStr(""), description="Channel secret of the clinic `aura`; signs its webhooks"
    )
    line_bot_token: SecretStr = Field(SecretStr(""), description="A fixed channel access token for the clinic `aura`")

    sms_provider: Literal["thaibulksms", "twilio", "http", ""] = Field(
        "", description="Who sends the SMS of the clinic `aura`: `thaibulksms`, `twilio` or `http`"
    )
    sms_provider_api_key: SecretStr = Field(
        SecretStr(""), description="What the clinic `aura` has from its provider of SMS, as `key:secret`"
    )
    sms_sender: str = Field("", description="The sender's name that the clinic `aura` has registered")
    sms_api_base: str = Field("", description="Address of that provider, where it is another than its own")
    smtp_host: str = Field("", description="The SMTP server of the clinic `aura`")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port")
    smtp_user: str = Field("", description="The user there")
    email_provider_api_key: SecretStr = Field(SecretStr(""), description="The password there")
    email_from: str = Field("", description="The address that the mail of the clinic `aura` comes from")

    cron_secret: SecretStr = Field(
        SecretStr(""),
        description="What an outer scheduler shows to have `/api/cron` do what is due in every clinic; at least 16 "
        "characters; none = nobody may",
    )

    loyalty_points_per_baht: Decimal = Field(
        Decimal("0.1"), ge=0, le=100, description="Points per baht for a clinic that has not set its own"
    )
    referral_bonus_points: int = Field(
        200, ge=0, le=100_000, description="Points for a referral, for a clinic that has not set its own"
    )

    @property
    def development(self) -> bool:
        return self.app_env == "development"

    @property
    def ring(self) -> tuple[bytes, ...]:
        """The keys of SECRET_KEYS, newest first. Raises `ValueError` naming the variable."""
        texts = [text for given in self.secret_keys.get_secret_value().split(",") if (text := given.strip())]
        if not texts:
            raise ValueError("SECRET_KEYS names no key; make one with `flask keys new`")
        return tuple(_key("SECRET_KEYS", text) for text in texts)

    @property
    def index(self) -> bytes:
        """The key of INDEX_KEY. Raises `ValueError` naming the variable."""
        return _key("INDEX_KEY", self.index_key.get_secret_value().strip())

    @property
    def clinic_defaults(self) -> ClinicDefaults:
        points, referral = self.loyalty_points_per_baht, self.referral_bonus_points
        return ClinicDefaults(points, referral, self.public_url, self.line_apps, bool(self.sms_provider))

    @property
    def line_apps(self) -> str:
        """Where LIFF apps open: LINE's own host; a stand-in for LINE serves them beside its API."""
        base = self.line_api_base.rstrip("/")
        return "https://liff.line.me" if urlsplit(base).hostname == "api.line.me" else f"{base}/liff"

    @field_validator("*", mode="before")
    @classmethod
    def _without_white_space_around(cls, given: Any) -> Any:
        if isinstance(given, SecretStr):
            return given.get_secret_value().strip()
        return given.strip() if isinstance(given, str) else given

    @field_validator("line_channel_id", "line_channel_secret", "line_bot_token", "sms_provider_api_key")
    @classmethod
    def _in_one_piece(cls, given: str | SecretStr) -> str | SecretStr:
        """These travel in headers and sign requests, so a character that does not belong to them fails much later."""
        text = given.get_secret_value() if isinstance(given, SecretStr) else given
        if not _PRINTED.fullmatch(text) or text[:1] in ("'", '"'):
            raise ValueError("holds white space, a quotation mark or another character that is part of none")
        return given

    @field_validator("cron_secret")
    @classmethod
    def _for_a_scheduler(cls, given: SecretStr) -> SecretStr:
        text = given.get_secret_value()
        if text and (not _PRINTED.fullmatch(text) or len(text) < LEAST_SECRET or text.startswith("aura_")):
            raise ValueError("give 16 printed characters or more, drawn by chance, that do not begin with aura_")
        return given

    @field_validator("database_url")
    @classmethod
    def _for_psycopg(cls, address: str) -> str:
        """Hosts hand out `postgres://`, unknown to SQLAlchemy, or `postgresql://`, which means another driver to it."""
        scheme, separator, rest = address.partition("://")
        if address and (not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg")):
            raise ValueError("give an address such as postgresql+psycopg://user:password@host/database")
        return f"postgresql+psycopg://{rest}" if address else ""

    @field_validator("redis_url")
    @classmethod
    def _for_redis(cls, address: str) -> str:
        if address and not address.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("give an address such as redis://host:6379/0")
        return address

    @field_validator("line_api_base", "sms_api_base", "public_url")
    @classmethod
    def _on_the_web(cls, address: str, info: ValidationInfo) -> str:
        if not address and info.field_name == "sms_api_base":
            return address
        if not address.startswith(("https://", "http://")):
            raise ValueError("give an address that begins with https:// (or http:// on this machine)")
        return address

    @field_validator("database_url", "redis_url", "line_api_base", "sms_api_base", "public_url")
    @classmethod
    def _readable(cls, address: str) -> str:
        """What reads it later would quote the password in it."""
        if not _PRINTED.fullmatch(address):
            raise ValueError("an address holds no white space, and other characters than ASCII as %XX")
        try:
            _ = urlsplit(address).port
        except ValueError as error:
            hint = "the port is no number; write special characters of a password as %XX, such as %40 for @"
            raise ValueError(hint) from error
        return address

    @model_validator(mode="after")
    def _keys_are_good(self) -> Self:
        ring, index = self.ring, self.index
        if self.development:
            return self
        if self.timing_divisor != 1:
            raise ValueError("TIMING_DIVISOR is for development: leases shorter than a call would send twice.")
        known = {_key(name, DEVELOPMENT_KEY) for name in ("SECRET_KEYS", "INDEX_KEY")}
        for name, keys in (("SECRET_KEYS", ring), ("INDEX_KEY", (index,))):
            if known.intersection(keys):
                raise ValueError(
                    f"{name} is not set, or holds the key of development. Production refuses development keys: "
                    "make one with `flask keys new`."
                )
            if not all(map(_drawn, keys)):
                raise ValueError(f"{name} holds a key that anybody could guess; make one with `flask keys new`.")
        if index in ring:
            raise ValueError("INDEX_KEY is also in SECRET_KEYS; make another one with `flask keys new`.")
        return self


def read(given: Mapping[str, str] | None = None) -> Settings:
    """The settings from the environment, or from variables `given` instead of it. Raises `SettingsRefused`."""
    try:
        if given is None:
            return Settings.model_validate({})
        return Settings.model_validate(
            {name: given[name.upper()] for name in Settings.model_fields if name.upper() in given}
        )
    except ValidationError as error:
        wrong = [
            ": ".join((*(str(part).upper() for part in one["loc"]), one["msg"].removeprefix("Value error, ")))
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        ]
    # Outside of the handler: a traceback of this one must not lead to pydantic's, which has the input.
    raise SettingsRefused("\n".join(wrong))


def _key(variable: str, text: str) -> bytes:
    """32 bytes. Raises `ValueError` naming the variable, never quoting the text."""
    if text == DEVELOPMENT_KEY:
        return hashlib.sha256(f"{variable}:{text}".encode()).digest()
    try:
        key = base64.b64decode(text, altchars=b"-_", validate=True)
    except ValueError:
        key = None
    if key is None:
        raise ValueError(f"{variable} is not URL-safe base64; make one with `flask keys new`")
    if len(key) != KEY_BYTES:
        raise ValueError(f"{variable} holds {len(key)} bytes, not {KEY_BYTES}; make one with `flask keys new`")
    return key


def _drawn(key: bytes) -> bool:
    """Whether the key looks drawn by chance: no piece again and again, nor counted nor typed."""
    if any(key[length:] == key[:-length] for length in range(1, len(key) // 2 + 1)):
        return False
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    return len(set(key)) >= DRAWN and len(steps) >= DRAWN and not all(32 <= byte < 127 for byte in key)
