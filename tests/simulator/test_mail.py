"""The pretend mailboxes: a real SMTP server, what comes is kept as it came, and it goes wrong as it is told to."""

import asyncio
import smtplib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import pytest

from channels.email.smtp import NO_MAILBOX, Letter, MailError, Server, Smtp
from simulator.app import close_simulator, create_simulator
from simulator.config import Config
from simulator.mail.boxes import address_of
from tests.simulator.conftest import Simulator

WAY_OUT = "http://127.0.0.1:1/u/aura/token"


def letter(to: str = "mali@mail.example", *, way_out: bool = True) -> Letter:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ออร่า <hello@aura.example>", to, "สวัสดีค่ะ"
    if way_out:
        mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"] = f"<{WAY_OUT}>", "List-Unsubscribe=One-Click"
    mail.set_content("วันนี้เป็นอย่างไรบ้างคะ\n.\n")
    page = '<html><head></head><body><a href="https://line.me/R/oaMessage/%40aura/?hello">คุย</a></body></html>'
    mail.add_alternative(page, subtype="html")
    return Letter("hello@aura.example", to, mail.as_bytes(), "<1@aura.example>")


@pytest.fixture
def smtp() -> Iterator[Smtp]:
    made = Smtp("aura.example")
    yield made
    made.close()


@pytest.fixture
def post(simulator: Simulator) -> Server:
    return Server("127.0.0.1", simulator.sim("GET", "mail")["port"])


def test_a_mail_is_in_its_box(simulator: Simulator, smtp: Smtp, post: Server) -> None:
    smtp.carry(post, letter())
    told = simulator.sim("GET", "mail?of=mali@mail.example")
    (brief,) = told["mails"]
    assert (brief["subject"], brief["from"], brief["to"]) == ("สวัสดีค่ะ", "ออร่า", "mali@mail.example")
    assert next(one for one in told["boxes"] if one["address"] == "mali@mail.example")["mails"] == 1
    one = simulator.sim("GET", f"mail/{brief['number']}")
    assert one["text"].replace("\r\n", "\n") == "วันนี้เป็นอย่างไรบ้างคะ\n.\n"
    assert one["unsubscribe"] == WAY_OUT
    assert simulator.sim("GET", "mail?of=ken@mail.example")["mails"] == []


def test_two_of_one_name_have_one_box(simulator: Simulator, smtp: Smtp, post: Server) -> None:
    for _ in range(2):
        simulator.sim("POST", "people", {"name": "Mali", "language": "th"})
    smtp.carry(post, letter())
    boxes = [one for one in simulator.sim("GET", "mail")["boxes"] if one["address"] == "mali@mail.example"]
    assert [one["mails"] for one in boxes] == [1]


def test_it_is_shown_without_doing_anything(simulator: Simulator, smtp: Smtp, post: Server) -> None:
    smtp.carry(post, letter())
    number = simulator.sim("GET", "mail?of=")["mails"][0]["number"]
    page = simulator.http.get(f"/sim/mail/{number}/html")
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "/?open=https%3A%2F%2Fline.me" in page.text and "&amp;as=U" in page.text


@pytest.mark.parametrize(
    ("kind", "fault", "unknown", "taken"),
    [("no_mailbox", NO_MAILBOX, False, 0), ("mailbox_full", "refused", False, 0), ("not_now", "not_now", False, 0),
     ("refused", "refused", False, 0), ("hang_up", "unknown", True, 1)],
)  # fmt: skip
def test_it_goes_wrong_as_it_is_told(
    simulator: Simulator, smtp: Smtp, post: Server, kind: str, fault: str, unknown: bool, taken: int
) -> None:
    simulator.sim("POST", "mail/faults", {"kind": kind})
    with pytest.raises(MailError) as caught:
        smtp.carry(post, letter())
    assert (caught.value.fault, caught.value.outcome_unknown) == (fault, unknown)
    assert len(simulator.sim("GET", "mail?of=")["mails"]) == taken
    smtp.carry(post, letter())
    assert len(simulator.sim("GET", "mail?of=")["mails"]) == taken + 1


def test_what_cannot_be_ordered_is_said(simulator: Simulator) -> None:
    for method, path, body in (
        ("POST", "mail/faults", {"kind": "fire"}), ("PUT", "mail/reports", {"what": "rain"}),
    ):  # fmt: skip
        answer = simulator.http.request(method, f"/sim/{path}", json=body)
        assert answer.status_code == 400 and "must be one of" in answer.text


def test_whoever_asks_politely_is_heard(post: Server) -> None:
    """Another client than our own."""
    with smtplib.SMTP(post.host, post.port) as client:
        refused = client.sendmail("hello@aura.example", ["ken@mail.example"], b"Subject: hi\r\n\r\nhello\r\n")
    assert refused == {}


@pytest.mark.parametrize(("name", "address"), [("Mali", "mali@mail.example"), ("Ken", "ken@mail.example")])
def test_people_have_addresses(name: str, address: str) -> None:
    assert address_of(name) == address
    assert address_of("มะลิ").endswith("@mail.example") and address_of("มะลิ") != address_of("เคน")


def test_it_opens_where_the_caller_has_a_loop_running(config: Config) -> None:
    async def within() -> int:
        app = create_simulator(config)
        close_simulator(app)
        return int(app.extensions["mail"].port)

    with ThreadPoolExecutor(1) as thread:  # this thread itself may have a browser's loop running
        assert thread.submit(lambda: asyncio.run(within())).result() > 0
