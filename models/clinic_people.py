"""What a clinic chooses about who its customers are to it."""

from typing import Annotated

from pydantic import Field, Strict

from models.clinic_words import Section


class Linking(Section):
    """Linking a friend in LINE with the clinic's record of them, by a one-time code."""

    codes_a_day: Annotated[int, Strict(), Field(ge=0, le=10_000)] = 200
    """Of the whole clinic; 0: nobody is linked so."""
    phones_abroad: bool = False
    """Whether a phone may be another than a Thai mobile."""
