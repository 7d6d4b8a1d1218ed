"""What can be written in the staff's group, as a card: the words that are heard, in the group's language and the other
ones, and what each does.

`tests/bot/test_group_help.py` holds it against the table of routes: what is heard in a group stands here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.cards.frame import palette_of
from bot.words import wording
from channels.line.flex import (
    CLOSE,
    GAP_SMALL,
    SMALL,
    Flex,
    bubble,
    caption,
    carousel,
    column,
    text,
    title,
)
from channels.line.messages import Card
from models.clinics import Clinic
from runtime.language import LANGUAGES, Language, hearing_words

CODE = "A7K2"
"""Of what was just asked, recorded or found."""
OTHER = "B3M4"
LISTED = "3F9A1C"
"""Of what waits in a list."""
REFERRALS = frozenset({"review_referrals", "approve_referral", "refuse_referral"})


@dataclass(frozen=True)
class Line:
    phrases: tuple[str, ...]
    """Whose words are shown."""
    behind: str
    """What is written behind them."""
    what: str
    also: frozenset[str] = frozenset()
    """Phrases that do the same."""


@dataclass(frozen=True)
class Page:
    about: str
    lines: Sequence[Line]


def commands(clinic: Clinic, t: Language) -> Card:
    """Pages side by side, as a phone shows them."""
    heading, accent = t("What you can write here:"), palette_of(clinic).accent
    shown = pages(t, referrals=clinic.settings.referral.enabled)
    bubbles = [
        bubble(
            *([caption(heading)] if page is shown[0] else []),
            title(page.about),
            *(_line(t, line, accent) for line in page.lines),
            padding=CLOSE,
        )
        for page in shown
    ]
    said = t(
        "What you can write in this group, by subject: {subjects}.", subjects=", ".join(one.about for one in shown)
    )
    return Card(said, carousel(bubbles))


def phrases(t: Language) -> Collection[str]:
    """All that is told of."""
    return {one for page in pages(t) for line in page.lines for one in (*line.phrases, *line.also)}


def pages(t: Language, *, referrals: bool = True) -> list[Page]:
    return [
        Page(t("A payment"), _payment(t)),
        Page(t("A customer"), _customer(t)),
        Page(t("What waits"), [one for one in _waiting(t) if referrals or REFERRALS.isdisjoint(one.phrases)]),
        Page(t("Calls to make"), _calls(t)),
        Page(t("Records that belong together"), _records(t)),
        Page(t("For somebody else"), _for_others(t)),
        Page(t("Answering a customer"), _answer(t)),
        Page(t("The team"), _team(t)),
    ]


def _payment(t: Language) -> list[Line]:
    return [
        Line(("take_payment",), "M… 3500", t("card or member number, and the amount; the word may be left out")),
        Line(("take_payment",), "08… 3500", t("the same for somebody who is no friend yet")),
        Line(
            ("confirm", "decline"),
            CODE,
            t("record what is asked, or not; without the code what you asked for yourself"),
            frozenset({"yes", "no"}),
        ),
        Line(
            ("undo",),
            CODE,
            t("take it back, within ten minutes; without the code what you did last"),
            frozenset({"cancel", "cancel_act", "refund"}),
        ),
    ]


def _customer(t: Language) -> list[Line]:
    return [
        Line(("find",), "08…", t("find somebody by phone, number or name"), frozenset({"look_for"})),
        Line(("visit",), "M…", t("somebody is here")),
        Line(("visit", "no_show"), "1", t("who came to the appointment of this number in today's list, or did not")),
        Line(("use_code",), "7KQM 2XRA", t("use a reward; the code alone does it, too")),
        Line(("adjust",), "M… +200 …", t("a manager corrects points, and says why")),
    ]


def _waiting(t: Language) -> list[Line]:
    return [
        Line(("today",), "", t("what the day holds"), frozenset({"appointments_after"})),
        Line(("doubted",), "", t("payments that may have been told twice")),
        Line(("another_purchase", "same_purchase"), LISTED, t("decide such a payment")),
        Line(
            ("review_referrals",),
            "",
            t("referrals that wait for a manager"),
            frozenset({"friends_brought", "referrals_alone"}),
        ),
        Line(("approve_referral", "refuse_referral"), LISTED, t("a manager decides a referral")),
        Line(("data_requests",), "", t("what customers ask about their data")),
        Line(("request_done", "request_refused"), f"{LISTED} …", t("a manager closes such a request")),
    ]


def _calls(t: Language) -> list[Line]:
    return [
        Line(("tasks",), "", t("customers to be called")),
        Line(("task_done",), CODE, t("you have called somebody")),
    ]


def _for_others(t: Language) -> list[Line]:
    return [
        Line(("grant",), f"{CODE} {OTHER} …", t("let somebody receive or do something for another")),
        Line(("end_grant",), LISTED, t("end what somebody may for another")),
        Line(("share",), f"{CODE} {OTHER}", t("share sessions of a course with another customer")),
        Line(("guardian", "end_guardian"), f"{CODE} …", t("a manager records that a guardian agrees, or ends it")),
        Line(("pause_offers", "end_pause"), f"{CODE} …", t("a manager lets the offers to a customer rest, or go on")),
        Line(("paused",), "", t("to whom offers rest")),
    ]


def _records(t: Language) -> list[Line]:
    return [
        Line(("link",), CODE, t("show the code that links a friend with their record")),
        Line(("link_yes", "link_no"), LISTED, t("have such a record linked, or not")),
        Line(("tie",), "M… 08…", t("give a member what was recorded on a phone")),
        Line(("unlink",), "M…", t("a manager takes apart what was linked or tied by mistake, for 30 days")),
        Line(("shared_contacts",), "", t("two records with the same phone")),
        Line(("same_person", "family", "decide_later"), LISTED, t("decide about such records, or wait")),
        Line(("same_person",), "M…", t("a manager makes two one who were said to be a family")),
    ]


def _answer(t: Language) -> list[Line]:
    return [
        Line(
            (), t("A reply to what I have told here"), t("is sent to the customer whom it was about, when you say so")
        ),
        Line(("send_answer", "keep_answer"), CODE, t("send such an answer, or not")),
        Line(("hand_back",), "", t("let the bot answer a customer again whom you have talked to")),
    ]


def _team(t: Language) -> list[Line]:
    return [
        Line(("team",), "", t("who may act here")),
        Line(("allow",), "@…", t("let somebody act here")),
        Line(("promote",), "@…", t("make somebody a manager")),
        Line(("remove",), "@…", t("let somebody act here no more")),
        Line(("group_help",), "", t("this list"), frozenset({"help"})),
    ]


def _line(t: Language, line: Line, accent: str) -> Flex:
    others = [
        " / ".join(hearing_words(code)[one][0] for one in line.phrases)
        for code in LANGUAGES
        if code != t.code and line.phrases
    ]
    return column(
        text(_words(t, line), size=SMALL, bold=True, color=accent),
        caption(" · ".join([line.what, *others])),
        margin=GAP_SMALL,
    )


def _words(t: Language, line: Line) -> str:
    said = " / ".join(wording(t, one) for one in line.phrases)
    return " ".join(filter(None, (said, line.behind)))
