"""Everybody ends up with the menu that the rules want for them, whatever crosses on the way."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from channels.line.errors import LineError
from customers.line_accounts import menus_due
from customers.people import meet_on_line
from models.customers import LineLink
from richmenus import menus
from richmenus.link import OPEN
from tests.fixtures.clinic import make_clinic
from tests.fixtures.waiting import carry
from tests.richmenus.conftest import Account, Cut, become


@pytest.fixture
def synced(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The clinic with the menus of guests, gold and diamond in place."""
    monkeypatch.setattr(menus, "LOOKS", ("guest", "gold", "diamond"))
    account.sync()
    return account


def test_a_person_gets_what_rules_want_once(synced: Account) -> None:
    synced.meet("Mali", "gold-th")
    assert synced.seen_by("Mali") == "guest-th"
    calls = synced.changing_calls(synced.drain)
    assert [method for method, path in calls if "/user/" in path] == ["POST"]
    assert synced.seen_by("Mali") == "gold-th"
    row = synced.row("Mali")
    assert (row.linked_menu, row.menu_due_at, row.menu_error, row.menu_attempts) == (
        synced.rows()["gold-th"],
        None,
        None,
        0,
    )
    assert synced.drain() == 0
    synced.want("Mali", "diamond-en")
    assert synced.drain() == 1
    assert synced.seen_by("Mali") == "diamond-en"


def test_someone_who_blocks_us_is_passed_over_with_the_reason(synced: Account) -> None:
    synced.meet("Mali", "gold-th")
    with synced.sessions.begin() as session:
        synced.link_of(session, "Mali").unfollowed_at = synced.clock.now(session)
    assert synced.changing_calls(synced.drain) == []
    assert (synced.row("Mali").menu_error, synced.row("Mali").menu_due_at) == ("blocked", None)
    assert synced.sync() == [], "nor does a sync link her"


def test_an_erased_person_is_passed_over_with_the_reason(synced: Account) -> None:
    synced.meet("Mali", "gold-th")
    with synced.sessions.begin() as session:
        synced.link_of(session, "Mali").customer.data_key = None
    assert synced.changing_calls(synced.drain) == []
    with synced.sessions() as session:
        assert session.scalars(select(LineLink.menu_error)).all() == ["erased"]


def test_before_the_first_sync_people_wait(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menus, "LOOKS", ("guest",))
    account.meet("Ken", "guest-en")
    assert account.changing_calls(account.drain) == []
    assert account.row("Ken").menu_error == "menu_not_synced"
    account.sync()
    assert account.seen_by("Ken") == "guest-en"
    assert account.row("Ken").menu_due_at is None


@pytest.mark.parametrize(("kind", "reason"), [("error_500", "unknown"), ("refuse", "unknown")])
def test_what_passes_is_tried_again_later(synced: Account, kind: str, reason: str) -> None:
    synced.meet("Mali", "gold-th")
    synced.simulator.call("POST", "faults", {"kind": kind, "on": "/v2/bot/user/", "times": 2})
    assert synced.drain() == 1
    assert synced.row("Mali").menu_error == reason
    assert synced.drain() == 0, "not before its time"
    synced.later(5)
    assert synced.drain() == 1
    synced.later(5)
    assert synced.drain() == 0, "it waits longer each time"
    synced.later(10)
    assert synced.drain() == 1
    assert (synced.seen_by("Mali"), synced.row("Mali").menu_error) == ("gold-th", None)


def test_what_line_refuses_of_the_whole_account_makes_nobody_wait_longer(synced: Account) -> None:
    synced.meet("Mali", "gold-th")
    synced.simulator.call("POST", "faults", {"kind": "rate_429", "on": "/v2/bot/user/", "times": 2})
    for _ in range(2):
        assert synced.drain() == 1
        assert (synced.row("Mali").menu_error, synced.row("Mali").menu_attempts) == ("rate", 0)
        assert synced.drain() == 0, "not before its time"
        synced.later(2)
    assert synced.drain() == 1
    assert (synced.seen_by("Mali"), synced.row("Mali").menu_error) == ("gold-th", None)


def test_what_can_never_work_is_given_up_with_the_reason(synced: Account) -> None:
    synced.meet("Mali", "gold-th")

    def refuse(method: str, path: str) -> None:
        raise LineError("refused", 400, permanent=True)

    synced.line.before = refuse
    assert synced.drain() == 1
    row = synced.row("Mali")
    assert (row.menu_due_at, row.menu_error, row.linked_menu) == (None, "refused", None)


def test_a_menu_deleted_behind_our_back_waits_for_the_next_sync(synced: Account) -> None:
    synced.meet("Mali", "gold-th")
    synced.delete_menu("gold-th")
    assert synced.drain() == 1
    assert synced.row("Mali").menu_error == "menu_gone"
    synced.sync()
    assert synced.seen_by("Mali") == "gold-th"
    assert synced.row("Mali").menu_due_at is None


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("meddle", ["want", "want and link", "sync", "block and come back"])
def test_what_crosses_a_call_ends_well(synced: Account, moment: str, meddle: str) -> None:
    """While a call to LINE is on its way: the wish changes, another worker links, a sync replaces the menus."""
    synced.meet("Mali", "gold-th")

    def want() -> None:
        synced.want("Mali", "diamond-th")

    def want_and_link() -> None:
        want()
        synced.drain()

    def new_menus() -> None:
        synced.set_brand("#336699")
        synced.sync()

    def block_and_come_back() -> None:
        with synced.sessions.begin() as session:
            link = synced.link_of(session, "Mali")
            link.linked_menu = None
            become(session, link.customer, "diamond-th", synced.clock.now(session))

    acts: dict[str, Callable[[], None]] = {
        "want": want,
        "want and link": want_and_link,
        "sync": new_menus,
        "block and come back": block_and_come_back,
    }

    def once(method: str, path: str) -> None:
        if "/user/" in path:
            delattr(synced.line, moment)
            acts[meddle]()

    setattr(synced.line, moment, once)
    synced.drain()
    for _ in range(3):
        synced.later(60)
        synced.drain()
    expected = "gold-th" if meddle == "sync" else "diamond-th"
    assert synced.seen_by("Mali") == expected
    assert synced.row("Mali").linked_menu == synced.rows()[expected]
    assert synced.row("Mali").menu_due_at is None


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_dies_leaves_the_rest_to_another(synced: Account, moment: str) -> None:
    synced.meet("Mali", "gold-th")

    died = threading.Event()

    def die(method: str, path: str) -> None:
        if "/user/" in path:
            died.set()
            raise Cut(path)

    setattr(synced.line, moment, die)
    assert synced.linker.step(synced.clinic_id) == 1  # and nobody will record it
    assert died.wait(10)
    delattr(synced.line, moment)
    synced.want("Mali", "guest-th") if moment == "after" else None
    assert synced.row("Mali").linked_menu is None, "nobody may rely on what was on its way"
    synced.later(60)
    synced.drain()
    assert synced.seen_by("Mali") == ("guest-th" if moment == "after" else "gold-th")


def test_two_workers_share_the_work(synced: Account) -> None:
    names = [f"Mali {number}" for number in range(20)]
    for name in names:
        synced.meet(name, "gold-th")

    def work() -> None:
        workers = [threading.Thread(target=synced.drain) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    linked = [path for _, path in synced.changing_calls(work) if "/user/" in path]
    assert len(linked) == len(set(linked)) == 20
    assert {synced.seen_by(name) for name in names} == {"gold-th"}


def test_a_row_that_cannot_be_read_waits_alone(synced: Account) -> None:
    synced.meet("Broken", "gold-th")
    with synced.sessions.begin() as session:
        session.execute(update(LineLink).values(user_id_sealed=b"nonsense"))
    synced.meet("Mali", "gold-th")
    assert synced.drain() == 2
    assert synced.seen_by("Mali") == "gold-th"
    with synced.sessions() as session:
        broken = session.scalars(select(LineLink).where(LineLink.menu_error == "CannotOpen")).one()
    assert (broken.menu_due_at is not None, broken.menu_attempts) == (True, 1)
    assert synced.drain() == 0, "not before its time"


def test_a_sync_links_everybody_but_the_row_that_cannot_be_read(synced: Account) -> None:
    synced.meet("Broken", "gold-th")
    with synced.sessions.begin() as session:
        session.execute(update(LineLink).values(user_id_sealed=b"nonsense"))
    synced.meet("Mali", "gold-th")
    assert any("linked 1 people to gold-th" in change for change in synced.sync())
    assert synced.seen_by("Mali") == "gold-th"


def test_a_clinic_that_cannot_be_read_stops_no_other(synced: Account) -> None:
    with synced.sessions.begin() as session:
        bad = make_clinic(session, "bad")
        bad.line_channel_secret_sealed = b"nonsense"
        menus_due(session, meet_on_line(session, bad, "U" + "f" * 32, synced.clock.now(session)).customer)
        bad_id = bad.id
    synced.meet("Mali", "gold-th")
    with synced.sessions() as session:
        clinics = session.scalars(OPEN).all()
    assert set(clinics) == {synced.clinic_id, bad_id}
    for clinic_id in clinics:
        assert carry(synced.linker, clinic_id)
        assert not carry(synced.linker, clinic_id)
    assert synced.seen_by("Mali") == "gold-th"
    with synced.sessions() as session:
        assert session.scalars(select(LineLink.menu_error).where(LineLink.clinic_id == bad_id)).all() == ["CannotOpen"]


def test_what_nobody_foresaw_is_booked_on_its_row(synced: Account) -> None:
    synced.meet("Mali", "gold-th")

    def surprise(method: str, path: str) -> None:
        raise KeyError("access_token")

    synced.line.before = surprise
    assert synced.drain() == 1
    assert synced.row("Mali").menu_error == "KeyError"
    del synced.line.before
    synced.later(5)
    assert synced.drain() == 1
    assert synced.seen_by("Mali") == "gold-th"
