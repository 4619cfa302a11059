"""Whom the server lets in: one row for each attack or slip, and the exact answer to it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from imagewright import __version__
from imagewright.transports.front import Front
from tests.http.hosted import TOKEN, Hosted, bearer, hosted
from tests.http.raw import JSON, MODERN, ask, heard, request

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOREIGN = (421, "This server does not go by that name. --public-host adds one.\n")
OTHER_ORIGIN = (403, "Web pages of other origins may not use this server.\n")
NO_TOKEN = (401, "This server needs its token: Authorization: Bearer TOKEN.\n")
WRONG_TOKEN = (401, "The token is not the one of this server.\n")
NO_COOKIE = (401, "Open the gallery once with its token: this address, followed by ?token=TOKEN.\n")
NOWHERE = (404, "Nothing is here. MCP is at /mcp, for old clients at /sse; the gallery is at /.\n")
READ_ONLY = (405, "The gallery is for reading: GET or HEAD.\n")
CHALLENGE = 'Bearer realm="imagewright"'
PARSE_ERROR = '{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}'
DEEP = b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001
NOTHING = "0" * 64


@dataclass(frozen=True, slots=True)
class Row:
    """A request and its answer; in headers `{port}` is the server's."""

    answer: tuple[int, str]
    method: str = "GET"
    path: str = "/mcp"
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


ROWS: dict[str, Row] = {
    # Host: a web page whose name leads to this machine (DNS rebinding)
    "a foreign host": Row(FOREIGN, headers={"Host": "evil.example"}),
    "a foreign host at our port": Row(FOREIGN, headers={"Host": "evil.example:{port}"}),
    "our name without its port": Row(FOREIGN, headers={"Host": "127.0.0.1"}),
    "our name at another port": Row(FOREIGN, headers={"Host": "127.0.0.1:1"}),
    "our name as a part of theirs": Row(FOREIGN, headers={"Host": "localhost:{port}.evil.example"}),
    "the address of everything": Row(FOREIGN, headers={"Host": "0.0.0.0:{port}"}),
    "a foreign host asks how we are": Row(FOREIGN, path="/health", headers={"Host": "evil.example"}),
    "a foreign host without a token": Row(FOREIGN, headers={"Host": "evil.example", "Authorization": ""}),
    "a name in the address line": Row(NOWHERE, path="http://evil.example/mcp"),
    # Origin: a web page that reaches over
    "a foreign origin": Row(OTHER_ORIGIN, headers={"Origin": "http://evil.example"}),
    "a foreign origin at /sse": Row(OTHER_ORIGIN, path="/sse", headers={"Origin": "http://evil.example"}),
    "a foreign origin at /messages": Row(
        OTHER_ORIGIN, "POST", "/messages?session_id=" + "0" * 32, JSON | {"Origin": "http://evil.example"}, b"{}"
    ),
    "a foreign origin at the gallery": Row(OTHER_ORIGIN, path="/", headers={"Origin": "http://evil.example"}),
    "no origin at all": Row(OTHER_ORIGIN, headers={"Origin": "null"}),
    "our origin as a part of theirs": Row(OTHER_ORIGIN, headers={"Origin": "http://localhost:{port}.evil.example"}),
    "our origin over another scheme": Row(OTHER_ORIGIN, headers={"Origin": "https://127.0.0.1:{port}"}),
    "a foreign origin before its preflight": Row(
        OTHER_ORIGIN, "OPTIONS", headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    ),
    # the token
    "no token": Row(NO_TOKEN, headers={"Authorization": ""}),
    "no token at /sse": Row(NO_TOKEN, path="/sse", headers={"Authorization": ""}),
    "no token at /messages": Row(NO_TOKEN, "POST", "/messages", JSON | {"Authorization": ""}, b"{}"),
    "no token where nothing is": Row(NO_TOKEN, path="/.well-known/x", headers={"Authorization": ""}),
    "no token at the gallery": Row(NO_COOKIE, path="/", headers={"Authorization": ""}),
    "no token for a picture": Row(NO_COOKIE, path=f"/images/{NOTHING}", headers={"Authorization": ""}),
    "a post without a token to the gallery": Row(NO_TOKEN, "POST", "/", {"Authorization": ""}),
    "a wrong token": Row(WRONG_TOKEN, headers=bearer("x" * 22)),
    "the beginning of the token": Row(WRONG_TOKEN, headers=bearer(TOKEN[:-1])),
    "more than the token": Row(WRONG_TOKEN, headers=bearer(TOKEN + "x")),
    "the token in other letters": Row(WRONG_TOKEN, headers=bearer(TOKEN.upper())),
    "the token in another scheme": Row(WRONG_TOKEN, headers={"Authorization": f"Basic {TOKEN}"}),
    "the token without a scheme": Row(WRONG_TOKEN, headers={"Authorization": TOKEN}),
    "a token of strange bytes": Row(WRONG_TOKEN, headers={"Authorization": "Bearer \u00fc\u00fc"}),
    "the token in the address of MCP": Row(NO_TOKEN, path=f"/mcp?token={TOKEN}", headers={"Authorization": ""}),
    "the token in the address of a picture": Row(
        NO_COOKIE, path=f"/images/{NOTHING}?token={TOKEN}", headers={"Authorization": ""}
    ),
    "a link on another site": Row(
        (200, "The gallery opens in a moment.\n"),
        path="/",
        headers={"Authorization": "", "Sec-Fetch-Site": "cross-site"},
    ),
    "a fetch by another site": Row(
        NO_COOKIE, path="/gallery.json", headers={"Authorization": "", "Sec-Fetch-Site": "cross-site"}
    ),
    "a wrong token in the address": Row(
        (401, "The token in this address is not the one of this server.\n"),
        path="/?token=wrong",
        headers={"Authorization": ""},
    ),
    "the token as a cookie": Row(
        NO_COOKIE, path="/", headers={"Authorization": "", "Cookie": "imagewright-{port}=" + TOKEN}
    ),
    # methods and paths
    "a path that is none": Row(NOWHERE, path="/nothing"),
    "a path too long by a slash": Row(NOWHERE, path="/mcp/"),
    "a path that climbs": Row(NOWHERE, path="/images/../../etc/passwd"),
    "a path that climbs in disguise": Row(NOWHERE, path="/images/..%2f..%2fetc%2fpasswd"),
    "a post to the gallery": Row(READ_ONLY, "POST", "/"),
    "a method that is none": Row(READ_ONLY, "BREW", "/"),
    "a post to /health": Row((405, "This address is for reading: GET or HEAD.\n"), "POST", "/health"),
    "a put to MCP": Row((405, ""), "PUT", "/mcp", MODERN, b"{}"),
    "a get of MCP in the stateless era": Row((405, ""), "GET", "/mcp", MODERN),
    "a post to /sse": Row((405, "This is a stream of events: GET.\n"), "POST", "/sse"),
    "a get of /messages": Row((405, ""), path="/messages"),
    "a message for no session": Row((400, "session_id is required"), "POST", "/messages", JSON, b"{}"),
    "a message for a session that is none": Row(
        (400, "Invalid session ID"), "POST", "/messages?session_id=x", JSON, b"{}"
    ),
    "a message for a session of nobody": Row(
        (404, "Could not find session"), "POST", "/messages?session_id=" + "0" * 32, JSON, b"{}"
    ),
    "a session of nobody": Row(
        (404, '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Session not found"}}'),
        "POST",
        "/mcp",
        JSON | {"Mcp-Session-Id": "0" * 32},
        b"{}",
    ),
    # bodies
    "a body that is no JSON": Row((400, PARSE_ERROR), "POST", "/mcp", MODERN, b"{"),
    "a body of brackets": Row((400, PARSE_ERROR), "POST", "/mcp", MODERN, b"[" * 100_000),
    "a body of deep objects": Row((400, PARSE_ERROR), "POST", "/mcp", MODERN, DEEP),
    "a body from a form": Row(
        (400, "Invalid Content-Type header"), "POST", "/mcp", MODERN | {"Content-Type": "text/plain"}, b"{}"
    ),
    "a body too long": Row(
        (413, "A request body may have 4 MiB.\n"), "POST", "/mcp", MODERN | {"Content-Length": str(4 * 1024**2 + 1)}
    ),
    "a body of a length nobody can read": Row(
        (413, "A request body may have 4 MiB.\n"), "POST", "/mcp", MODERN | {"Content-Length": "9" * 20}
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Hosted]:
    """A server that stands all of this file, one attack after the other."""
    home = str(tmp_path_factory.mktemp("home"))
    async with hosted({"IMAGEWRIGHT_HOME": home, "IMAGEWRIGHT_SANDBOX": "1"}) as running:
        yield running


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
async def test_each_attack_has_its_answer(standing: Hosted, row: Row) -> None:
    """The same for everybody who tries it, and nothing of the token in it."""
    headers = {name: value.replace("{port}", str(standing.names.port)) for name, value in row.headers.items()}
    answer = await ask(standing, row.method, row.path, headers, row.body)

    assert row.answer == (answer.status, answer.body)
    assert answer.headers.get("www-authenticate", "").startswith(CHALLENGE) == (answer.status == 401)
    assert TOKEN not in answer.body + str(answer.headers)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_deep_body_of_a_session_is_refused(standing: Hosted) -> None:
    """The era of sessions reads its JSON by other means."""
    answer = await ask(standing, "POST", "/mcp", JSON, DEEP)

    assert 400 == answer.status
    assert "-32700" in answer.body


async def test_what_all_may_know_is_the_name_and_version(standing: Hosted) -> None:
    """Without a token, for those who watch over servers."""
    answer = await ask(standing, path="/health", headers={"Authorization": ""})

    assert (200, f'{{"name":"imagewright","version":"{__version__}"}}') == (answer.status, answer.body)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
async def test_this_machine_goes_by_its_names(standing: Hosted, name: str) -> None:
    """Written as people write them, with the origins that belong to them."""
    host = f"{name}:{standing.names.port}"
    answer = await ask(standing, path="/gallery.json", headers={"Host": host, "Origin": f"http://{host}"})

    assert 200 == answer.status


async def test_a_browser_shows_the_token_once(standing: Hosted) -> None:
    """It gets a cookie that scripts and other sites cannot use, which opens the gallery and nothing else."""
    bare = {"Authorization": ""}
    first = await ask(standing, path=f"/?token={TOKEN}", headers=bare)
    cookie, *flags = first.headers["set-cookie"].split("; ")
    shown = bare | {"Cookie": f"other=1; {cookie}"}
    opened = [(await ask(standing, path=path, headers=shown)).status for path in ("/", "/gallery.json", "/spend.json")]
    gone = await ask(standing, path=f"/images/{NOTHING}", headers=shown)
    closed = [(await ask(standing, path=path, headers=shown)).status for path in ("/mcp", "/sse", "/messages")]
    posted = await ask(standing, "POST", "/", shown)

    assert (303, "/") == (first.status, first.headers["location"])
    assert ["Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Strict"] == flags
    assert ([200, 200, 200], 404, [401, 401, 401], 401) == (opened, gone.status, closed, posted.status)
    assert TOKEN not in str(first)


async def test_without_auth_nobody_needs_a_token(tmp_path: Path) -> None:
    """But pages of other sites are kept out all the same."""
    bare = {"Authorization": ""}
    async with hosted({"IMAGEWRIGHT_HOME": str(tmp_path)}, Front(port=0, auth=False)) as server:
        opened = await ask(server, path="/", headers=bare)
        foreign = await ask(server, path="/", headers=bare | {"Host": "evil.example"})
        reached = await ask(server, path="/", headers=bare | {"Origin": "http://evil.example"})

    assert (200, 421, 403) == (opened.status, foreign.status, reached.status)


async def test_two_hosts_are_no_host(standing: Hosted) -> None:
    """Proxies and servers could take different ones."""
    twice = request(standing).replace(b"\r\n", b"\r\nHost: evil.example\r\n", 1)

    answer = heard(await standing.say(twice))

    assert (400, "Invalid HTTP request received.") == (answer.status, answer.body)


async def test_the_token_is_in_no_log(standing: Hosted, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is logged by us or by what we use, at any level."""
    caplog.set_level(0)
    for path in (f"/?token={TOKEN}", f"/mcp?token={TOKEN}", "/mcp", "/messages"):
        await ask(standing, path=path)
        await ask(standing, "POST", path, MODERN, b"{")
    await ask(standing, path="/", headers=bearer("wrong" + TOKEN))

    assert TOKEN not in caplog.text
