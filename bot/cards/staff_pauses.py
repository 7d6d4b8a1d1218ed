"""What the staff's group is shown of customers to whom marketing rests."""

from collections.abc import Sequence

from bot.cards.frame import palette_of
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_SMALL, Flex, bubble, button, carousel, key_value, message, title
from channels.line.messages import Card
from customers import pauses
from models.clinics import Clinic
from models.preferences import Pause
from runtime.language import Language

SHOWN = 10


def made(clinic: Clinic, t: Language, one: Pause) -> Card:
    said = t("Offers to {name} rest. Care and appointments go on.", name=who_is(t, one.customer))
    return Card(said, _one(clinic, t, one, said))


def standing(clinic: Clinic, t: Language, found: Sequence[Pause]) -> Card:
    """Each with the way to end it, the oldest first."""
    alt = t.n("Offers to {count} customer rest.", "Offers to {count} customers rest.", len(found))
    return Card(alt, carousel([_one(clinic, t, one, who_is(t, one.customer)) for one in found[:SHOWN]]))


def none(t: Language) -> str:
    return t("Nobody's offers rest.")


def ended(t: Language, found: Sequence[Pause]) -> str:
    names = ", ".join(dict.fromkeys(who_is(t, one.customer) for one in found))
    return t("Offers to {name} may go on, as far as they are wanted.", name=names)


def how(t: Language) -> str:
    words = wording(t, "pause_offers", t("A7K2 complaint"))
    return t("Look for the customer with “find” first, and write the code, and why: “{words}”.", words=words)


def _one(clinic: Clinic, t: Language, one: Pause, heading: str) -> Flex:
    until = [key_value(t("Until"), t.date(one.until), margin=GAP_SMALL)] if one.until else []
    ends = message(wording(t, "end_pause", pauses.short_of(one)))
    return bubble(
        title(heading),
        key_value(t("Why"), reason(t, one.reason), margin=GAP),
        key_value(t("Since"), t.date(one.since), margin=GAP_SMALL),
        *until,
        buttons=[button(t("Let them go on"), ends, palette_of(clinic), "quiet")],
    )


def reason(t: Language, reason: str) -> str:
    reasons = {
        "complaint": t("a complaint"),
        "adverse_reaction": t("not well, or words that sounded so"),
        "low_rating": t("a low rating"),
    }
    return reasons.get(reason, t("the team's wish"))
