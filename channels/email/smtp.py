"""The clinic's mail server (SMTP, RFC 5321): connections that are kept for a while, and what its answers mean.

Until the last line of a mail has been handed over nothing was accepted; after it only the server's answer tells. So a
connection that breaks before may be tried again, and one that breaks after is `unknown`.
"""

import re
import smtplib
import socket
import ssl
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import structlog

from channels.base import ChannelError, Scope
from channels.wire import trusted
from runtime.timing import Timing

Security = Literal["starttls", "tls", "none"]
NO_MAILBOX = "no_such_mailbox"
"""What a send ends with whose address nobody has: the address is written to no more."""
LETTERS = 50
"""On one connection; many servers close it after a hundred."""
IDLE = timedelta(seconds=20)
"""So long an open connection is kept for the next mail."""
_NOBODY = re.compile(rb"\b5\.(?:1\.[0-36]|1\.10|2\.1)\b")
"""No such mailbox, no such host, no mail there, moved, disabled (RFC 3463, 7505)."""
_OTHERWISE = re.compile(rb"\b[45]\.\d{1,3}\.\d{1,3}\b")
_CALLED = re.compile(rb"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
"""An id by which a provider may speak of it later; what others say of their queue means nothing outside of it."""
_NOBODY_BARE = {550, 551, 553}
"""The same of a server that gives no enhanced status, for a recipient."""

log = structlog.get_logger(__name__)


IMPLICIT = frozenset({465, 2465})
"""Ports on which TLS begins before anything is said (RFC 8314); on any other it is asked for by STARTTLS."""
HERE = frozenset({"127.0.0.1", "::1", "localhost"})
"""Nothing leaves this machine: a server of one's own, or the simulator, has no certificate."""


@dataclass(frozen=True)
class Server:
    """Where a clinic hands its mails in. Without a user nobody logs in."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def security(self) -> Security:
        """`starttls` and `tls` both want a certificate that is good for the host."""
        return "tls" if self.port in IMPLICIT else "none" if self.host in HERE else "starttls"


@dataclass(frozen=True)
class Letter:
    """A mail as it is handed over: from, to, its bytes, and what it is called (`Message-ID`)."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)
    id: str

    @property
    def international(self) -> bool:
        """Whether an address has letters beside ASCII, which only some servers take (RFC 6531)."""
        return not (self.sender + self.recipient).isascii()


class MailError(ChannelError):
    """Faults: `away`, `insecure`, `login_refused`, `sender_refused`, `not_now`, `refused`, `no_such_mailbox`,
    `letters_not_taken`, `unknown`. What is amiss with the server is the clinic's, never the channel's: each clinic has
    a server of its own."""

    def __init__(
        self, fault: str, *, permanent: bool = False, unknown: bool = False, scope: Scope = "request", id_: str = ""
    ) -> None:
        super().__init__(fault, permanent=permanent, outcome_unknown=unknown, scope=scope, request_id=id_ or None)
        self.fault = fault


class _Connection(smtplib.SMTP):
    """To one server, of which nothing is asked in the open that is to be under TLS."""

    def __init__(self, server: Server, name: str, wait: float) -> None:
        super().__init__(local_hostname=name, timeout=wait)
        self._host, self._server = server.host, server  # the certificate has to be good for this name

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        if self._server.security != "tls":
            return plain
        try:
            return trusted().wrap_socket(plain, server_hostname=host)
        except ssl.SSLError as error:
            plain.close()
            raise MailError("insecure", scope="clinic") from error

    def secure(self) -> None:
        self.ehlo_or_helo_if_needed()
        if self._server.security != "starttls":
            return
        try:
            self.starttls(context=trusted())
        except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
            raise MailError("insecure", scope="clinic") from error
        self.ehlo()

    def log_in(self) -> None:
        if not self._server.user:
            return
        try:
            self.login(self._server.user, self._server.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise MailError("login_refused", scope="clinic") from error


@dataclass
class _Open:
    """A connection on which somebody is logged in."""

    smtp: _Connection
    used_at: float = 0.0
    letters: int = 0


class Smtp:
    """One per process, shared by threads. Every wait ends; nothing is tried twice that may have been accepted."""

    def __init__(self, name: str, timing: Timing = Timing()) -> None:  # noqa: B008 - it is frozen
        """`name`: as which we introduce ourselves."""
        self._name, self._timing = name, timing
        self._lock = threading.Lock()
        self._idle = defaultdict[Server, list[_Open]](list)
        weakref.finalize(self, _shut, self._idle)

    def carry(self, server: Server, letter: Letter) -> str:
        """What the server calls it, where it says so; else its own name. Raises `MailError`."""
        until = time.monotonic() + self._timing.mail.total_seconds()
        while (kept := self._kept(server)) is not None:
            try:
                return self._over(server, kept, letter, until)
            except _Gone:
                continue  # the server had ended it meanwhile
        try:
            return self._over(server, self._opened(server, until), letter, until)
        except _Gone:
            raise MailError("away", scope="clinic") from None

    def knock(self, server: Server) -> None:
        """Whether it lets us in: connects, secures the line and logs in, and goes. Raises `MailError`."""
        opened = self._opened(server, time.monotonic() + self._timing.mail.total_seconds())
        with suppress(smtplib.SMTPException, OSError):
            opened.smtp.quit()
        opened.smtp.close()

    def close(self) -> None:
        with self._lock:
            _shut(self._idle)

    def _kept(self, server: Server) -> _Open | None:
        """One that was used a moment ago."""
        with self._lock:
            kept = self._idle[server]
            fresh = time.monotonic() - IDLE.total_seconds()
            old = [kept.pop(0) for one in list(kept) if one.used_at < fresh]
            found = kept.pop() if kept else None
        for one in old:
            one.smtp.close()
        return found

    def _opened(self, server: Server, until: float) -> _Open:
        smtp = _Connection(server, self._name, self._timing.mail_connect.total_seconds())
        try:
            with _ending(smtp, until):
                code, _ = smtp.connect(server.host, server.port)
                if code != 220:
                    raise MailError("not_now" if code // 100 == 4 else "away", scope="clinic")
                _timed(smtp, until)
                smtp.secure()
                smtp.log_in()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            smtp.close()
            raise MailError("away", scope="clinic") from error
        except BaseException:
            smtp.close()
            raise
        return _Open(smtp)

    def _over(self, server: Server, over: _Open, letter: Letter, until: float) -> str:
        """As `carry`. Raises `_Gone` where the connection has ended before anything was handed over."""
        try:
            with _ending(over.smtp, until):
                called = _hand_over(over.smtp, letter, until)
        except MailError as error:
            if error.outcome_unknown or not self._reset(over, until):
                over.smtp.close()
            else:
                self._keep(server, over)
            raise
        except BaseException:
            over.smtp.close()
            raise
        self._keep(server, over)
        return called

    def _reset(self, over: _Open, until: float) -> bool:
        """Whether the connection is good for another mail after one that was refused."""
        try:
            _timed(over.smtp, until)
            return over.smtp.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _keep(self, server: Server, over: _Open) -> None:
        over.used_at, over.letters = time.monotonic(), over.letters + 1
        if over.letters >= LETTERS:
            with suppress(smtplib.SMTPException, OSError):
                over.smtp.quit()
            over.smtp.close()
            return
        with self._lock:
            self._idle[server].append(over)


def _shut(idle: dict[Server, list[_Open]]) -> None:
    for one in [one for kept in idle.values() for one in kept]:
        one.smtp.close()
    idle.clear()


class _Gone(Exception):
    """The connection ended before the mail."""


def _hand_over(smtp: _Connection, letter: Letter, until: float) -> str:
    options = ["SMTPUTF8", "BODY=8BITMIME"] if letter.international else []
    if letter.international and not smtp.has_extn("smtputf8"):
        raise MailError("letters_not_taken", permanent=True, id_=letter.id)
    # How smtplib encodes what it is given as text.
    smtp.command_encoding = "utf-8" if letter.international else "ascii"
    try:
        _timed(smtp, until)
        answer = smtp.mail(letter.sender, options)
        if answer[0] == 421:
            raise _Gone
        _unless(answer, letter, at="sender")
        _unless(smtp.rcpt(letter.recipient), letter, at="recipient")
        code, said = smtp.docmd("DATA")
        if code != 354:
            _unless((code, said), letter, at="content")
            raise MailError("refused", permanent=True, id_=letter.id)
        _timed(smtp, until)
        smtp.send(_dotted(letter.content))
    except (smtplib.SMTPException, OSError) as error:
        raise _Gone from error
    try:
        answer = smtp.getreply()
        if time.monotonic() >= until:
            raise TimeoutError  # the line was cut off by ourselves
        _unless(answer, letter, at="content")
    except (smtplib.SMTPException, OSError) as error:
        raise MailError("unknown", unknown=True, scope="clinic") from error
    found = _CALLED.search(answer[1])
    return found[0].decode() if found else letter.id


def _unless(answer: tuple[int, bytes], letter: Letter, *, at: Literal["sender", "recipient", "content"]) -> None:
    """Raises `MailError` unless it was taken. What the server says is not kept: it quotes addresses."""
    code, said = answer
    if code // 100 == 2:
        return
    if code // 100 not in (4, 5):
        raise smtplib.SMTPServerDisconnected("no answer")  # what came is half of one
    log.warning("mail refused", at=at, code=code, status=_status(said), message_id=letter.id)
    if code // 100 == 4:
        raise MailError("not_now", id_=letter.id)
    if at == "sender":
        raise MailError("sender_refused", scope="clinic", id_=letter.id)  # it would refuse every mail of the clinic
    bare = at == "recipient" and code in _NOBODY_BARE and not _OTHERWISE.search(said)
    nobody = bare or bool(_NOBODY.search(said))
    raise MailError(NO_MAILBOX if nobody else "refused", permanent=True, id_=letter.id)


def _status(said: bytes) -> str:
    found = _OTHERWISE.search(said)
    return found[0].decode() if found else ""


def _dotted(content: bytes) -> bytes:
    """With a dot before each line that begins with one, and the line that ends it (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    ended = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def _timed(smtp: _Connection, until: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(max(until - time.monotonic(), 0.001))


@contextmanager
def _ending(smtp: _Connection, until: float) -> Iterator[None]:
    """Ends the connection when the time is over: each of its waits has a limit, and a server may have many of them by
    saying a letter at a time."""

    def end() -> None:
        if (sock := smtp.sock) is not None:
            with suppress(OSError):
                # Closing it would wait for whoever reads from it.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(max(until - time.monotonic(), 0.001), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
