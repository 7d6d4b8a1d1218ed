"""What a page is given: one customer at one moment; and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from channels.base import Channels
from customers.voice import language_of
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile
from models.portal import PortalSession
from runtime.language import Language
from runtime.settings import Settings

Form = TypeVar("Form", bound=BaseModel)
Done = Callable[[Language], Mapping[str, str]]
"""What is said after something was done, by the word for it in the address."""


class Missing(Exception):
    """There is no such thing, or it is not this customer's: to them both are the same."""


class Wrong(Exception):
    """What was sent is none of what the page offers."""


@dataclass(frozen=True)
class Page:
    """What is shown: a template of `web/templates/portal/` and what it says."""

    template: str
    values: Mapping[str, Any]
    status: int = 200


@dataclass(frozen=True)
class To:
    """What was asked for is done; the page below the clinic's own where that is to be seen."""

    path: str
    done: str = ""
    """The word under which the page there says it."""


@dataclass(frozen=True)
class File:
    """Something that is no page."""

    body: bytes
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


Shown = Page | To | File


@dataclass
class Visit:
    """One request of somebody who is signed in. Pages read and write through `session` and never commit."""

    session: Session
    held: PortalSession
    now: datetime
    """Business time."""
    real_now: datetime
    settings: Settings
    channels: Channels
    asked: Mapping[str, str]
    """What stands behind the `?` of the address."""
    sent: Mapping[str, str]
    """The fields of a form."""

    @property
    def clinic(self) -> Clinic:
        return self.held.clinic

    @property
    def customer(self) -> Customer:
        return self.held.customer

    @cached_property
    def profile(self) -> LoyaltyProfile | None:
        return points.profile_of(self.session, self.customer)

    @property
    def member(self) -> bool:
        return self.customer.joined_at is not None and self.profile is not None

    @cached_property
    def t(self) -> Language:
        return language_of(self.clinic, self.customer)

    def hold(self) -> None:
        """What is done for one customer is done one after the other, wherever they do it."""
        self.session.refresh(self.customer, with_for_update={"key_share": True})

    def form(self, model: type[Form]) -> Form:
        """The fields that were sent. Raises `Wrong`."""
        try:
            return model.model_validate(dict(self.sent))
        except ValidationError as error:
            raise Wrong from error
