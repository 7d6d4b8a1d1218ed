"""What an SMS may hold, looked at when a rule or its text is written: no operator tells us later what it has dropped.

Registered addresses, no shorteners: help.clicksend.com (Thailand), mgronline.com/uptodate/detail/9680000019536.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from channels.followed import short_base
from channels.sms.channel import PARTS
from channels.sms.text import measure, written
from followups import texts
from followups.kind import SMS, Conditions, Kind
from models.clinic_channels import Sms, registered, shortened
from models.followups import Words
from runtime.settings import ClinicDefaults

_ADDRESS = re.compile(r"https?://[^\s<>\"'{}]+", re.IGNORECASE)
UNREGISTERED = (
    "an SMS holds registered addresses only: register {address} with your operator and write it under "
    "channels.sms.registered_links, or leave it out of what goes by SMS"
)
SHORTENER = "{host} shortens addresses for everybody: operators drop an SMS with it"


def wrong(
    kind: Kind[Conditions], channels: Sequence[str], said: Mapping[str, Words], own: Sms, defaults: ClinicDefaults
) -> Iterator[tuple[str, str]]:
    """The language, and what is wrong with its text as an SMS; nothing of a clinic that sends none."""
    if SMS not in channels or not (own.provider or own.registered_links or defaults.sends_sms):
        return
    public_url = defaults.public_url
    for language, words in said.items():
        brief = texts.briefly(words, kind) or ""
        for url in _ADDRESS.findall(brief):
            if not registered(url, own.registered_links):
                yield language, UNREGISTERED.format(address=url)
        for host in filter(shortened, _hosts(words)):
            yield language, SHORTENER.format(host=host)
        if public_url and words.get("links") and not registered(short_base(public_url), own.registered_links):
            yield language, UNREGISTERED.format(address=short_base(public_url))
        if (parts := measure(written(brief)).parts) > PARTS:
            yield language, f"as an SMS it has {parts} parts, allowed {PARTS}: write a shorter `sms`"


def _hosts(words: Words) -> list[str]:
    every: list[Any] = [*(one["url"] for one in words.get("links", [])), *_ADDRESS.findall(words["message"])]
    return list(dict.fromkeys(urlsplit(url).hostname or "" for url in every))
