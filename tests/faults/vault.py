"""The bank with doors that can be shut, which knows of each paid request whose call it was and what it met."""

import asyncio  # noqa: TC003  # as in the rest of the project
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from imagewright.http import Wire
from imagewright.models import Endpoint, Order, Reply
from imagewright.provider import Provider
from tests.faults.bank import Bank, Pause
from tests.faults.clock import Clock
from tests.faults.fault import Fault, Moment
from tests.faults.lives import serving
from tests.faults.vendors import VENDORS, Vendor
from tests.faults.wire import Head, Line

_HEADER = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A paid request that arrived: the call that it was sent for, by which server, and what it met."""

    provider: str
    generation_id: str
    number: int
    life: int
    fault: Fault


@dataclass(slots=True)
class _Held:
    key: str
    pause: Pause = field(repr=False)


class Vault(Bank):
    """Each vendor has a port of its own."""

    def __init__(self, clock: Clock) -> None:
        """Open nothing yet."""
        super().__init__()
        self.ledger.clock = clock.now
        self.meetings: list[Meeting] = []
        self._ports: dict[str, int] = {}
        self._doors: dict[str, asyncio.Server] = {}
        self._at_work: list[_Held] = []
        self._kept: list[Pause] = []

    async def open_all(self) -> None:
        """Open what is shut."""
        for slug in VENDORS:
            await self.open(slug)

    async def open(self, slug: str) -> None:
        """Take connections to a vendor, on the same port as before."""
        if slug not in self._doors:
            before = len(self._servers)
            self._ports[slug] = await self.listen(self._ports.get(slug, 0))
            self._doors[slug] = self._servers[before]
        self.port = self._ports[slug]  # where pictures are: a place that the settings name

    def shut(self, slug: str) -> None:
        """Refuse connections to a vendor; those that are open stay."""
        if door := self._doors.pop(slug, None):
            door.close()

    def environ(self, *slugs: str) -> dict[str, str]:
        """Return the settings under which a server takes these vendors (default: all four) for the real ones."""
        urls = {
            f"IMAGEWRIGHT_{slug.upper()}_BASE_URL": f"http://127.0.0.1:{port}/{slug}"
            for slug, port in self._ports.items()
        }
        chosen = super().environ(*slugs)
        return chosen | {name: url for name, url in urls.items() if name in chosen}

    def hold(self, slug: str, moment: Moment) -> None:
        """Hold the next paid request at this vendor when it gets to this moment."""
        self._kept.append(self.pause(slug, moment))

    def let_go(self) -> None:
        """Let all that is held go on, and hold nothing more."""
        for pause in self._kept:
            pause.go.set()
        self._kept.clear()

    def left(self, key: str) -> None:
        """Note that whoever sent a call is gone: a vendor that it kept waiting finishes now, not at any later time."""
        for held in self._at_work:
            if held.key == key:
                held.pause.go.set()

    def disarm(self) -> None:
        """Do everything right from now on."""
        self._armed.clear()

    async def _deal(self, vendor: Vendor, path: str, head: Head, line: Line, fault: Fault, pause: Pause) -> None:
        key = head.headers[_HEADER.lower()]
        self.meetings.append(Meeting(vendor.slug, *parts_of(key), fault))
        held = _Held(key, pause)
        self._at_work.append(held)
        try:
            await super()._deal(vendor, path, head, line, fault, pause)
        finally:
            self._at_work.remove(held)


def parts_of(key: str) -> tuple[str, int, int]:
    """Return what the key of a request says: the generation, the number of the call, and the server's."""
    call, _, life = key.partition("@")
    generation_id, _, number = call.rpartition("-")
    return generation_id, int(number), int(life)


@contextmanager
def marked(vault: Vault) -> Generator[None]:
    """Let every paid request say which call it is while the block runs, whatever its vendor takes."""
    usual = Wire.send

    async def send(wire: Wire, provider: Provider, endpoint: Endpoint, order: Order, *rest: Any) -> Reply:
        heard, key = rest
        mark = f"{key}@{serving()}"
        try:
            return await usual(wire, replace(provider, idempotency_header=_HEADER), endpoint, order, heard, mark)
        finally:
            vault.left(mark)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Wire, "send", send)
        yield
