"""Everything that is wrong with a file is told at once, by line, in words for the clinic's owner."""

from decimal import Decimal

import pytest

from clinics.check import check
from clinics.contents import LISTS, ClinicFile, RewardItem
from loyalty.rewards import KINDS
from runtime.settings import ClinicDefaults
from tests.clinics.conftest import WHOLE

DEFAULTS = ClinicDefaults(points_per_baht=Decimal("0.3"), referral_bonus_points=70)
GIVES = "discount: 5, multiplier: 1"
GIFT = "code: a, name: x, kind: free_product, points: 1"


def problems(text: str) -> list[str]:
    return [str(one) for one in check(text.encode(), DEFAULTS).problems]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("voice: {persona: robot}", "voice.persona: write 'female' or 'male' (not 'robot')"),
        ("voice: {zone: Asia/Bankok}", "voice.zone: write the name of a time zone"),
        ("voice: {brand_color: pink}", "voice.brand_color: write a colour as #RRGGBB"),
        ("voice: {brand_colour: pink}", "there is no brand_colour here: is brand_color meant?"),
        ("voice: robot", "voice: write what belongs here below it, each as `key: value` (not 'robot')"),
        ("opening: x", "there is no opening here: there are voice, points"),
        ("points: {welcome: 1,000}", "there is no 000 here"),
        ('points: {welcome: "100"}', "points.welcome: write a whole number, such as 100: no comma, no quotation marks"),
        ("points: {welcome: 1.5}", "points.welcome: write a whole number"),
        ("points: {welcome: true}", "points.welcome: write a whole number"),
        ("points: {welcome: -1}", "points.welcome: write a number from 0 (not '-1')"),
        ("points: {welcome: 100001}", "points.welcome: write a number up to 100000"),
        ("points: {per_baht: much}", "points.per_baht: write a number, such as 0.1"),
        ("referral: {enabled: perhaps}", "referral.enabled: write true or false"),
        ("phrases: {pointz: [abcd]}", "phrases.pointz: write 'delete_data', 'copy_data'"),
        ("phrases: {points: coins}", "phrases.points: write a list"),
        ("phrases: {points: []}", "phrases.points: write at least one"),
        ("phrases: {points: [ab]}", "phrases.points.1: write words of at least 3 letters"),
        ("phrases: {points: [ฟัน]}", "phrases.points.1: write words of at least 3 letters"),
        ("phrases: {points: [coins, แต้ม]}", "phrases.points: แต้ม is heard as points, by the product itself already"),
        ("phrases: {points: [coins], rewards: [Co ins]}", "phrases.points: coins is heard as phrases.rewards already"),
        ("answers: [{code: a, name: x, phrases: [park], text: {}}]", "answers.a.text: write a text"),
        ("answers: [{code: a, name: x, text: y}]", "answers.a: write phrases, a subject, or both"),
        ("answers: [{code: a, name: x, subject: y, text: z}]", "answers.a.subject: write 'delete_data'"),
        (f"answers: [{{code: a, name: {'x' * 21}, subject: price, text: z}}]", "answers.a.name.th: write at most 20"),
        (
            f"answers: [{{code: a, name: x, subject: price, text: {'z' * 1001}}}]",
            "answers.a.text.th: write at most 1000",
        ),
        ("answers: [{code: a, name: x, subject: price, text: {fr: z}}]", "answers.a.text: there is no language fr"),
        ("customers: {quiet_from: 9}", "customers.quiet_from: write a time as 21:00"),
        ("customers: {quiet_from: '24:00'}", "customers.quiet_from: write a time as 21:00"),
        ("customers: {quiet_until: '21:00'}", "customers.quiet_until: write another time than quiet_from"),
        ("voice: {languages: [th, fr]}", "voice.languages.2: there is no language fr here: write some of th, en"),
        ("voice: {languages: [th, th]}", "voice.languages: write each language once"),
        ("voice: {languages: []}", "voice.languages: write at least one"),
        ("voice: {languages: th}", "voice.languages: write a list"),
        ("voice: {names: {fr: x}}", "voice.names: there is no language fr here"),
        ("links: {booking: www.x.example}", "links.booking: write an address that begins with https://"),
        ("tiers: {steps: []}", "tiers.steps: write at least one tier"),
        ("tiers: {steps: [{name: a, threshold: 0, discount: 5}]}", "tiers.steps.a: multiplier is missing"),
        ("tiers: {steps: [{name: a, threshold: 0, discount: 101, multiplier: 1}]}", "tiers.steps.a.discount: write a"),
        (
            f"tiers: {{steps: [{{name: gold, threshold: 80, {GIVES}}}, {{name: platinum, threshold: 70, {GIVES}}}]}}",
            "tiers.steps.gold: begins at 80 points, above platinum, which begins at 70: gold is the lower tier",
        ),
        (
            f"tiers: {{steps: [{{name: diamond, threshold: 0, {GIVES}}}, {{name: gold, threshold: 8, {GIVES}}}]}}",
            "tiers.steps.gold: begins at 8 points, above diamond, which begins at 0: gold is the lower tier",
        ),
        ("channels: {line: {basic_id: aura}}", "channels.line.basic_id: write the account's basic id with its @"),
        ("channels: {line: {channel_id: x}}", "channels.line.channel_id: write the channel's number"),
        ("branches: []", "branches: write at least one"),
        ("branches: main", "branches: write a list: each on a line of its own behind a dash"),
        ("branches: [{code: Siam, name: x}]", "branches.Siam.code: write a short name of small letters"),
        ("branches: [{code: a}]", "branches.a: name is missing"),
        ("branches: [{code: a, name: {}}]", "branches.a.name: write a name"),
        ("branches: [{code: a, name: {fr: x}}]", "branches.a.name: there is no language fr here: write some of th, en"),
        ("branches: [{code: a, name: {th: ก 1,000}}]", "branches.a.name: there is no language 000 here: write some of"),
        ("branches: [{code: a, name: x, phone: '12'}]", "branches.a.phone: write a phone number as people dial it"),
        ("branches: [{code: a, name: x, map: 'javascript:x'}]", "branches.a.map: write an address that begins"),
        (
            "branches: [{code: a, name: x, hours: {mon: 10-20}}]",
            "branches.a.hours.mon: write hours as 10:00-20:00, or closed (not '10-20')",
        ),
        (
            "branches: [{code: a, name: x, hours: {monday: closed}}]",
            "branches.a.hours.monday: write one of mon, tue",
        ),
        ("branches: [{code: a, name: x, holidays: [2569-01-01]}]", "branches.a.holidays.1: write the year as in 2026"),
        ("branches: [{code: a, name: x, holidays: [31/12/2026]}]", "branches.a.holidays.1: write a day as 2026-12-31"),
        (
            "branches: [{code: a, name: x, duty_contact: {name: y, email: z}}]",
            "branches.a.duty_contact.email: write an",
        ),
        ("services: [{code: ' a', name: x}]", "services. a.code: write a code without spaces around it"),
        ("services: [{code: a, name: x, minutes: 0}]", "services.a.minutes: write a number from 1"),
        (
            "services: [{code: a, name: x, not_after: {b: 3}}]",
            "services.a: not_after names b, which is no other",
        ),
        ("services: [{code: a, name: x}, {code: a, name: y}]", "services: the code a stands here again"),
        ("rewards: [{code: a, name: x, kind: gift, points: 1}]", "rewards.a.kind: write 'discount', 'free_treatment'"),
        ("rewards: [{code: a, name: x, kind: discount, points: 1}]", "rewards.a: a discount has a percent"),
        ("rewards: [{code: a, name: x, kind: free_product, points: 1, percent: 5}]", "rewards.a: a discount has a"),
        (
            "rewards: [{code: a, name: x, kind: free_product, points: 1, least_tier: vip}]",
            "rewards.a: there is no",
        ),
        (
            f"rewards: [{{{GIFT}, valid_from: 2026-02-02, valid_until: 2026-02-01}}]",
            "rewards.a: valid_until lies before",
        ),
        (
            "achievements: [{code: a, name: x, category: y, conditions: {metric: z, at_least: 1}}]",
            "achievements.a",
        ),
        ("achievements: [{code: a, name: x, category: y}]", "achievements.a: conditions is missing"),
        ("achievements: [7]", "achievements.1: write what belongs here below it"),
        ("privacy: {notice_version: ''}", "privacy.notice_version: write something here"),
        (f"privacy: {{notice_version: {'x' * 41}}}", "privacy.notice_version: write at most 40 characters"),
    ],
)
def test_what_is_wrong_says_its_line_and_what_to_write(line: str, says: str) -> None:
    found = problems(f"name: Aura\n\n{line}\n")
    assert any(one.startswith(f"line 3: {says}") for one in found), found


def test_all_of_it_is_told_at_once_in_the_order_of_the_lines() -> None:
    text = """
voice:
  persona: robot
points:
  welcom: 3
  review: many
branches:
  - code: a
    name: x
    phone: "1"
  - code: a
    name: x
services:
  - {code: x, name: y, not_after: {z: 1}}
rewards:
  - code: mask
    kind: free_product
    name: x
    points: 0
"""
    assert [one.split(":")[0] for one in problems(text)] == [
        "line 2", "line 3", "line 5", "line 6", "line 10", "line 11", "line 14", "line 19",
    ]  # fmt: skip


def test_each_wrong_line_of_the_opening_hours_says_its_branch_and_its_day() -> None:
    text = """name: Aura
branches:
  - code: siam
    name: Siam
    hours:
      mon: 10-20
      tue: 10:00-20:00
      wed: 10:00-12:00, 20:00-13:00
      sunday: closed
      fri:
        - 10:00-20:00
        - 25:00-26:00
  - code: asok
    name: Asok
    hours: {sat: morning}
"""
    assert problems(text) == [
        "line 6: branches.siam.hours.mon: write hours as 10:00-20:00, or closed (not '10-20')",
        "line 8: branches.siam.hours.wed: write hours as 10:00-20:00, or closed (not '20:00-13:00')",
        "line 9: branches.siam.hours.sunday: write one of mon, tue, wed, thu, fri, sat, sun (not 'sunday')",
        "line 12: branches.siam.hours.fri.2: write hours as 10:00-20:00, or closed (not '25:00-26:00')",
        "line 15: branches.asok.hours.sat: write hours as 10:00-20:00, or closed (not 'morning')",
    ]


def test_a_file_that_cannot_be_read_says_so_alone() -> None:
    assert problems("name: Aura\nvoice: {persona: &x robot}") == [
        "line 2: & and * stand for other parts in YAML: write it out, or put it in quotes"
    ]


def test_a_long_word_is_not_quoted_whole() -> None:
    (said,) = problems(f"name: x\nvoice: {{persona: {'y' * 500}}}")
    assert len(said) < 130


def test_the_demo_is_right_and_has_nothing_that_was_cut_at_a_comma() -> None:
    checked = check(WHOLE.encode(), DEFAULTS)
    assert checked.problems == ()
    assert checked.file is not None
    assert all(getattr(checked.file, name) for name in LISTS)


def test_what_the_file_leaves_out_is_the_installations() -> None:
    file = check(b"name: Aura", DEFAULTS).file
    assert file is not None
    assert (file.points.per_baht, file.referral.points_referrer) == (Decimal("0.3"), 70)
    assert {getattr(file, name) for name in LISTS} == {None}


def test_one_text_is_the_first_languages_and_a_number_may_be_text() -> None:
    file = check(b"name: 2026\nservices: [{code: 7, name: 1500, price: 3.50}]", DEFAULTS).file
    assert file is not None
    assert file.services is not None
    assert (file.name, file.services[0].name, file.services[0].price) == ("2026", {"th": "1500"}, {"th": "3.50"})


def test_there_is_one_list_of_kinds() -> None:
    assert ClinicFile.model_fields.keys() > set(LISTS)
    assert getattr(RewardItem.model_fields["kind"].annotation, "__args__", None) == KINDS
