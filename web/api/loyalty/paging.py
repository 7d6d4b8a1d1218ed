"""Paging: newest first, and an id to continue before. Stable while new rows come in."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from web.http.values import CustomerId, Id, RequestModel

LARGEST = 100


class Page(RequestModel):
    customer_id: CustomerId
    before: Annotated[Id | None, Field(description="`next` of the page before; leave it out to begin")] = None
    limit: Annotated[int, Field(ge=1, le=LARGEST, description="How many at most")] = 20


def place_of(page: Page) -> UUID | None:
    return UUID(page.before) if page.before is not None else None
