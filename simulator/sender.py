"""Posts webhooks: signed, in order for each person, never in the way of the screen, again when they fail."""

import base64
import hashlib
import heapq
import hmac
import itertools
import json
import queue
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from simulator import tokens
from simulator.faults import Fault
from simulator.store import Row
from simulator.world import World, iso

HANDS = 8


def sign(secret: str, body: bytes) -> str:
    """LINE's signature: base64 of HMAC-SHA256 over the exact bytes."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def body_of(destination: str, events: list[dict[str, Any]]) -> bytes:
    """The bytes of a webhook: UTF-8 as LINE sends it, escaped only where UTF-8 cannot hold a lone surrogate."""
    whole = {"destination": destination, "events": events}
    try:
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(whole, separators=(",", ":")).encode()


@dataclass
class _Parcel:
    channel_id: str
    events: list[dict[str, Any]]
    attempt: int = 0


class Sender:
    """`send` returns at once. One line for each chat keeps the order of first deliveries; redeliveries overtake."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._http = urllib3.PoolManager(maxsize=HANDS, retries=False)
        self._lock = threading.Lock()
        self._lines: dict[tuple[str, str], deque[_Parcel]] = {}
        self._ready: queue.Queue[tuple[str, str] | _Parcel | None] = queue.Queue()
        self._later: list[tuple[float, int, _Parcel]] = []
        self._order = itertools.count()
        self._stopped = threading.Event()
        self._woken = threading.Condition()
        targets = (*([self._work] * HANDS), self._wait)
        self._threads = [threading.Thread(target=one, daemon=True, name="webhook-sender") for one in targets]
        for thread in self._threads:
            thread.start()

    def send(self, channel_id: str, chat: str, events: list[dict[str, Any]]) -> None:
        line = (channel_id, chat)
        with self._lock:
            waiting = self._lines.setdefault(line, deque())
            waiting.append(_Parcel(channel_id, events))
            if len(waiting) == 1:
                self._ready.put(line)

    def post(self, url: str, body: bytes, signature: str, timeout: float | None = None) -> tuple[int, str]:
        """Posts bytes; the status (0 when there was no answer) and the answer's text or the reason."""
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "LineBotWebhook/2.0",
            "x-line-signature": signature,
        }
        try:
            answer = self._http.request(
                "POST", url, body=body, headers=headers, timeout=timeout or self._world.config.webhook_timeout
            )
        except urllib3.exceptions.HTTPError as error:
            return 0, str(error)
        return answer.status, answer.data.decode(errors="replace")

    def close(self, within: float = 0.4) -> None:
        """Takes nothing new and waits a little for what is being written down; an answer still awaited is given up."""
        self._stopped.set()
        with self._woken:
            self._woken.notify()
        for _ in range(HANDS):
            self._ready.put(None)
        until = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._http.clear()

    def _work(self) -> None:
        while (task := self._ready.get()) is not None and not self._stopped.is_set():
            if isinstance(task, _Parcel):
                self._deliver(task)
                continue
            self._deliver(self._lines[task][0])
            with self._lock:
                waiting = self._lines[task]
                waiting.popleft()
                if waiting:
                    self._ready.put(task)
                else:
                    del self._lines[task]

    def _deliver(self, parcel: _Parcel) -> None:
        channel = self._world.store.row("SELECT * FROM channels WHERE id = ?", parcel.channel_id)
        if channel is None:
            return
        fault = self._world.faults.take("webhook", lambda: parcel.channel_id)
        if fault is not None:
            self._world.feed.tell("fault", fault=fault.kind, on="webhook")
            if fault.kind == "delay":
                self._stopped.wait(fault.seconds(5))
        if self._stopped.is_set():
            return
        status = self._attempt(channel, parcel, fault)
        if fault is not None and fault.kind == "duplicate" and not self._stopped.is_set():
            self._attempt(channel, parcel, None)
        waits = self._world.config.redelivery
        if fault is not None and fault.kind == "redeliver":
            self._again(parcel, fault.seconds(waits[0] if waits else 0))
        elif not 200 <= status < 300 and parcel.attempt < len(waits):
            self._again(parcel, waits[parcel.attempt])

    def _attempt(self, channel: Row, parcel: _Parcel, fault: Fault | None) -> int:
        began = time.monotonic()
        if fault is not None and fault.kind in {"refuse", "hang"}:
            status, text = 0, f"simulated fault: {fault.kind}"
        else:
            for event in parcel.events:
                if "replyToken" in event:
                    tokens.restart_reply_token(self._world, event["replyToken"])
            body = body_of(channel["bot_user_id"], parcel.events)
            status, text = self.post(channel["webhook_url"], body, sign(channel["secret"], body))
            if fault is not None and fault.kind in {"timeout_after_accept", "error_500"}:
                # The product heard it; LINE did not hear the product.
                status, text = (500 if fault.kind == "error_500" else 0), f"simulated fault: {fault.kind}"
        self.log(channel["id"], parcel.events, status, text, began, attempt=parcel.attempt)
        return status

    def log(
        self, channel_id: str, events: Any, status: int, text: str, began: float, **more: Mapping[str, Any] | int
    ) -> None:
        self._world.calls.add(
            kind="webhook", at=iso(self._world.real()), channel=channel_id, events=events, status=status,
            response=text[:500], ms=round((time.monotonic() - began) * 1000, 1), **more,
        )  # fmt: skip

    def _again(self, parcel: _Parcel, wait: float) -> None:
        events = [event | {"deliveryContext": {"isRedelivery": True}} for event in parcel.events]
        copy = _Parcel(parcel.channel_id, events, parcel.attempt + 1)
        with self._woken:
            heapq.heappush(self._later, (time.monotonic() + wait, next(self._order), copy))
            self._woken.notify()

    def _wait(self) -> None:
        """Holds redeliveries until they are due."""
        while not self._stopped.is_set():
            with self._woken:
                now = time.monotonic()
                while self._later and self._later[0][0] <= now:
                    self._ready.put(heapq.heappop(self._later)[2])
                self._woken.wait(self._later[0][0] - now if self._later else None)
