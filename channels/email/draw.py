"""A message of any channel, drawn as a mail: text and HTML from one template, which says the same in both.

What a program may do in LINE by a tap is a way into the chat here, with the words for it already written.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from channels.line.links import heard_in_chat
from channels.message import Action, Link, Message, Paragraph
from channels.palette import Palette, contrast, mix
from models.clinics import Clinic
from models.followups import Purpose
from runtime.language import Language

HERE = Path(__file__).parent
LEAVE = "https://leave.invalid/"
"""Stands for the address of the way out until it is known who gets the mail."""
NIGHT, NIGHT_SURFACE, NIGHT_INK, NIGHT_MUTED, NIGHT_LINE = "#161318", "#221D25", "#F1EBEE", "#B7ADB4", "#3D3541"
LOUD = 4.5
_EMPTY = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Drawn:
    """The body of a mail as it is frozen: its two forms hold `LEAVE`."""

    subject: str
    text: str
    html: str
    language: str
    clinic: str
    """As which it is from."""
    purpose: Purpose | None
    """None: of an answer or a code, of which there are no more to be had."""

    def freeze(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def thaw(cls, body: bytes) -> "Drawn":
        return cls(**json.loads(body))


@dataclass(frozen=True)
class _Way:
    label: str
    to: str
    quiet: bool


def draw(message: Message, clinic: Clinic, t: Language) -> Drawn:
    """`message`: with its links led on already."""
    name = clinic.called(t.code)
    title, paragraphs = message.title, message.paragraphs
    if not paragraphs and not message.figures:
        title, paragraphs = "", (Paragraph(text=message.title),)  # a text without a heading
    subject = message.subject or t("A message from {clinic}", clinic=name)
    why, leave = _footer(message.purpose, name, t)
    said: dict[str, Any] = {
        "subject": subject, "clinic": name, "language": t.code, "title": title, "figures": message.figures,
        "paragraphs": paragraphs, "pictures": message.pictures, "note": message.note,
        "answers": _ways(((f"{one.mark} {one.label}", one.target, False) for one in message.answers), clinic, t),
        "buttons": _ways(((one.label, one.target, one.quiet) for one in message.buttons), clinic, t),
        "why": why, "leave": leave, "leave_at": LEAVE, "style": _style(clinic.settings.voice.brand_color),
    }  # fmt: skip
    text = _EMPTY.sub("\n\n", _template("text").render(said=said, form="text.jinja")).strip() + "\n"
    html = _inliner().inline(_template("html").render(said=said, form="html.jinja"))
    return Drawn(subject, text, html, t.code, name, message.purpose)


def _footer(purpose: Purpose | None, clinic: str, t: Language) -> tuple[str, str]:
    """Why it came, and what the way out of it is called; of what nobody can do without there is none."""
    match purpose:
        case "marketing":
            why = t("You get this mail because you said yes to offers of {clinic} by e-mail.", clinic=clinic)
            return why, t("No more offers by e-mail")
        case "care":
            why = t("You get this mail because you were with {clinic}.", clinic=clinic)
            return why, t("No more of these by e-mail")
        case "transactional":
            why = t("You get this mail because it is about your appointment or bill at {clinic}.", clinic=clinic)
            return why, t("What we write to you by e-mail")
        case None:
            return t("This mail comes from {clinic}.", clinic=clinic), ""


def _ways(given: Iterable[tuple[str, Action | Link | str, bool]], clinic: Clinic, t: Language) -> list[_Way]:
    """Without those that lead nowhere: a clinic without a LINE account has no chat."""
    ways = ((label, _leads(target, clinic, t), quiet) for label, target, quiet in given)
    return [_Way(label, to, quiet) for label, to, quiet in ways if to]


def _leads(target: Action | Link | str, clinic: Clinic, t: Language) -> str | None:
    if isinstance(target, Link):
        return target.to
    return target if isinstance(target, str) else heard_in_chat(clinic, t, target.name)


@cache
def _template(form: str) -> Any:
    escaped = form == "html"
    made = Environment(loader=FileSystemLoader(HERE), autoescape=escaped, undefined=StrictUndefined)  # noqa: S701 - text
    made.filters["lines"] = _lines
    return made.get_template("mail.jinja")


@cache
def _inliner() -> css_inline.CSSInliner:
    """What a mail program cannot take from a style sheet stands at each element; what asks for the dark stays there."""
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


@lru_cache(maxsize=256)
def _style(brand: str) -> Markup:
    colors: Mapping[str, Any] = vars(Palette.of(brand)) | {
        "night": NIGHT, "night_surface": NIGHT_SURFACE, "night_ink": NIGHT_INK, "night_muted": NIGHT_MUTED,
        "night_line": NIGHT_LINE, "night_accent": _lightened(brand),
    }  # fmt: skip
    sheet = Environment(loader=FileSystemLoader(HERE), undefined=StrictUndefined)  # noqa: S701 - colours, in CSS
    return Markup(sheet.get_template("mail.css").render(colors))  # noqa: S704 - a file of ours


def _lightened(brand: str) -> str:
    """The clinic's colour, lighter only as far as needed to be read in the dark."""
    shades = (mix(brand, "#FFFFFF", step / 50) for step in range(51))
    return next(one for one in shades if min(contrast(one, NIGHT), contrast(one, NIGHT_SURFACE)) >= LOUD)
