"""A real SMTP server (aiosmtpd) in a thread of its own. It takes mail for anybody, and goes wrong as it is told to."""

import asyncio
import uuid
from typing import Any
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from simulator.mail import boxes, reports
from simulator.mail.loop import OwnLoop
from simulator.mail.moods import SMTP_FAULTS, Fault
from simulator.world import World

LARGEST = 10_000_000
LONGEST_WAIT = 60.0


class MailServer:
    """Listens on 127.0.0.1 until it is closed; port 0 takes a free one."""

    def __init__(self, world: World) -> None:
        self._own, self._open = OwnLoop("mail"), WeakSet[SMTP]()
        handler = _Handler(world)

        def one() -> SMTP:
            made = SMTP(
                handler, enable_SMTPUTF8=True, data_size_limit=LARGEST, loop=self._own.loop, ident="simulated mail"
            )
            self._open.add(made)
            return made

        async def opened() -> asyncio.Server:
            return await self._own.loop.create_server(one, "127.0.0.1", world.config.mail_port)

        try:
            self._server = self._own.run(opened())
        except BaseException:
            self._own.end()
            raise
        self.port: int = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        async def cut() -> None:
            self._server.close()
            for each in list(self._open):
                _cut(each)

        self._own.run(cut())
        self._own.end()


class _Handler:
    """What aiosmtpd asks of us, by its names."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_RCPT(  # noqa: N802 - the library calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = self._world.mail.take("rcpt")
        if fault is not None:
            return await self._slowly(fault)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault, id_ = self._world.mail.take("data"), str(uuid.uuid4())
        if fault is not None and not fault.taken:
            return await self._slowly(fault)
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        early = self._world.mail.reports.when == "before"
        for recipient in envelope.rcpt_tos:
            number = boxes.put(self._world, id_, str(envelope.mail_from), recipient, content)
            report = asyncio.to_thread(reports.due, self._world, number)
            if early:
                await report
            else:
                _kept(asyncio.ensure_future(report))
        if fault is not None:
            await asyncio.sleep(min(fault.seconds, LONGEST_WAIT))
            if fault.kind == "hang_up":
                _cut(server)
        return f"250 2.0.0 Ok: queued as {id_}"

    async def _slowly(self, fault: Fault) -> str:
        await asyncio.sleep(min(fault.seconds, LONGEST_WAIT))
        return SMTP_FAULTS[fault.kind].answer


_running: set[Any] = set()


def _kept(task: Any) -> None:
    """A task that nobody holds may be collected before it has run."""
    _running.add(task)
    task.add_done_callback(_running.discard)


def _cut(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
