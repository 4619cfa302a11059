"""What a principal made is the principal's: nobody else finds it, repeats it, reads it, posts it or settles it."""

import io
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import ElicitRequestParams, ElicitResult
from PIL import Image

from imagewright.sandbox import pictures
from tests.agent import Result
from tests.bodies import heydecks_done
from tests.http.hosted import TOKEN, Hosted, Kind, bearer, hosted, streamable
from tests.http.issuer import Issuer, issuing
from tests.http.raw import JSON, ask, request
from tests.http.test_http_clients import structured
from tests.sandbox.rig import FlatPainter
from tests.scripted import Answer, Scripted

PROMPT = "a canary in a cage"


@dataclass(frozen=True, slots=True)
class Village:
    """A server, and the issuer whose tokens it takes."""

    server: Hosted
    issuer: Issuer

    def client(self, name: str, kind: Kind = "2025-11-25") -> Client:
        """Return a client of somebody; the owner comes with the server's own token."""
        return self.server.client(kind, **self._shown(name))

    async def get(self, name: str, path: str) -> tuple[int, str]:
        """Return what somebody gets over plain HTTP."""
        async with self.server.http(**(bearer(**self._shown(name)) if name != "owner" else {})) as http:
            answer = await http.get(path)
        return answer.status_code, answer.text

    def _shown(self, name: str) -> dict[str, str]:
        return {} if name == "owner" else {"token": self.issuer.token({"sub": name})}


@pytest.fixture
async def issuer() -> AsyncGenerator[Issuer]:
    """An issuer with one key."""
    async with issuing() as running:
        running.publish()
        yield running


@pytest.fixture
async def village(issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Village]:
    """A server before the sandbox."""
    monkeypatch.setattr(pictures, "load_painter", FlatPainter)
    environ = {"IMAGEWRIGHT_HOME": str(tmp_path / "home"), "IMAGEWRIGHT_SANDBOX": "1", **issuer.environ}
    async with hosted(environ) as server:
        yield Village(server, issuer)


async def call(client: Client, name: str, **arguments: object) -> Result:
    """Call a tool."""
    return Result(await client.call_tool(name, arguments))


async def test_nobody_finds_what_another_made(village: Village, kind: Kind) -> None:
    """By its id it is not there, in words that do not tell whether anybody has it; lists show one's own."""
    async with village.client("alice", kind) as alice:
        made = structured(await call(alice, "generate_image", prompt=PROMPT, provider="theo"))
        own = await call(alice, "get_generation", generation_id=made["generation_id"])
        listed = structured(await call(alice, "get_generation"))["generations"]

    assert "done" == structured(own)["status"]
    assert [made["generation_id"]] == [one["generation_id"] for one in listed]
    for name in ("bob", "owner"):
        async with village.client(name, kind) as other:
            sought = await call(other, "get_generation", generation_id=made["generation_id"])
            never = await call(other, "get_generation", generation_id="gen_" + "0" * 32)
            seen = structured(await call(other, "get_generation"))["generations"]

        assert never.text.replace("0" * 32, made["generation_id"][4:]) == sought.text
        assert "There is no generation" in sought.text
        assert [] == seen


async def test_nobody_reads_what_another_made(village: Village) -> None:
    """Neither the picture nor its facts: not as resources, not in the gallery, not in the sums of money."""
    async with village.client("alice") as alice:
        made = structured(await call(alice, "generate_image", prompt=PROMPT, provider="theo"))
        (image,) = made["images"]
        uris = (image["resource"], f"imagewright://generation/{made['generation_id']}")
        for uri in uris:
            assert (await alice.read_resource(uri)).contents
    paths = (
        f"/images/{image['sha256']}",
        f"/previews/{image['sha256']}",
        f"/gallery.json?before={made['generation_id']}",
    )

    assert [200] * 3 == [(await village.get("alice", path))[0] for path in paths]
    assert PROMPT in (await village.get("alice", "/gallery.json?q=canary"))[1]
    assert '"calls":1' in (await village.get("alice", "/spend.json"))[1]
    for name in ("bob", "owner"):
        async with village.client(name) as other:
            for uri in uris:
                with pytest.raises(MCPError, match=r"not kept here|There is no generation"):
                    await other.read_resource(uri)
        assert [404, 404, 400] == [(await village.get(name, path))[0] for path in paths]
        assert '"generations":[]' in (await village.get(name, "/gallery.json?q=canary"))[1]
        assert '"rows":[]' in (await village.get(name, "/spend.json"))[1]


async def test_nobody_posts_what_another_made(village: Village) -> None:
    """Neither by the generation, nor by one picture of it, nor by the hash of its file, nor by a URL that has died."""
    async with village.client("alice") as alice:
        made = structured(await call(alice, "generate_image", prompt=PROMPT, provider="theo"))
        (image,) = made["images"]
        names = [made["generation_id"], f"{made['generation_id']}/1", image["resource"]]
        async with village.client("bob") as bob:
            refused = [await call(bob, "attach_to_post", images=[name], content="mine") for name in names]
        posted = await call(alice, "attach_to_post", images=names, content="mine")

    assert [True] * 3 == [one.is_error for one in refused]
    assert "There is no generation" in refused[0].text
    assert "There is no generation" in refused[1].text
    assert "There is no kept copy of it" in refused[2].text
    assert not posted.is_error, posted.text


async def test_what_others_name_by_its_url_pushes_nothing_out(
    issuer: Issuer, environ: dict[str, str], scripts: Mapping[str, Scripted], tmp_path: Path
) -> None:
    """It goes to the post; only what was drawn, and what the owner names, is kept in the library."""
    picture = Image.new("RGB", (8, 8))
    file = io.BytesIO()
    picture.save(file, "PNG")
    server_of_it = scripts["theo"]  # an origin that the user configured
    server_of_it.answer(*[Answer(200, file.getvalue())] * 2, path="/one.png")
    scripts["posteverywhere"].answer(*[Answer(500)] * 20)  # whatever becomes of the post
    kept: list[int] = []
    async with hosted(environ | issuer.environ) as server:
        village = Village(server, issuer)
        for name in ("bob", "owner"):
            async with village.client(name) as client:
                await call(client, "attach_to_post", images=[f"{server_of_it.url}/one.png"], content="mine")
            kept.append(len(list((tmp_path / "home" / "pictures").glob("*/*.png"))))

    assert [0, 1] == kept


async def test_the_same_request_of_two_is_two_orders(
    issuer: Issuer, environ: dict[str, str], heydecks: Scripted
) -> None:
    """A request_id and a repetition count for one's own calls only: nobody gets, or spoils, what another ordered."""
    heydecks.answer(*[Answer(200, heydecks_done())] * 3)
    arguments: Mapping[str, Any] = {"prompt": PROMPT, "provider": "heydecks", "request_id": "the same"}
    async with hosted(environ | issuer.environ) as server:
        village = Village(server, issuer)
        made: list[dict[str, Any]] = []
        for name in ("alice", "bob", "owner", "alice"):
            async with village.client(name) as client:
                made.append(structured(await call(client, "generate_image", **arguments)))
        async with village.client("bob") as bob:
            other = await call(bob, "generate_image", **{**arguments, "prompt": "another"})

    ids = [one["generation_id"] for one in made]
    assert (3, ids[0], True) == (len(set(ids)), ids[3], made[3]["replayed"])
    assert 3 == len([one for one in heydecks.seen if one.method == "POST"])
    assert "request_id_taken" == other.error["code"]
    assert ids[1] in other.text
    assert ids[0] not in other.text


async def test_nobody_is_asked_what_a_call_of_another_cost(
    issuer: Issuer, environ: dict[str, str], heydecks: Scripted
) -> None:
    """Who has the provider's dashboard is asked, about calls of their own; nobody is told that others have any."""
    heydecks.answer(*[Answer(ending="close")] * 2)
    async with hosted(environ | issuer.environ) as server:
        village = Village(server, issuer)
        async with village.client("alice") as alice:
            lost = (await call(alice, "generate_image", prompt=PROMPT, provider="heydecks")).error["generation_id"]
        async with village.client("owner") as owner:
            own = (await call(owner, "generate_image", prompt=PROMPT, provider="heydecks")).error["generation_id"]
        asked: list[str] = []

        async def answer(context: object, params: ElicitRequestParams) -> ElicitResult:  # noqa: ARG001  # the SDK names it
            asked.append(params.message)
            return ElicitResult(action="accept", content={"charged": False})

        told: list[Result] = []
        alices, bobs = (issuer.token({"sub": name}) for name in ("alice", "bob"))
        for token, named in ((bobs, lost), (alices, lost), (bobs, own), (TOKEN, lost), (TOKEN, own)):
            async with Client(streamable(f"{server.url}/mcp", token), elicitation_callback=answer) as one:
                told.append(await call(one, "get_generation", generation_id=named))

    assert [True, False, True, True, False] == [one.is_error for one in told]
    assert ["unknown", "failed"] == [structured(told[number])["status"] for number in (1, 4)]
    assert 1 == len(asked)


async def test_requests_on_one_connection_are_those_of_who_sent_them(village: Village) -> None:
    """A proxy sends those of many on one; a body of more than 64 KiB has asyncio remember whose the request was."""
    async with village.client("alice") as alice:
        await call(alice, "generate_image", prompt=PROMPT, provider="theo")
    reader, writer = await village.server.open()

    async def send(token: str, method: str, path: str, body: bytes = b"") -> bytes:
        shown = {"Connection": "keep-alive", **JSON, **bearer(token)}
        writer.write(request(village.server, method, path, shown, body))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return await reader.readexactly(length)

    await send(village.issuer.token(), "POST", "/mcp", b" " * 200_000)
    owners = await send(TOKEN, "GET", "/gallery.json")
    numbers = await send(TOKEN, "GET", "/metrics")
    alices = await send(village.issuer.token(), "GET", "/gallery.json")
    writer.close()

    assert PROMPT.encode() not in owners
    assert b"imagewright_build_info" in numbers
    assert PROMPT.encode() in alices


async def test_two_clients_of_one_principal_share_what_it_made(village: Village) -> None:
    """A person has several agents: it is the person's."""
    async with village.client("alice", "2026-07-28") as one:
        made = structured(await call(one, "generate_image", prompt=PROMPT, provider="theo"))
    token = village.issuer.token({"client_id": "another-agent"})
    async with village.server.client("2024-11-05 sse", token) as another:
        found = await call(another, "get_generation", generation_id=made["generation_id"])

    assert "done" == structured(found)["status"]


async def test_the_log_names_whose_call_it_was(village: Village, kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """An owner wants to know who spent what."""
    caplog.set_level("INFO", "imagewright")
    for name in ("alice", "owner"):
        async with village.client(name, kind) as client:
            await call(client, "generate_image", prompt=PROMPT, provider="theo")

    told: list[Mapping[str, Any]] = [getattr(one, "fields", {}) for one in caplog.records]
    calls = [(one["tool"], one["principal"]) for one in told if "tool" in one]
    assert [("generate_image", f"alice@{village.issuer.url}"), ("generate_image", "local")] == calls


async def test_a_name_belongs_to_its_issuer(village: Village) -> None:
    """Who calls himself like the built-in principal, or like another with its issuer, is somebody else."""
    async with village.client("owner") as owner, village.client("alice") as alice:
        ids = [
            structured(await call(client, "generate_image", prompt=PROMPT, provider="theo"))["generation_id"]
            for client in (owner, alice)
        ]
    for name in ("local", f"alice@{village.issuer.url}"):
        async with village.client(name) as other:
            found = [await call(other, "get_generation", generation_id=one) for one in ids]

        assert [True, True] == [one.is_error for one in found]


async def test_a_session_serves_only_who_opened_it(village: Village) -> None:
    """With another's token its id is as unknown as one that never was."""
    hello = (
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},'
        b'"clientInfo":{"name":"test","version":"0"}}}'
    )
    call = b'{"jsonrpc":"2.0","id":2,"method":"tools/list"}'
    opened = await ask(village.server, "POST", headers=JSON | bearer(village.issuer.token()), body=hello)
    session = JSON | {"Mcp-Session-Id": opened.headers["mcp-session-id"]}

    answers = [
        await ask(village.server, "POST", headers=session | shown, body=call)
        for shown in (bearer(village.issuer.token()), bearer(village.issuer.token({"sub": "bob"})), {})
    ]

    assert [200, 404, 404] == [one.status for one in answers]


@pytest.fixture
def heydecks(scripts: Mapping[str, Scripted]) -> Scripted:
    """The provider that most of these draw with."""
    return scripts["heydecks"]
