"""What a group of the staff is told about who may act in it."""

from collections.abc import Sequence

from bot.cards.frame import palette_of
from bot.words import wording
from channels.line.flex import BODY, GAP, bubble, button, key_value, message, text, title
from channels.line.messages import Card
from models.clinics import Clinic
from models.staff import StaffMember
from runtime.language import Language


def name_of(t: Language, member: StaffMember) -> str:
    return member.name or t("a member whose name LINE has not told yet")


def welcome(t: Language, *, known: bool) -> str:
    """What the member hears whose code has bound the group: what they are, and what is kept of staff."""
    if not known:
        return t(
            "LINE did not tell us who sent the code, so nobody can act here yet. Please have another code made, and "
            "send it from LINE on a phone: whoever sends it becomes the manager."
        )
    return t(
        "You are the manager of this group. Others can act here once you write “{allow} @name”. Of staff we keep the "
        "name in LINE, the role, and who did what when.",
        allow=wording(t, "allow"),
    )


def not_linked(clinic: Clinic, t: Language) -> str:
    """To a group that is not the clinic's, and how it becomes so."""
    return t(
        "Hello. This group is not linked to {clinic} yet. Whoever looks after the system makes a code with “flask "
        "groups code”; send it here as “{bind} CODE”. Nothing works here before.",
        clinic=clinic.called(t.code),
        bind=wording(t, "bind"),
    )


def manages_now(t: Language) -> str:
    return t("This group was linked already. You are its manager now.")


def who_was_it(t: Language) -> str:
    """LINE promises to name who writes, not who taps, and nobody who has never used LINE on a phone."""
    return t(
        "LINE did not tell us who this was, so nothing was changed. Please write it as a message, from a LINE account "
        "that is used on a phone too."
    )


def not_allowed(clinic: Clinic, t: Language, member: StaffMember, managers: Sequence[StaffMember]) -> Card | str:
    """To somebody whom no manager has allowed. The button is the manager's: it says the words as whoever taps it."""
    if not managers:
        return t(
            "Nothing was changed: this group has no manager yet. Whoever looks after the system makes a code with "
            "“flask groups code”; send it here as “{bind} CODE”, and you are the manager.",
            bind=wording(t, "bind"),
        )
    said = t(
        "Nothing was changed: only members whom a manager has allowed can do this. A manager allows you with the "
        "button, or by writing “{words}”.",
        words=wording(t, "allow", str(member.code)),
    )
    lines = [key_value(t("Manager"), name_of(t, one), margin=GAP) for one in managers[:3]]
    allow = button(t("Allow"), message(wording(t, "allow", str(member.code))), palette_of(clinic), "secondary")
    return Card(said, bubble(text(said, size=BODY), *lines, buttons=[allow]))


def managers_only(t: Language, managers: Sequence[StaffMember]) -> str:
    names = ", ".join(name_of(t, one) for one in managers)
    return t("Nothing was changed: this is for a manager of the group ({names}).", names=names)


def nobody_meant(t: Language) -> str:
    return t("We know nobody here by that name. Mention them with @, or let them write the code that they were shown.")


def several_meant(t: Language) -> str:
    return t("Several people here have this name. Please mention with @ whom you mean.")


def allowed(t: Language, member: StaffMember) -> str:
    if member.role == "manager":
        return t("{name} is a manager of this group now.", name=name_of(t, member))
    return t("{name} can record payments and visits and use codes here now.", name=name_of(t, member))


def allowed_already(t: Language, member: StaffMember) -> str:
    return t("{name} can do that already.", name=name_of(t, member))


def removed(t: Language, member: StaffMember) -> str:
    return t("{name} can do nothing here any more.", name=name_of(t, member))


def last_manager(t: Language) -> str:
    words = wording(t, "promote")
    return t("You are the only manager. Make somebody else one first: “{promote} @name”.", promote=words)


def team(t: Language, present: Sequence[StaffMember]) -> Card:
    """Who may do what here."""
    roles = {"manager": t("Manager"), "staff": t("Staff"), "unknown": t("Not allowed yet")}
    lines = [key_value(name_of(t, one), roles[one.role], margin=GAP) for one in present[:20]]
    alt = ", ".join(f"{name_of(t, one)} ({roles[one.role]})" for one in present[:20])
    return Card(alt, bubble(title(t("Who may act here")), *lines))
