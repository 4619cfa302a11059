"""Access tokens of an authorization server: which are taken, and what each of the others is answered."""

import base64
import time
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import jwt
import pytest
import pytest_asyncio

from imagewright.settings import OAuth
from imagewright.transports.issuer_keys import IssuerKeys, KeysUnavailableError
from imagewright.transports.oauth import BadTokenError, Verifier
from tests.http.hosted import Hosted, Kind, bearer, hosted
from tests.http.issuer import AUDIENCE, KEYS_PATH, METADATA, OPENID, Issuer, issuing, private_key, public_jwk
from tests.http.raw import ask
from tests.scripted import Answer

BASE = "https://pictures.example.com"
NOT_VALID = "The access token is not valid."
UNKNOWN_KEY = "The access token is signed with a key that its issuer does not have."
NOT_TAKEN = "The access token is not signed in a way that this server takes."
LACKS = "The access token lacks a claim: it needs iss, aud, exp and sub."

BAD: Mapping[str, tuple[dict[str, object], str]] = {
    "expired": ({"exp": 1}, "The access token has expired: get a new one."),
    "without an end": ({"exp": None}, LACKS),
    "not valid yet": ({"nbf": 32503680000}, "The access token is not valid yet: compare the clocks."),
    "for another server": ({"aud": "another"}, "The access token is for another server."),
    "for nobody": ({"aud": None}, LACKS),
    "of another issuer": ({"iss": "https://evil.example"}, "The access token is from another issuer."),
    "of no issuer": ({"iss": None}, LACKS),
    "of nobody": ({"sub": None}, LACKS),
    "of a name without a letter": ({"sub": ""}, "The access token names nobody in a form that can be used."),
    "of a name with a line feed": ({"sub": "a\nb"}, "The access token names nobody in a form that can be used."),
    "of an endless name": ({"sub": "a" * 256}, "The access token names nobody in a form that can be used."),
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def issuer() -> AsyncGenerator[Issuer]:
    """An issuer with one key."""
    async with issuing() as running:
        running.publish()
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def guarded(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Hosted]:
    """A server that takes the issuer's tokens."""
    home = tmp_path_factory.mktemp("home")
    environ = {"IMAGEWRIGHT_HOME": str(home), "IMAGEWRIGHT_SANDBOX": "1", **issuer.environ}
    async with hosted(environ) as running:
        yield running


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", BAD)
async def test_a_token_that_is_no_good_is_refused_with_the_reason(name: str, guarded: Hosted, issuer: Issuer) -> None:
    """401 with what is wrong, and where a client learns how to get a good one."""
    claims, reason = BAD[name]

    answer = await ask(guarded, headers=bearer(issuer.token(claims)))

    assert (401, f"{reason}\n") == (answer.status, answer.body)
    assert (
        f'Bearer realm="imagewright", error="invalid_token", '
        f'resource_metadata="{guarded.url}/.well-known/oauth-protected-resource/mcp"'
    ) == answer.headers["www-authenticate"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_token_signed_with_an_unknown_key_is_refused(guarded: Hosted, issuer: Issuer) -> None:
    """The issuer does not publish it (any more)."""
    answer = await ask(guarded, headers=bearer(issuer.token(key=7)))

    assert (401, f"{UNKNOWN_KEY}\n") == (answer.status, answer.body)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_token_signed_in_a_weak_way_is_refused(guarded: Hosted, issuer: Issuer) -> None:
    """Not signed at all, or with a secret that is the issuer's public key: both are old tricks."""
    claims = {"iss": issuer.url, "aud": AUDIENCE, "sub": "alice", "exp": int(time.time()) + 600}
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        forged = jwt.encode(claims, "short", "HS256", {"kid": "RS256-0"})
    unsigned = jwt.encode(claims, "", "none", {"kid": "RS256-0"})

    answers = [await ask(guarded, headers=bearer(token)) for token in (forged, unsigned)]

    assert [(401, f"{NOT_TAKEN}\n")] * 2 == [(one.status, one.body) for one in answers]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_token_that_somebody_else_signed_is_refused(guarded: Hosted, issuer: Issuer) -> None:
    """It names the issuer's key, and another key signed it."""
    claims = {"iss": issuer.url, "aud": AUDIENCE, "sub": "alice", "exp": int(time.time()) + 600}
    forged = jwt.encode(claims, private_key("RS256", 9), "RS256", {"kid": "RS256-0"})
    altered = issuer.token()[:-8] + "AAAAAAAA"

    answers = [await ask(guarded, headers=bearer(token)) for token in (forged, altered, "a.b.c", "x" * 9000)]

    assert [NOT_VALID, NOT_VALID, NOT_VALID, "The access token is too long."] == [one.body.strip() for one in answers]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "header",
    [
        '{"alg": []}',
        '{"alg": {}}',
        '{"alg": null}',
        '{"alg": 1e999}',
        '{"alg": "RS256", "kid": []}',
        '{"alg": "RS256", "kid": "RS256-0", "crit": ["x"]}',
        '{"alg": "RS256", "kid": "RS256-0", "crit": ["b64"], "b64": false}',
        '{"alg": "RS256", "kid": "RS256-0", "jku": "http://127.0.0.1:1/"}',
        '{"alg": ' + "[" * 5000,
        '{"alg": ' + "9" * 5000 + "}",
        '"RS256"',
        "",
    ],
)
async def test_a_token_that_nobody_could_have_meant_is_refused_quietly(
    header: str, guarded: Hosted, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever reaches the server may send one: it costs no stack in the log."""
    parts = [base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in (header.encode(), b"{}", b"x" * 256)]

    answer = await ask(guarded, headers=bearer(".".join(parts)))

    assert 401 == answer.status
    assert [] == [one for one in caplog.records if one.exc_info]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("kind", ["2024-11-05 sse", "2025-11-25", "2026-07-28"])
async def test_clients_of_all_generations_come_in_with_an_access_token(
    kind: Kind, guarded: Hosted, issuer: Issuer
) -> None:
    """A good token is all that they need; the server's own goes on to work beside it."""
    async with guarded.client(kind, issuer.token()) as client:
        listed = await client.list_tools()
    async with guarded.client(kind) as client:
        by_owner = await client.list_tools()

    assert "generate_image" in [tool.name for tool in listed.tools]
    assert len(listed.tools) == len(by_owner.tools)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("endpoint", ["", "/mcp", "/sse"])
async def test_everybody_learns_where_to_get_a_token(endpoint: str, guarded: Hosted, issuer: Issuer) -> None:
    """The metadata need no token, and name the address that the client knows."""
    answer = await ask(guarded, path=f"/.well-known/oauth-protected-resource{endpoint}", headers={"Authorization": ""})

    assert (200, "application/json") == (answer.status, answer.headers["content-type"])
    assert (
        f'{{"resource":"{guarded.url}{endpoint}","resource_name":"imagewright","authorization_servers":'
        f'["{issuer.url}"],"bearer_methods_supported":["header"]}}'
    ) == answer.body


@pytest.mark.asyncio(loop_scope="module")
async def test_only_the_owner_comes_to_the_figures_of_the_server(guarded: Hosted, issuer: Issuer) -> None:
    """/metrics tells of everybody: an access token does not open it, and that is counted as what it is."""
    answer = await ask(guarded, path="/metrics", headers=bearer(issuer.token()))
    told = await ask(guarded, path="/metrics")

    assert (403, "The numbers of a server are for its owner: they take its own token.\n") == (
        answer.status,
        answer.body,
    )
    assert 200 == told.status
    assert 'imagewright_http_refused_total{reason="not_allowed"} 1.0' in told.body


async def test_a_token_needs_the_scopes_that_the_owner_asks_for(tmp_path: Path) -> None:
    """403 with the scopes that are needed; a list and a text are both ways to name them."""
    async with issuing() as issuer:
        issuer.publish()
        environ = {"IMAGEWRIGHT_HOME": str(tmp_path), "IMAGEWRIGHT_SANDBOX": "1", **issuer.environ}
        async with hosted(environ | {"IMAGEWRIGHT_OAUTH_SCOPES": "images:draw"}) as server:
            lacking = await ask(server, headers=bearer(issuer.token({"scope": "openid"})))
            statuses = [
                (await ask(server, path="/gallery.json", headers=bearer(issuer.token(one)))).status
                for one in ({"scope": "openid images:draw"}, {"scp": ["images:draw"]}, {"scp": [7]}, {"scope": 7})
            ]

    assert (403, "The access token lacks the scope images:draw.\n") == (lacking.status, lacking.body)
    assert (
        f'Bearer realm="imagewright", error="insufficient_scope", '
        f'resource_metadata="{server.url}/.well-known/oauth-protected-resource/mcp", scope="images:draw"'
    ) == lacking.headers["www-authenticate"]
    assert [200, 200, 403, 403] == statuses


async def test_without_its_keys_nobody_is_let_in_or_told_that_a_token_is_wrong(tmp_path: Path) -> None:
    """503: the client's token may be good. The owner gets in all the same."""
    async with issuing() as issuer:
        issuer.server.answer(*[Answer(500)] * 9)
        environ = {"IMAGEWRIGHT_HOME": str(tmp_path), "IMAGEWRIGHT_SANDBOX": "1", **issuer.environ}
        async with hosted(environ) as server:
            first, second = [await ask(server, headers=bearer(issuer.token())) for _ in range(2)]
            owner = await ask(server, path="/gallery.json")

    words = "The keys of the authorization server cannot be had. Try again in a minute.\n"
    assert (503, words, "60") == (first.status, first.body, first.headers["retry-after"])
    assert (503, 200) == (second.status, owner.status)
    assert [METADATA, OPENID] == issuer.server.paths  # the second token did not have it asked again


async def test_without_oauth_an_access_token_is_a_wrong_token(tmp_path: Path) -> None:
    """No key is fetched because somebody names an issuer."""
    async with issuing() as issuer, hosted({"IMAGEWRIGHT_HOME": str(tmp_path), "IMAGEWRIGHT_SANDBOX": "1"}) as server:
        refused = await ask(server, headers=bearer(issuer.token()))
        metadata = await ask(server, path="/.well-known/oauth-protected-resource/mcp", headers={"Authorization": ""})

    assert [(401, "The token is not the one of this server.\n"), 401] == [
        (refused.status, refused.body),
        metadata.status,
    ]
    assert [] == issuer.server.seen


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256", "EdDSA"])
async def test_every_usual_way_to_sign_is_taken(algorithm: str) -> None:
    """RSA in both paddings, elliptic curves, Edwards curves; a key need not say for which it is."""
    async with issuing(algorithm) as issuer:
        key = public_jwk(algorithm)
        key.pop("alg", None)
        issuer.publish(key)
        user = await _verifier(issuer).user(issuer.token({"sub": "bob"}))

    assert f"bob@{issuer.url}" == user.access_token.subject


async def test_the_address_of_the_server_is_the_audience_unless_another_is_set() -> None:
    """With and without an endpoint; what begins like it is not it."""
    async with issuing() as issuer:
        issuer.publish()
        verifier = _verifier(issuer, audience=None)
        good: list[object] = [BASE, f"{BASE}/", f"{BASE}/mcp", f"{BASE}/sse", [f"{BASE}/mcp", "another"]]
        bad: list[object] = [AUDIENCE, f"{BASE}.evil.example", f"{BASE}/mcp/x", f"{BASE}:443/mcp", []]
        for audience in good:
            assert (await verifier.user(issuer.token({"aud": audience}))).access_token.subject

        for audience in bad:
            with pytest.raises(BadTokenError, match=r"another server|lacks a claim"):
                await verifier.user(issuer.token({"aud": audience}))


async def test_the_keys_are_found_by_openid_metadata_as_well() -> None:
    """Where there is no RFC 8414 document; a path of the issuer stands before one name and behind the other."""
    async with issuing() as issuer:
        name = f"{issuer.url}/tenant"
        issuer.server.answer(Answer(404), path=f"{METADATA}/tenant")
        metadata = {"issuer": name, "jwks_uri": f"{issuer.url}{KEYS_PATH}"}
        issuer.server.answer(Answer(200, metadata), path=f"/tenant{OPENID}")
        issuer.server.answer(Answer(200, {"keys": [public_jwk("RS256")]}), path=KEYS_PATH)
        keys = IssuerKeys(name, None)

        found = await keys.key("RS256-0", "RS256")

    assert found is not None
    assert [f"{METADATA}/tenant", f"/tenant{OPENID}", KEYS_PATH] == issuer.server.paths


@pytest.mark.parametrize(
    "metadata",
    [
        '{"issuer": "https://evil.example", "jwks_uri": "URL/keys"}',
        '{"issuer": "URL", "jwks_uri": "http://keys.example.com/keys"}',
        '{"issuer": "URL", "jwks_uri": 7}',
        '{"jwks_uri": "URL/keys"}',
        "[]",
        "no JSON",
    ],
)
async def test_metadata_of_another_lead_to_no_keys(metadata: str) -> None:
    """They must name this very issuer, and keys that nobody can forge on the way."""
    async with issuing() as issuer:
        issuer.server.answer(Answer(200, metadata.replace("URL", issuer.url).encode()), path=METADATA)
        issuer.server.answer(Answer(404), path=OPENID)
        issuer.server.answer(Answer(200, {"keys": [public_jwk("RS256")]}), path=KEYS_PATH)

        with pytest.raises(KeysUnavailableError):
            await IssuerKeys(issuer.url, None).key("RS256-0", "RS256")
    assert KEYS_PATH not in issuer.server.paths


async def test_a_new_key_is_fetched_once_and_not_for_every_made_up_name() -> None:
    """After a change of keys the next token has them fetched; a crowd of unknown names does so once in 30 seconds."""
    now = [0.0]
    async with issuing() as issuer:
        keys = IssuerKeys(issuer.url, f"{issuer.url}{KEYS_PATH}", clock=lambda: now[0])
        issuer.server.answer(Answer(200, {"keys": [public_jwk("RS256", 0)]}), path=KEYS_PATH)
        issuer.server.answer(Answer(200, {"keys": [public_jwk("RS256", 1)]}), path=KEYS_PATH)
        assert await keys.key("RS256-0", "RS256")
        assert [None] * 20 == [await keys.key(f"made-up-{number}", "RS256") for number in range(20)]
        assert 1 == len(issuer.server.seen)

        now[0] = 31
        found = await keys.key("RS256-1", "RS256")

    assert (True, None, 2) == (found is not None, await keys.key("RS256-0", "RS256"), len(issuer.server.seen))


async def test_known_keys_go_on_while_the_issuer_is_away() -> None:
    """They are fetched anew each hour; where that fails, the old ones are as good as before."""
    now = [0.0]
    async with issuing() as issuer:
        keys = IssuerKeys(issuer.url, f"{issuer.url}{KEYS_PATH}", clock=lambda: now[0])
        issuer.server.answer(Answer(200, {"keys": [public_jwk("RS256")]}), path=KEYS_PATH)
        issuer.server.answer(Answer(500), Answer(200, b"[]"), Answer(200, {"keys": []}), path=KEYS_PATH)
        found: list[bool] = []
        for now[0] in (0, 3599, 3700, 3800, 3900):
            found.append(await keys.key("RS256-0", "RS256") is not None)

    assert [True] * 5 == found
    assert 4 == len(issuer.server.seen)


async def test_a_key_to_encrypt_and_a_secret_sign_nothing() -> None:
    """Nor does a key whose own algorithm is another; the only key needs no name."""
    async with issuing() as issuer:
        published = [
            public_jwk("RS256", 0, kid="enc", use="enc"),
            {"kid": "secret", "kty": "oct", "k": "c2VjcmV0"},
            public_jwk("RS256", 1, kid="other", alg="PS256"),
        ]
        issuer.server.answer(Answer(200, {"keys": published}), path=KEYS_PATH)
        keys = IssuerKeys(issuer.url, f"{issuer.url}{KEYS_PATH}")

        found = [await keys.key(name, "RS256") for name in ("enc", "secret", "other")]

        assert [None, None, None] == found
        assert await keys.key(None, "PS256")
        assert await keys.key("other", "ES256") is None


def _verifier(issuer: Issuer, audience: str | None = AUDIENCE) -> Verifier:
    oauth = OAuth(issuer.url, audience, f"{issuer.url}{KEYS_PATH}")
    return Verifier(oauth, BASE, IssuerKeys(issuer.url, oauth.jwks_url))
