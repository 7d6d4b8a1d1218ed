"""The environment of every child: what the user set, and what a laptop needs besides."""

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from runtime.addresses import Addresses
from runtime.settings import Settings, SettingsRefused, read

SIMULATED = "http://127.0.0.1"
API_KEY = "SIMULATOR_API_KEY"
"""Opens the REST API of the demo clinic to the simulator's till."""
COUNTER_KEY = "SIMULATOR_COUNTER_KEY"
"""The same for its counter, which sees the day's check-in picture."""

SLUG, PROVIDER, SENDER = "aura", "thaibulksms", "AuraClinic"
"""The demo clinic, and by whom it sends SMS."""

BOOKING = {
    f"booking.{source}": f"SIMULATOR_BOOKING_{source.upper()}"
    for source in ("standard", "calcom", "calendly", "square")
}
"""What the demo clinic shares with each of the simulator's booking systems: the name of the secret, the variable."""
MAIL_SECRET = "SIMULATOR_MAIL_SECRET"
LOGIN_SECRET = "SIMULATOR_LOGIN_SECRET"
"""Of the demo clinic's LINE Login channel."""
SHARED = BOOKING | {"email.reports": MAIL_SECRET, "login.secret": LOGIN_SECRET}
"""The same with what its provider of mail signs, and the secret of LINE Login."""
MAIL_PORT, MAIL_FROM = "SIMULATOR_MAIL_PORT", "hello@aura-clinic.example"


def _key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


_MADE: dict[str, Callable[[], str]] = {
    "SECRET_KEYS": _key,
    "INDEX_KEY": _key,
    "LINE_CHANNEL_ID": lambda: str(2_000_000_000 + secrets.randbelow(10**9)),
    "LINE_CHANNEL_SECRET": lambda: secrets.token_hex(16),
    API_KEY: lambda: f"aura_aura_{secrets.token_urlsafe(32)}",
    "SMS_PROVIDER_API_KEY": lambda: f"aura:{secrets.token_hex(16)}",
    COUNTER_KEY: lambda: f"aura_aura_{secrets.token_urlsafe(32)}",
    **dict.fromkeys(SHARED.values(), lambda: f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"),
    LOGIN_SECRET: lambda: secrets.token_hex(16),
}


def kept_secrets(file: Path) -> dict[str, str]:
    """Keys of this installation by the settings' names, made at its first start and readable by nobody else."""
    found = kept(file)
    made = {name: make() for name, make in _MADE.items() if name not in found}
    if made:
        found |= made
        _write(found, file)
    return found


def keep(env: Mapping[str, str], file: Path) -> None:
    """Of a running installation what its commands need: the settings, some of which are secrets."""
    names = [name.upper() for name in Settings.model_fields] + [API_KEY]
    _write({name: env[name] for name in names if name in env}, file)


def kept(file: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return found


def _write(values: Mapping[str, str], file: Path) -> None:
    half = file.with_suffix(".new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        json.dump(values, opened)
        opened.flush()
        os.fsync(opened.fileno())  # data sealed with a lost key is lost
    half.rename(file)


def simulates(given: Mapping[str, str]) -> bool:
    """Whether the simulator plays LINE: unless the user named another address."""
    return not given.get("LINE_API_BASE")


def complete(given: Mapping[str, str], kept: Mapping[str, str], data: Path) -> dict[str, str]:
    """`given` with defaults where it says nothing. The two servers' addresses come from the caller."""
    made = dict(given)

    def default(name: str, value: str) -> None:
        if not made.get(name):
            made[name] = value

    default("APP_ENV", "development")
    default("PORT", "8000")
    default("SIMULATOR_PORT", "8100")
    default("METRICS_PORT", "8200")
    default("PUBLIC_URL", f"http://127.0.0.1:{made['PORT']}")
    default("SECRET_KEYS", kept["SECRET_KEYS"])
    default("INDEX_KEY", kept["INDEX_KEY"])
    if simulates(given):
        default("LINE_API_BASE", f"{SIMULATED}:{made['SIMULATOR_PORT']}")
        default("LINE_CHANNEL_ID", kept["LINE_CHANNEL_ID"])
        default("LINE_CHANNEL_SECRET", kept["LINE_CHANNEL_SECRET"])
        default(API_KEY, kept[API_KEY])
        default(COUNTER_KEY, kept[COUNTER_KEY])
        if not given.get("SMS_PROVIDER"):
            made |= _sms(kept["SMS_PROVIDER_API_KEY"], f"{SIMULATED}:{made['SIMULATOR_PORT']}")
        for variable in SHARED.values():
            default(variable, kept[variable])
        made["SIMULATOR_DATA"] = str(data / "simulator")
        made["SIMULATOR_TEAM"] = "yes"
        made["SIMULATOR_APP_URL"] = f"http://127.0.0.1:{made['PORT']}"
        default(MAIL_PORT, _beside(made["SIMULATOR_PORT"]))
        if not given.get("SMTP_HOST"):
            made |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": made[MAIL_PORT], "EMAIL_FROM": MAIL_FROM}
        made["SIMULATOR_SMS_REPORTS"] = _reports(made)
    made["PYTHONUNBUFFERED"] = "1"
    return made


def _beside(port: str) -> str:
    """The port of the pretend mail server: 8125 beside 8100. What is no port is said elsewhere."""
    return str(int(port) + 25) if port.isdecimal() else "8125"


def _sms(key: str, simulator: str) -> dict[str, str]:
    """The demo clinic's provider of SMS."""
    return {
        "SMS_PROVIDER": PROVIDER, "SMS_PROVIDER_API_KEY": key, "SMS_SENDER": SENDER,
        "SMS_API_BASE": f"{simulator}/{PROVIDER}",
    }  # fmt: skip


def _reports(env: Mapping[str, str]) -> str:
    """Where that provider reports, as who runs the clinic tells it once; empty where the environment has a mistake,
    which is said elsewhere."""
    try:
        return Addresses(read(env)).of(SLUG, PROVIDER, signs=False)
    except SettingsRefused:
        return ""
