"""What stands below a follow-up: what it links to, checked when the text is written, and the kind's own buttons. What
is followed or pressed is known to be of this one.

An address in the words is a button as well: LINE makes nothing of an address in a card.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from werkzeug.urls import iri_to_uri

from channels.followed import SHORT, Followed, code_of
from channels.line.lengths import truncate
from channels.line.limits import BUTTONS
from channels.message import Action, Button, Link, Message
from customers.voice import seen
from followups.errors import BadRule
from followups.kind import Conditions, Kind
from models.clinics import Clinic
from models.followups import FollowupExecution, LinkWords, Words
from models.short_links import ShortLink
from runtime.clock import DATABASE_NOW
from runtime.language import LANGUAGES, Language

MOST, LABEL, LONGEST = 2, 20, 500
"""How many links a text has at most, those in its words among them; characters of a label; and of an address, in
ASCII: as a signed one of ours it is within what LINE takes."""
_IN_WORDS = re.compile(r"https?://[^\s<>\"'{}]+\{?", re.IGNORECASE)
FILLED = "an address has no variables in it: it would tell whose it is"
_AFTER = ".,;:!?)]}»”’ๆฯ"
"""What ends a sentence and no address."""
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)


def checked(place: str, words: Words, kind: Kind[Conditions]) -> list[LinkWords]:
    """The links as they are kept. Raises `BadRule` for one that could lead somewhere else than it says, and for more
    than a card of this kind has room for; those in the words count."""
    links = words.get("links", [])
    kept: list[LinkWords] = []
    for number, link in enumerate(links):
        label = link["label"].strip()
        if not seen(label) or len(label) > LABEL:
            raise BadRule(f"{place}.links.{number}.label", f"write what the button says, in at most {LABEL} characters")
        kept.append({"label": label, "url": address(f"{place}.links.{number}.url", link["url"])})
    for found in _IN_WORDS.findall(words["message"]):
        if found.endswith("{"):
            raise BadRule(f"{place}.message", FILLED)
        address(f"{place}.message", found.rstrip(_AFTER))
    own = max(len(kind.buttons(Language(code))) for code in LANGUAGES)
    if len(kept) + len(_besides(kept, words)) > (room := min(MOST, BUTTONS - own)):
        many = f"link to at most {room} address{'es' if room != 1 else ''}, those in the words among them"
        why = f"a card has {BUTTONS} buttons, and below a text of this kind stand {own} of its own"
        raise BadRule(f"{place}.links", f"{many}: {why}")
    return kept


def buttons(one: FollowupExecution, words: Words | None, own: Sequence[Button]) -> tuple[Button, ...]:
    """Of a text as it is kept: its links, and the addresses in its words, called as their hosts are; then the kind's
    `own`, which say under what they stand."""
    below = (
        replace(each, target=each.target.under(one.id)) if isinstance(each.target, Action) else each for each in own
    )
    return (*(_leading(one, words) if words else ()), *below)


def keep(session: Session, message: Message, over: Iterable[str], clinic_id: UUID) -> None:
    """Where short addresses lead, for the channels that have these; drawn again they are the same."""
    rows = [
        {"clinic_id": clinic_id, "code": code_of(link, name), "execution_id": link.execution_id, "channel": name,
         "number": link.number, "leads_to": link.to, "made_at": link.made, "created_at": DATABASE_NOW}
        for name in over if name in SHORT
        for one in message.buttons if isinstance(link := one.target, Link) and not one.quiet
    ]  # fmt: skip
    if rows:
        session.execute(insert(ShortLink).values(rows).on_conflict_do_nothing())


def short(session: Session, slug: str, code: str) -> Followed | None:
    """What a short address of this clinic leads to."""
    chosen = select(ShortLink).join(Clinic, Clinic.id == ShortLink.clinic_id)
    one = session.scalars(chosen.where(Clinic.slug == slug, ShortLink.code == code)).one_or_none()
    if one is None:
        return None
    return Followed(slug, one.channel, Link(one.leads_to, one.execution_id, one.number, one.made_at))


def _leading(one: FollowupExecution, words: Words) -> tuple[Button, ...]:
    kept = words.get("links", [])
    named = [*((each["label"], each["url"]) for each in kept), *_besides(kept, words)]
    return tuple(
        Button(label, Link(url, one.id, number, one.due_at), quiet=number >= len(kept))
        for number, (label, url) in enumerate(named)
    )


def _besides(kept: Sequence[LinkWords], words: Words) -> list[tuple[str, str]]:
    """The addresses in the words that no link leads to, each once."""
    urls = dict.fromkeys(iri_to_uri(one.rstrip(_AFTER)) for one in _IN_WORDS.findall(words["message"]))
    known = {one["url"] for one in kept}
    return [
        (truncate((urlsplit(url).hostname or url).removeprefix("www."), LABEL), url) for url in urls if url not in known
    ]


def address(place: str, given: str) -> str:
    """In ASCII, as browsers write it."""
    if set("{}") & set(given):
        raise BadRule(place, FILLED)
    wrong = "write an address that begins with https:// (or http://) and a host, such as https://aura.example/book"
    if "\\" in given or any(letter.isspace() or not letter.isprintable() for letter in given):
        raise BadRule(place, wrong)
    try:
        url = iri_to_uri(given)
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadRule(place, wrong) from None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.hostname or "") or port == 0:
        raise BadRule(place, wrong)
    if parts.username is not None or parts.password is not None:
        raise BadRule(place, "an address holds no name and no password")
    if len(url) > LONGEST:
        raise BadRule(place, f"write an address of at most {LONGEST} characters")
    return url
