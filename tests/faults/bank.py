"""The four vendors as one raw server on loopback, whose ledger is the ground truth of what was sent and charged.

In a test: `async with bank() as it: ...`. As a process: `python -m tests.faults.bank --port 0` prints its port;
GET /ledger tells the ledger, POST /faults arms {"provider", "faults": [...], "always": {...}}, POST /reset forgets.
A vendor is at http://127.0.0.1:PORT/<slug>, its pictures are at /pictures/.
"""

import argparse
import asyncio
import json
import ssl
import sys
from collections import defaultdict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from imagewright.providers import all_providers
from tests.agent import KEYS
from tests.bodies import refusal
from tests.faults.fault import RIGHT, Fault, Moment, faults_of
from tests.faults.ledger import Arrival, Charge, Ledger
from tests.faults.vendors import VENDORS, Json, Place, Vendor
from tests.faults.wire import Answer, Head, Line, head_of, json_answer


@dataclass(slots=True)
class Pause:
    """Holds one paid request at a moment: `reached` says that it is there, `go` lets it go on, `over` that it ended."""

    moment: Moment | None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def reached_by(self, asking: asyncio.Future[Any]) -> None:
        """Wait until the request is there.

        Raises:
            AssertionError: What was asked has ended without it.
        """
        reached = asyncio.ensure_future(self.reached.wait())
        await asyncio.wait({reached, asking}, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        if not self.reached.is_set():
            raise AssertionError(f"no request got to {self.moment!r}: {asking}")


class Bank:
    """The running server. What it does wrong is armed before; nothing is wrong by itself."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self.ledger = Ledger()
        self.port = 0
        self._servers: list[asyncio.Server] = []
        self._lines: set[Line] = set()
        self._armed: dict[str, deque[Fault]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}
        self._pauses: dict[str, deque[Pause]] = defaultdict(deque)
        self._held: list[Pause] = []

    @property
    def origin(self) -> str:
        """The address before the name of a vendor."""
        return f"http://127.0.0.1:{self.port}"

    def environ(self, *slugs: str) -> dict[str, str]:
        """Return the settings under which a server takes these vendors (default: all four) for the real ones."""
        chosen = slugs or tuple(VENDORS)
        keys = {all_providers()[slug].key_env: KEYS[slug] for slug in chosen}
        return keys | {f"IMAGEWRIGHT_{slug.upper()}_BASE_URL": f"{self.origin}/{slug}" for slug in chosen}

    def arm(self, provider: str, *faults: Fault) -> None:
        """Give the next paid requests at this vendor these answers, one each."""
        self._armed[provider].extend(faults)

    def always(self, provider: str, fault: Fault) -> None:
        """Give all paid requests at this vendor this answer, once nothing else is armed."""
        self._always[provider] = fault

    def pause(self, provider: str, moment: Moment) -> Pause:
        """Hold the next paid request at this vendor when it gets to this moment."""
        pause = Pause(moment)
        self._pauses[provider].append(pause)
        return pause

    def outsider(self, provider: str) -> Charge:
        """Let somebody else draw and pay with the same account, elsewhere."""
        vendor, body = VENDORS[provider], {"prompt": "not ours", "model": all_providers()[provider].default_model}
        return vendor.take(Place(self.ledger, self.origin), body)

    async def listen(self, port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Open one more port and return it; with `tls` it greets first, and may fail at that."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.ledger.connections += 1
            line = Line(reader, writer)
            self._lines.add(line)
            # What a client that goes away in the middle leaves behind is no error of the bank.
            with suppress(ssl.SSLError, ConnectionError, asyncio.IncompleteReadError):
                if tls:
                    await writer.start_tls(tls)
                while await self._exchange(line):
                    pass
            line.close()
            self._lines.discard(line)

        server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1024)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def aclose(self) -> None:
        """Let go of whoever waits, and close."""
        for server in self._servers:
            server.close()
        for pause in [*self._held, *(one for queue in self._pauses.values() for one in queue)]:
            pause.go.set()
        for line in list(self._lines):
            line.abort()
        for server in self._servers:
            await server.wait_closed()

    async def _exchange(self, line: Line) -> bool:
        """Answer one request; return whether another may follow."""
        head = await line.head()
        if head is None:
            return False
        _, slug, tail = [*head.path.split("/", 2), "", ""][:3]
        vendor, path = VENDORS.get(slug), f"/{tail}"
        if vendor and head.method == "POST" and path.endswith(vendor.paid_path):
            await self._pay(vendor, path, head, line)
            return False
        body = await line.body(head)
        answer = self._look(vendor, path, head) if vendor else self._aside(head, body)
        await line.write(head_of(answer, self.ledger) + answer.body)
        return head.headers.get("connection") != "close"

    async def _pay(self, vendor: Vendor, path: str, head: Head, line: Line) -> None:
        fault = self._armed[vendor.slug].popleft() if self._armed[vendor.slug] else self._always.get(vendor.slug, RIGHT)
        pause = self._pauses[vendor.slug].popleft() if self._pauses[vendor.slug] else Pause(None)
        self._held.append(pause)
        try:
            await self._deal(vendor, path, head, line, fault, pause)
        finally:
            pause.over.set()

    async def _deal(self, vendor: Vendor, path: str, head: Head, line: Line, fault: Fault, pause: Pause) -> None:
        body: Json | None = None
        try:
            if fault.ending != "unread":
                body = json.loads(await line.body(head))
        finally:
            self.ledger.arrivals.append(Arrival(vendor.slug, path, head.headers, body, self.ledger.clock()))
        await _at("arrived", pause)
        charge = self._book(vendor, body or {}, head, fault)
        await _at("charged", pause)
        await asyncio.sleep(fault.wait_seconds)
        await self._deliver(self._answer(vendor, charge, fault), fault, pause, line)

    def _book(self, vendor: Vendor, body: Json, head: Head, fault: Fault) -> Charge | None:
        place = Place(self.ledger, self.origin)
        if fault.failed_job:
            vendor.fail(place, body)
        if not fault.takes_money:
            return None
        key = head.headers.get("idempotency-key")
        return vendor.take(place, body, key, pictures=fault.pictures, late_seconds=fault.late_seconds)

    def _answer(self, vendor: Vendor, charge: Charge | None, fault: Fault) -> Answer:
        headers = {**(vendor.headers(charge) if charge else {}), "Connection": "close", **fault.headers}
        status = fault.status or vendor.status
        if fault.page is not None:
            return Answer(status, fault.page.encode(), {"Content-Type": "text/html", **headers})
        if fault.code is not None or charge is None:
            return json_answer(refusal(vendor.slug, fault.code), status, headers)
        return json_answer(vendor.done(Place(self.ledger, self.origin), charge), status, headers)

    async def _deliver(self, answer: Answer, fault: Fault, pause: Pause, line: Line) -> None:
        head, middle = head_of(answer, self.ledger), len(answer.body) // 2
        if fault.ending == "raw":
            await line.write(answer.body)
        if fault.ending in {"whole", "half", "drip"}:
            await line.write(head)
            await _at("head", pause)
            await line.write(answer.body[: 1 if fault.ending == "drip" else middle])
            await _at("half", pause)
        if fault.ending == "whole":
            await line.write(answer.body[middle:])
            await _at("answered", pause)
        if fault.ending in {"drip", "hang"}:
            await line.until_gone()
        line.close(reset=fault.reset)

    def _look(self, vendor: Vendor, path: str, head: Head) -> Answer:
        self.ledger.looks.append(f"{vendor.slug} {path}" + (f"?{head.query}" if head.query else ""))
        found = vendor.look(Place(self.ledger, self.origin), path, head.query) if head.method == "GET" else None
        return json_answer(refusal(vendor.slug, "not_found"), 404) if found is None else json_answer(found)

    def _aside(self, head: Head, body: bytes) -> Answer:
        """Answer what is no vendor's: pictures, and the questions and orders of the test."""
        if head.path.startswith("/pictures/"):
            data = self.ledger.pictures.get(head.path.removeprefix("/pictures/").removesuffix(".png"))
            return Answer(200, data, {"Content-Type": "image/png"}) if data else json_answer({}, 404)
        if head.path == "/faults":
            self._take_orders(json.loads(body))
        elif head.path == "/reset":
            self.ledger.forget()
            self._armed.clear()
            self._always.clear()
        elif head.path != "/ledger":
            return json_answer({}, 404)
        return json_answer(self.ledger.as_json())

    def _take_orders(self, orders: dict[str, Any]) -> None:
        self.arm(orders["provider"], *faults_of(orders.get("faults", [])))
        if always := orders.get("always"):
            self.always(orders["provider"], *faults_of([always]))


async def _at(moment: Moment, pause: Pause) -> None:
    if pause.moment == moment:
        pause.reached.set()
        await pause.go.wait()


@asynccontextmanager
async def bank(port: int = 0) -> AsyncGenerator[Bank]:
    """Run the bank while the block runs."""
    running = Bank()
    running.port = await running.listen(port)
    try:
        yield running
    finally:
        await running.aclose()


async def _serve(port: int) -> None:
    async with bank(port) as running:
        sys.stdout.write(f"{running.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, metavar="N")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args().port))
