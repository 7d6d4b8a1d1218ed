"""Whatever the bot answers with is seen whole above the open menu of a phone, from its first line on."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import Table
from channels.accounts import Accounts, sms_account
from channels.base import Channel
from channels.email.channel import EmailChannel
from channels.email.smtp import Smtp
from channels.line.channel import LineChannel
from channels.line.client import Line as Client
from channels.sms.channel import SmsChannel
from customers.voice import in_language, language_of
from followups import moments
from local import demo
from loyalty import birthdays
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import Notification
from richmenus.draw import png
from richmenus.menus import menu
from runtime.addresses import Addresses
from runtime.keys import Vault
from runtime.settings import Settings
from runtime.timing import Timing
from tests.browser.cards import Walk
from tests.browser.conftest import MALI, Line
from tests.browser.whole import CUT, watch
from tests.fixtures.clinic import NOW


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    return watch(monkeypatch, lambda room: not room.startswith("staff"))


def open_menu(phone: Page, line: Line, clinic: Clinic, language: str) -> None:
    """That of a member."""
    shown = menu(clinic.name, clinic.settings.voice.brand_color, "gold", language, in_language(clinic, language))
    made = line.http.post("/v2/bot/richmenu", json=shown.definition).json()["richMenuId"]
    kind = {"Content-Type": "image/png"}
    line.http.post(f"/v2/bot/richmenu/{made}/content", content=png(shown.drawing), headers=kind).raise_for_status()
    line.http.post(f"/v2/bot/user/all/richmenu/{made}").raise_for_status()
    expect(phone.get_by_test_id("rich-menu")).to_be_visible()


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_card_is_seen_whole(
    phone: Page,
    line: Line,
    session: Session,
    table: Table,
    tmp_path: Path,
    drawn: dict[str, bool],
    settings: Settings,
    language: str,
) -> None:
    clinic = demo.demo_clinic(session, NOW)
    demo.ken(session, clinic, NOW)
    accounts = Accounts({clinic.slug: sms_account("thaibulksms", "key:secret", "AuraClinic", "")})
    beside: list[Channel] = [
        SmsChannel(accounts, Addresses(settings), Timing()),
        EmailChannel(accounts, Smtp("aura.example"), settings, Vault.from_settings(settings)),
    ]
    told = Walk(session, clinic, table, language, beside).all()
    assert [name for name, seen in drawn.items() if not seen] == []
    phone.emulate_media(reduced_motion="reduce")
    open_menu(phone, line, clinic, language)
    cut = {}
    for place, (name, messages) in enumerate(told):
        if messages[-1]["type"] != "flex":
            continue
        before = phone.get_by_test_id("chat-item").count()
        line.push(MALI, *messages)
        expect(phone.get_by_test_id("chat-item")).to_have_count(before + len(messages))
        if missing := phone.evaluate(CUT):
            cut[f"{place} {name}"] = missing
        phone.screenshot(path=tmp_path / f"{place:03}-{re.sub('[^a-z_]+', '-', name)[:30]}.png")
    assert cut == {}


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("name", ["Ken", "สมเด็จเจ้าฟ้าหญิงพิมพ์ชนกนารีรัตน์"], ids=["short", "long"])
def test_the_wishes_are_seen_whole(
    phone: Page, line: Line, session: Session, tmp_path: Path, language: str, name: str
) -> None:
    """What comes by itself, on the day: the cake on top, and who wishes at the bottom."""
    clinic = demo.demo_clinic(session, NOW)
    demo.ken(session, clinic, NOW)
    ken = session.scalars(select(Customer).join(LineLink, LineLink.customer_id == Customer.id)).one()
    ken.display_name, ken.language, ken.birth_month_day = name, language, f"{NOW:%m-%d}"
    session.flush()
    birthdays.congratulate_due(session, clinic, NOW.date(), NOW)
    (due,) = session.scalars(select(Notification).where(Notification.kind == "congratulation"))
    t = language_of(clinic, ken)
    said = moments.messages["congratulation"](session, clinic, t, due)
    phone.emulate_media(reduced_motion="reduce")
    open_menu(phone, line, clinic, language)
    before = phone.get_by_test_id("chat-item").count()
    line.push(MALI, *json.loads(LineChannel(Client()).render(said, clinic, t)))
    expect(phone.get_by_test_id("chat-item")).to_have_count(before + 1)
    phone.screenshot(path=tmp_path / f"wishes-{language}-{len(name)}.png")
    assert phone.evaluate(CUT) == []
