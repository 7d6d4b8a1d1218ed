"""Every setting, typed, with the environment variable it comes from.

The variable of a field is its name in capitals. `tests/check/test_settings.py` holds the README's table to this file.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_KEY = "development-only"


@dataclass(frozen=True)
class ClinicDefaults:
    """What holds for the clinics of this installation that have not chosen their own."""

    points_per_baht: Decimal
    referral_bonus_points: int


class Settings(BaseSettings):
    """What the process was told by its environment. Raises `pydantic.ValidationError` naming each bad variable."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

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
    simulator_port: int = Field(8100, ge=1, le=65535, description="The port of the simulator in `make run`")

    line_api_base: str = Field("https://api.line.me", description="LINE's API; the simulator's address in `make run`")
    line_channel_id: str = Field(
        "", description="Channel id of the clinic `aura`; with the secret it gives stateless tokens"
    )
    line_channel_secret: SecretStr = Field(
        SecretStr(""), description="Channel secret of the clinic `aura`; signs its webhooks"
    )
    line_bot_token: SecretStr = Field(SecretStr(""), description="A fixed channel access token for the clinic `aura`")

    google_gemini_api_key: SecretStr = Field(
        SecretStr(""), description="Gemini key; without it texts come from templates"
    )
    vercel_ai_gateway_url: str = Field("", description="Base address for Gemini; empty = Google's own")
    email_provider_api_key: SecretStr = Field(SecretStr(""), description="Key of the e-mail provider")
    sms_provider_api_key: SecretStr = Field(SecretStr(""), description="Key of the SMS provider")

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
    def clinic_defaults(self) -> ClinicDefaults:
        return ClinicDefaults(self.loyalty_points_per_baht, self.referral_bonus_points)

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

    @field_validator("line_api_base", "public_url")
    @classmethod
    def _on_the_web(cls, address: str) -> str:
        if not address.startswith(("https://", "http://")):
            raise ValueError("give an address that begins with https:// (or http:// on this machine)")
        return address

    @model_validator(mode="after")
    def _production_is_in_earnest(self) -> Self:
        if self.development:
            return self
        if self.timing_divisor != 1:
            raise ValueError("TIMING_DIVISOR is for development: leases shorter than a call would send twice.")
        for name in ("secret_keys", "index_key"):
            if getattr(self, name).get_secret_value() == DEVELOPMENT_KEY:
                raise ValueError(
                    f"{name.upper()} is not set. Production refuses development keys: make one with `flask keys new`."
                )
        return self
