"""Standard Webhooks (standardwebhooks.com, specification 1.0): base64 of HMAC-SHA256 over `id.timestamp.body`.

Several signatures may stand in the header while a secret is changed. Some senders give the headers a name of their own.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

_PREFIX = b"whsec_"


def fits(secret: bytes, headers: Mapping[str, str], body: bytes, *, prefix: str = "webhook") -> bool:
    """Whether one of the signatures is over this body, in constant time. `headers`: by their names in lower case;
    `prefix`: of `-id`, `-timestamp` and `-signature`."""
    id_, at = headers.get(f"{prefix}-id", ""), headers.get(f"{prefix}-timestamp", "")
    if not id_ or not at:
        return False
    signed = f"{id_}.{at}.".encode("utf-8", "replace") + body
    expected = base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256))
    found = False
    for given in headers.get(f"{prefix}-signature", "").split(" "):
        version, _, signature = given.partition(",")
        # All of them are looked at: how long it takes tells nothing of which fits.
        found |= version == "v1" and hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
    return found


def _key(secret: bytes) -> bytes:
    """The bytes of a secret, `whsec_` and base64; any other text is its own bytes."""
    if not secret.startswith(_PREFIX):
        return secret
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return secret
