"""What the staff of a clinic are told: a section of its settings."""

from typing import Literal

from models.clinic_words import Section

NoticeMode = Literal["at_once", "ride", "off"]
"""Pushed at once; in the next answer in the group, which costs nothing, and pushed where there is none within four
opening hours; or not at all."""


class StaffNotices(Section):
    """What the staff are told unasked in their LINE group; `bot/cards/staff_notices.py` says how each is drawn."""

    low_rating: NoticeMode = "at_once"
    """A review with one to three stars."""
    person_wanted: NoticeMode = "at_once"
    """A customer who wants to talk to somebody."""
    medical: NoticeMode = "at_once"
    """A customer who writes of their health; what may be urgent is always told at once."""
    staff_answer: NoticeMode = "at_once"
    """What became of an answer of the staff's to a customer, where it is not what they were told."""
    referral: NoticeMode = "ride"
    """A referral that a manager has to decide."""
    doubted_payment: NoticeMode = "ride"
    """A payment that another system told, and that may be one which is known."""
    privacy_request: NoticeMode = "ride"
    """What a customer asks for about their data, and by when it is to be answered."""
    same_person: NoticeMode = "ride"
    """Two customers with one phone or e-mail: one person, or a family."""
    linking: NoticeMode = "at_once"
    """A friend in LINE who wants to be linked with the clinic's record of them."""
    call_task: NoticeMode = "at_once"
    """A follow-up that the staff are asked to make by telephone."""
    line_quota: NoticeMode = "ride"
    """LINE takes no more pushes in this month; said once."""
    digest: NoticeMode = "ride"
    """In the morning what the day before held, where there was anything."""
