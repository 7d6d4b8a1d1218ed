"""Handing a mail over: what may be tried again, what never, and that every wait ends."""

import contextlib
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.email.smtp import NO_MAILBOX, Letter, MailError, Security, Server, Smtp
from channels.wire import trusted
from runtime.timing import Timing
from tests.channels.email.post import Post

QUICK = replace(Timing(), mail=timedelta(seconds=1.5), mail_connect=timedelta(seconds=1))
LETTER = Letter(
    "hello@aura.example", "mali@mail.example", b"Subject: hello\r\n\r\n.a dot, and nothing else\r\n", "<1@aura.example>"
)


@pytest.fixture
def smtp() -> Iterator[Smtp]:
    made = Smtp("aura.example", QUICK)
    yield made
    made.close()


def server(post: Post) -> Server:
    return Server("127.0.0.1", post.port)


def refused(smtp: Smtp, at: Server, letter: Letter = LETTER) -> MailError:
    with pytest.raises(MailError) as caught:
        smtp.carry(at, letter)
    return caught.value


def test_a_mail_arrives_as_it_is(smtp: Smtp, post: Post) -> None:
    smtp.carry(server(post), LETTER)
    assert post.letters == [LETTER.content]
    assert post.envelopes == [("hello@aura.example", ["mali@mail.example"])]


def test_several_go_over_one_connection(smtp: Smtp, post: Post) -> None:
    for _ in range(5):
        smtp.carry(server(post), LETTER)
    assert (len(post.letters), post.connections) == (5, 1)


def test_a_refused_one_leaves_the_connection_to_the_next(smtp: Smtp, post: Post) -> None:
    post.answers["RCPT"] = ["550 5.1.1 who?"]
    assert refused(smtp, server(post)).fault == NO_MAILBOX
    smtp.carry(server(post), LETTER)
    assert (len(post.letters), post.connections) == (1, 1)


def test_a_connection_that_has_ended_meanwhile_is_opened_anew(smtp: Smtp, make_post: Callable[..., Post]) -> None:
    post = make_post()
    smtp.carry(server(post), LETTER)
    post.answers["MAIL"] = ["421 4.4.2 idle for too long"]
    smtp.carry(server(post), LETTER)
    assert (len(post.letters), post.connections) == (2, 2)


@pytest.mark.parametrize(
    ("at", "said", "fault", "permanent", "scope"),
    [
        ("RCPT", "550 5.1.1 no such user", NO_MAILBOX, True, "request"),
        ("RCPT", "550 no such user", NO_MAILBOX, True, "request"),
        ("RCPT", "551 user not local", NO_MAILBOX, True, "request"),
        ("RCPT", "550 5.1.10 null MX", NO_MAILBOX, True, "request"),
        ("RCPT", "550 5.2.1 mailbox disabled", NO_MAILBOX, True, "request"),
        ("RCPT", "550 5.7.1 relaying denied", "refused", True, "request"),
        ("RCPT", "552 5.2.2 mailbox full", "refused", True, "request"),
        ("RCPT", "451 4.7.1 greylisted", "not_now", False, "request"),
        ("DATA", "554 5.7.1 spam", "refused", True, "request"),
        ("DATA", "550 5.1.1 who?", NO_MAILBOX, True, "request"),
        ("DATA", "550 no", "refused", True, "request"),
        ("DATA", "452 4.3.1 disk full", "not_now", False, "request"),
        ("MAIL", "550 5.7.1 not your domain", "sender_refused", False, "clinic"),
        ("MAIL", "451 later", "not_now", False, "request"),
    ],
)
def test_what_each_refusal_means(
    smtp: Smtp, post: Post, at: str, said: str, fault: str, permanent: bool, scope: str
) -> None:
    post.answers[at] = [said]
    error = refused(smtp, server(post))
    assert (error.fault, error.permanent, error.outcome_unknown, error.scope) == (fault, permanent, False, scope)
    assert said[4:] not in str(error)  # a server quotes addresses
    assert not post.letters


def test_nobody_knows_what_became_of_a_mail_without_an_answer(smtp: Smtp, post: Post) -> None:
    post.cut = True
    error = refused(smtp, server(post))
    assert (error.fault, error.permanent, error.outcome_unknown) == ("unknown", False, True)
    assert len(post.letters) == 1  # and it is not handed over a second time


def test_an_answer_that_is_too_late_is_none(smtp: Smtp, post: Post) -> None:
    post.wait = 5
    began = time.monotonic()
    assert refused(smtp, server(post)).outcome_unknown
    assert time.monotonic() - began < 3


def test_where_nobody_listens_nothing_has_left(smtp: Smtp) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        error = refused(smtp, Server("127.0.0.1", taken.getsockname()[1]))
    assert (error.fault, error.permanent, error.outcome_unknown, error.scope) == ("away", False, False, "clinic")


@contextlib.contextmanager
def talker(says: Callable[[socket.socket], None]) -> Iterator[int]:
    """Whoever connects is talked to so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    threading.Thread(target=_talk, args=(connection,), daemon=True).start()

        def _talk(connection: socket.socket) -> None:
            with contextlib.suppress(OSError), connection:
                says(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def drips(connection: socket.socket) -> None:
    for letter in b"220 " + b"-" * 500:
        connection.sendall(bytes([letter]))
        time.sleep(0.1)


def drips_at_the_end(connection: socket.socket) -> None:
    reader = connection.makefile("rb")
    connection.sendall(b"220 here\r\n")
    for line in reader:
        if line.upper().startswith(b"DATA"):
            connection.sendall(b"354 go on\r\n")
        elif line == b".\r\n":
            drips(connection)
        elif not line[:4].upper().startswith((b"EHLO", b"MAIL", b"RCPT")):
            continue
        else:
            connection.sendall(b"250 ok\r\n")


@pytest.mark.parametrize(("says", "unknown"), [(drips, False), (drips_at_the_end, True)])
def test_a_server_that_says_a_letter_at_a_time_holds_nobody(
    smtp: Smtp, says: Callable[[socket.socket], None], unknown: bool
) -> None:
    began = time.monotonic()
    with talker(says) as port:
        assert refused(smtp, Server("127.0.0.1", port)).outcome_unknown is unknown
    assert time.monotonic() - began < 4


def test_who_ends_the_connection_before_the_last_line_has_taken_nothing(smtp: Smtp) -> None:
    def hangs_up(connection: socket.socket) -> None:
        reader = connection.makefile("rb")
        connection.sendall(b"220 here\r\n")
        for line in reader:
            if line.upper().startswith(b"RCPT"):
                return
            connection.sendall(b"250 ok\r\n")

    with talker(hangs_up) as port:
        error = refused(smtp, Server("127.0.0.1", port))
    assert (error.fault, error.outcome_unknown, error.scope) == ("away", False, "clinic")


@pytest.mark.parametrize(("password", "fault"), [("right", None), ("wrong", "login_refused")])
def test_who_has_a_user_logs_in(smtp: Smtp, make_post: Callable[..., Post], password: str, fault: str | None) -> None:
    post = make_post(password="right")
    at = Server("127.0.0.1", post.port, "aura", password)
    if fault is None:
        smtp.carry(at, LETTER)
        assert len(post.letters) == 1
    else:
        error = refused(smtp, at)
        assert (error.fault, error.permanent, error.scope) == (fault, False, "clinic")
        assert password not in str(error)


def test_a_server_that_knows_no_login_refuses_it(smtp: Smtp, post: Post) -> None:
    assert refused(smtp, Server("127.0.0.1", post.port, "aura", "secret")).fault == "login_refused"


def test_an_address_in_other_letters_needs_a_server_that_takes_them(smtp: Smtp, make_post: Callable[..., Post]) -> None:
    thai = replace(LETTER, recipient="มะลิ@mail.example")
    wide = make_post()
    smtp.carry(server(wide), thai)
    assert wide.envelopes == [("hello@aura.example", ["มะลิ@mail.example"])]
    error = refused(smtp, server(make_post(wide=False)), thai)
    assert (error.fault, error.permanent) == ("letters_not_taken", True)


@dataclass(frozen=True)
class Guarded(Server):
    """On this machine, and under TLS all the same."""

    how: Security = "starttls"

    @property
    def security(self) -> Security:
        return self.how


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good for 127.0.0.1, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "post.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def _read_anew() -> Iterator[None]:
    """Whose certificates are believed, for this test alone."""
    trusted.cache_clear()
    yield
    trusted.cache_clear()


@pytest.mark.usefixtures("_read_anew")
@pytest.mark.parametrize("how", ["starttls", "tls"])
@pytest.mark.parametrize("good", [True, False])
def test_a_certificate_has_to_be_good(
    smtp: Smtp, make_post: Callable[..., Post], certificate: Path, monkeypatch: pytest.MonkeyPatch, how: Security,
    good: bool,
) -> None:  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    post = make_post(tls=context, implicit=how == "tls")
    if good:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    at = Guarded("127.0.0.1", post.port, how=how)
    if good:
        smtp.carry(at, LETTER)
        assert len(post.letters) == 1
        return
    error = refused(smtp, at)
    assert (error.fault, error.permanent, error.scope) == ("insecure", False, "clinic")
    assert not post.letters


def test_where_tls_is_wanted_nothing_goes_in_the_open(smtp: Smtp, post: Post) -> None:
    assert refused(smtp, Guarded("127.0.0.1", post.port)).fault == "insecure"
    assert not post.letters


@pytest.mark.parametrize(
    ("host", "port", "how"),
    [("smtp.aura.example", 465, "tls"), ("smtp.aura.example", 587, "starttls"), ("127.0.0.1", 25, "none")],
)
def test_how_is_told_by_port_and_host(host: str, port: int, how: Security) -> None:
    assert Server(host, port).security == how


def test_the_password_is_shown_nowhere() -> None:
    assert "hush" not in repr(Server("smtp.aura.example", 587, "aura", "hush"))
