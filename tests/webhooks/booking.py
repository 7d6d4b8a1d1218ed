"""Booking systems as they sign and send, written from their own descriptions and not from ours."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import time
from typing import Any

from flask.testing import FlaskClient

KEYS = {
    "standard": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "calcom": "a-secret-of-calcom",
    "calendly": "a-signing-key-of-calendly",
    "square": "Ibxx_5AKakO-3qeNVR61Dw",
}
PUBLIC = "https://clinic.example"
_FILES = Path(__file__).parents[1] / "payloads" / "booking"


def payloads(source: str) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = json.loads((_FILES / f"{source}.json").read_text())
    return told


def signed(source: str, body: bytes, *, id_: str, at: int, path: str, key: str | None = None) -> dict[str, str]:
    """The headers of a request."""
    secret = (key or KEYS[source]).encode()

    def hashed(what: bytes, secret: bytes = secret) -> bytes:
        return hmac.new(secret, what, hashlib.sha256).digest()

    match source:
        case "standard":
            raw = base64.b64decode(secret.removeprefix(b"whsec_"))
            made = base64.b64encode(hashed(f"{id_}.{at}.".encode() + body, raw)).decode()
            return {"webhook-id": id_, "webhook-timestamp": str(at), "webhook-signature": f"v1a,older v1,{made}"}
        case "calcom":
            return {"X-Cal-Signature-256": hashed(body).hex()}
        case "calendly":
            return {"Calendly-Webhook-Signature": f"t={at},v1={hashed(f'{at}.'.encode() + body).hex()}"}
        case _:
            made = base64.b64encode(hashed(f"{PUBLIC}{path}".encode() + body)).decode()
            return {"x-square-hmacsha256-signature": made}


@dataclass
class Sender:
    """Sends to a clinic what its systems would."""

    client: FlaskClient
    numbers: "count[int]" = field(default_factory=count)

    def send(self, source: str, body: dict[str, Any], *, slug: str = "aura", ago: int = 0, **changed: Any) -> int:
        """The status. `ago`: seconds since it was signed; `id_` and `key`: as in `signed`."""
        raw, path = json.dumps(body).encode(), f"/webhooks/booking/{slug}/{source}"
        changed.setdefault("id_", f"msg_{next(self.numbers)}")
        headers = signed(source, raw, at=int(time()) - ago, path=path, **changed)
        for _ in range(5):  # as its system would: what could not be stored is sent again
            status = self.client.post(path, data=raw, headers=headers, content_type="application/json").status_code
            if status != 503:
                break
        return status
