"""Cards of what is kept and said: the notice with its switches, questions, and requests about one's own data."""

from datetime import datetime

from bot.cards.frame import palette_of, tap
from channels.line.flex import (
    CLOSE,
    GAP,
    SMALL,
    bubble,
    caption,
    carousel,
    key_value,
    separator,
    text,
    title,
)
from channels.line.messages import Card, Choice
from channels.message import Action, aloud
from models.clinics import Clinic
from models.consents import PrivacyRequest, RequestKind
from privacy.wishes import Texts
from runtime.language import Language


def notice_text(clinic: Clinic, t: Language) -> str:
    """The privacy notice as it is shown; its hash is kept with who saw it."""
    return "\n\n".join(
        (
            t(
                "{clinic} keeps your LINE name, your points and your visits, to run your membership "
                "and to look after you.",
                clinic=clinic.called(t.code),
            ),
            t("Membership rests on our agreement with you. News and offers are a separate question, asked separately."),
            t(
                "Your data is encrypted. We never sell it, "
                "and only our staff and our service providers handle it for us."
            ),
            t("You may ask for a copy, a correction or erasure at any time: write to us in this chat."),
        )
    )


def notice(clinic: Clinic, t: Language, *, member: bool, offers: bool, stopped: bool) -> Card:
    """The notice, and beside it what holds now: each is changed by one tap."""
    palette = palette_of(clinic)
    paragraphs = notice_text(clinic, t).split("\n\n")
    heading = t("Privacy notice")
    state = t("stopped") if stopped else t("on") if offers else t("off")
    switch = (
        tap(t("Write to me again"), Action("write_again"), palette, "secondary")
        if stopped
        else tap(t("Stop offers"), Action("stop_offers"), palette, "secondary")
        if offers
        else tap(t("Send me offers"), Action("want_offers"), palette, "secondary")
    )
    buttons = [switch] if stopped else [switch, tap(t("Stop all messages"), Action("stop_all"), palette, "quiet")]
    if not member:
        buttons = [tap(t("Become a member"), Action("join"), palette), *buttons]
    said = bubble(title(heading), *(text(one, size=SMALL, margin=GAP) for one in paragraphs), padding=CLOSE)
    what = t("All messages") if stopped else t("News and offers")
    now = bubble(title(what), key_value(t("At present"), state, margin=GAP), padding=CLOSE, buttons=buttons)
    return Card(aloud(heading, paragraphs[0]), carousel([said, now]))


def requests(t: Language) -> tuple[Choice, ...]:
    """What one is sent, and what one may ask for about one's own data."""
    return (
        Choice(t("Message settings"), Action("message_settings")),
        Choice(t("A copy of my data"), Action("copy_data")),
        Choice(t("Correct my data"), Action("correct_data")),
        Choice(t("Erase my data"), Action("erase_data")),
        Choice(t("Let somebody help"), Action("grants")),
    )


def offers_question_text(clinic: Clinic, t: Language) -> str:
    """The marketing question as it is shown; its hash is kept with the answer."""
    return t(
        "May {clinic} send you news and offers in LINE? You can change your mind at any time, and nothing else "
        "depends on your answer.",
        clinic=clinic.called(t.code),
    )


def offers_question(clinic: Clinic, t: Language) -> Card:
    """Nothing is given in return: consent must be free."""
    return _question(
        clinic,
        t("News and offers"),
        offers_question_text(clinic, t),
        (t("Yes, please"), Action("offers", answer="yes")),
        (t("No, thank you"), Action("offers", answer="no")),
    )


def age_text(t: Language) -> str:
    return t("Are you 20 or older? We keep nothing but your answer, and your membership does not depend on it.")


def too_young(t: Language, until: datetime) -> str:
    return t(
        "As far as we know you are under 20, and we send offers to nobody under 20. From {date} on you can tell us "
        "your age anew.",
        date=t.date(until),
    )


def age_question(clinic: Clinic, t: Language, wish: str = "") -> Card:
    """Who is under 20 is of no age to agree to offers by themselves; more than the answer is not kept. `wish`: what it
    is asked for."""
    adult = Action("age", answer="adult", wish=wish) if wish else Action("age", answer="adult")
    return _question(
        clinic,
        t("One more question"),
        age_text(t),
        (t("Yes, 20 or older"), adult),
        (t("No, younger"), Action("age", answer="younger")),
    )


def stop_all_text(clinic: Clinic, t: Language) -> str:
    """What ends, and what still comes, as it is shown; its hash is kept with the tap."""
    return t(
        "Then {clinic} writes to you no more by itself: no reminders, no news of your points, no greetings and no "
        "offers. You still get answers when you write, codes that you ask for, and what is urgent for your health.",
        clinic=clinic.called(t.code),
    )


def texts(clinic: Clinic, t: Language) -> Texts:
    """What is before whoever decides what they hear of."""
    return Texts(offers_question_text(clinic, t), stop_all_text(clinic, t))


def stop_all(clinic: Clinic, t: Language) -> Card:
    return _question(
        clinic,
        t("Stop all messages?"),
        stop_all_text(clinic, t),
        (t("Stop offers only"), Action("stop_offers")),
        (t("Yes, stop everything"), Action("stop_everything")),
    )


def erase_text(clinic: Clinic, t: Language) -> str:
    """What it takes away, before it is asked for."""
    return t(
        "{clinic} then forgets who you are. Your points, tier and rewards end with it and cannot be brought back. "
        "What the law has us keep, such as receipts, stays without your name.",
        clinic=clinic.called(t.code),
    )


def erase(clinic: Clinic, t: Language) -> Card:
    return _question(
        clinic,
        t("Erase your data?"),
        erase_text(clinic, t),
        (t("Keep my data"), Action("keep_data")),
        (t("Yes, ask for erasure"), Action("erase_data_yes")),
    )


def _question(clinic: Clinic, heading: str, what: str, *answers: tuple[str, Action]) -> Card:
    """Its answers are of equal size and weight."""
    palette = palette_of(clinic)
    buttons = [tap(label, action, palette, "secondary") for label, action in answers]
    return Card(aloud(heading, what), bubble(title(heading), text(what, margin=GAP), buttons=buttons))


def requested(clinic: Clinic, t: Language, request: PrivacyRequest) -> Card:
    """What was asked for, when, and by when it is answered."""
    palette = palette_of(clinic)
    heading = asked_for(t, request.kind)
    until = t.date(request.due_at)
    lead = t("We have noted your request. You hear from our team by {day}.", day=until)
    take_back = tap(t("Keep my data"), Action("keep_data"), palette, "quiet")
    return Card(
        aloud(heading, lead),
        bubble(
            title(heading),
            text(lead, margin=GAP),
            separator(GAP),
            key_value(t("Asked on"), t.date(request.asked_at), margin=GAP),
            key_value(t("Answered by"), until),
            caption(t("Our team may ask you in this chat who you are, before it does so."), margin=GAP),
            buttons=[take_back] if request.kind == "erasure" else [],
        ),
    )


def asked_for(t: Language, kind: RequestKind) -> str:
    """The name of a request."""
    names: dict[RequestKind, str] = {
        "copy": t("A copy of your data"),
        "correction": t("Correction of your data"),
        "erasure": t("Erasure of your data"),
    }
    return names[kind]
