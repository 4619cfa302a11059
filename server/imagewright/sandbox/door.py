"""The way of a request: written down, struck by its faults, answered in a worker thread, sent (or not)."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from imagewright.sandbox import arrivals, faults
from imagewright.sandbox.call import Call, Upload
from imagewright.sandbox.faults import Fault
from imagewright.sandbox.limits import Slots
from imagewright.sandbox.pictures import ROUTES as FILE_ROUTES
from imagewright.sandbox.pictures import Pictures
from imagewright.sandbox.vendor import Refused, Reply, Route, Trouble, Vendor, json_reply
from imagewright.sandbox.world import World

CUT: Final = "imagewright.sandbox.cut"  # the scope's extension with which our server cuts a connection
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Door:
    """One vendor as an ASGI application."""

    def __init__(
        self,
        world: World,
        vendor: Vendor,
        pictures: Pictures,
        slots: Slots,
        limiter: anyio.CapacityLimiter,
        public_url: Callable[[], str] | None,
    ) -> None:
        """Serve `vendor`; `limiter` bounds the worker threads, `public_url` is the origin of picture URLs."""
        self._world = world
        self._vendor = vendor
        self._pictures = pictures
        self._slots = slots
        self._limiter = limiter
        self._public_url = public_url
        self._routes = (*vendor.routes, *FILE_ROUTES)
        self._provider = not vendor.slug.startswith("_")  # the control endpoint is not written down or struck

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        call, early = await self._call(Request(scope, receive))
        if self._provider:
            await self._in_thread(lambda: _arrive(call))
        for struck in call.faults:
            if struck.kind == "delay":
                await anyio.sleep(struck.parameters["seconds"])
        fault = next((struck for struck in call.faults if struck.kind != "delay"), None)
        if fault is not None and fault.kind == "drop_before":
            await _cut(scope, receive)
            return
        reply = await self._in_thread(lambda: _answer(call, fault, early))
        await _deliver(reply, call, fault, scope, receive, send)
        if reply.after is not None:
            await self._in_thread(reply.after)

    async def _call(self, request: Request) -> tuple[Call, Trouble | None]:
        """Read the request; what is wrong with it already is said only after it was written down."""
        mount: str = request.scope["root_path"]
        path = request.scope["path"].removeprefix(mount) or "/"
        route, parameters, early = _find(self._routes, request.method, path)
        body = await _read(request, route.max_body_bytes if route else 0)
        if body is None and route is not None:
            early = Trouble.TOO_LARGE
        form, uploads = await _read_form(request, body or b"")
        origin = f"{request.url.scheme}://{request.url.netloc}"
        call = Call(
            world=self._world,
            vendor=self._vendor,
            pictures=self._pictures,
            slots=self._slots,
            route=route,
            method=request.method,
            mount=mount.strip("/"),
            path=path,
            parameters=parameters,
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=body or b"",
            form=form,
            files=dict(uploads),
            uploads=uploads,
            root=self._public_url or (lambda: origin),
        )
        return call, early

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)


def _find(routes: Sequence[Route], method: str, path: str) -> tuple[Route | None, Mapping[str, str], Trouble | None]:
    trouble = Trouble.NO_ROUTE
    for route in routes:
        parameters = route.match(path)
        if parameters is not None and route.method == method:
            return route, parameters, None
        if parameters is not None:
            trouble = Trouble.WRONG_METHOD
    return None, {}, trouble


async def _read(request: Request, most: int) -> bytes | None:
    """The body, or None where it is longer than `most` bytes."""
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > most:
            return None
        parts.append(part)
    return b"".join(parts)


async def _read_form(request: Request, body: bytes) -> tuple[dict[str, str], list[tuple[str, Upload]]]:
    """The fields and files of a multipart form; of anything else, and of a broken one, nothing."""
    fields: dict[str, str] = {}
    uploads: list[tuple[str, Upload]] = []
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return fields, uploads

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        async with Request(request.scope, again).form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    kind = value.content_type or "application/octet-stream"
                    uploads.append((name, Upload(value.filename or "", kind, await value.read())))
                else:
                    fields[name] = value
    except HTTPException:
        return {}, []
    return fields, uploads


def _arrive(call: Call) -> None:
    with call.world.transaction() as tx:
        call.request_id = call.vendor.request_id(tx)
        paid = call.route is not None and call.route.paid
        call.faults = tuple(faults.strike(tx, call.vendor.slug, call.method, call.path, paid=paid))
        arrivals.write_down(tx, call)


def _answer(call: Call, fault: Fault | None, early: Trouble | None) -> Reply:
    try:
        # The world's time, by which everything else in the answer goes.
        call.reply_headers["Date"] = format_datetime(call.world.now(), usegmt=True)
        call.vendor.arrive(call)
        if fault is not None and fault.kind in {"status", "garbage"}:
            return _faulty(call, fault)
        if early is not None or call.route is None:
            call.trouble(early or Trouble.NO_ROUTE)
        if not call.route.open:
            call.authenticate()
            call.vendor.admit(call)
        return call.route.answer(call)
    except Refused as refused:
        return _refusal(call, refused)
    except Exception:  # noqa: BLE001  # a defect of ours is an answer in the vendor's words, not a broken connection
        _log.exception("The sandbox failed at %s %s.", call.method, call.path)
        code = call.vendor.troubles[Trouble.CRASH]
        return _refusal(call, Refused(code.status, code.code, code.message or "The sandbox itself failed."))


def _refusal(call: Call, refused: Refused) -> Reply:
    return json_reply(call.vendor.envelope(call, refused), refused.status, headers=refused.headers)


def _faulty(call: Call, fault: Fault) -> Reply:
    asked = fault.parameters
    if fault.kind == "garbage":
        return Reply(asked["status"], asked["body"].encode(), "text/html; charset=utf-8", asked["headers"])
    if asked["body"] is None:
        message = asked["message"] or "A fault that a test asked for."
        refused = Refused(
            asked["status"], asked["code"] or call.vendor.code_for(asked["status"]), message, headers=asked["headers"]
        )
        return _refusal(call, refused)
    if isinstance(asked["body"], str):
        return Reply(asked["status"], asked["body"].encode(), "text/plain; charset=utf-8", asked["headers"])
    return Reply(asked["status"], json.dumps(asked["body"]).encode(), "application/json", asked["headers"])


async def _deliver(reply: Reply, call: Call, fault: Fault | None, scope: Scope, receive: Receive, send: Send) -> None:
    kind = None if fault is None else fault.kind
    if kind == "drop_after_charge":
        await _cut(scope, receive)
        return
    headers = {
        "content-type": reply.media_type,
        "content-length": str(len(reply.body)),
        **{name.lower(): value for name, value in call.reply_headers.items()},
        **{name.lower(): value for name, value in reply.headers.items()},
    }
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items() if value is not None]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    if kind == "cut_body":
        await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
        await _cut(scope, receive)
        return
    await send({"type": "http.response.body", "body": reply.body})


async def _cut(scope: Scope, receive: Receive) -> None:
    """Close the connection without another byte and wait until it is."""
    extensions: dict[str, Callable[[], None]] = scope.get("extensions") or {}
    cut = extensions.get(CUT)
    if cut is None:
        raise RuntimeError("Only the sandbox's own server can cut a connection. Start it with server.run.")
    cut()
    while (await receive())["type"] != "http.disconnect":
        pass
