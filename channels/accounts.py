"""By which account of a provider a clinic sends SMS and mail: its own, or the environment's, which goes before."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.clinic_channels import SmsProvider
from models.clinics import Clinic


@dataclass(frozen=True)
class SmsAccount:
    """`base`: the provider's address, where it is another than its own."""

    provider: SmsProvider
    key: str
    secret: str
    sender: str
    base: str = ""

    @property
    def whole(self) -> bool:
        return bool(self.key and self.sender and (self.base or self.provider != "http"))


@dataclass(frozen=True)
class MailAccount:
    host: str
    port: int
    user: str
    password: str
    sender: str

    @property
    def whole(self) -> bool:
        return bool(self.host and self.sender)


@dataclass(frozen=True)
class Accounts:
    """`sms`, `mail`: those of the environment, by the clinic's slug."""

    sms: Mapping[str, SmsAccount] = field(default_factory=dict)
    mail: Mapping[str, MailAccount] = field(default_factory=dict)

    def sms_of(self, clinic: Clinic) -> SmsAccount | None:
        """None: the clinic sends no SMS, or something of its account is missing. Needs what a claim has opened: the
        clinic's key and its settings."""
        return _whole(self.sms.get(clinic.slug) or _own_sms(clinic))

    def mail_of(self, clinic: Clinic) -> MailAccount | None:
        """The same of mail."""
        account = self.mail.get(clinic.slug)
        if account is None:
            own = clinic.settings.channels.email
            password = clinic.email_password or ""
            account = MailAccount(own.host or "", own.port, own.user or "", password, own.sender or "")
        return account if account.whole else None


def sms_account(provider: SmsProvider, credentials: str, sender: str, base: str) -> SmsAccount:
    """`credentials`: `key:secret`."""
    key, _, secret = credentials.strip().partition(":")
    return SmsAccount(provider, key, secret, sender, base.rstrip("/"))


def _own_sms(clinic: Clinic) -> SmsAccount | None:
    own = clinic.settings.channels.sms
    if own.provider is None:
        return None
    return sms_account(own.provider, clinic.sms_key or "", own.sender or "", own.base or "")


def _whole(account: SmsAccount | None) -> SmsAccount | None:
    return account if account is not None and account.whole else None
