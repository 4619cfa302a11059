"""The command line: which command, which exit code. Without an argument it is the stdio server that a client starts."""

import argparse
import gc
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from imagewright import __version__
from imagewright.errors import RequestError, SettingsError
from imagewright.logs import logging_to_stderr
from imagewright.settings import Settings, load

Run = Callable[[Settings, argparse.Namespace], int]

_EXIT_CODES = """exit codes:
  0  done
  1  nothing was drawn, and nothing is known to have been charged
  2  wrong usage or a wrong setting
  3  some of the pictures are missing
  4  a call may have been charged without bringing a picture, or is still under way
  5  a picture was drawn but its file could not be saved; its URL is told
  130  interrupted
"""
_INTERRUPTED = 130
_WRONG_USE = 2
_LAST_PORT = 65_535
_FRONT = ("host", "port", "public_host", "behind_tls", "auth")  # where the HTTP server listens


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command in `arguments` (default: of the process) and return its exit code."""
    options = _parser().parse_args(arguments)
    run: Run = options.run
    try:
        settings = load()
        with logging_to_stderr(settings, over_http=getattr(options, "transport", "stdio") != "stdio"):
            return run(settings, options)
    except (SettingsError, RequestError) as error:
        print(f"imagewright: {error}", file=sys.stderr)
        return _WRONG_USE
    except KeyboardInterrupt:
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "imagewright",
        description="The MCP server for pictures. Without a command it serves MCP over stdin and stdout.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"imagewright {__version__}")
    parser.set_defaults(run=_serve, transport="stdio")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    _add_serve(commands.add_parser)

    generate = commands.add_parser(
        "generate",
        help="draw pictures from a prompt and save them",
        description="Draw pictures from a prompt through the MCP server and save them.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    generate.add_argument("prompt", help="what to draw")
    generate.add_argument("--provider", help="auto (default), or one that `imagewright models` lists")
    generate.add_argument("--model", help="an id that `imagewright models` lists")
    generate.add_argument("--aspect-ratio", metavar="RATIO", help="such as 16:9")
    generate.add_argument("--count", type=int, metavar="N", help="how many pictures; each costs (default 1)")
    generate.add_argument("--style", help="such as watercolor or photorealistic")
    generate.add_argument("--size", help="such as 1K or 2K, where the provider has a choice")
    generate.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR", help="folder for the files (default: this one)"
    )
    generate.add_argument("--json", action="store_true", help="print the result as JSON")
    generate.add_argument(
        "--request-id", metavar="ID", help="the same one when you repeat a call: it is drawn and paid once"
    )
    generate.add_argument("--dry-run", action="store_true", help="only say provider, calls and cost; sends nothing")
    generate.set_defaults(run=_generate)

    attach = commands.add_parser(
        "attach",
        help="put pictures onto a social post: a new draft, a scheduled post, or one that exists",
        description="Put pictures onto a social post. Nothing is published unless you say when.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    attach.add_argument("images", nargs="+", metavar="IMAGE", help="media_id, generation_id (gen_.../2) or https URL")
    attach.add_argument("--post-id", metavar="ID", help="an existing draft or scheduled post")
    attach.add_argument("--content", metavar="TEXT", help="the post's text")
    attach.add_argument(
        "--account", dest="accounts", action="append", metavar="A", help="id, platform or handle; may be repeated"
    )
    when = attach.add_mutually_exclusive_group()
    when.add_argument("--scheduled-for", metavar="TIME", help="ISO 8601, with an offset or with --timezone")
    when.add_argument("--publish-now", action="store_true", help="publish at once, after a question")
    attach.add_argument("--timezone", metavar="ZONE", help="such as Europe/Berlin")
    attach.add_argument(
        "--replace", dest="mode", action="store_const", const="replace", help="drop the pictures that the post has"
    )
    attach.add_argument("--json", action="store_true", help="print the result as JSON")
    attach.set_defaults(run=_attach)

    models = commands.add_parser("models", help="list models with prices, limits and balances")
    models.add_argument("--provider", help="only this one")
    models.add_argument("--json", action="store_true", help="print the list as JSON")
    models.set_defaults(run=_models)

    _add_books(commands.add_parser)

    gallery = commands.add_parser(
        "gallery",
        help="show the pictures and what they cost in a browser",
        description="Show the pictures and what they cost in a browser, on this machine only, until Ctrl-C.",
    )
    gallery.add_argument("--port", type=_port, default=0, metavar="N", help="loopback port (default: a free one)")
    gallery.add_argument("--no-open", action="store_true", help="only print the address; open no browser")
    gallery.set_defaults(run=_gallery)

    sandbox = commands.add_parser("sandbox", help="serve the sandbox: the four providers emulated, no key needed")
    sandbox.add_argument("--port", type=_port, default=8765, metavar="N", help="loopback port (default 8765)")
    sandbox.add_argument("--seed", type=int, default=1, metavar="N", help="of every id and number (default 1)")
    sandbox.set_defaults(run=_sandbox)
    return parser


def _add_serve(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    serve = add_parser(
        "serve",
        help="serve MCP over stdin and stdout (the default), or over HTTP",
        description="Serve MCP. Over HTTP clients need a token, which is made and shown the first time, unless "
        "IMAGEWRIGHT_TOKEN is set; MCP is at /mcp (old clients: /sse), the gallery at /.",
    )
    serve.add_argument(
        "--transport",
        choices=("stdio", "http", "streamable-http", "sse"),
        default="stdio",
        help="stdio (default) or http; the other two names mean http",
    )
    serve.add_argument("--host", help="the address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=_port, metavar="N", help="default 8000; 0 takes a free one")
    serve.add_argument("--public-host", metavar="NAME", help="a further name, or NAME:PORT, that clients use for it")
    serve.add_argument(
        "--behind-tls",
        action="store_const",
        const=True,
        help="a proxy in front of it speaks TLS: clients use https://NAME",
    )
    serve.add_argument(
        "--no-auth",
        dest="auth",
        action="store_const",
        const=False,
        help="let everybody on this machine in, without a token",
    )
    serve.set_defaults(run=_serve)


def _add_books(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands that tell, and settle, what became of earlier calls."""

    def add(name: str, run: Run, told: str, more: str = "") -> argparse.ArgumentParser:
        parser = add_parser(
            name,
            help=told,
            description=f"{told[0].upper()}{told[1:]}. {more}".strip(),
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(run=run)
        return parser

    get = add("get", _get, "tell how a generation stands, and save its pictures")
    get.add_argument("generation_id", nargs="?", metavar="GENERATION_ID", help="gen_...; without it the newest")
    get.add_argument("--wait", type=_whole(0, 86_400), default=0, metavar="N", help="wait so many seconds for its end")
    get.add_argument("--out", type=Path, metavar="DIR", help="save its pictures in this folder")
    _add_json(get)

    history = add("history", _history, "list the newest generations, newest first, or show one in full")
    history.add_argument("generation_id", nargs="?", metavar="GENERATION_ID", help="gen_...; shows all about this one")
    history.add_argument(
        "--limit", type=_whole(1, 10_000), default=20, metavar="N", help="how many at most (default 20)"
    )
    _add_json(history)

    spend = add(
        "spend",
        _spend,
        "show what was spent, by day, provider and model",
        "Days are those of UTC. Held is what is kept back for calls whose outcome is not known.",
    )
    spend.add_argument(
        "--days", type=_whole(1, 36_500), default=30, metavar="N", help="of the last N days, with today (default 30)"
    )
    _add_json(spend)

    recover = add("recover", _recover, "look up calls whose outcome is unknown, or that a dead server left")
    _add_json(recover)

    settle = add(
        "settle",
        _settle,
        "say what a call cost whose outcome no look-up can tell",
        "See the provider's dashboard first.",
    )
    settle.add_argument("generation_id", metavar="GENERATION_ID", help="gen_..., as `imagewright history` lists it")
    settle.add_argument("outcome", choices=("charged", "not-charged"), help="what the provider's dashboard shows")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


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


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is 0 to {_LAST_PORT}, not {text}")
    return int(text)


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"it takes {least} to {most}, not {text}")
        return int(text)

    return read
