"""What a sentence is about: judged by many, explained, the same for ever, and in no time."""

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.judge import interval, judge, sentences
from bot.routes import Table
from bot.subjects import AWAY, NOT, PLAIN, REMEDY, SUBJECTS, SYMPTOM, TOLD, UNTOUCHABLE, UNWANTED
from runtime.language import LANGUAGES, Language, kinds_of_words
from tests.check.tree import sources

SENTENCES = Path(__file__).parent / "sentences"
RIGHT, UNDERSTOOD = 0.97, 0.85
RIGHT_OF_ALL, UNDERSTOOD_OF_ALL = 0.98, 0.95
SAME = {"languages": ("subject", "language")}
"""What is typed may name the language at once, so it is heard by who asks only where it does not."""


@pytest.mark.parametrize("path", sorted(SENTENCES.glob("*.tsv")), ids=lambda path: path.stem)
def test_most_of_what_people_say_is_understood_and_little_is_mistaken(table: Table, path: Path) -> None:
    judged = judge(table, sentences(path.read_text()))
    shown = f"{judged.figures}\n" + "\n".join(f"{one} {found}" for one, found in judged.wrong)
    assert judged.right >= RIGHT * judged.answered, shown
    assert judged.understood >= UNDERSTOOD * judged.belonging, shown


def test_of_all_sets_together_still_more_is_right(table: Table) -> None:
    judged = judge(table, (one for path in SENTENCES.glob("*.tsv") for one in sentences(path.read_text())))
    assert judged.right >= RIGHT_OF_ALL * judged.answered, judged.figures
    assert judged.understood >= UNDERSTOOD_OF_ALL * judged.belonging, judged.figures


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("แต้มเหลือเท่าไหร่คะ", ("points",)),
        ("เเต้มมม เหลือกี่เเต้ม", ("points",)),
        ("ขอดูประวัติแต้มหน่อยค่ะ", ("history",)),
        ("แต้มสีที่ปากลอก", ()),
        ("เช็คอินโรงแรมที่หัวหินได้กี่โมง", ()),
        ("หลังทำเลเซอร์โดนแดดได้มั้ยคะ ขอดูแต้มด้วย", ()),  # a medical question is for people, whatever stands beside it
        ("ขอดูแต้ม และ ของรางวัลค่ะ", ("points", "rewards")),
        ("my points and the rewards", ("points", "rewards")),
        ("แนะนำเพือนได้แต้มมั้ย", ("referral",)),
        ("วันไหนดีคะ", ()),  # which is not ดีค่ะ
        ("hello, could you tell me my points?", ("points",)),  # what is said around it is no subject
        ("ขอบคุณค่ะ แล้วเจอกันพรุ่งนี้", ("thanks",)),
        ("how many pionts do i have", ("points",)),  # a slip
        ("achievments please", ("achievements",)),
        ("i missed the bus again", ()),  # a story, though it has a word of ours
        ("my english is not so good sorry", ()),
        ("my skin got points all over", ()),
        ("my dentist appointment went badly", ()),
        ("i missed my bus, what are your opening hours", ("hours",)),  # one thought of two asks for something
        ("วันนี้ปิดกี่โมงคะ เลิกงานหกโมงครึ่ง จะทันมั้ย", ("hours",)),
        ("เมื่อวานแผลบวมค่ะ ขอดูแต้มหน่อย", ()),
        ("no need to call me, i'm at work", ()),  # what is not wanted, or not spoken of
        ("ไม่ได้อยากแลกอะไรนะคะ แค่เข้ามาดูเฉยๆ", ()),
        ("i don't want to cancel, just move my appointment to friday", ("appointments",)),
        ("what gifts do you have for points", ("rewards",)),
        ("หยุดทุกอย่าง", ("stop_all",)),
        ("please stop sending me everything", ("stop_all",)),
        ("อย่าส่งโปรมาอีก", ("stop_offers",)),
        ("ส่งข้อความหาหนูได้แล้วนะคะ", ("write_again",)),
        ("never write to me again", ("stop_offers",)),  # what allows something is not heard beside what stops
        ("เลิกส่งโปรได้แล้ว", ("stop_offers",)),
        ("ไม่ต้องส่งโปรมาเหมือนเดิมแล้ว", ("stop_offers",)),
        ("ตั้งค่าการแจ้งเตือนตรงไหนคะ", ("settings",)),
        ("ตั้งค่าภาษาตรงไหน", ("language",)),
        ("อยากรับโปรโมชั่นทางไลน์ค่ะ", ("want_offers",)),
        ("ลบรูปนั้นออกจากเฟซเถอะ", ()),  # which is not ours
        ("ลบรูปหนูออกจากระบบค่ะ", ("delete_data",)),
        ("คิวบ่ายนี้ของหมอฟันเลื่อนแล้ว", ()),
        ("my dentist moved my slot this afternoon", ()),
        ("ขอเลื่อนนัดวันนี้ค่ะ ต้องพาลูกไปหาหมอฟัน", ("appointments",)),
        ("stop it, that's hilarious", ()),
        ("ข้อมูลของหนูผิด แก้ยังไงคะ", ("correct_data",)),
        ("หน้าเบี้ยว แก้ยังไงคะ", ()),
        ("my birthday is 5 march 1990", ("birthday",)),
        ("เกิด 14 ก.พ. 2540 ค่ะ", ("birthday",)),
        ("เกิดอะไรขึ้นคะ", ()),
        ("แม่เกิดวันที่ 5 มีนา", ()),
        ("the settings on my phone are weird", ()),
        ("แต้ม" * 40, ()),
        ("🙏", ()),
        ("", ()),
    ],
)
def test_what_it_is_about(table: Table, text: str, subjects: tuple[str, ...]) -> None:
    found = table.understand(text)
    assert (found.subjects if found.sure else ()) == subjects, found


def test_it_says_why(table: Table) -> None:
    found = table.understand("อยากรู้ว่าเหลือแต้มเท่าไหร่")
    assert "points by" in found.why
    assert "แตม[point]" in found.why
    assert table.understand("แต้มของฉัน").why == "the phrase points"


def test_where_it_is_not_sure_it_offers_what_it_may_be(table: Table) -> None:
    found = table.understand("can i check the level of the pool")
    assert (found.subjects, found.sure) == (("tiers",), False)


@pytest.mark.parametrize("text", ["the level of service was ok", "ระดับน้ำสูงขึ้นทุกวันเลย", "i lost my gold ring"])
def test_who_only_tells_something_is_not_asked_what_is_meant(table: Table, text: str) -> None:
    assert table.understand(text).subjects == ()


def test_it_takes_a_millisecond_at_most(table: Table) -> None:
    given = [one.text for path in SENTENCES.glob("*.tsv") for one in sentences(path.read_text())]
    given += ["ก" * 90, "แต้มะ" * 18, "pointz " * 12]
    table.understand("แต้ม")
    began = time.process_time()
    for text in given:
        table.understand(text)
    assert (time.process_time() - began) / len(given) < 0.003  # three, where the machine is busy


def test_every_kind_has_words_and_every_way_knows_its_kinds() -> None:
    known = {kind for language in LANGUAGES for kind in kinds_of_words(language)}
    used = {kind for ways in SUBJECTS.values() for term in ways.replace(";", " ").split() for kind in term.split("|")}
    assert used <= known
    alone = {kind for kind in known - used - PLAIN if "-" not in kind}
    assert alone == {*UNTOUCHABLE, *AWAY, NOT, REMEDY, SYMPTOM, TOLD, UNWANTED, "common", "yes", "no"}


BUTTONS = ("bot/*.py", "customers/*.py", "followups/*.py", "richmenus/*.py", "channels/*.py")
NO_LABEL = {
    "birthday_picked": "what its calendar picks is its argument",
    "languages": "it is called by the names of the languages",
}


def labels() -> Iterator[tuple[str, str, str]]:
    """(file, text, action) of each button in the code that carries no arguments: a text and an action side by side.

    Raises `LookupError` for an action that nobody could find the text of.
    """
    for path, text in sources(*BUTTONS).items():
        compared, labelled, everywhere = set(), {}, {}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Compare):
                compared |= {id(one) for one in ast.walk(node)}
            if (action := _action(node)) is not None:
                everywhere[id(node)] = action
            beside = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
            said = next((found for one in beside if (found := _said(one))), [])
            for one in beside:
                if (action := _action(one)) is not None and said:
                    labelled[id(one)] = action
                    yield from ((path, each, action) for each in said)
        if lost := {a for at, a in everywhere.items() if at not in labelled and at not in compared} - NO_LABEL.keys():
            raise LookupError(f"{path}: no label is seen of {', '.join(sorted(lost))}")


def _action(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="Action"), args=[ast.Constant(value=action)], keywords=[]):
            return str(action)
    return None


def _said(node: ast.AST) -> list[str]:
    """The text, or both of a choice."""
    match node:
        case ast.Call(func=ast.Name(id="t") | ast.Attribute(attr="t"), args=[ast.Constant(value=said)], keywords=[]):
            return [str(said)]
        case ast.IfExp(body=one, orelse=other):
            return [*_said(one), *_said(other)]
    return []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_button_says_does_the_same_when_it_is_typed(table: Table, language: str) -> None:
    t, found = Language(language), list(dict.fromkeys(labels()))
    assert len({path for path, *_ in found}) > 12
    assert {path.partition("/")[0] for path, *_ in found} == {"bot", "followups", "richmenus"}
    wrong = []
    for path, msgid, action in found:
        found_here = table.understand(t(msgid))
        typed = table.phrase(t(msgid)) or (table.subject(found_here.subjects[0]) if found_here.sure else None)
        button = table.routes.get(SAME.get(action, ("postback", action)))
        if button is not None and (typed is None or typed.handler is not button.handler):
            wrong.append((path, t(msgid), action, typed and typed.place))
    assert not wrong, "\n".join(map(str, wrong))


def test_an_interval_holds_its_proportion_and_narrows_with_number() -> None:
    low, high = interval(97, 100)
    assert low < 0.97 < high
    assert interval(970, 1000)[0] > low
    assert interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "says"), [("", "line 1"), ("label\ttext\n", "line 1"), ("label\tlanguage\ttext\npoints\tth\n", "line 2")]
)
def test_a_file_of_another_shape_is_refused_by_its_line(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        list(sentences(text))
