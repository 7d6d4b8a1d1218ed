"""What the simulator is told when it starts."""

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_CHANNEL_ID = "2000000001"
LARGEST_PORT = 65_535
BOOKING = ("standard", "calcom", "calendly", "square")
LOGIN_ID, LIFF_NAME = "1650000002", "aurademo"
LIFF_ID = re.compile(r"[0-9]+-[A-Za-z0-9]{8}")
DEFAULT_SECRET = "simulated-channel-secret"  # noqa: S105 - it opens a pretend account only
DEFAULT_LOGIN_SECRET = "simulated-login-secret"  # noqa: S105 - the same


@dataclass(frozen=True)
class Config:
    """Settings of one simulator.

    `redelivery` holds the waits in seconds before each further try of a webhook that was not answered with 2xx;
    an empty tuple switches redelivery off. `webhook_timeout` is LINE's two seconds. `api_key` opens the product's REST
    API to the till, `counter_key` the day's picture to the counter. `team`: whether the demo clinic's staff and their
    group are there from the beginning. `booking`: by source, what the clinic shares with its booking systems;
    `public_url`: where the product says it is reached, which Square signs. `sms_key`, `sms_sender`: what the clinic has
    from its provider of SMS; `sms_reports`: where it is told what became of a message, by who is told that once and for
    all. `mail_port`: of the SMTP server; `mail_secret`: signs what the provider of mail reports. `login_id`,
    `login_secret`, `liff_id`: the account's LINE Login channel and the LIFF app in it. `real` is the wall clock that
    tokens and retry keys live by; tests hand in their own.
    """

    data: Path
    app_url: str = "http://127.0.0.1:8000"
    channel_id: str = DEFAULT_CHANNEL_ID
    channel_secret: str = field(default=DEFAULT_SECRET, repr=False)
    bot_token: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    counter_key: str = field(default="", repr=False)
    booking: Mapping[str, str] = field(default_factory=dict, repr=False)
    public_url: str = ""
    sms_key: str = field(default="", repr=False)
    sms_sender: str = ""
    sms_reports: str = field(default="", repr=False)
    team: bool = False
    mail_port: int = 0
    mail_secret: str = field(default="", repr=False)
    login_id: str = LOGIN_ID
    login_secret: str = field(default=DEFAULT_LOGIN_SECRET, repr=False)
    liff_id: str = f"{LOGIN_ID}-{LIFF_NAME}"
    port: int = 8100
    redelivery: tuple[float, ...] = (5.0, 15.0, 60.0)
    webhook_timeout: float = 2.0
    real: Callable[[], float] = time.time


class Wrong(ValueError):
    """One line: which variable is wrong, and what to write instead."""


def from_environment(env: Mapping[str, str] = os.environ) -> Config:
    """The configuration that the SIMULATOR_* and LINE_* variables describe. Raises `Wrong`."""
    app_url = env.get("SIMULATOR_APP_URL", "http://127.0.0.1:8000").rstrip("/")
    login_id = env.get("SIMULATOR_LOGIN_CHANNEL_ID") or LOGIN_ID
    return Config(
        data=Path(env.get("SIMULATOR_DATA", ".simulator")),
        app_url=app_url,
        channel_id=env.get("LINE_CHANNEL_ID") or DEFAULT_CHANNEL_ID,
        channel_secret=env.get("LINE_CHANNEL_SECRET") or DEFAULT_SECRET,
        bot_token=env.get("LINE_BOT_TOKEN", ""),
        api_key=env.get("SIMULATOR_API_KEY", ""),
        counter_key=env.get("SIMULATOR_COUNTER_KEY", ""),
        booking={one: env.get(f"SIMULATOR_BOOKING_{one.upper()}", "") for one in BOOKING},
        public_url=(env.get("PUBLIC_URL") or app_url).rstrip("/"),
        sms_key=env.get("SMS_PROVIDER_API_KEY", ""),
        sms_sender=env.get("SMS_SENDER", ""),
        sms_reports=env.get("SIMULATOR_SMS_REPORTS", ""),
        team=env.get("SIMULATOR_TEAM") == "yes",
        mail_port=_port(env.get("SIMULATOR_MAIL_PORT", "8125"), "SIMULATOR_MAIL_PORT"),
        mail_secret=env.get("SIMULATOR_MAIL_SECRET", ""),
        login_id=login_id,
        login_secret=env.get("SIMULATOR_LOGIN_SECRET") or DEFAULT_LOGIN_SECRET,
        liff_id=_liff_id(env.get("SIMULATOR_LIFF_ID") or f"{login_id}-{LIFF_NAME}", login_id),
        port=_port(env.get("SIMULATOR_PORT", "8100"), "SIMULATOR_PORT"),
        redelivery=_waits(env.get("SIMULATOR_REDELIVERY", "5,15,60")),
    )


def _port(given: str, name: str) -> int:
    if not given.isdecimal() or int(given) > LARGEST_PORT:
        raise Wrong(f"{name}: write a number from 0 to {LARGEST_PORT}; 0 takes a free port")
    return int(given)


def _liff_id(given: str, login_id: str) -> str:
    if not LIFF_ID.fullmatch(given) or not given.startswith(f"{login_id}-"):
        raise Wrong(
            "SIMULATOR_LIFF_ID: write the Login channel's id, a hyphen and 8 letters or digits, such as"
            f" {LOGIN_ID}-{LIFF_NAME}"
        )
    return given


def _waits(given: str) -> tuple[float, ...]:
    waits = [wait.strip() for wait in given.split(",") if wait.strip()]
    if not all(re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", wait) for wait in waits):
        raise Wrong("SIMULATOR_REDELIVERY: write seconds with commas between them, such as 5,15,60, or nothing")
    return tuple(map(float, waits))
