"""Links that open LINE itself. https://developers.line.biz/en/docs/messaging-api/using-line-url-scheme/"""

from urllib.parse import quote

from models.clinics import Clinic
from runtime.language import Language, hearing_words


def open_chat(basic_id: str, text: str) -> str:
    """Opens the chat with the account of this basic id (`@aura`), with `text` written and not yet sent.

    The account hears nothing until the person sends it, so whoever opens it also becomes somebody we know.
    """
    return f"https://line.me/R/oaMessage/{quote(basic_id, safe='')}/?{quote(text, safe='')}"


def account(basic_id: str) -> str:
    """Opens the account of this basic id: its chat, for whoever is a friend."""
    return f"https://line.me/R/ti/p/{quote(basic_id, safe='')}"


def heard_in_chat(clinic: Clinic, t: Language, action: str) -> str | None:
    """Opens the chat with the words of this action, or the chat alone where it has none; None: the clinic has none."""
    if not clinic.line_basic_id:
        return None
    words = hearing_words(t.code).get(action)
    return open_chat(clinic.line_basic_id, words[0]) if words else account(clinic.line_basic_id)


CHATS = "https://line.me/R/nv/chat"
"""Opens the list of one's chats."""


def share(text: str) -> str:
    """Lets the person choose friends and groups to send `text` to."""
    return f"https://line.me/R/share?text={quote(text, safe='')}"
