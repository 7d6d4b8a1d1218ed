"""Goals and how far a customer is. Of a secret that is not unlocked nothing is told but that there is one."""

from datetime import datetime

from pydantic import Field

from loyalty import achievements
from models.rewards import Achievement
from runtime.language import LANGUAGES, own_words
from web.api.loyalty import lookups
from web.api.loyalty.profile import OfCustomer
from web.api.loyalty.rewards import Words
from web.http.operations import RequestContext, Resource
from web.http.values import ResponseModel

resource = Resource("Achievements", "Goals that give points once they are reached.", prefix="/api/loyalty")


class Goal(ResponseModel):
    code: str
    category: str
    texts: dict[str, Words] = Field(description=f"By language: {', '.join(LANGUAGES)}")
    points_reward: int
    badge_icon: str | None


class Reached(Goal):
    unlocked_at: datetime


class Coming(Goal):
    current: int
    target: int
    unit: str = Field(description="What `current` and `target` count")


class Gallery(ResponseModel):
    unlocked: list[Reached]
    in_progress: list[Coming]
    secrets_left: int


@resource.get("/achievements", scope="loyalty:read", answer=Gallery, refusals=("unknown_customer",))
def list_achievements(context: RequestContext, query: OfCustomer) -> Gallery:
    """What a customer has reached, and how far the other goals are"""
    customer = lookups.customer(context, query.customer_id)
    found = achievements.progress(context.session, customer, context.now)
    return Gallery(
        unlocked=[Reached(**_goal(one.achievement).model_dump(), unlocked_at=one.at) for one in found.unlocked],
        in_progress=[
            Coming(**_goal(one.achievement).model_dump(), current=one.current, target=one.target, unit=one.unit)
            for one in found.in_progress
        ],
        secrets_left=found.secrets_left,
    )


def _goal(achievement: Achievement) -> Goal:
    words = {language: own_words(achievement.texts, language, achievement.name) for language in LANGUAGES}
    return Goal(
        code=achievement.code,
        category=achievement.category,
        texts={language: Words(name=name, description=description) for language, (name, description) in words.items()},
        points_reward=achievement.points_reward,
        badge_icon=achievement.badge_icon,
    )
