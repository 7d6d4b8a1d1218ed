"""A clinic's notes: a whole room of the API in one file. It keeps them in a table whose rows have a name and a text."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import delete, select

from models.clinics import RichMenu
from runtime.errors import Refused
from web.http.operations import RequestContext, Resource
from web.http.problems import Kind, Problem
from web.http.values import Code, RequestModel, ResponseModel, ShortText

MOST = 2

resource = Resource("Notes", "What a clinic wants to remember.", prefix="/api/pretend")
RESOURCES = (resource,)
SCOPES = {"notes": "Read and write notes"}
PROBLEMS = {
    "unknown_note": Kind(404, "The clinic has no such note", "List the notes and choose one."),
    "board_full": Kind(409, "The clinic has as many notes as it may", "`most` says how many; delete one."),
}


class BoardFull(Refused):
    code = "board_full"


class Unspeakable(Refused):
    """Nobody has said what to do about it."""

    code = "unspeakable"


class Note(ResponseModel):
    name: str
    text: str


class Notes(ResponseModel):
    items: list[Note]


class Deleted(ResponseModel):
    count: int


class NewNote(RequestModel):
    name: Code
    text: ShortText


class Change(RequestModel):
    text: ShortText


class NotePath(RequestModel):
    name: Code


class Which(RequestModel):
    beginning: Annotated[Code, Field(description="With which letters the names begin")]


@resource.get("/notes", scope="notes", answer=Notes)
def list_notes(context: RequestContext) -> Notes:
    """All notes"""
    return Notes(items=[_note(row) for row in _rows(context)])


@resource.post("/notes", scope="notes", answer=Note, refusals=("board_full",))
def make_note(context: RequestContext, body: NewNote) -> Note:
    """Keep a note"""
    row = RichMenu(
        clinic_id=context.clinic.id, name=body.name, rich_menu_id=body.text, content_hash="", synced_at=context.now
    )
    context.session.add(row)
    context.session.flush()
    if len(_rows(context)) > MOST:
        raise BoardFull(f"there are {MOST} notes already", most=MOST, since=datetime(2026, 2, 3), who=None)  # noqa: DTZ001
    if body.text == "unspeakable":
        raise Unspeakable("nobody may write this", status=200, title="Fine", attempts=1)
    return _note(row)


@resource.patch("/notes/<name>", scope="notes", answer=Note, refusals=("unknown_note",))
def change_note(context: RequestContext, path: NotePath, body: Change) -> Note:
    """Say something else"""
    row = context.session.get(RichMenu, (context.clinic.id, path.name))
    if row is None:
        raise Problem("unknown_note")
    row.rich_menu_id = body.text
    return _note(row)


@resource.delete("/notes/<name>", scope="notes", refusals=("unknown_note",))
def delete_note(context: RequestContext, path: NotePath) -> None:
    """Forget a note"""
    row = context.session.get(RichMenu, (context.clinic.id, path.name))
    if row is None:
        raise Problem("unknown_note")
    context.session.delete(row)


@resource.delete("/notes", scope="notes", answer=Deleted)
def delete_notes(context: RequestContext, query: Which) -> Deleted:
    """Forget the notes that begin so"""
    found = RichMenu.clinic_id == context.clinic.id, RichMenu.name.startswith(query.beginning, autoescape=True)
    return Deleted(count=len(context.session.scalars(delete(RichMenu).where(*found).returning(RichMenu.name)).all()))


def _rows(context: RequestContext) -> list[RichMenu]:
    rows = select(RichMenu).where(RichMenu.clinic_id == context.clinic.id).order_by(RichMenu.name)
    return list(context.session.scalars(rows))


def _note(row: RichMenu) -> Note:
    return Note(name=row.name, text=row.rich_menu_id)
