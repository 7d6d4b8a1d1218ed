"""A link of the product's own, followed as LINE's browser does: where it leads on to is seen before that opens."""

from urllib.parse import urlsplit

import urllib3

from simulator.answers import Refused
from simulator.config import Config

BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 Safari Line/15.9.0"
)
_http = urllib3.PoolManager(retries=False)


def leads_to(config: Config, uri: str) -> str | None:
    """None for an address that is none of the product's links, or that leads nowhere. Raises `Refused` where the
    product does not answer."""
    parts = urlsplit(uri)
    if not parts.path.startswith(("/l/", "/s/")) or not uri.startswith((f"{config.public_url}/", f"{config.app_url}/")):
        return None
    try:
        got = _http.request(
            "GET", f"{config.app_url}{parts.path}", headers={"User-Agent": BROWSER}, redirect=False, timeout=10.0
        )
    except urllib3.exceptions.HTTPError as error:
        raise Refused(502, f"the product does not answer: {error}", code="no_answer") from error
    return got.headers.get("Location")
