"""The question whether offers may come over a channel besides LINE: by itself, with a yes and a no of equal weight."""

from bot.cards.frame import palette_of, tap
from channels.line.flex import CLOSE, GAP, SMALL, bubble, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from models.clinics import Clinic
from runtime.language import Language


def carrier(t: Language, provider: str) -> str:
    """Who carries an SMS, and where."""
    named = {
        "thaibulksms": t("ThaiBulkSMS in Thailand"),
        "twilio": t("Twilio in the United States"),
    }
    return named.get(provider, t("our provider of SMS"))


def sms_text(clinic: Clinic, t: Language, provider: str) -> str:
    """As it is shown; its hash is kept with the answer."""
    return t(
        "May {clinic} send you news and offers by SMS, too? {carrier} carries them and gets your number and the text "
        "for that. You can change your mind at any time here or by telephone, and nothing else depends on your answer.",
        clinic=clinic.called(t.code),
        carrier=carrier(t, provider),
    )


def by_sms(clinic: Clinic, t: Language, provider: str) -> Card:
    palette, heading, what = palette_of(clinic), t("Offers by SMS"), sms_text(clinic, t, provider)
    buttons = [
        tap(t("Yes, please"), Action("offers_by", channel="sms", answer="yes"), palette, "secondary"),
        tap(t("No, thank you"), Action("offers_by", channel="sms", answer="no"), palette, "secondary"),
    ]
    return Card(
        aloud(heading, what), bubble(title(heading), text(what, size=SMALL, margin=GAP), padding=CLOSE, buttons=buttons)
    )
