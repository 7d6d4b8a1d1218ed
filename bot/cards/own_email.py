"""The customer's own mail address: what it is, whether offers come to it, and the mail with the code that proves it."""

from bot.cards.frame import palette_of, tap
from channels.line.flex import CLOSE, GAP, SMALL, bubble, caption, text, title
from channels.line.messages import Card, Choice
from channels.message import Action, Figure, Message, Paragraph, aloud
from customers.own_email import shown
from models.clinics import Clinic
from runtime.language import Language


def standing(clinic: Clinic, t: Language, address: str, *, offers: bool) -> Card:
    lead = t("We write to you at {address} where a message goes by e-mail.", address=shown(address))
    now = t("You receive news and offers by e-mail.") if offers else t("You receive no news and offers by e-mail.")
    turned = "no" if offers else "yes"
    turn = (
        t("Turn off: {what}", what=t("Offers by e-mail"))
        if offers
        else t("Turn on: {what}", what=t("Offers by e-mail"))
    )
    return _known(clinic, t, lead, now, Choice(turn, Action("mail_offers", answer=turned)))


def refused(clinic: Clinic, t: Language, address: str) -> Card:
    """Nothing goes to it any more, whatever was agreed to, until its owner has shown again that they read it."""
    lead = t(
        "Our mail to {address} came back or was marked as unwanted, so we send nothing there any more.",
        address=shown(address),
    )
    now = t("To hear from us there again, confirm the address with a new code.")
    return _known(clinic, t, lead, now, Choice(t("Confirm it again"), Action("email_anew")))


def _known(clinic: Clinic, t: Language, lead: str, now: str, first: Choice) -> Card:
    """What is so of an address that is known, what can be done about that, and about the address."""
    palette, heading = palette_of(clinic), t("Your e-mail address")
    return Card(
        aloud(heading, lead, now),
        bubble(
            title(heading),
            text(lead, margin=GAP),
            caption(now, margin=GAP),
            buttons=[
                tap(first.label, first.action, palette, "secondary"),
                tap(t("Use another e-mail"), Action("another_email"), palette, "secondary"),
                tap(t("Remove my e-mail"), Action("forget_email"), palette, "quiet"),
            ],
        ),
    )


def offers_text(clinic: Clinic, t: Language) -> str:
    """As it is shown; its hash is kept with the answer."""
    return t(
        "May {clinic} send you news and offers by e-mail as well? Its mail provider, which may be in another country, "
        "carries them for us. Each mail has a way out, you can change your mind at any time, and nothing else depends "
        "on your answer.",
        clinic=clinic.called(t.code),
    )


def offers_question(clinic: Clinic, t: Language) -> Card:
    """Both answers are of equal size and weight."""
    palette, heading, what = palette_of(clinic), t("Offers by e-mail"), offers_text(clinic, t)
    buttons = [
        tap(t("Yes, please"), Action("mail_offers", answer="yes"), palette, "secondary"),
        tap(t("No, thank you"), Action("mail_offers", answer="no"), palette, "secondary"),
    ]
    return Card(
        aloud(heading, what), bubble(title(heading), text(what, size=SMALL, margin=GAP), padding=CLOSE, buttons=buttons)
    )


def code(clinic: Clinic, t: Language, code: str) -> Message:
    """By mail. The code does not stand in the subject, which is read on locked phones."""
    name = clinic.called(t.code)
    heading = t("Your code for {clinic}", clinic=name)
    how = t(
        "Type it in the chat with {clinic} in LINE within ten minutes, and this address is yours there.", clinic=name
    )
    note = t("Was it not you? Then you need do nothing: without the code nothing happens.")
    return Message(heading, (Paragraph(text=how),), (Figure(f"{code[:3]} {code[3:]}"),), note=note, subject=heading)
