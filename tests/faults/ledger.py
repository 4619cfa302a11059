"""What really happened at the four vendors: the paid requests that arrived, and the money that was taken."""

import hashlib
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Arrival:
    """One paid request that reached a vendor. `body` is None where the vendor closed before it had read it."""

    provider: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: Mapping[str, Any] | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """Money taken for pictures, which a look finds from `done_at` on."""

    charge_id: str
    provider: str
    amount: Decimal
    unit: str
    picture_ids: tuple[str, ...]
    prompt: str
    model: str | None
    idempotency_key: str | None
    at: datetime
    done_at: datetime
    failed: bool = False  # a job that failed: it is listed, and nothing was taken


@dataclass(slots=True)
class Ledger:
    """The ground truth, and the clock by which the vendors date what they do.

    `skipped` is how much further time has gone in the eyes of a look-up whose waits a test leaves out.
    """

    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    entries: list[Charge] = field(default_factory=list[Charge])  # failed jobs among them
    looks: list[str] = field(default_factory=list[str])  # free requests: "slug /path?query"
    pictures: dict[str, bytes] = field(default_factory=dict[str, bytes])
    connections: int = 0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    skipped: timedelta = timedelta(0)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def charges(self) -> list[Charge]:
        """All that cost something, oldest first."""
        return [one for one in self.entries if not one.failed]

    def sent(self, provider: str) -> int:
        """How many paid requests reached this vendor."""
        return sum(one.provider == provider for one in self.arrivals)

    def charged(self, provider: str) -> list[Charge]:
        """What this vendor took, oldest first."""
        return [one for one in self.charges if one.provider == provider]

    def shown(self, provider: str) -> list[Charge]:
        """What this vendor took and shows by now, oldest first."""
        return [one for one in self.charged(provider) if self.is_done(one)]

    def is_done(self, charge: Charge) -> bool:
        """Whether the vendor has finished what it was paid for."""
        return charge.done_at <= self.clock() + self.skipped

    def spent(self, provider: str) -> Decimal:
        """How much this vendor took and shows by now, in its own unit."""
        return sum((one.amount for one in self.shown(provider)), Decimal(0))

    def new_id(self) -> str:
        """Return a UUID that nobody has yet."""
        return str(UUID(bytes=hashlib.sha256(b"id %d" % next(self._numbers)).digest()[:16], version=4))

    def draw(self) -> str:
        """Paint a picture, unlike all others, and return its id."""
        picture_id = self.new_id()
        self.pictures[picture_id] = _png(hashlib.sha256(picture_id.encode()).digest()[:3])
        return picture_id

    def forget(self) -> None:
        """Begin anew; ids go on, so that nothing old is taken for something new."""
        self.arrivals.clear()
        self.entries.clear()
        self.looks.clear()
        self.pictures.clear()
        self.connections = 0

    def as_json(self) -> dict[str, Any]:
        """Return everything but the bytes of the pictures, money as text."""
        return {
            "arrivals": [
                {"provider": one.provider, "path": one.path, "body": one.body, "at": one.at.isoformat()}
                for one in self.arrivals
            ],
            "charges": [
                {
                    "charge_id": one.charge_id,
                    "provider": one.provider,
                    "amount": f"{one.amount:f}",
                    "unit": one.unit,
                    "picture_ids": list(one.picture_ids),
                    "prompt": one.prompt,
                    "model": one.model,
                    "idempotency_key": one.idempotency_key,
                    "at": one.at.isoformat(),
                }
                for one in self.charges
            ],
            "looks": list(self.looks),
            "connections": self.connections,
        }


def _png(colour: bytes) -> bytes:
    """Return a PNG of eight by eight pixels of one colour."""
    rows = b"".join(b"\0" + colour * 8 for _ in range(8))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
