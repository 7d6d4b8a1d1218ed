"""What the desk reads of the product: one GET of its REST API, with a key of the desk's."""

import json
from collections.abc import Mapping
from typing import Any

import urllib3

from simulator.answers import Refused
from simulator.config import Config

_http = urllib3.PoolManager(retries=False)


def read(config: Config, key: str, path: str, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Raises `Refused` in the product's words, with its code; `no_answer` where it does not speak."""
    headers = {"Authorization": f"Bearer {key}"}
    try:
        got = _http.request("GET", f"{config.app_url}{path}", fields=dict(fields or {}), headers=headers, timeout=10.0)
        told = json.loads(got.data)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise Refused(502, f"the product's API does not answer: {error}", code="no_answer") from error
    if got.status >= 400 or not isinstance(told, dict):
        said = told if isinstance(told, dict) else {}
        detail = said.get("detail", f"the product's API answered {got.status}")
        raise Refused(got.status, str(detail), code=str(said.get("code", "unknown")))
    return told


def find(config: Config, key: str, path: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """The same; None for whom or what the product does not know."""
    try:
        return read(config, key, path, fields)
    except Refused as refusal:
        if refusal.status == 404:
            return None
        raise
