"""The gallery over HTTP: the page, its data and the pictures; for reading only, and strict about what may come in."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from imagewright.errors import SettingsError
from imagewright.gallery.finding import Wanted, find
from imagewright.gallery.page import page
from imagewright.gallery.telling import DRAWN, Facts, generation_facts, spent_facts
from imagewright.image_files import extension_of, kind_of
from imagewright.journal import Journal
from imagewright.library import Library
from imagewright.providers import all_providers

_log = logging.getLogger("imagewright")

_PREVIEW_EDGE = 512  # pixels
_PREVIEW_BYTES = 262_144
_READ_AT_ONCE = 4  # each holds a file in memory
_PREVIEWS_AT_ONCE = 2  # each holds a decoded picture in memory
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GENERATION_ID = re.compile(r"[A-Za-z0-9_]{1,64}")
_LONGEST_WORDS = 500
_MOST_DAYS = 366
_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_NOTHING_RUNS = "default-src 'none'; sandbox; frame-ancestors 'none'"
_FOREVER = "private, max-age=31536000, immutable"  # the name of a picture is the hash of its bytes

Answer = Callable[[Request], Awaitable[Response]]
Whose = Callable[[], str]  # the principal whose pictures are shown to who asks; "" for everybody's


def gallery_routes(journal: Journal, library: Library, whose: Whose) -> list[Route]:
    """Return the routes of the gallery, to be mounted under a path that ends with a slash."""
    gallery = _Gallery(
        journal, library, whose, anyio.CapacityLimiter(_READ_AT_ONCE), anyio.CapacityLimiter(_PREVIEWS_AT_ONCE)
    )
    return [
        Route("/", _ReadOnly(gallery.page)),
        Route("/gallery.json", _ReadOnly(gallery.generations)),
        Route("/spend.json", _ReadOnly(gallery.spend)),
        Route("/images/{sha256}", _ReadOnly(gallery.image)),
        Route("/previews/{sha256}", _ReadOnly(gallery.preview)),
    ]


def refusal(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer that says what is wrong, and is nothing else."""
    response = PlainTextResponse(words + "\n", status, {"Cache-Control": "no-store", **(headers or {})})
    _secure(response)
    return response


class _ReadOnly:
    """One answer as an ASGI application: to GET and HEAD only, with the headers that every answer has."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method not in {"GET", "HEAD"}:
            response = refusal(405, "The gallery is for reading: GET or HEAD.", {"Allow": "GET, HEAD"})
        else:
            try:
                response = await self._answer(request)
            except _BadRequestError as error:
                response = refusal(400, str(error))
            except SettingsError as error:
                _log.warning("The gallery cannot be shown: %s", error)  # it names files, which are nobody's elsewhere
                response = refusal(503, "The journal cannot be read. The log of imagewright tells why.")
        _secure(response)
        await response(scope, receive, send)


def _secure(response: Response) -> None:
    for name, value in {"Content-Security-Policy": _NOTHING_RUNS, **_HEADERS}.items():
        response.headers.setdefault(name, value)


class _BadRequestError(Exception):
    """A parameter is not what it can be; the text says what it takes."""


@dataclass(frozen=True, slots=True)
class _Gallery:
    journal: Journal
    library: Library
    whose: Whose
    reading: anyio.CapacityLimiter
    shrinking: anyio.CapacityLimiter

    async def page(self, _: Request) -> Response:
        made = page()
        return HTMLResponse(made.html, headers={"Content-Security-Policy": made.policy, "Cache-Control": "no-cache"})

    async def generations(self, request: Request) -> Response:
        query = _query(request, "before", "q", "provider")
        wanted = Wanted(query["before"], query["q"], query["provider"], self.whose())
        if wanted.before and not _GENERATION_ID.fullmatch(wanted.before):
            raise _BadRequestError("before takes the generation_id that the last answer gave as next.")
        if len(wanted.words) > _LONGEST_WORDS:
            raise _BadRequestError(f"q takes at most {_LONGEST_WORDS} characters, not {len(wanted.words)}.")
        if wanted.provider and wanted.provider not in all_providers():
            raise _BadRequestError(f"provider takes one of {', '.join(all_providers())}, or nothing for all.")
        try:
            found = await find(self.journal, wanted)
        except LookupError:
            raise _BadRequestError("before names a generation that the journal does not have.") from None
        told = [generation_facts(entry, await self.library.copies(entry.generation_id)) for entry in found.entries]
        providers = [{"slug": slug, "name": provider.name} for slug, provider in all_providers().items()]
        return _json({"generations": told, "next": found.next, "providers": providers})

    async def spend(self, request: Request) -> Response:
        days = _query(request, "days")["days"] or "30"
        if not days.isascii() or not days.isdecimal() or not 1 <= int(days[:9]) <= _MOST_DAYS:
            raise _BadRequestError(f"days takes 1 to {_MOST_DAYS}.")
        today = datetime.now(UTC).date()  # as the journal counts days
        since = today - timedelta(days=int(days) - 1)
        rows = await self.journal.spend(since, self.whose()) if self.journal.exists else []
        told = [spent_facts(row) for row in rows]
        return _json({"since": since.isoformat(), "today": today.isoformat(), "rows": told})

    async def image(self, request: Request) -> Response:
        sha256 = _sha256(request)
        if headers := _unchanged(request, sha256):
            return Response(status_code=304, headers=headers)
        async with self.reading:  # whole, and held against its hash; then it goes out in parts
            data = await self._read(sha256)
            path = await self.library.files.path(sha256)
        kind = kind_of(data) if data else None
        del data
        if path is None or kind is None:
            return _gone()
        headers = {"Cache-Control": _FOREVER, "ETag": _tag(sha256)}
        if kind not in DRAWN:
            headers["Content-Disposition"] = f'attachment; filename="{sha256}.{extension_of(kind)}"'
        return FileResponse(path, media_type=kind, headers=headers)

    async def preview(self, request: Request) -> Response:
        from imagewright.previews import preview  # noqa: PLC0415  # brings Pillow, for those who look at pictures

        sha256 = _sha256(request)
        mark = f"{sha256}-{_PREVIEW_EDGE}"
        if headers := _unchanged(request, mark):
            return Response(status_code=304, headers=headers)
        async with self.shrinking:
            data = await self._read(sha256)
            if data is None or kind_of(data) is None:
                return _gone()
            made = await anyio.to_thread.run_sync(preview, data, _PREVIEW_EDGE, _PREVIEW_BYTES)
        if made is None:
            return refusal(404, "This picture cannot be shown small.")
        return Response(made, media_type="image/jpeg", headers={"Cache-Control": _FOREVER, "ETag": _tag(mark)})

    async def _read(self, sha256: str) -> bytes | None:
        principal = self.whose()
        return await (self.library.read_of(principal, sha256) if principal else self.library.read(sha256))


def _query(request: Request, *names: str) -> dict[str, str]:
    """Return these parameters, each "" where it is not given; another one, or one twice, is a slip worth telling."""
    given = request.query_params.multi_items()
    for name, _ in given:
        if name not in names:
            raise _BadRequestError(f"This address takes {', '.join(names)} only.")
    if len(given) > len(dict(given)):
        raise _BadRequestError("A parameter was given twice.")
    return dict.fromkeys(names, "") | dict(given)


def _sha256(request: Request) -> str:
    sha256: str = request.path_params["sha256"]
    if not _SHA256.fullmatch(sha256):
        raise _BadRequestError("A picture is named by its sha256: 64 digits of 0-9 and a-f.")
    return sha256


def _unchanged(request: Request, mark: str) -> dict[str, str]:
    """Return the headers of an answer "not modified" if the browser has what it asks for, otherwise nothing."""
    known = {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}
    return {"Cache-Control": _FOREVER, "ETag": _tag(mark)} if _tag(mark) in known else {}


def _tag(mark: str) -> str:
    return f'"{mark}"'


def _gone() -> Response:
    return refusal(404, "This picture is not in the library, or no longer: older ones make room for new ones.")


def _json(facts: Facts) -> Response:
    return JSONResponse(facts, headers={"Cache-Control": "no-store"})
