"""The customer's own page: a button that opens it inside LINE."""

from bot.cards import own_page as cards
from bot.cards.frame import ways_on
from bot.chat import Chat, StaleAction
from bot.routes import hear
from channels.line.messages import Reply, say
from customers.clinics import own_page


@hear.text("own_page")
@hear.postback("own_page")
def page(chat: Chat) -> Reply:
    """Heard only where the clinic has one (`bot/offered.py`)."""
    address = own_page(chat.clinic)
    if address is None:
        raise StaleAction("a page that the clinic does not have")
    return say(cards.page(chat.clinic, chat.t, address), choices=ways_on(chat.t, member=chat.member))
