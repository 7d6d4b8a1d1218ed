"""What of a person is in clear in the database is what docs/privacy.md says, column by column."""

import re

from sqlalchemy import Boolean, Column, DateTime, Table

from models import Base
from models.clinics import OF
from tests.check.tree import ROOT

LISTED = re.compile(r"`(\w+)\.(\w+)`")
OURS = {"state", "attempts", "arrival", "menu_attempts", "profile_attempts"}
"""Columns whose values are words or numbers of ours, the same for everybody: they say how far some work is."""
SEALED = ("_sealed", "_index", "_hash")


def about_people() -> list[Table]:
    """The tables that name a customer, directly or by a row that does."""
    found = {"customers"}
    while True:
        more = {
            table.name
            for table in Base.metadata.sorted_tables
            if table.name not in found and {column.info.get(OF) for column in table.columns} & found
        }
        if not more:
            return [table for table in Base.metadata.sorted_tables if table.name in found]
        found |= more


def in_clear(column: Column[object]) -> bool:
    """Whether it says more of somebody than an id or a time does, and is neither sealed nor a keyed hash."""
    if OF in column.info or column.name in {"id", "clinic_id", "data_key", *OURS} or column.name.endswith(SEALED):
        return False
    return not isinstance(column.type, Boolean | DateTime)


def listed() -> set[tuple[str, str]]:
    text = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    return {(table, column) for table, column in LISTED.findall(text.partition("## In clear")[2])}


def test_the_privacy_page_lists_what_is_in_clear_and_nothing_else() -> None:
    found = {(table.name, column.name) for table in about_people() for column in table.columns if in_clear(column)}
    assert found - listed() == set(), "in clear, and not on the page"
    assert listed() - found == set(), "on the page, and not in clear"


def test_the_comparison_can_fail() -> None:
    assert {table.name for table in about_people()} >= {"customers", "refunds", "conversation_states", "referrals"}
    clear = {column.name for column in Base.metadata.tables["customers"].columns if in_clear(column)}
    assert clear == {"birth_month", "birth_month_day", "birthday_year", "language", "member_number"}
