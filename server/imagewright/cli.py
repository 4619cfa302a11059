"""The command line: which command, which exit code. Without an argument it is the stdio server that a client starts."""

import argparse
import gc
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from imagewright.arguments import parser
from imagewright.errors import RequestError, SettingsError
from imagewright.logs import logging_to_stderr
from imagewright.settings import Settings, load

Run = Callable[[Settings, argparse.Namespace], int]

_INTERRUPTED = 130
_WRONG_USE = 2
_FRONT = ("host", "port", "public_host", "behind_tls", "auth")  # where the HTTP server listens


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command in `arguments` (default: of the process) and return its exit code."""
    options = parser().parse_args(arguments)
    try:
        settings = load()
        with logging_to_stderr(settings, over_http=getattr(options, "transport", "stdio") != "stdio"):
            return _RUNS[options.command](settings, options)
    except (SettingsError, RequestError) as error:
        print(f"imagewright: {error}", file=sys.stderr)
        return _WRONG_USE
    except KeyboardInterrupt:
        return _INTERRUPTED


# Each command imports what it needs when it runs: many clients start the server for every call.


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    front = {name: value for name in _FRONT if (value := getattr(options, name, None)) is not None}
    if options.transport != "stdio":
        return _serve_http(settings, front)
    if front:
        raise SettingsError("--host, --port, --public-host, --behind-tls and --no-auth need --transport http.")
    # What is imported stays: looking for garbage among it would cost a tenth of the start.
    gc.disable()
    import anyio  # noqa: PLC0415  # see above

    from imagewright.app import compose, note_delivery  # noqa: PLC0415  # see above
    from imagewright.tracing import tracing  # noqa: PLC0415  # see above
    from imagewright.transports.stdio import Hooks, serve  # noqa: PLC0415  # see above

    for remark in settings.remarks():
        print(f"imagewright: {remark}", file=sys.stderr)
    server, studio = compose(settings)
    gc.freeze()
    gc.enable()
    if sys.stdin.isatty():
        print(
            "imagewright waits for an MCP client on stdin. To draw at once: imagewright generate 'a red fox at dawn'. "
            "More: imagewright --help",
            file=sys.stderr,
        )
    with tracing():
        return anyio.run(serve, server, Hooks(partial(note_delivery, studio), studio.hurry))


def _serve_http(settings: Settings, front: dict[str, Any]) -> int:
    from imagewright.hosting import host  # noqa: PLC0415  # see above
    from imagewright.tracing import tracing  # noqa: PLC0415  # see above
    from imagewright.transports.front import Front  # noqa: PLC0415  # see above

    for remark in settings.remarks():
        print(f"imagewright: {remark}", file=sys.stderr)
    with tracing():
        return _run(host, settings, Front(**front))


def _generate(settings: Settings, options: argparse.Namespace) -> int:
    from imagewright.client import CHARGED, GIVEN_UP, generate  # noqa: PLC0415  # see above

    given = _given(
        options, "prompt", "provider", "model", "aspect_ratio", "count", "style", "size", "request_id", "dry_run"
    )
    try:
        return _run(generate, settings, given, options.out, options.json)
    except KeyboardInterrupt:  # where signals cannot be waited for: on Windows
        print(f"imagewright: {GIVEN_UP}", file=sys.stderr)
        return CHARGED


def _attach(_: Settings, options: argparse.Namespace) -> int:
    from imagewright.client import attach  # noqa: PLC0415  # see above

    names = ("images", "post_id", "content", "accounts", "scheduled_for", "timezone", "publish_now", "mode")
    return _run(attach, _given(options, *names), options.json)


def _run(work: Callable[..., Awaitable[int]], *arguments: object) -> int:
    import anyio  # noqa: PLC0415  # see above

    return anyio.run(work, *arguments)


def _given(options: argparse.Namespace, *names: str) -> dict[str, object]:
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def _models(_: Settings, options: argparse.Namespace) -> int:
    from imagewright.client import models  # noqa: PLC0415  # see above

    return _run(models, options.provider, options.json)


def _get(settings: Settings, options: argparse.Namespace) -> int:
    from imagewright.client import get  # noqa: PLC0415  # see above

    return _run(get, settings, options.generation_id, options.wait, options.out, options.json)


def _history(settings: Settings, options: argparse.Namespace) -> int:
    from imagewright.books import history, tell  # noqa: PLC0415  # see above

    if options.generation_id:
        return _run(tell, settings.home, options.generation_id, options.json)
    return _run(history, settings.home, options.limit, options.json)


def _spend(settings: Settings, options: argparse.Namespace) -> int:
    from imagewright.books import spend  # noqa: PLC0415  # see above

    return _run(spend, settings, options.days, options.json)


def _recover(settings: Settings, options: argparse.Namespace) -> int:
    from imagewright.app import working  # noqa: PLC0415  # see above
    from imagewright.books import recover  # noqa: PLC0415  # see above

    return _run(recover, working(settings), options.json)


def _settle(settings: Settings, options: argparse.Namespace) -> int:
    from imagewright.app import working  # noqa: PLC0415  # see above
    from imagewright.books import settle  # noqa: PLC0415  # see above

    return _run(settle, working(settings), options.generation_id, options.outcome == "charged")


def _gallery(settings: Settings, options: argparse.Namespace) -> int:
    from imagewright.gallery.serving import run  # noqa: PLC0415  # see above

    def announce(url: str) -> None:
        print(url, flush=True)
        print("imagewright: the gallery is open to whoever knows this address (Ctrl-C ends it).", file=sys.stderr)

    try:
        run(settings, options.port, announce, open_browser=not options.no_open)
    except OSError as error:
        raise SettingsError(
            f"The gallery could not start on port {options.port} ({error}). Choose another port with --port N, or "
            f"leave it out for a free one."
        ) from None
    return 0


def _sandbox(settings: Settings, options: argparse.Namespace) -> int:
    import sqlite3  # noqa: PLC0415  # see above

    from imagewright.sandbox.server import run  # noqa: PLC0415  # see above

    try:
        run("127.0.0.1", options.port, settings.home, options.seed)
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"The sandbox could not start on port {options.port} in {settings.home} ({error}). "
            f"Choose another port with --port N (0 is a free one), or another folder with IMAGEWRIGHT_HOME."
        ) from None
    return 0


_RUNS: Mapping[str, Run] = {
    "serve": _serve,
    "generate": _generate,
    "attach": _attach,
    "models": _models,
    "get": _get,
    "history": _history,
    "spend": _spend,
    "recover": _recover,
    "settle": _settle,
    "gallery": _gallery,
    "sandbox": _sandbox,
}
