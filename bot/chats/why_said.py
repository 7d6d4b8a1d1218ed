"""Why did I get this? What was said last without being asked for, by which consent or reason, and how it is stopped."""

from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Choice, Reply, say
from channels.message import Action
from followups import unasked
from followups.unasked import Said
from privacy import consent
from privacy.consent import Decision
from runtime.language import Language


@hear.text("why_said")
@hear.subject("why_said")
def why(chat: Chat) -> Reply:
    t, said = chat.t, unasked.last(chat.session, chat.customer, chat.now)
    settings = Choice(t("Message settings"), Action("message_settings"))
    nothing_more = Choice(t("Stop all messages"), Action("stop_all"))
    if said is None:
        none = t(
            "We have not written to you by ourselves lately. What you read here answered what you wrote or tapped."
        )
        return say(f"{none} {_stop(t, offers=False)}", choices=(settings, nothing_more))
    held = consent.held(chat.session, chat.customer, consent.MARKETING, "line")
    offers = said.purpose == consent.MARKETING and held is not None and held.granted
    what, date = _what(t, said), t.date(said.at)
    last = t("The last message that we sent you by ourselves, on {date}, was {what}.", date=date, what=what)
    no_offers = (Choice(t("Stop offers"), Action("stop_offers")),) if offers else ()
    words = f"{last} {_reason(t, said, held)}\n\n{_stop(t, offers=offers)}"
    return say(words, choices=(*no_offers, settings, nothing_more))


def _what(t: Language, said: Said) -> str:
    known = {
        "appointment_reminder": t("a reminder of your appointment"),
        "appointment_changed": t("word of a change of your appointment"),
        "payment_reminder": t("a reminder of a bill"),
        "course_few_left": t("word of your course"),
        "course_ending": t("word of your course"),
        "course_ended": t("word of your course"),
        "post_treatment": t("the question how you are after a treatment"),
        "satisfaction_survey": t("the question how a visit was"),
        "feedback_asked": t("the question how a visit was"),
        "congratulation": t("a greeting on your birthday"),
    }
    of_purpose = {
        consent.MARKETING: t("an offer"),
        consent.CARE: t("about how you are"),
    }
    return known.get(said.kind) or of_purpose.get(said.purpose) or t("news of your points and your membership")


def _reason(t: Language, said: Said, held: Decision | None) -> str:
    """Of an offer the consent that holds; it may have been withdrawn since."""
    if said.purpose == consent.MARKETING:
        if held is not None and held.granted:
            return t("We sent it because you agreed on {date} to news and offers.", date=t.date(held.at))
        return t("It was sent while you had agreed to news and offers. You do not agree any more, so none comes.")
    if said.purpose == consent.CARE:
        return t("It is part of looking after our customers, so it needs no consent. It stops as soon as you tell us.")
    return t("It is about something you have with us and needs no consent.")


def _stop(t: Language, *, offers: bool) -> str:
    """`offers`: whether they still come, and can be stopped."""
    if offers:
        return t("To get no more offers, write “stop offers”. To choose what you hear, write “message settings”.")
    return t("To choose what you hear, write “message settings”. To stop everything, write “stop all messages”.")
