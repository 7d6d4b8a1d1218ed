"""Follow-up rules in the clinic's file: the same rules in both directions, and each change one version."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinics.apply import create
from clinics.check import check
from followups import rules, templates
from followups.kind import kinds
from followups.rules import Draft
from followups.texts import Template
from models.followups import FollowupRule, FollowupTemplate, LinkWords
from tests.clinics.conftest import Desk, right
from tests.fixtures.clinic import NOW

CARE = "- {code: care, name: Care, type: post_treatment, channels: [line]%s}"
LATER = NOW + timedelta(hours=1)


def file(*items: str) -> str:
    return "\n".join(("name: Aura", "followup_rules:", *(f"  {one}" for one in items)))


@pytest.fixture
def bare(session: Session) -> Desk:
    """A clinic that says nothing unasked."""
    text = "name: Aura"
    return Desk(session, create(session, "aura", right(text, session.info["clinic_defaults"]), NOW), text, LATER)


def rule(desk: Desk, code: str) -> FollowupRule:
    desk.session.flush()
    desk.session.expire_all()
    return desk.session.scalars(
        select(FollowupRule).where(FollowupRule.code == code, FollowupRule.ended_at.is_(None))
    ).one()


def problems(desk: Desk, *items: str) -> list[str]:
    return [str(one) for one in check(file(*items).encode(), desk.defaults).problems]


def test_the_demo_has_a_rule_of_each_kind_that_speaks_in_both_languages(desk: Desk) -> None:
    made = rules.of_clinic(desk.session, desk.clinic)
    assert {one.type for one in made if one.active} == set(kinds)
    assert all(one.active_since == NOW and one.to_plan for one in made)
    for one in made:
        template = desk.session.get_one(FollowupTemplate, (one.template_id, one.clinic_id)) if one.template_id else None
        assert template is None or (set(template.texts) == {"th", "en"} and "customerName" in template.fallbacks)


def test_what_the_api_has_written_is_exported_and_applied_unchanged(bare: Desk) -> None:
    links: list[LinkWords] = [{"label": "Map", "url": "https://aura.example/ที่จอดรถ"}]
    words = Template(
        everywhere={"message": "สวัสดี {customerName}", "links": links}, fallbacks={"customerName": "คุณลูกค้า"}
    )
    conditions = {"hoursBefore": [48, 2]}
    draft = Draft(
        name=" Soon: 'a' # b", conditions=conditions, channels=["sms", "line"], template=words, workflow_id="7"
    )
    made = rules.make(bare.session, bare.clinic, "appointment_reminder", draft, NOW)
    other = Draft(
        name="Soon: 'a' # b", conditions={"treatmentType": "HydraFacial"}, channels=["line"], active=True, reentry=90
    )
    rules.make(bare.session, bare.clinic, "post_treatment", other, NOW)
    bare.text = bare.export()
    assert f"code: {made.id}" in bare.text and "hours_before:" in bare.text
    assert "reentry: each_anchor" in bare.text and "reentry: after 90 days" in bare.text
    assert bare.changes() == []
    changed_at, template, versions = made.changed_at, made.template_id, bare.session.query(FollowupTemplate).count()
    bare.apply()
    assert (made.changed_at, made.template_id, made.version) == (changed_at, template, 1)
    assert bare.session.query(FollowupTemplate).count() == versions
    assert bare.export() == bare.text


def test_a_text_that_rules_share_is_called_by_its_name(bare: Desk) -> None:
    words = Template(everywhere={"message": "สวัสดี"})
    text = templates.make(bare.session, bare.clinic, "post_treatment", "Hello", words, NOW)
    bare.text = file(CARE % ", shared_text: Hello")
    bare.apply()
    assert rule(bare, "care").template_id == text.id
    bare.text = bare.export()
    assert "shared_text: Hello" in bare.text and bare.changes() == []
    for says in ("shared_text: Hallo", "shared_text: Hello"):
        kind = "post_treatment" if says.endswith("Hallo") else "upsell_opportunity"
        bare.text = file(f"- {{code: other, name: x, type: {kind}, channels: [line], {says}}}")
        there = "Hello" if kind == "post_treatment" else "none yet"
        ((path, said),) = bare.refused()
        assert path == ("followup_rules", 0, "shared_text") and said.endswith(f"there are: {there}")


def test_other_conditions_are_one_version_and_other_words_one_of_the_text(bare: Desk) -> None:
    with_words = ", active: true, conditions: {days_after: 1}, template: {message: สวัสดี}"
    bare.text = file(CARE % with_words)
    bare.apply()
    first = rule(bare, "care").template_id
    rule(bare, "care").to_plan = False
    bare.text = file(CARE % with_words.replace("days_after: 1", "days_after: 2"))
    assert bare.changes() == ["followup_rules.care.conditions.days_after: 1 → 2 (what is ahead is planned anew)"]
    bare.apply()
    changed = rule(bare, "care")
    assert (changed.version, changed.conditions, changed.to_plan) == (2, {"daysAfter": 2}, True)
    assert changed.template_id == first
    bare.text = bare.text.replace("สวัสดี", "สวัสดีค่ะ")
    bare.apply()
    reworded = rule(bare, "care")
    assert (reworded.version, reworded.template is not None and reworded.template.version) == (2, 2)
    assert bare.changes() == []
    bare.text = file(CARE % ", active: true, conditions: {days_after: 2}")
    bare.apply()
    assert rule(bare, "care").template_id is None
    assert bare.changes() == []


def test_how_often_it_speaks_is_one_version(bare: Desk) -> None:
    bare.text = file(CARE % ", active: true")
    bare.apply()
    rule(bare, "care").to_plan = False
    bare.text = file(CARE % ", active: true, reentry: after 90 days")
    says = "followup_rules.care.reentry: each_anchor → after 90 days (what is ahead is planned anew)"
    assert bare.changes() == [says]
    bare.apply()
    assert (rule(bare, "care").reentry, rule(bare, "care").version, rule(bare, "care").to_plan) == (90, 2, True)
    bare.text = file(CARE % ", active: true, reentry: once")
    bare.apply()
    assert (rule(bare, "care").reentry, bare.changes()) == ("once", [])
    bare.text = file(CARE % ", active: true")
    bare.apply()
    assert (rule(bare, "care").reentry, rule(bare, "care").version) == ("each_anchor", 4), "the file is all of it"


def test_a_rule_that_the_file_no_longer_has_rests_and_is_told_so(bare: Desk) -> None:
    bare.text = file(CARE % ", active: true")
    bare.apply()
    other = Draft(name="By the API", channels=["line"], active=True)
    rules.make(bare.session, bare.clinic, "birthday_special", other, NOW)
    draft = rules.make(bare.session, bare.clinic, "birthday_special", Draft(name="A draft", channels=["line"]), NOW)
    assert len(bare.changes()) == 1 and "By the API" in bare.changes()[0]
    assert bare.changes()[0].endswith("it rests, and speaks again when the file has it as `active: true`; only the API "
                                      "deletes it)")  # fmt: skip
    bare.apply()
    assert [(one.name, one.active) for one in rules.of_clinic(bare.session, bare.clinic)] == [
        ("Care", True), ("By the API", False), (draft.name, False),
    ]  # fmt: skip
    assert bare.changes() == []
    bare.text = "name: Aura"
    assert bare.changes() == []
    bare.text = "name: Aura\nfollowup_rules: []"
    bare.apply()
    assert not rule(bare, "care").active
    bare.text = file(CARE % ", active: true")
    assert bare.changes() == ["followup_rules.care.active: false → true"]
    bare.apply()
    assert rule(bare, "care").active


def test_one_that_was_deleted_begins_anew(bare: Desk) -> None:
    bare.text = file(CARE % ", active: true")
    bare.apply()
    gone = rule(bare, "care")
    rules.end(bare.session, gone, LATER)
    bare.session.flush()
    bare.apply()
    assert rule(bare, "care").id != gone.id


def test_a_rule_keeps_its_kind(bare: Desk) -> None:
    bare.text = file(CARE % "")
    bare.apply()
    bare.text = bare.text.replace("post_treatment", "birthday_special")
    ((path, said),) = bare.refused()
    assert path == ("followup_rules", 0, "type")
    assert said.endswith("this rule is a post_treatment and stays one: give the other kind a code of its own")


def test_a_new_clinic_shares_no_texts_yet(session: Session) -> None:
    wanted = right(file(CARE % ", shared_text: Hello"), session.info["clinic_defaults"])
    with pytest.raises(ValueError, match="share no text Hello"):
        create(session, "aura", wanted, NOW)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("type", "post_treatmint", "care.type: there is no post_treatmint here: is post_treatment meant?"),
        ("type", "x", "care.type: there is no x here: write one of "),
        ("conditions", "{daysAfter: 1}", "conditions.daysAfter: there is no daysAfter here: is days_after meant?"),
        ("conditions", "{days_after: x}", "care.conditions.days_after: write a whole number, such as 100"),
        ("conditions", "{days_after: 91}", "conditions.days_after: write a number up to 90 (not '91')"),
        ("conditions", "{days_after: 1, hours_after: 2}", "conditions: write hoursAfter or daysAfter, not both"),
        (
            "channels",
            "[line, fax]",
            "channels: write each once, the preferred first, of line, sms, email, in_app, call",
        ),
        ("channels", "[line, line]", "channels: write each once"),
        ("channels", "[]", "care.channels: write at least one"),
        ("reentry", "twice", "care.reentry: write once, each_anchor, or such as after 90 days (not 'twice')"),
        ("reentry", "after 0 days", "care.reentry: write once, each_anchor, or such as after 90 days"),
        ("active", "perhaps", "care.active: write true or false"),
        ("priority", "urgent", "care.priority: write 'high', 'normal' or 'low' (not 'urgent')"),
        ("template", "{subject: x}", "care.template: message is missing"),
        ("template", "{message: {}}", "care.template.message: write at least one"),
        ("template", "{message: {fr: x}}", "care.template.message: there is no language fr here"),
        (
            "template",
            "{message: 'x {name}'}",
            "template.message.th: {name} stands for nothing here: write one of {cust",
        ),
        ("template", "{message: 'x {clinicName'}", "template.message.th: close each brace"),
        ("template", "{message: x, subject: {en: y}}", "template.subject.en: write the message in en too"),
        ("template", "{message: x, fallbacks: {nam: y}}", "template.fallbacks.nam: there is no nam here"),
        (
            "template",
            "{message: x, links: {en: [{label: y, url: 'https://a.example'}]}}",
            "links.en: write the message i",
        ),
        (
            "template",
            "{message: x, links: [{label: y, url: a.example}]}",
            "template.links.th.url: write an address that",
        ),
        (
            "template",
            "{message: 'https://a.example https://b.example https://c.example'}",
            "message.th: link to at most 1 address, ",
        ),
        (
            "template",
            "{message: x, links: [{label: y, url: 'https://a.example/{customerName}'}]}",
            "template.links.th.url: an address has no variables",
        ),
        ("template", '{message: "\\u200b"}', "template.message.th: write what is said"),
        ("template", "{message: x}, shared_text: y", "shared_text: write template or shared_text, not both"),
    ],
)
def test_what_is_wrong_is_told_by_line(bare: Desk, key: str, value: str, says: str) -> None:
    written = {"code": "care", "name": "x", "type": "post_treatment", "channels": "[line]", key: value}
    bad = ", ".join(f"{name}: {one}" for name, one in written.items())
    found = problems(bare, (CARE % "").replace("code: care", "code: other"), f"- {{{bad}}}")
    assert all(one.startswith("line 4: ") for one in found) and says in found[0], found


def test_a_reminder_is_never_worded_by_a_model(bare: Desk) -> None:
    item = "- {code: a, name: x, type: appointment_reminder, channels: [line], ai_personalization: true}"
    (found,) = problems(bare, item)
    assert found.endswith("is never worded by a model: leave it out")


def test_the_conditions_of_a_kind_without_any(bare: Desk) -> None:
    (found,) = problems(bare, "- {code: a, name: x, type: birthday_special, channels: [line], conditions: {on: 1}}")
    assert found == "line 3: followup_rules.a.conditions.on: there is no on here: it takes none"
