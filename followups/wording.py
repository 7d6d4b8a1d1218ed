"""An execution in words: the rule's own, or its kind's."""

from collections.abc import Iterable, Mapping

import structlog
from sqlalchemy.orm import Session

from channels.base import Channel, TooMuch
from channels.message import Message, Paragraph
from followups import answers, links, texts
from followups.kind import SMS, Conditions, Kind
from models.clinics import Clinic
from models.followups import FollowupExecution, Words
from runtime.language import Language

log = structlog.get_logger(__name__)


def worded(session: Session, one: FollowupExecution, kind: Kind[Conditions], t: Language) -> Message:
    """What is said: the rule's own text in the customer's language, else the kind's. Raises `texts.Missing`."""
    values = kind.values(session, one, t)
    template = answers.template(session, one)
    own = template.texts.get(t.code) if template else None
    fallbacks = texts.fallbacks_in(t.code, template.fallbacks if template else {})
    said = texts.filled(_of_kind(kind, t, values), {}, {}) if own is None else texts.filled(own, values, fallbacks)
    title, message = said.subject, said.message
    buttons = links.buttons(one, own, kind.buttons_of(session, one, t))
    brief = _brief(kind, t, own, values, fallbacks) if SMS in one.rule.channels else ""
    # A subject is read on a locked phone, and so is what LINE notifies with.
    subject, words = ("", "") if own is None else (own.get("subject", ""), own.get("message", ""))
    hidden = texts.private_in(f"{subject}\n{words}", kind)
    return Message(
        title or message, (Paragraph(text=message),) if title else (), buttons=buttons, brief=brief,
        subject="" if texts.private_in(subject, kind) else title, purpose=kind.purpose,
        locked=t("A message from the clinic") if hidden else "",
    )  # fmt: skip


def _of_kind(kind: Kind[Conditions], t: Language, values: Mapping[str, str]) -> Words:
    if gaps := [name for name in kind.needed if name not in values]:
        raise texts.Missing(gaps[0])
    return kind.words(t, values)


def _brief(
    kind: Kind[Conditions], t: Language, own: Words | None, values: Mapping[str, str], fallbacks: Mapping[str, str]
) -> str:
    """As an SMS. What sells names the way out: nobody can answer one in Thailand (twilio.com/en/guidelines/th/sms)."""
    written = texts.briefly(own, kind) if own is not None else None
    if written is None:
        said = _of_kind(kind, t, values).get("sms", "")
    else:
        said = texts.filled({"message": written}, values, fallbacks).message
    way_out = t("No more offers? Tell us in LINE or call us.")
    return f"{said}\n{way_out}" if kind.purpose == "marketing" else said


def plain(message: Message) -> list[str]:
    """Its words, without what is drawn around them."""
    return [message.title, *(f"{one.lead}\n{one.text}" for one in message.paragraphs)]


def drawn(message: Message, over: Iterable[Channel], clinic: Clinic, t: Language) -> dict[str, bytes]:
    """By channel, without those that do not take it. What is kept fits; what is filled in may be of any length."""
    bodies: dict[str, bytes] = {}
    for channel in over:
        try:
            bodies[channel.name] = channel.render(message, clinic, t)
        except TooMuch as error:
            log.error("a message does not fit", channel=channel.name, error=str(error))
    return bodies
