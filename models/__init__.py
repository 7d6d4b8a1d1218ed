"""Tables only, one subject a file. No rules, no input or output."""

from models import access, clinics, consents, contacts, conversations, customers, facts, loyalty, rewards
from models.base import Base

__all__ = [
    "Base", "access", "clinics", "consents", "contacts", "conversations", "customers", "facts", "loyalty", "rewards",
]  # fmt: skip
