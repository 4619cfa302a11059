"""What can be said on the command line: the commands, their arguments, and the help that explains them."""

import argparse
from collections.abc import Callable
from pathlib import Path

from imagewright import __version__

_EXIT_CODES = """exit codes:
  0  done
  1  nothing was drawn, and nothing is known to have been charged
  2  wrong usage or a wrong setting
  3  some of the pictures are missing
  4  a call may have been charged without bringing a picture, or is still under way
  5  a picture was drawn but its file could not be saved; its URL is told
  130  interrupted
"""
_LAST_PORT = 65_535


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line: what it returns has a `command`, and what that was given."""
    top = argparse.ArgumentParser(
        "imagewright",
        description="The MCP server for pictures. Without a command it serves MCP over stdin and stdout.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"imagewright {__version__}")
    top.set_defaults(command="serve", transport="stdio")
    commands = top.add_subparsers(title="commands", metavar="COMMAND")

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
    generate.set_defaults(command="generate")

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
    attach.set_defaults(command="attach")

    models = commands.add_parser("models", help="list models with prices, limits and balances")
    models.add_argument("--provider", help="only this one")
    models.add_argument("--json", action="store_true", help="print the list as JSON")
    models.set_defaults(command="models")

    _add_books(commands.add_parser)

    gallery = commands.add_parser(
        "gallery",
        help="show the pictures and what they cost in a browser",
        description="Show the pictures and what they cost in a browser, on this machine only, until Ctrl-C.",
    )
    gallery.add_argument("--port", type=_port, default=0, metavar="N", help="loopback port (default: a free one)")
    gallery.add_argument("--no-open", action="store_true", help="only print the address; open no browser")
    gallery.set_defaults(command="gallery")

    sandbox = commands.add_parser("sandbox", help="serve the sandbox: the four providers emulated, no key needed")
    sandbox.add_argument("--port", type=_port, default=8765, metavar="N", help="loopback port (default 8765)")
    sandbox.add_argument("--seed", type=int, default=1, metavar="N", help="of every id and number (default 1)")
    sandbox.set_defaults(command="sandbox")
    return top


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
    serve.set_defaults(command="serve")


def _add_books(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands that tell, and settle, what became of earlier calls."""

    def add(name: str, told: str, more: str = "") -> argparse.ArgumentParser:
        parser = add_parser(
            name,
            help=told,
            description=f"{told[0].upper()}{told[1:]}. {more}".strip(),
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(command=name)
        return parser

    get = add("get", "tell how a generation stands, and save its pictures")
    get.add_argument("generation_id", nargs="?", metavar="GENERATION_ID", help="gen_...; without it the newest")
    get.add_argument("--wait", type=_whole(0, 86_400), default=0, metavar="N", help="wait so many seconds for its end")
    get.add_argument("--out", type=Path, metavar="DIR", help="save its pictures in this folder")
    _add_json(get)

    history = add("history", "list the newest generations, newest first, or show one in full")
    history.add_argument("generation_id", nargs="?", metavar="GENERATION_ID", help="gen_...; shows all about this one")
    history.add_argument(
        "--limit", type=_whole(1, 10_000), default=20, metavar="N", help="how many at most (default 20)"
    )
    _add_json(history)

    spend = add(
        "spend",
        "show what was spent, by day, provider and model",
        "Days are those of UTC. Held is what is kept back for calls whose outcome is not known.",
    )
    spend.add_argument(
        "--days", type=_whole(1, 36_500), default=30, metavar="N", help="of the last N days, with today (default 30)"
    )
    _add_json(spend)

    recover = add("recover", "look up calls whose outcome is unknown, or that a dead server left")
    _add_json(recover)

    settle = add(
        "settle",
        "say what a call cost whose outcome no look-up can tell",
        "See the provider's dashboard first.",
    )
    settle.add_argument("generation_id", metavar="GENERATION_ID", help="gen_..., as `imagewright history` lists it")
    settle.add_argument("outcome", choices=("charged", "not-charged"), help="what the provider's dashboard shows")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


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
