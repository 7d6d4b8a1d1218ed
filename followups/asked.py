"""What a gate is asked about, and what it may answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from followups.kind import Conditions, Kind
from models.clinics import Clinic
from models.customers import Customer
from models.followups import FollowupExecution, FollowupRule, Status
from models.preferences import CustomerPreferences


@dataclass(frozen=True)
class Asked:
    """What a gate looks at."""

    session: Session
    clinic: Clinic
    customer: Customer
    rule: FollowupRule
    kind: Kind[Conditions]
    execution: FollowupExecution
    preferences: CustomerPreferences | None
    now: datetime
    in_answer: bool = False
    """It would ride in an answer, which takes no message of the month and no place among those that wait to leave."""

    @property
    def sells(self) -> bool:
        return self.kind.purpose == "marketing"


@dataclass(frozen=True)
class Hold:
    until: datetime
    reason: str


@dataclass(frozen=True)
class End:
    status: Status
    reason: str


Verdict = Hold | End | None
"""None: it may pass."""
Gate = Callable[[Asked], Verdict]
