"""By which account of a provider a clinic sends SMS and mail: its own, or the environment's, which goes before."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.clinic_channels import SmsProvider
from models.clinics import Clinic
from runtime.settings import Settings


@dataclass(frozen=True)
class SmsAccount:
    """`base`: the provider's address, where it is another than its own."""

    provider: SmsProvider
    key: str
    secret: str
    sender: str
    base: str = ""

    @property
    def lacks(self) -> tuple[str, ...]:
        base = self.base or self.provider != "http"
        needed = {"sms.key": self.key, "channels.sms.sender": self.sender, "channels.sms.base": base}
        return tuple(name for name, value in needed.items() if not value)


@dataclass(frozen=True)
class MailAccount:
    host: str
    port: int
    user: str
    password: str
    sender: str

    @property
    def lacks(self) -> tuple[str, ...]:
        """A user without a password is one whom the server refuses; it says so when it is asked."""
        needed = {"channels.email.host": self.host, "channels.email.sender": self.sender}
        return tuple(name for name, value in needed.items() if not value)


@dataclass(frozen=True)
class Accounts:
    """`sms`, `mail`: those of the environment, by the clinic's slug."""

    sms: Mapping[str, SmsAccount] = field(default_factory=dict)
    mail: Mapping[str, MailAccount] = field(default_factory=dict)

    def sms_of(self, clinic: Clinic) -> SmsAccount | None:
        """None: the clinic sends no SMS, or something of its account is missing. Needs what a claim has opened: the
        clinic's key and its settings."""
        account = self.any_sms_of(clinic)
        return None if account is None or account.lacks else account

    def mail_of(self, clinic: Clinic) -> MailAccount | None:
        """The same of mail."""
        account = self.any_mail_of(clinic)
        return None if account is None or account.lacks else account

    def any_sms_of(self, clinic: Clinic) -> SmsAccount | None:
        """What there is of an account; None: no provider is chosen."""
        return self.sms.get(clinic.slug) or _own_sms(clinic)

    def any_mail_of(self, clinic: Clinic) -> MailAccount | None:
        return self.mail.get(clinic.slug) or _own_mail(clinic)


def in_environment(settings: Settings, slug: str) -> Accounts:
    """Those of the clinic whose LINE account the environment may say too."""
    sms: dict[str, SmsAccount] = {}
    if settings.sms_provider:
        key = settings.sms_provider_api_key.get_secret_value()
        sms[slug] = sms_account(settings.sms_provider, key, settings.sms_sender, settings.sms_api_base)
    mail: dict[str, MailAccount] = {}
    if settings.smtp_host:
        password = settings.email_provider_api_key.get_secret_value()
        mail[slug] = MailAccount(
            settings.smtp_host, settings.smtp_port, settings.smtp_user, password, settings.email_from
        )
    return Accounts(sms, mail)


def sms_account(provider: SmsProvider, credentials: str, sender: str, base: str) -> SmsAccount:
    """`credentials`: `key:secret`."""
    key, _, secret = credentials.strip().partition(":")
    return SmsAccount(provider, key, secret, sender, base.rstrip("/"))


def _own_sms(clinic: Clinic) -> SmsAccount | None:
    own = clinic.settings.channels.sms
    if own.provider is None:
        return None
    return sms_account(own.provider, clinic.sms_key or "", own.sender or "", own.base or "")


def _own_mail(clinic: Clinic) -> MailAccount | None:
    own = clinic.settings.channels.email
    if own.host is None and own.sender is None:
        return None
    return MailAccount(own.host or "", own.port, own.user or "", clinic.email_password or "", own.sender or "")
