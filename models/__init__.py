"""Tables only, one subject a file. No rules, no input or output: what is checked here is the form of one value."""

from models import (
    access,
    appointments,
    branches,
    calendar,
    cards,
    clinics,
    consents,
    contacts,
    conversations,
    courses,
    customers,
    facts,
    followups,
    grants,
    installation,
    invoices,
    joined_records,
    loyalty,
    meters,
    names,
    one_time,
    preferences,
    rewards,
    secrets,
    shared_contacts,
    short_links,
    staff,
    staff_notices,
    tasks,
    ties,
    treatments,
    visits,
)
from models.base import Base

__all__ = [
    "Base", "access", "appointments", "branches", "calendar", "cards", "clinics", "consents", "contacts",
    "conversations", "courses", "customers", "facts", "followups", "grants", "installation", "invoices",
    "joined_records", "loyalty", "meters", "names", "one_time", "preferences", "rewards", "secrets",
    "shared_contacts", "short_links", "staff", "staff_notices", "tasks", "ties", "treatments", "visits",
]  # fmt: skip
