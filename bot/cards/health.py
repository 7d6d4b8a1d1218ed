"""What is said where somebody writes of their health: who answers, and whom to call."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.frame import palette_of
from channels.line.flex import GAP, bubble, button, caption, text, title, uri
from channels.line.lengths import truncate_units
from channels.line.limits import ALT_TEXT, BUTTONS
from channels.line.messages import Card
from channels.message import aloud
from customers.branches import dialled, in_words
from models.branches import Branch
from models.clinics import Clinic
from runtime.language import Language

AMBULANCE = "1669"
"""Emergency medical services in Thailand: free of charge, at any hour."""


def asked(clinic: Clinic, t: Language, branches: Sequence[Branch], opens: datetime | None) -> Card:
    """A question for the clinic's doctors."""
    told = [t("Questions about your health and about treatments are answered by our medical team, not by a program.")]
    if opens is None:
        told.append(t("Our team reads this chat and answers you here."))
    else:
        told.append(t("Our team is back on {date} at {time}, and answers you here.", **_at(t, opens)))
    return _card(clinic, t, t("For our medical team"), told, branches, t("If it cannot wait, please call us."))


def urgent(clinic: Clinic, t: Language, branches: Sequence[Branch], opens: datetime | None) -> Card:
    """Whoever may need help now: it names whom to call, and never says to wait."""
    told = [
        t(
            "If it is hard to breathe or to see, or if swelling, pain or bleeding is severe or gets worse, call "
            "{number} now or go to the nearest emergency room.",
            number=AMBULANCE,
        )
    ]
    if opens is not None:
        told.append(t("Before {date} at {time} it may be that nobody reads this chat.", **_at(t, opens)))
    return _card(clinic, t, t("Please call at once"), told, branches, t("Please call us, too."), AMBULANCE)


def _card(
    clinic: Clinic,
    t: Language,
    heading: str,
    told: Sequence[str],
    branches: Sequence[Branch],
    calling: str,
    first: str | None = None,
) -> Card:
    palette, phones = palette_of(clinic), [one for one in branches if one.phone]
    ways = [(t("Call {phone}", phone=first), first)] if first else []
    for one in phones:
        name = in_words(one.names, t.code, one.name)
        label = t("Call {branch}", branch=name) if len(phones) > 1 else t("Call {phone}", phone=one.phone)
        ways.append((label, one.phone or ""))
    if phones:
        told = [*told, calling]
    numbers = ", ".join(f"{in_words(one.names, t.code, one.name)} {one.phone}" for one in phones)
    # What is small stands in one block: at night each of its own would push the card out above the open menu.
    small = [caption(" ".join(told[1:]), margin=GAP)] if told[1:] else []
    buttons = [
        button(label, uri(dialled(phone)), palette, "secondary" if at else "primary")
        for at, (label, phone) in enumerate(ways[:BUTTONS])
    ]
    return Card(
        truncate_units(aloud(heading, *told, *([numbers] if numbers else [])), ALT_TEXT),
        bubble(title(heading), text(told[0], margin=GAP), *small, buttons=buttons or None),
    )


def _at(t: Language, opens: datetime) -> dict[str, str]:
    return {"date": t.date(opens), "time": t.time(opens)}
