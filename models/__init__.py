"""Tables only, one subject a file. No rules, no input or output."""

from models import clinics, consents, conversations, customers, loyalty
from models.base import Base

__all__ = ["Base", "clinics", "consents", "conversations", "customers", "loyalty"]
