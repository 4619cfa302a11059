"""One provider's API at its endpoint: what it refuses is raised, what it answers is read."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Unpack

from imagewright.addresses import host_of
from imagewright.allowances import date_in
from imagewright.errors import OriginError
from imagewright.http import Heard, Wire, no_ear
from imagewright.models import Endpoint, Look, Order, Reading, Reply, T
from imagewright.provider import Provider
from imagewright.refusals import refuse_unless_done
from imagewright.steps import Facts, Step, StepName


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
        with self.step("provider.call", kind="free") as step:
            reply = await self.wire.look(self.provider, self.endpoint, look.path)
            step.set(status=reply.status)
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

    async def send(
        self,
        order: Order,
        read: Callable[[Reply], T],
        heard: Heard = no_ear,
        key: str = "",
        **about: Unpack[Facts],
    ) -> T:
        """Have something done, sent once and never again; for `heard` and `key` see `Wire.send`.

        `about` is what else is told of it to those who watch.

        Raises:
            OriginError: It was refused, or its outcome is unknown: `charged` tells.
        """
        facts: Facts = {"kind": "free", **about}
        with self.step("provider.call", **facts) as step:
            reply = await self.wire.send(self.provider, self.endpoint, order, heard, key)
            step.set(status=reply.status)
            refuse_unless_done(self.provider, reply)
            try:
                found = read(reply)
            except OriginError as error:
                error.origin = replace(error.origin, provider=self.provider.slug)  # see above
                raise
            if isinstance(found, Reading) and found.cost:
                step.set(cost=found.cost)
            return found

    @contextmanager
    def step(self, name: StepName, **facts: Unpack[Facts]) -> Generator[Step]:
        """Tell those who watch this server of a step at this provider; see `Steps.step`."""
        known: Facts = {"provider": self.provider.slug, "address": host_of(self.endpoint.base_url) or "", **facts}
        with self.wire.steps.step(name, **known) as step:
            yield step
