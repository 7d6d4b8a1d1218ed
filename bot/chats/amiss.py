"""In the staff's group: a request whose code or number fits nothing is answered with what is wrong and an example.

The words that open a request are words of talk, too. Answered is what nobody says to a colleague: figures or large
letters where the code stands; of requests that have a name of their own also the name alone, of somebody who may act,
the question how, and a customer's name where the code should be.
"""

from bot import attempts
from bot.cards import staff_amiss as cards
from bot.cards import staff_till as till
from bot.chat import GroupChat, Opened
from bot.chats.staff_members import acting
from bot.words import plain, says
from channels.line.messages import Reply, say
from customers import families, payments
from runtime.language import LANGUAGES, hearing_words

EVERYDAY = frozenset(
    {"yes", "no", "send_answer", "keep_answer", "family", "same_person", "visit", "refund", "cancel", "look_for"}
)
"""What is said of much else: figures behind it are amounts and times."""
NAMED = frozenset(
    {
        "adjust", "approve_referral", "end_grant", "end_guardian", "end_pause", "grant", "guardian", "hand_back",
        "link", "link_no", "link_yes", "pause_offers", "refuse_referral", "request_done", "request_refused", "share",
        "tie", "unlink", "use_code",
    }
)  # fmt: skip
"""What has a name of its own: nobody says it of anything else. A single English word, such as `link`, is none."""
FIGURES = frozenset({"adjust", "grant", "guardian", "tie"})
"""What has figures among other words."""
WAITS = {"same_purchase": payments.doubted, "another_purchase": payments.doubted, "same_person": families.waiting}
"""What by itself is talk, unless something waits that it may be about."""


def answer(group: GroupChat) -> Reply | None:
    """None for talk."""
    opened, said = group.opened, group.heard.words
    if group.heard.to_others:
        return None
    if (number := attempts.number_amiss(said)) is not None:
        return _told(group, till.number_amiss(group.t, number))
    if opened is None:
        return None
    if opened.behind and _is_code(opened, said):
        return _told(group, cards.amiss(group.t, opened.phrase, opened.behind))
    if group.member is not None and _is_asked(group, opened):
        return say(cards.how(group.t, opened.phrase))
    return None


def _told(group: GroupChat, said: str) -> Reply:
    who = acting(group)
    return who if isinstance(who, Reply) else say(said)


def _is_code(opened: Opened, said: str) -> bool:
    if opened.phrase in EVERYDAY:
        return attempts.is_surely_code(opened.behind, said)
    eight = opened.phrase == "use_code" and attempts.is_eight_letters(opened.behind)
    if eight and not _words_of(opened, said).isascii():
        return True
    return attempts.is_code(opened.behind, said, 1 if _is_named(opened, said) else attempts.FEWEST)


def _is_named(opened: Opened, said: str) -> bool:
    """Whether it was said by a name that is said of nothing else."""
    words = _words_of(opened, said)
    return opened.phrase in NAMED and (" " in words or not words.isascii())


def _is_asked(group: GroupChat, opened: Opened) -> bool:
    """Whether a member means this request, and has left out what it is about, or written it otherwise."""
    if not opened.behind and opened.phrase in WAITS:
        return bool(WAITS[opened.phrase](group.session, group.clinic))
    if not _is_named(opened, group.heard.words):
        return False
    behind = opened.behind
    figures = opened.phrase in FIGURES and attempts.has_figures(behind)
    return not behind or says(behind, "how") or attempts.names_somebody(behind) or figures


def _words_of(opened: Opened, said: str) -> str:
    """By which of its words the request was opened."""
    heard = (plain(word) for language in LANGUAGES for word in hearing_words(language)[opened.phrase])
    return max((word for word in heard if word in plain(said)), key=len, default="")
