"""A mail server that does as a test says: aiosmtpd on this machine, in a thread of its own."""

import asyncio
import ssl
import warnings
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from simulator.mail.loop import OwnLoop


@dataclass
class Post:
    """`answers`: by the command, what is answered instead of a yes, the first first. `wait`: seconds before a mail is
    answered. `cut`: the connection ends with the mail taken, and no answer. `tls`: what STARTTLS is done with."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    wait: float = 0.0
    cut: bool = False
    password: str = ""
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    wide: bool = True
    """Whether it takes addresses in other letters."""
    letters: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    connections: int = 0

    def start(self) -> "Post":
        self._own, self._open = OwnLoop("post"), list[SMTP]()

        def one() -> SMTP:
            self.connections += 1
            made_ = self._made(
                self, loop=self._own.loop, enable_SMTPUTF8=self.wide, ident="post", hostname="post.test",
                tls_context=None if self.implicit else self.tls,
                require_starttls=self.tls is not None and not self.implicit,
                authenticator=self._may if self.password else None, auth_required=bool(self.password),
                auth_require_tls=False,
            )  # fmt: skip
            self._open.append(made_)
            return made_

        async def opened() -> asyncio.Server:
            return await self._own.loop.create_server(one, "127.0.0.1", 0, ssl=self.tls if self.implicit else None)

        self._server = self._own.run(opened())
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def _made(self, *given: Any, **how: Any) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of logging in without TLS, which is what some tests are about
            return SMTP(*given, **how)

    def stop(self) -> None:
        async def cut() -> None:
            self._server.close()
            for one in self._open:
                _cut(one)

        self._own.run(cut())
        self._own.end()

    def _may(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == self.password.encode()
        return AuthResult(success=right, handled=False)

    def _says(self, command: str) -> str | None:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self._says("MAIL")
        if said is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said or "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self._says("RCPT")
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.wait)
        said = self._says("DATA")
        if said is None:
            content = envelope.content
            assert isinstance(content, bytes)
            self.letters.append(content)
            self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        if self.cut:
            _cut(server)
        return said or "250 2.0.0 Ok: queued as 4F3A"


def _cut(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
