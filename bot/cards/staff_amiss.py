"""What is said to the staff's group where a request lacks what it is about, or has something that does not fit."""

from bot.cards import (
    staff,
    staff_acts,
    staff_cuts,
    staff_find,
    staff_grants,
    staff_guardians,
    staff_help,
    staff_members,
    staff_pauses,
    staff_shares,
    staff_till,
)
from bot.words import wording
from runtime.language import Language

LISTED = {
    "appointments_after": "today",
    "another_purchase": "doubted",
    "same_purchase": "doubted",
    "approve_referral": "review_referrals",
    "refuse_referral": "review_referrals",
    "request_done": "data_requests",
    "request_refused": "data_requests",
    "same_person": "shared_contacts",
    "family": "shared_contacts",
    "decide_later": "shared_contacts",
    "task_done": "tasks",
}
"""By which word the codes are listed that stand behind these."""
_TOLD = ("link_yes", "link_no", "hand_back")
_BACK = ("undo", "cancel", "cancel_act", "refund")


def amiss(t: Language, phrase: str, behind: str) -> str:
    """What does not fit, where something stands there, and how the request is written."""
    if not behind:
        return how(t, phrase)
    words = wording(t, phrase)
    wrong = t("“{said}” does not fit behind “{words}”.", said=behind.upper(), words=words)
    return f"{wrong} {how(t, phrase)}"


def how(t: Language, phrase: str) -> str:
    """What is to stand behind the words of a request, with an example."""
    if phrase in LISTED:
        example = wording(t, phrase, staff_help.LISTED if phrase != "request_refused" else f"{staff_help.LISTED} …")
        told = t("Write the code of six letters and digits that the list shows: “{words}”.", words=example)
        where = t("You see the list with “{words}”.", words=wording(t, LISTED[phrase]))
        return f"{told} {where}"
    if phrase in _TOLD:
        example = wording(t, phrase, staff_help.LISTED)
        return t("Tap the button, or write the code of six letters and digits from it: “{words}”.", words=example)
    if phrase in _BACK:
        return t(
            "Write the code of four letters and digits that stands with what was recorded: “{words}”. Without a code "
            "it is what you did last.",
            words=wording(t, "undo", staff_help.CODE),
        )
    others = {
        "tie": staff_acts.how_to_tie,
        "adjust": staff_acts.how_to_adjust,
        "find": staff_find.how,
        "look_for": staff_find.how,
        "grant": staff_grants.how,
        "guardian": staff_guardians.how,
        "share": staff_shares.how,
        "unlink": staff_cuts.how,
        "pause_offers": staff_pauses.how,
        "end_pause": staff_pauses.how,
        "take_payment": staff_till.whose_is_it,
        "use_code": staff.code_of_eight,
        "link": _link,
        "visit": lambda t: _came(t, "visit"),
        "no_show": lambda t: _came(t, "no_show"),
        "end_grant": lambda t: _end(t, "grant"),
        "end_guardian": lambda t: _end(t, "guardian"),
        "allow": staff_members.nobody_meant,
        "promote": staff_members.nobody_meant,
        "remove": staff_members.nobody_meant,
    }
    if phrase in others:
        return others[phrase](t)
    return t(
        "Write the code of four letters and digits that stands with the question: “{words}”. Without a code it is "
        "what you asked for last.",
        words=wording(t, phrase, staff_help.CODE),
    )


def _link(t: Language) -> str:
    words = wording(t, "link", "081-234-5678")
    return t("Write whose record it is, by the member number or the phone: “{words}”.", words=words)


def _came(t: Language, phrase: str) -> str:
    return t(
        "Write the number of the appointment in the list of “{today}”, or of a customer who has come the member "
        "number: “{appointment}”, “{card}”.",
        today=wording(t, "today"),
        appointment=wording(t, phrase, "1"),
        card=wording(t, "visit", "M 4829 1375"),
    )


def _end(t: Language, phrase: str) -> str:
    return t(
        "Look for the person with “{find}” first. Then “{grant}” and the code shows what there is, with a button to "
        "end each.",
        find=wording(t, "find"),
        grant=wording(t, phrase, staff_help.CODE),
    )
