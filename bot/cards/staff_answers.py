"""What the staff's group is shown of its answers to a customer: the words before they go, how they went, and how the
customer is handed back to the bot."""

import re
from collections.abc import Mapping, Sequence

from bot.cards.frame import palette_of
from bot.cards.staff_members import name_of
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_SMALL, Flex, Palette, bubble, button, caption, carousel, message, text, title
from channels.line.messages import Card
from channels.message import aloud
from customers.staff_acts import ANSWERED_WITHIN
from facts.answered import Answered, NotSent
from models.clinics import Clinic
from models.customers import Customer
from models.staff import StaffAct, StaffMember
from models.staff_notices import StaffNotice
from runtime.language import Language

_CODE = re.compile(r"[0-9a-f]{6}", re.IGNORECASE)
"""Of what the group was told, by its id's end."""


def is_code(said: str) -> bool:
    return _CODE.fullmatch(said) is not None


def how_to_answer(t: Language) -> str:
    """Under what the group is told of a customer."""
    return t("To answer, hold this message, choose “Reply” and write: your words go to the customer once you say yes.")


def shall_it_be_sent(
    clinic: Clinic, t: Language, act: StaffAct, words: str, before: StaffAct | None, names: Mapping[str, str]
) -> Card:
    """The words and to whom they go. Its buttons speak for whoever taps them, or may be typed."""
    if act.customer is None:
        raise ValueError("to nobody")
    asked, palette = t("Send this to {name}?", name=who_is(t, act.customer)), palette_of(clinic)
    note = [t("It is said in the clinic's name.")]
    if before is not None and before.done_at is not None:
        who = names.get(before.done_by or "") or t("a colleague")
        note.append(t("{who} has answered at {time} already.", who=who, time=t.time(before.done_at)))
    return Card(
        aloud(asked, f"“{words}”", *note),
        bubble(
            title(asked),
            text(words, margin=GAP),
            *(caption(line, margin=GAP) for line in note),
            buttons=[
                button(t("Send"), message(wording(t, "send_answer", act.code)), palette),
                button(t("Do not send"), message(wording(t, "keep_answer", act.code)), palette, "quiet"),
            ],
        ),
    )


def side_by_side(cards: Sequence[Card]) -> Card:
    if len(cards) == 1:
        return cards[0]
    return Card(aloud(*(card.alt for card in cards)), carousel([dict(card.contents) for card in cards]))


def sent(clinic: Clinic, t: Language, act: StaffAct, given: Answered) -> Card:
    """How it went, and until when what comes back is theirs."""
    if act.customer is None:
        raise ValueError("to nobody")
    said = t("Sent to {name}", name=who_is(t, act.customer))
    if given.free:
        how = t("As the answer to what they have just written: it costs nothing.")
    else:
        how = t("As a message of its own: one of the month's.")
    then = t("What they write until {time} is left to you.", time=t.time(given.until))
    done = done_button(t, act.notice, palette_of(clinic)) if act.notice is not None else None
    return Card(
        aloud(said, how, then),
        bubble(
            title(said),
            caption(how, margin=GAP_SMALL),
            caption(then, margin=GAP_SMALL),
            buttons=[done] if done is not None else None,
        ),
    )


def not_sent(t: Language, customer: Customer | None, refused: NotSent) -> str:
    name = who_is(t, customer) if customer is not None else ""
    reasons = {
        "blocked": t("Not sent: {name} has blocked the clinic in LINE.", name=name),
        "quota": t(
            "Not sent: the month's messages are used up. An answer within a minute of what {name} writes costs "
            "nothing; or write in the clinic's LINE chats.",
            name=name,
        ),
        "taken_back": t("Not sent: the message with the words was taken back."),
        "asker_left": t("Not sent: whoever wrote it may not act here any more. Please quote again yourself."),
    }
    return reasons[refused.why]


def settled(t: Language, act: StaffAct, names: Mapping[str, str]) -> str:
    """What stands there now of what waits no more."""
    who = names.get(act.done_by or "") or t("a colleague")
    if act.state == "done":
        return t("It was sent already, by {who}.", who=who)
    if act.state == "declined":
        return t("It was not sent: {who} has decided so, or it went to somebody else.", who=who)
    minutes = int(ANSWERED_WITHIN.total_seconds()) // 60
    return t("It was not sent, and waits no more after {count} minutes. Please quote again.", count=t.number(minutes))


def not_wanted(t: Language) -> str:
    return t("All right, it is not sent. To write it otherwise, quote again.")


def about_nobody(t: Language) -> str:
    return t("What you quote is not about one customer who can be answered, so nothing is sent.")


def text_alone_goes(t: Language) -> str:
    return t("Only text goes to a customer this way. Pictures and stickers you send in the clinic's LINE chats.")


def no_words(t: Language) -> str:
    return t("Please write the words for the customer in the message that quotes.")


def too_long(t: Language, most: int) -> str:
    return t("That is too long: at most {count} characters at once. Please quote again in parts.", count=t.number(most))


def done_button(t: Language, notice: StaffNotice, palette: Palette) -> Flex:
    """Hands the customer back to the bot, in the name of who taps it."""
    label = t("Done: the bot answers again")
    return button(label, message(wording(t, "hand_back", notice.code or "")), palette, "secondary")


def handed_back(t: Language, customer: Customer, who: StaffMember) -> str:
    return t("{who} has handed {name} back: the bot answers again.", who=name_of(t, who), name=who_is(t, customer))


def answered_again_already(t: Language, customer: Customer) -> str:
    return t("The bot answers {name} again already.", name=who_is(t, customer))


def nobody_by_code(t: Language) -> str:
    return t("That is too long ago: by this code nobody is handed back any more.")


def nobody_is_held(t: Language) -> str:
    return t("The bot answers everybody: nobody is left to you now.")


def who_is_held(clinic: Clinic, t: Language, people: Sequence[tuple[Customer, StaffNotice]]) -> Card:
    asked, palette = t("Who is it about?"), palette_of(clinic)
    names = [who_is(t, customer) for customer, _ in people]
    bubbles = [
        bubble(title(name), buttons=[done_button(t, notice, palette)])
        for name, (_, notice) in zip(names, people, strict=True)
    ]
    return Card(aloud(asked, *names), carousel(bubbles))
