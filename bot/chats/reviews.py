"""Reviews: stars for a visit, then words for who likes to add some."""

from uuid import UUID

from bot.cards import reviews as cards
from bot.cards.earned import earned
from bot.cards.frame import ways_on
from bot.chat import Chat, StaleAction
from bot.chats.limits import unless_full
from bot.routes import hear
from channels.line.messages import Choice, Reply, say
from channels.message import Action
from customers import staff
from loyalty import reviews
from loyalty.errors import EarningRefused
from models.facts import Visit

STEP = "review_comment"
PLEASED = 4
"""Stars from which we are glad; below, we say sorry and ask for nothing but words to our own team."""


@hear.text("review")
@hear.subject("review")
@hear.postback("review")
def ask(chat: Chat, visit: UUID | None = None) -> Reply:
    """About the visit that a message named, else the latest one that has no review."""
    if visit is None:
        found = reviews.reviewable(chat.session, chat.customer, chat.now)
    else:
        found = chat.session.get(Visit, (visit, chat.clinic.id))
        if found is None or found.customer_id != chat.customer.id:
            raise StaleAction("no visit of this customer")
    if found is None:
        said = chat.t("There is no visit to review at the moment. After your next one we are glad to hear from you.")
        return say(said, choices=ways_on(chat.t, member=chat.member))
    return say(cards.stars(chat.clinic, chat.t, found), choices=ways_on(chat.t, member=chat.member))


@hear.postback("rate")
@unless_full
def rate(chat: Chat, visit: UUID, stars: int) -> Reply:
    t = chat.t
    try:
        reviews.review(chat.session, chat.customer, visit, stars, None, chat.now, words_follow=True)
    except EarningRefused as refused:
        return _refused(chat, refused.code)
    chat.ask(STEP, visit=str(visit))
    lead = _glad_or_sorry(chat, stars)
    question = t("Would you like to add a few words? Simply write them here.")
    points = chat.clinic.settings.points.review
    card = earned(chat.clinic, t, t("Thank you for your review"), lead, points, question)
    address = chat.clinic.settings.links.public_review
    public = (cards.public(chat.clinic, t, address),) if address else ()
    return say(card, *public, choices=[Choice(t("Skip"), Action("skip"))])


@hear.step(STEP)
def comment(chat: Chat, text: str) -> Reply:
    visit = UUID(chat.state.data["visit"])
    chat.leave_step()
    review = reviews.comment_on(chat.session, chat.customer, visit, text, chat.now)
    if review.rating < PLEASED and _told(chat):
        said = chat.t("Thank you. Our team hears of it.")
    else:
        said = chat.t("Thank you. Your words are kept with your review.")
    return say(said, choices=ways_on(chat.t, member=chat.member))


@hear.text("skip")
@hear.postback("skip")
def skip(chat: Chat) -> Reply:
    """Leaves a question that need not be answered."""
    if chat.open_step == STEP:
        reviews.no_comment(chat.session, chat.customer, UUID(chat.state.data["visit"]), chat.now)
    said = chat.t("All right. Thank you.") if chat.leave_step() else chat.t("There is nothing to skip.")
    return say(said, choices=ways_on(chat.t, member=chat.member))


def _glad_or_sorry(chat: Chat, stars: int) -> str:
    if stars >= PLEASED:
        return chat.t("We are glad that you were in good hands.")
    if _told(chat):
        return chat.t("We are sorry that it was not better. Our team will look into it.")
    return chat.t("We are sorry that it was not better.")


def _told(chat: Chat) -> bool:
    """Whether the staff hear of a low rating."""
    return staff.told_of(chat.session, chat.clinic, "low_rating")


def _refused(chat: Chat, why: str) -> Reply:
    t = chat.t
    reasons = {
        "already_reviewed": t("You have reviewed this visit already. Thank you."),
        "visit_too_old": t("This visit is more than three months ago, so it can no longer be reviewed."),
    }
    if why not in reasons:
        raise StaleAction(why)
    return say(reasons[why], choices=ways_on(t, member=chat.member))
