"""What the staff's group is shown of what one customer may for another."""

from collections.abc import Sequence

from bot.cards.frame import palette_of
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_SMALL, SMALL, Flex, bubble, button, carousel, key_value, message, text, title
from channels.line.messages import Card
from channels.message import aloud
from customers import grants
from followups.grants import called
from models.clinics import Clinic
from models.customers import Customer
from models.grants import Grant
from runtime.language import Language

SHOWN = 10


def given(clinic: Clinic, t: Language, made: Sequence[Grant]) -> Card:
    """Who may now have what for whom, and the way to end it."""
    first, what = made[0], " · ".join(called(t, one.what) for one in made)
    said = t("{holder} may now have this for {owner}", holder=who_is(t, first.holder), owner=who_is(t, first.owner))
    told = t("Who is a friend in LINE hears of it.")
    until = [key_value(t("Until"), t.date(first.until), margin=GAP_SMALL)] if first.until else []
    codes = " ".join(grants.short_of(one) for one in made)
    return Card(
        aloud(said, what, told),
        bubble(
            title(said),
            text(what, margin=GAP),
            *until,
            text(told, size=SMALL, margin=GAP),
            buttons=[button(t("End this"), message(wording(t, "end_grant", codes)), palette_of(clinic), "quiet")],
        ),
    )


def standing(clinic: Clinic, t: Language, found: Sequence[Grant], whom: str) -> Card:
    """`whom`: the number or code by which the person was meant, so that the buttons mean them too."""
    alt = t.n("{count} grant stands.", "{count} grants stand.", len(found))
    return Card(alt, carousel([_one(clinic, t, one, whom) for one in found[:SHOWN]]))


def none(t: Language, customer: Customer) -> str:
    return t("{name} has given nothing to anybody, and was given nothing.", name=who_is(t, customer))


def _one(clinic: Clinic, t: Language, grant: Grant, whom: str) -> Flex:
    palette = palette_of(clinic)
    until = [key_value(t("Until"), t.date(grant.until), margin=GAP_SMALL)] if grant.until else []
    return bubble(
        title(called(t, grant.what)),
        key_value(t("For"), who_is(t, grant.owner), margin=GAP),
        key_value(t("Who may"), who_is(t, grant.holder), margin=GAP_SMALL),
        *until,
        buttons=[
            button(
                t("End this"), message(wording(t, "end_grant", f"{whom} {grants.short_of(grant)}")), palette, "quiet"
            )
        ],
    )


def how(t: Language) -> str:
    words = wording(t, "grant", t("A7K2 B3M4 parent 2031-05-04"))
    return t(
        "Look for both with “find” first. Then write for whom, who may, and why, a parent with the day of the 20th "
        "birthday: “{words}”. With “written” instead of “parent” it is a written authority.",
        words=words,
    )


def refused(t: Language, code: str) -> str:
    reasons = {
        "same_person": t("These are one person."),
        "owner_is_a_friend": t("Who is a friend in LINE gives this there, by their own word."),
        "end_date_needed": t("Of a minor, please write the day of the 20th birthday behind it: 2031-05-04."),
        "end_date_wrong": t("Please write a day to come, no more than twenty years from now."),
    }
    return reasons.get(code, code)
