"""What the staff's group is shown of a payment: whose card it is, what it will earn, and what has become of it."""

from collections.abc import Mapping
from datetime import datetime

from bot.cards.frame import palette_of, tier_name
from bot.words import wording
from channels.line.flex import (
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    SMALL,
    Flex,
    Palette,
    badge,
    bubble,
    button,
    key_value,
    message,
    separator,
    text,
    title,
)
from channels.line.messages import Card
from customers import cards
from customers.voice import first_name
from facts.group_till import ALONE, ANOTHER, Taken
from models.clinic_settings import GroupTill
from models.clinics import Clinic
from models.customers import Customer
from models.staff import StaffAct
from runtime.language import Language


def who_is(t: Language, customer: Customer) -> str:
    """A member of whom LINE has told no name is called by the number on their card."""
    number = cards.spaced(customer.member_number) if customer.member_number else ""
    return first_name(customer) or number or t("Somebody who is no friend in LINE yet")


def found(clinic: Clinic, t: Language, customer: Customer, tier: str) -> Card:
    """Whose card it is, and how to go on."""
    name, hint = who_is(t, customer), t("To record a payment, send the number and the amount in one message.")
    said, palette = t("{name}, {tier}.", name=name, tier=tier_name(tier, t)), palette_of(clinic)
    number = customer.member_number
    here = [button(t("Is here today"), message(wording(t, "visit", number)), palette, "secondary")] if number else []
    return Card(
        f"{said} {hint}",
        bubble(
            title(name),
            *about(t, customer, tier),
            separator(GAP_LARGE),
            text(hint, size=SMALL, margin=GAP),
            buttons=here or None,
        ),
    )


def visited(clinic: Clinic, t: Language, act: StaffAct) -> Card:
    palette, name = palette_of(clinic), who_is(t, act.customer) if act.customer else ""
    said = t("Noted: {name} is here.", name=name)
    return Card(said, bubble(title(said), buttons=[undo_button(t, act, palette)]))


def visited_before(t: Language, customer: Customer) -> str:
    return t("{name} was noted as here today already.", name=who_is(t, customer))


def undo_button(t: Language, act: StaffAct, palette: Palette) -> Flex:
    return button(t("Undo"), message(wording(t, "undo", act.code)), palette, "quiet")


def shall_it_be_recorded(
    clinic: Clinic, t: Language, act: StaffAct, tier: str, earns: int, names: Mapping[str, str]
) -> Card:
    """The question before a payment is recorded. Its buttons speak for whoever taps them, or may be typed."""
    if act.customer is None or act.amount is None:
        raise ValueError("no payment")
    palette, name, amount = palette_of(clinic), who_is(t, act.customer), t.baht(act.amount)
    points = t.n("{count} point", "{count} points", earns)
    note = question(t, act, names)
    return Card(
        t("{amount} of {name}, {tier}: {points}. {note}", amount=amount, name=name, tier=tier_name(tier, t),
          points=points, note=note),
        bubble(
            title(f"{amount} · {name}"),
            *about(t, act.customer, tier),
            key_value(t("Will earn"), points, margin=GAP_SMALL),
            separator(GAP_LARGE),
            text(note, size=SMALL, margin=GAP),
            buttons=[
                button(t("Record it"), message(wording(t, "confirm", act.code)), palette),
                button(t("Do not record"), message(wording(t, "decline", act.code)), palette, "quiet"),
            ],
        ),
    )  # fmt: skip


def recorded(clinic: Clinic, t: Language, taken: Taken, names: Mapping[str, str], told: int | None = None) -> Card:
    """What was recorded, by whom, and what it brought. `told`: how many points it was to bring when it was asked."""
    act, payment, palette = taken.act, taken.recorded.payment, palette_of(clinic)
    name, amount = who_is(t, payment.customer), t.baht(payment.amount)
    why = uncounted(t, payment.uncounted)
    brought = taken.recorded.earned or taken.recorded.promised
    points = t.n("{count} point", "{count} points", brought)
    label = t("Earned") if taken.recorded.earned else t("Will earn")
    lines = [key_value(label, points, margin=GAP_SMALL)] if not why else [text(why, size=SMALL, margin=GAP)]
    lines += _by(t, act, names)
    changed = _changed(t, told) if told not in (None, brought) and not why else ""
    lines += [text(changed, size=SMALL, margin=GAP)] if changed else []
    doubt = []
    if payment.uncounted == "possible_duplicate":
        doubt = [button(t("Show what waits for a decision"), message(wording(t, "doubted")), palette, "secondary")]
    said = t("Recorded: {amount} of {name}.", amount=amount, name=name)
    return Card(
        " ".join(filter(None, (said, why or points, changed))),
        bubble(
            badge(t("Recorded"), background=palette.positive, color=palette.surface),
            title(f"{amount} · {name}", margin=GAP),
            separator(GAP_LARGE),
            *lines,
            buttons=[*doubt, undo_button(t, act, palette)],
        ),
    )


def _by(t: Language, act: StaffAct, names: Mapping[str, str]) -> list[Flex]:
    """Whoever stands for it: of two, who took the money and who said yes."""
    unnamed = t("a member whose name LINE has not told yet")
    asked, done = (names.get(one or "") for one in (act.asked_by, act.done_by))
    if act.done_by == act.asked_by:
        return [key_value(t("Recorded by"), done, margin=GAP_SMALL)] if done else []
    return [
        key_value(t("Taken by"), asked or unnamed, margin=GAP_SMALL),
        key_value(t("Confirmed by"), done or unnamed, margin=GAP_SMALL),
    ]


def _changed(t: Language, told: int | None) -> str:
    points = t.n("{count} point", "{count} points", told or 0)
    return t("When it was asked it was to be {points}: what this customer earns has changed since.", points=points)


def uncounted(t: Language, why: str | None) -> str:
    """Why a payment earns nothing; empty where it does."""
    reasons = {
        "possible_duplicate": t(
            "It earns nothing yet: another system has told the same amount within two hours. Staff decide whether it "
            "is another purchase."
        ),
        "not_the_earning_source": t("It earns nothing: points come from the payments that another system tells."),
    }
    return reasons.get(why or "", "")


def stopped(t: Language, act: StaffAct, limits: GroupTill) -> str:
    """Which limit it was; it is kept and told to the managers."""
    if act.reason == "asker_left":
        return t("Not recorded: whoever asked for it may not act here any more. Please send it again yourself.")
    reasons = {
        "too_small": t("at least {amount}, in baht and satang", amount=t.baht(limits.least_payment)),
        "too_large": t("at most {amount} at once", amount=t.baht(limits.largest_payment)),
        "daily_payments": t("at most {count} payments a day and member", count=t.number(limits.daily_payments)),
        "daily_baht": t("at most {amount} a day and member", amount=t.baht(limits.daily_baht)),
    }
    limit = reasons.get(act.reason or "", act.reason or "")
    return t("Not recorded: this group may record {limit}. It was noted for the managers.", limit=limit)


def one_at_a_time(t: Language) -> str:
    return t("There is more than one customer in this message. Please send one at a time.")


def whose_is_it(t: Language) -> str:
    words = f"{wording(t, 'take_payment')} M 4829 1375 3500"
    return t("Whose payment is it? Write the member number, or a phone, and the amount: “{words}”.", words=words)


def which_amount(t: Language) -> str:
    return t("There is more than one amount in this message. Please send the card and one amount.")


def unknown_card(t: Language, *, mistyped: bool) -> str:
    if mistyped:
        return t("This number is mistyped. Please read it again from the customer's phone.")
    return t("This number is nobody's here. Please read it again from the customer's phone.")


def number_amiss(t: Language, number: str) -> str:
    return t(
        "“{number}” is no member number: that is M and eight digits, as the card shows it: M 4829 1375. Please read "
        "it again from the customer's phone.",
        number=number.upper(),
    )


def unknown_code(t: Language, code: str) -> str:
    return t(
        "{code} leads to nobody now: the code on a card is good for ten minutes at most. Please have the card opened "
        "again, or send the member number.",
        code=code,
    )


def code_over(t: Language, code: str, until: datetime, now: datetime) -> str:
    again = t("Please have the card opened again, or send the member number.")
    if until.astimezone(t.zone).date() == now.astimezone(t.zone).date():
        over = t("{code} ran out at {time}.", code=code, time=t.time(until))
    else:
        over = t("{code} ran out on {date} at {time}.", code=code, date=t.date(until), time=t.time(until))
    return f"{over} {again}"


def too_many_guesses(t: Language) -> str:
    return t(
        "Too many codes and numbers in the last hour were nobody's, so no more of yours are looked at for now. "
        "A colleague can go on; it was noted for the managers."
    )


def another_member(t: Language) -> str:
    return t("Another member has to confirm this one.")


def waited_too_long(t: Language) -> str:
    return t("This has waited for more than ten minutes. Please send it again.")


def nothing_waits(t: Language, code: str) -> str:
    return t("Nothing waits for an answer by the code {code}.", code=code.upper())


def nothing_by_code(t: Language, code: str) -> str:
    return t("Nothing was recorded here by the code {code} in the last 24 hours.", code=code.upper())


def settled(t: Language, act: StaffAct) -> str:
    """Of what waits for no yes any more."""
    if act.state == "done":
        return t("It was recorded already.")
    if act.state == "undone":
        return t("It was recorded, and taken back since. To record it after all, please send it again.")
    return t("It was declined already, and not recorded.")


def declined(t: Language, act: StaffAct) -> str:
    if act.customer is None or act.amount is None:
        return t("All right, it is not recorded.")
    name, amount = who_is(t, act.customer), t.baht(act.amount)
    return t("All right, it is not recorded: {amount} of {name}.", amount=amount, name=name)


def not_yet(t: Language, phrase: str) -> str:
    """To a yes that may belong to talk."""
    return t("Nothing is done yet. Tap the button, or write “{words}”.", words=wording(t, phrase))


def refused(t: Language) -> str:
    """The ledger's own limits, far above those of the group."""
    return t("It cannot be recorded: the customer would have more than one customer can have.")


def about(t: Language, customer: Customer, tier: str | None) -> list[Flex]:
    lines = [key_value(t("Tier"), tier_name(tier, t), margin=GAP)] if tier else []
    if customer.member_number:
        lines.append(key_value(t("Number"), cards.spaced(customer.member_number), margin=GAP_SMALL))
    return lines


def question(t: Language, act: StaffAct, names: Mapping[str, str]) -> str:
    """What is asked of an act that waits for a yes, and by which words another member says it."""
    who = names.get(act.asked_by) or t("who asks")
    theirs = t(
        "Only {who} has recorded payments on this card so far, and this makes more than {amount} in {days} days: "
        "another member has to confirm.",
        who=who,
        amount=t.baht(act.group.clinic.settings.group_till.alone_above),
        days=t.number(ALONE.days),
    )
    reasons = {
        "own_card": t("This is the card of {who}: another member has to confirm.", who=who),
        "only_theirs": theirs,
        "large": t("It is a large amount: another member has to confirm."),
        "again": t("The same amount was recorded on this card a few minutes ago. Once more?"),
    }
    asked = reasons.get(act.reason or "", "") or t("Is this right?")
    words = wording(t, "confirm", act.code)
    by_words = t("By words: “{words}”.", words=words)
    return f"{asked} {by_words}" if act.reason in ANOTHER else asked
