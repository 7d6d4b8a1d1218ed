"""Where a provider reports for a clinic what became of its messages."""

import hmac
from dataclasses import dataclass

from runtime.settings import Settings


@dataclass(frozen=True)
class Addresses:
    """The secret of the path is worked out and stored nowhere: it holds as long as the key that it was made by is in
    the ring."""

    settings: Settings

    def of(self, slug: str, reporter: str, *, signs: bool) -> str:
        """`signs`: whether it signs its reports, and so needs no secret in their address."""
        address = f"{self.base}/webhooks/receipts/{slug}/{reporter}"
        return address if signs else f"{address}/{self.secrets(slug, reporter)[0]}"

    def secrets(self, slug: str, reporter: str) -> list[str]:
        """The newest first."""
        what = f"receipts {slug} {reporter}".encode()
        return [hmac.digest(key, what, "sha256")[:20].hex() for key in self.settings.ring]

    @property
    def base(self) -> str:
        return self.settings.public_url.rstrip("/")
