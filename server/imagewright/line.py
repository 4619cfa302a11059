"""One provider's API at its endpoint: what it refuses is raised, what it answers is read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from imagewright.errors import OriginError
from imagewright.http import Heard, Wire, no_ear
from imagewright.models import Endpoint, Look, Order, Reply, T
from imagewright.provider import Provider
from imagewright.refusals import date_in, refuse_unless_done


@dataclass(frozen=True, slots=True)
class Line:
    """The way to speak to one provider."""

    wire: Wire
    provider: Provider
    endpoint: Endpoint

    async def look(self, look: Look[T]) -> T:
        """Ask for something, free of charge.

        Raises:
            OriginError: It was refused, did not come, or cannot be read.
        """
        found, _ = await self.look_and_compare_clocks(look)
        return found

    async def look_and_compare_clocks(self, look: Look[T]) -> tuple[T, timedelta]:
        """Ask for something, free of charge, and return it with how far the provider's clock is ahead of ours.

        Raises:
            OriginError: It was refused, did not come, or cannot be read.
        """
        reply = await self.wire.look(self.provider, self.endpoint, look.path)
        try:
            refuse_unless_done(self.provider, reply)
            there = date_in(reply.headers.get("date", ""))
            return look.read(reply), there - reply.received_at if there else timedelta(0)
        except OriginError as error:
            error.origin = replace(error.origin, provider=self.provider.slug)  # a reader knows its name only
            if error.charged != "no":
                # What a failure may have cost, and what to do about it, is about paid calls.
                name, status = self.provider.name, reply.status
                error.args = (
                    f"{name} did not answer a free look-up as documented (status {status}). Try again later.",
                )
                error.charged = "no"
            raise

    async def send(self, order: Order, read: Callable[[Reply], T], heard: Heard = no_ear, key: str = "") -> T:
        """Have something done, sent once and never again; for `heard` and `key` see `Wire.send`.

        Raises:
            OriginError: It was refused, or its outcome is unknown: `charged` tells.
        """
        reply = await self.wire.send(self.provider, self.endpoint, order, heard, key)
        refuse_unless_done(self.provider, reply)
        try:
            return read(reply)
        except OriginError as error:
            error.origin = replace(error.origin, provider=self.provider.slug)  # see above
            raise
