"""The gallery of achievements, as the chat shows it: unlocked, under way, and how many secrets there are."""

from dataclasses import dataclass

from bot.cards.achievements import how_far, secrets_left
from loyalty import achievements
from loyalty.achievements import InProgress, Unlocked
from models.rewards import Achievement
from runtime.language import Language, own_words
from web.portal.pages import Pages
from web.portal.visit import Missing, Page, Visit

pages = Pages()


@dataclass(frozen=True)
class Tile:
    """An achievement in the clinic's own words; `said` is when it was unlocked, or how far it is."""

    name: str
    about: str
    badge: str
    gives: str
    said: str
    current: int = 0
    target: int = 0


@pages.show("/achievements")
def gallery(visit: Visit) -> Page:
    if visit.profile is None:
        raise Missing
    held, t = achievements.looked_at(visit.session, visit.profile, visit.now), visit.t
    values = {
        "unlocked": [_unlocked(t, one) for one in held.unlocked],
        "under_way": [_under_way(t, one) for one in held.in_progress],
        "secrets": secrets_left(t, held.secrets_left) if held.secrets_left else "",
    }
    return Page("achievements.html", values)


def _unlocked(t: Language, one: Unlocked) -> Tile:
    return Tile(*_words(t, one.achievement), t.date(one.at))


def _under_way(t: Language, one: InProgress) -> Tile:
    return Tile(*_words(t, one.achievement), how_far(t, one), one.current, one.target)


def _words(t: Language, achievement: Achievement) -> tuple[str, str, str, str]:
    name, about = own_words(achievement.texts, t.code, achievement.name)
    return name, about, achievement.badge_icon or "", _points(t, achievement)


def _points(t: Language, achievement: Achievement) -> str:
    if not achievement.points_reward:
        return ""
    return t.n("+{count} point", "+{count} points", achievement.points_reward)
