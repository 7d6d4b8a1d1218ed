"""How people are called: by their whole name, with one title."""

import pytest

from customers.voice import addressed, first_name
from models.customers import LineLink
from runtime.language import Language

TH, EN = Language("th"), Language("en")


@pytest.mark.parametrize(
    ("name", "thai", "english"),
    [
        ("มะลิ", "คุณมะลิ", "มะลิ"),
        ("Ken Tan", "คุณKen Tan", "Ken Tan"),
        # Names that begin like a title.
        ("คุณากร", "คุณคุณากร", "คุณากร"),
        ("คุณัญญา ใจดี", "คุณคุณัญญา ใจดี", "คุณัญญา ใจดี"),
        ("คุณานนต์", "คุณคุณานนต์", "คุณานนต์"),
        ("นายิกา", "คุณนายิกา", "นายิกา"),
        ("นายน์", "คุณนายน์", "นายน์"),
        ("Mrs", "คุณMrs", "Mrs"),
        ("Drew", "คุณDrew", "Drew"),
        ("Missy", "คุณMissy", "Missy"),
        ("Khunying", "คุณKhunying", "Khunying"),
        ("Mr", "คุณMr", "Mr"),
        # Names that have a title.
        ("นางสาวสมหญิง", "นางสาวสมหญิง", "นางสาวสมหญิง"),
        ("นางสาว สมหญิง ใจดี", "นางสาว สมหญิง ใจดี", "นางสาว สมหญิง ใจดี"),
        ("นายเอก", "นายเอก", "นายเอก"),
        ("ด.ช.กล้า", "ด.ช.กล้า", "ด.ช.กล้า"),
        ("ดร. วิชัย", "ดร. วิชัย", "ดร. วิชัย"),
        ("Mrs. Smith", "Mrs. Smith", "Mrs. Smith"),
        ("Dr Drew", "Dr Drew", "Dr Drew"),
        # The very title that texts put there.
        ("คุณ มะลิ", "คุณมะลิ", "มะลิ"),
        ("คุณMali Srisuk", "คุณMali Srisuk", "Mali Srisuk"),
        ("คุณมะลิ", "คุณมะลิ", "คุณมะลิ"),
        ("คุณธรรม", "คุณธรรม", "คุณธรรม"),  # a name, or somebody called ธรรม: whole, and one title, both ways
        ("คุณ", "คุณคุณ", "คุณ"),
        # What people put into LINE.
        ("  Mali  ", "คุณMali", "Mali"),
        ("🌸Mali🌸", "คุณ🌸Mali🌸", "🌸Mali🌸"),
        ("{name}", "คุณ{name}", "{name}"),
        # What nobody sees: a title is found behind it, and nothing turns the text around.
        ("คุณ\u200b มะลิ", "คุณมะลิ", "มะลิ"),
        ("\u200bคุณ มะลิ", "คุณมะลิ", "มะลิ"),
        ("คุณ \u2060\ufeffมะลิ", "คุณมะลิ", "มะลิ"),
        ("Mr.\u200b Smith", "Mr. Smith", "Mr. Smith"),
        ("\u202eilaM\u202c", "คุณilaM", "ilaM"),
        ("\u2066Mali\u2069 \u200fSrisuk\u061c", "คุณMali Srisuk", "Mali Srisuk"),
        ("Ma\u00adli", "คุณMali", "Mali"),
        ("Ma\u200dli", "คุณMali", "Mali"),
        ("มะ\u200cลิ", "คุณมะลิ", "มะลิ"),
        ("Mali\U000e0041\U000e007f", "คุณMali", "Mali"),
        ("Mali\0\x1b\x7f", "คุณMali", "Mali"),
        ("Mali\nTan", "คุณMali Tan", "Mali Tan"),
        ("👩\u200d⚕\ufe0f Mali", "คุณ👩\u200d⚕\ufe0f Mali", "👩\u200d⚕\ufe0f Mali"),
        ("\u200dMali\u200d", "คุณMali", "Mali"),
        ("क्\u200dष", "คุณक्\u200dष", "क्\u200dष"),
    ],
)
def test_a_name_is_whole_and_has_one_title(mali: LineLink, name: str, thai: str, english: str) -> None:
    mali.customer.display_name = name
    assert (addressed(mali.customer, TH), addressed(mali.customer, EN)) == (thai, english)


@pytest.mark.parametrize("name", [None, "", "  ", "\u200b", "\u202e \u2069", "\u3164", "\u2800 \u200d", "\0"])
def test_nobody_is_called_by_no_name(mali: LineLink, name: str | None) -> None:
    mali.customer.display_name = name
    assert addressed(mali.customer, TH) is None
    assert first_name(mali.customer) == ""


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("คุณMali Srisuk", "Mali"),
        ("คุณ มะลิ ศรีสุข", "มะลิ"),
        ("คุณากร ใจดี", "คุณากร"),
        ("คุณธรรม ใจดี", "คุณธรรม"),
        ("นางสาวสมหญิง ใจดี", "นางสาวสมหญิง"),
        ("น.ส.สมหญิง ใจดี", "สมหญิง"),
        ("Mr. Ken Tan", "Ken"),
        ("Mr.Ken Tan", "Ken"),
        ("Drew Tan", "Drew"),
        ("Mrs", "Mrs"),
        ("Mali", "Mali"),
    ],
)
def test_staff_are_told_the_first_name(mali: LineLink, name: str, first: str) -> None:
    mali.customer.display_name = name
    assert first_name(mali.customer) == first
