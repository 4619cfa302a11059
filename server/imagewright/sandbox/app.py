"""The application: every vendor under its name, the control endpoint under `/_sandbox`, over one world."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.routing import Route as Page

from imagewright.sandbox import depicta, heydecks, posteverywhere, theo
from imagewright.sandbox.control import control
from imagewright.sandbox.door import Door
from imagewright.sandbox.limits import Slots
from imagewright.sandbox.pictures import Pictures
from imagewright.sandbox.vendor import Route, Vendor
from imagewright.sandbox.world import World

VENDORS: Final = (heydecks.VENDOR, theo.VENDOR, posteverywhere.VENDOR, depicta.VENDOR)
_THREADS: Final = 64  # requests worked on at once; the rest waits
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def create_app(
    world: World, public_url: Callable[[], str] | None = None, vendors: Sequence[Vendor] = VENDORS
) -> Starlette:
    """Return the ASGI application. Picture URLs start with `public_url()`, or else with what the client called."""
    pictures, slots, limiter = Pictures(world), Slots(), anyio.CapacityLimiter(_THREADS)
    served = dict(_doors((*vendors, control(vendors))))
    names = [f"/{name}" for name in served]

    async def front(_: Request) -> Response:
        return JSONResponse({"sandbox": "imagewright", "serves": names})

    async def nowhere(_: Request, __: Exception) -> Response:
        return JSONResponse({"error": {"code": "not_found", "message": f"Served: {', '.join(names)}."}}, 404)

    mounts = [
        Mount(f"/{name}", Door(world, vendor, pictures, slots, limiter, public_url)) for name, vendor in served.items()
    ]
    return Starlette(routes=[Page("/", front), *mounts], exception_handlers={404: nowhere})


def _doors(vendors: Sequence[Vendor]) -> Iterator[tuple[str, Vendor]]:
    for vendor in vendors:
        yield vendor.slug, vendor
        for name, answer in vendor.side_doors.items():
            everything = tuple(Route(method, "/{path:path}", answer, open=True) for method in _METHODS)
            yield name, replace(vendor, routes=everything)
