"""The menus on the platform follow what we draw, whatever happened before and wherever it is cut."""

import itertools

import pytest
from sqlalchemy import delete

from channels.line.client import Access
from channels.line.errors import LineError
from customers.people import meet_on_line
from models.clinics import Clinic, RichMenu
from richmenus import menus
from richmenus.commands import sync_all
from richmenus.sync import OURS, Busy, sync
from runtime.language import LANGUAGES, Language
from tests.richmenus.conftest import Account, Cut, Watched, become

TWELVE = {f"{look}-{language}" for look in menus.LOOKS for language in ("th", "en")}


def keys(account: Account) -> list[str]:
    return sorted(name.partition(":")[0] for name in account.on_platform())


def foreign_menu(account: Account) -> None:
    """One that the clinic has made by itself."""
    name = {
        "size": {"width": 2500, "height": 843},
        "selected": False,
        "name": "Songkran",
        "chatBarText": "x",
        "areas": [],
    }
    account.ask("POST", "/v2/bot/richmenu", name)


def test_the_first_sync_makes_all_and_the_second_changes_nothing(account: Account) -> None:
    account.meet("Mali", None)
    account.meet("Ken", "gold-en")
    first = account.sync()
    assert set(keys(account)) == TWELVE and len(account.on_platform()) == 12
    assert account.seen_by("Mali") == "guest-th"
    assert account.seen_by("Ken") == "gold-en"
    assert account.row("Ken").linked_menu == account.rows()["gold-en"]
    assert account.row("Ken").menu_due_at is None
    assert len(first) == 12 + 12 + 1 + 2, "menus, pictures, the default, and two menus with somebody to see them"

    again: list[str] = []
    assert account.changing_calls(lambda: again.extend(account.sync())) == []
    assert again == []


def test_what_changed_is_made_anew_people_follow_and_the_old_goes_last(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(menus, "LOOKS", ("guest", "gold"))
    account.meet("Mali", "gold-th")
    foreign_menu(account)
    account.sync()
    before = set(account.on_platform())
    account.set_brand("#336699")
    made = account.changing_calls(account.sync)
    after = set(account.on_platform())
    assert before & after == {"Songkran"} and len(after) == 5
    assert account.seen_by("Mali") == "gold-th"
    deletions = [at for at, (method, _) in enumerate(made) if method == "DELETE"]
    assert deletions == list(range(len(made) - 4, len(made)))


def test_only_languages_that_are_spoken_have_menus(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menus, "LOOKS", ("guest", "gold"))
    account.meet("Mali", "gold-th")
    account.meet("Ken", "gold-en")
    account.meet("Nid", None)
    account.sync()
    account.speak("en")
    account.sync()
    assert keys(account) == ["gold-en", "guest-en"]
    assert [account.seen_by(name) for name in ("Mali", "Ken", "Nid")] == ["gold-en", "gold-en", "guest-en"]
    account.speak("th", "en")
    account.sync()
    assert [account.seen_by(name) for name in ("Mali", "Ken", "Nid")] == ["gold-th", "gold-en", "guest-th"]
    assert set(account.rows()) == {"gold-en", "gold-th", "guest-en", "guest-th"}


def test_the_platform_is_believed_not_our_rows(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menus, "LOOKS", ("guest", "gold"))
    account.meet("Mali", "gold-th")
    account.sync()
    for key in ("guest-th", "gold-th"):
        account.delete_menu(key)
    assert account.seen_by("Mali") is None
    account.sync()
    assert keys(account) == ["gold-en", "gold-th", "guest-en", "guest-th"]
    assert account.seen_by("Mali") == "gold-th"


def test_rows_lost_are_found_again_without_a_change(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menus, "LOOKS", ("guest",))
    account.sync()
    rows = account.rows()
    with account.sessions.begin() as session:
        session.execute(delete(RichMenu))
    assert account.changing_calls(account.sync) == []
    assert account.rows() == rows


@pytest.mark.parametrize("moment", ["before", "after"])
def test_cut_at_every_step(account: Account, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """`before`: the process dies and the call is not made. `after`: it is made, and its answer is lost."""
    monkeypatch.setattr(menus, "LOOKS", ("guest", "gold"))
    for step in itertools.count(1):
        account.simulator.call("POST", "reset", {})
        foreign_menu(account)
        account.set_brand("#8E5A6D")
        if step == 1:
            account.meet("Mali", "gold-th")
            account.meet("Ken", None)
        for user_id in account.people.values():
            account.simulator.follow(user_id)
        account.sync()
        account.set_brand("#336699")

        counter = itertools.count(1)

        def cut(method: str, path: str, counter: "itertools.count[int]" = counter, step: int = step) -> None:
            if next(counter) == step:
                raise Cut(f"{method} {path}")

        setattr(account.line, moment, cut)
        try:
            account.sync()
        except Cut:
            complete = False
        else:
            complete = True
        delattr(account.line, moment)

        assert account.seen_by("Mali") == "gold-th", f"cut at call {step}: a customer lost her menu"
        assert account.seen_by("Ken") == "guest-th", f"cut at call {step}: the default is gone"
        account.sync()
        assert keys(account) == ["Songkran", "gold-en", "gold-th", "guest-en", "guest-th"]
        assert {n for n in account.on_platform() if OURS.fullmatch(n)} == {f"{m.name}" for m in wanted("#336699")}
        assert account.seen_by("Mali") == "gold-th"
        assert account.seen_by("Ken") == "guest-th"
        assert account.row("Mali").linked_menu == account.rows()["gold-th"]
        assert account.changing_calls(account.sync) == []
        if complete:
            break
    assert step > 2 + 4 * 2 + 1 + 1 + 4


def wanted(brand: str) -> list[menus.Menu]:
    return menus.menus("Aura Clinic", brand, {code: Language(code) for code in LANGUAGES})


def test_line_s_refusal_is_told_and_the_next_run_goes_on(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(menus, "LOOKS", ("guest",))
    account.simulator.call("POST", "faults", {"kind": "error_500", "on": "/v2/bot/richmenu", "times": 1})
    assert not sync_all(account.runtime, account.line)
    assert "aura: not finished, run it again: " in capsys.readouterr().err
    account.simulator.call("DELETE", "faults")
    assert sync_all(account.runtime, account.line, "aura")
    assert "aura: in place" in capsys.readouterr().out
    assert sync_all(account.runtime, account.line)
    assert capsys.readouterr().out.endswith("aura: nothing to change\n")
    assert keys(account) == ["guest-en", "guest-th"]
    assert not sync_all(account.runtime, account.line, "iron")


def test_two_at_once_do_not_mix(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menus, "LOOKS", ("guest",))
    one = sync(account.runtime, account.line, account.clinic_id)
    next(one)
    with pytest.raises(Busy):
        account.sync()
    list(one)
    assert account.sync() == []


def test_people_whom_line_refuses_together_are_left_to_be_linked_alone(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(menus, "LOOKS", ("guest", "gold"))
    account.meet("Mali", "gold-th")
    with account.sessions.begin() as session:
        bad = meet_on_line(
            session, session.get_one(Clinic, account.clinic_id), "not-a-user-id", account.clock.now(session)
        )
        become(session, bad.customer, "gold-th", account.clock.now(session))
    account.people["bad"] = "not-a-user-id"
    assert any("one by one" in change for change in account.sync())
    account.drain()
    assert account.seen_by("Mali") == "gold-th"
    assert account.row("Mali").menu_error is None
    assert account.row("bad").menu_due_at is None


def test_a_wrong_secret_is_an_error_with_a_reason(account: Account) -> None:
    account.line = Watched(account.simulator.url, {"aura": Access("1", "wrong")})
    with pytest.raises(LineError):
        account.sync()
