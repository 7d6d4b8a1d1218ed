"""What a mail says: the same as text and as HTML, in the clinic's colours, for whoever reads it however."""

import html
import re
from html.parser import HTMLParser

import pytest
from sqlalchemy.orm import Session

from channels.email.draw import LEAVE, NIGHT, NIGHT_SURFACE, Drawn, draw
from channels.message import Action, Answer, Button, Figure, Message, Paragraph
from channels.palette import contrast
from customers.voice import in_language
from models.clinics import Clinic
from models.followups import Purpose

ASKED = Message(
    "วันนี้เป็นอย่างไรบ้าง",
    (Paragraph(text="สวัสดีค่ะ คุณมะลิ\nหากกังวลอะไร <b>บอกเรา</b> ได้เลย & ทุกเวลา"), Paragraph("ข่าวดี", "มีแต้มรออยู่")),
    (Figure("120", "แต้ม"),),
    answers=(Answer("★★★★★", "ดีมาก", Action("review", stars=5)),),
    note="ส่งเพราะคุณมาเมื่อวาน",
    buttons=(
        Button("คุยกับทีมงาน", Action("human")), Button("จองคิว", "https://book.aura.example/?a=1&b=2"),
        Button("ยังไม่ใช่ตอนนี้", Action("not_now"), quiet=True),
    ),
    subject="วันนี้เป็นอย่างไรบ้าง",
    purpose="care",
)  # fmt: skip


class Reader(HTMLParser):
    """What a program without eyes reads: the words, and where each link goes."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("style", "title")
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words += data.split()


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


@pytest.fixture
def drawn(session: Session, clinic: Clinic) -> Drawn:
    clinic.line_basic_id = "@aura"
    return draw(ASKED, clinic, in_language(clinic, "th"))


def test_both_forms_say_the_same(drawn: Drawn) -> None:
    """Word for word and link for link: the text has each address behind its words, and a line before the foot."""
    seen = read(drawn.html)
    addresses = re.findall(r"https://\S+", drawn.text)
    said = [word.removesuffix(":") for word in drawn.text.split() if not word.startswith("https://") and word != "--"]
    assert said == [word.removesuffix(":") for word in seen.words]
    assert addresses == seen.links
    assert LEAVE in seen.links


def test_nothing_that_is_said_is_read_as_html(drawn: Drawn) -> None:
    assert "<b>บอกเรา</b>" in drawn.text
    assert html.escape("<b>บอกเรา</b>") in drawn.html and "<b>" not in drawn.html
    assert 'href="https://book.aura.example/?a=1&amp;b=2"' in drawn.html


def test_a_tap_in_line_is_a_way_into_the_chat(drawn: Drawn) -> None:
    """With the words for it already written, which the bot hears (`tests/bot/test_mail_words.py`)."""
    assert "https://line.me/R/oaMessage/%40aura/?%E0%B8%84" in drawn.html


def test_a_clinic_without_line_draws_no_way_there(session: Session, clinic: Clinic) -> None:
    clinic.line_basic_id = None
    page = draw(ASKED, clinic, in_language(clinic, "th"))
    assert "line.me" not in page.html + page.text
    assert "จองคิว" in page.text and "คุยกับทีมงาน" not in page.text


@pytest.mark.parametrize("purpose", ["marketing", "care", "transactional", None])
@pytest.mark.parametrize("language", ["th", "en"])
def test_it_says_why_it_came_and_how_to_end_it(
    session: Session, clinic: Clinic, purpose: Purpose | None, language: str
) -> None:
    message = Message("Hello", (Paragraph(text="How are you?"),), subject="Hello", purpose=purpose)
    page = draw(message, clinic, in_language(clinic, language))
    assert (LEAVE in page.text, LEAVE in page.html) == (purpose is not None,) * 2
    assert clinic.called(language) in page.text.partition("-- ")[2]
    assert f'lang="{language}"' in page.html


def test_a_subject_that_was_not_given_tells_only_whose_it_is(session: Session, clinic: Clinic) -> None:
    page = draw(Message("Your laser treatment"), clinic, in_language(clinic, "en"))
    assert page.subject == f"A message from {clinic.called('en')}"
    assert "laser" not in page.html.partition("</title>")[0]


def test_styles_stand_at_the_elements(drawn: Drawn) -> None:
    """Gmail's app leaves style sheets out; what asks for the dark is for who reads them."""
    assert re.search(r'<h1 style="[^"]*font-size: ?22px', drawn.html)
    assert re.search(r'<a href="[^"]*" style="[^"]*background', drawn.html)
    assert "@media (prefers-color-scheme: dark)" in drawn.html
    assert '<meta name="color-scheme" content="light dark">' in drawn.html
    assert "<link" not in drawn.html and "<script" not in drawn.html


@pytest.mark.parametrize("brand", ["#000000", "#FFFFFF", "#8E5A6D", "#FFFF00", "#0000FF", "#7F7F7F"])
def test_it_can_be_read_in_the_dark(session: Session, clinic: Clinic, brand: str) -> None:
    clinic.choose(voice={"brand_color": brand})
    page = draw(ASKED, clinic, in_language(clinic, "th"))
    night = page.html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]
    accent = re.search(r"h2[^{]*\{ color: (#[0-9A-Fa-f]{6})", night)
    assert accent is not None
    assert min(contrast(accent[1], NIGHT), contrast(accent[1], NIGHT_SURFACE)) >= 4.5


def test_a_body_is_frozen_as_it_was_drawn(drawn: Drawn) -> None:
    assert Drawn.thaw(drawn.freeze()) == drawn


def test_a_mail_stays_small(drawn: Drawn) -> None:
    """Gmail cuts one off after 102 KB, and its way out with it."""
    assert len(drawn.html.encode()) < 12_000
