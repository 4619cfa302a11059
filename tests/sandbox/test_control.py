"""The control endpoint: what a test can see and change."""

from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.sandbox.rig import KEYS, Rig

KEY = KEYS["heydecks"]


def draw(sandbox: Rig, key: str = KEY, **body: Any) -> httpx2.Response:
    return sandbox.send("POST", "/heydecks/v1/images", key, json={"prompt": "a red fox", **body})


def refusal(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_health_says_whose_world_this_is_and_where_the_providers_are(sandbox: Rig) -> None:
    """What another process asks before it trusts a port."""
    health = sandbox.control("GET", "/health")

    assert (health["status"], health["seed"], health["public_url"]) == ("ok", 1, sandbox.url)
    assert health["providers"]["heydecks"] == f"{sandbox.url}/heydecks"


def test_the_front_page_lists_what_is_served(sandbox: Rig) -> None:
    """And so does a 404 outside of it."""
    front, nowhere = sandbox.send("GET", "/"), sandbox.send("GET", "/heydeks/v1/images")

    assert {"/heydecks", "/theo", "/theo-apex", "/_sandbox"} <= set(front.json()["serves"])
    assert (nowhere.status_code, "/heydecks" in nowhere.text) == (404, True)


def test_a_frozen_clock_stands_until_it_is_moved(sandbox: Rig) -> None:
    """And moved by so many seconds, it stands there."""
    sandbox.control("POST", "/clock", freeze="2026-06-12T11:00:00+02:00")
    sandbox.control("POST", "/clock", advance_seconds=1.5)

    clock = sandbox.control("GET", "/clock")

    assert (clock["now"], clock["frozen"]) == ("2026-06-12T09:00:01.500000+00:00", True)


def test_a_running_clock_can_be_moved_and_put_right(sandbox: Rig) -> None:
    """An offset to the real time."""
    moved = sandbox.control("POST", "/clock", advance_seconds=3600)
    right = sandbox.control("POST", "/clock", reset=True)

    assert (moved["offset_seconds"], right["offset_seconds"], moved["now"] > right["now"]) == (3600, 0, True)


def test_an_answer_is_dated_by_the_clock_of_the_world(sandbox: Rig) -> None:
    """One Date, so that a client that compares it with its own clock finds how far the two are apart."""
    sandbox.control("POST", "/clock", freeze="2026-06-12T09:00:01.500Z")

    refused, drawn = sandbox.send("GET", "/heydecks/nowhere", KEY), draw(sandbox)

    assert ["Fri, 12 Jun 2026 09:00:01 GMT"] == refused.headers.get_list("date") == drawn.headers.get_list("date")


@pytest.mark.parametrize(
    "body", [{}, {"freeze": "noon"}, {"freeze": 7}, {"advance_seconds": "1"}, {"freeze": "2026-06-12", "reset": True}]
)
def test_a_clock_that_cannot_be_is_refused(sandbox: Rig, body: dict[str, Any]) -> None:
    """With the form that it takes."""
    assert refusal(sandbox.send("POST", "/_sandbox/clock", json=body)) == (400, "bad_clock")


def test_every_switch_lists_its_values_and_stands_at_its_default(sandbox: Rig) -> None:
    """Where a contract says nothing, the likeliest reading is the default."""
    for switches in sandbox.control("GET", "/switches").values():
        for switch in switches.values():
            assert switch["value"] == switch["default"] == switch["values"][0]
            assert len(switch["values"]) > 1
            assert switch["about"]


def test_a_switch_can_be_set_and_taken_back(sandbox: Rig) -> None:
    """Null is the default again."""
    on = sandbox.control("PUT", "/switches", heydecks={"partial": "error"})["heydecks"]["partial"]["value"]
    off = sandbox.control("PUT", "/switches", heydecks={"partial": None})["heydecks"]["partial"]["value"]

    assert (on, off) == ("error", "fewer")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"nobody": {}}, (404, "unknown_provider")),
        ({"heydecks": {"parital": "error"}}, (400, "unknown_switch")),
        ({"heydecks": {"partial": "none"}}, (400, "bad_switch")),
        ({"heydecks": "partial"}, (400, "bad_value")),
    ],
)
def test_a_switch_that_is_not_known_is_refused(sandbox: Rig, body: dict[str, Any], expected: tuple[int, str]) -> None:
    """And none of the others in the same body is set."""
    body = {"theo": {"url": "null"}, **body}

    response = sandbox.send("PUT", "/_sandbox/switches", json=body)

    assert refusal(response) == expected
    assert sandbox.control("GET", "/switches")["theo"]["url"]["value"] == "string"


def test_an_account_is_made_by_its_first_request_and_names_no_key(sandbox: Rig) -> None:
    """Only a fingerprint of it."""
    draw(sandbox)

    (account,) = sandbox.control("GET", "/accounts")["accounts"]

    assert (account["provider"], account["balance"], account["unit"]) == ("heydecks", "99992", "credits")
    assert (account["facts"]["plan"], len(account["fingerprint"])) == ("enterprise", 12)


def test_one_account_can_be_changed_by_its_key(sandbox: Rig) -> None:
    """Before it ever called, and without touching another."""
    sandbox.account("heydecks", key="hd_live_abc12345_mine", balance="8", plan="pro")

    statuses = [draw(sandbox, key).status_code for key in ("hd_live_abc12345_mine", KEY, "hd_live_abc12345_mine")]

    assert statuses == [200, 200, 402]


def test_one_account_can_be_changed_by_its_fingerprint(sandbox: Rig) -> None:
    """As GET /accounts and GET /requests name it."""
    draw(sandbox)
    mark = sandbox.requests()[0]["fingerprint"]

    sandbox.account("heydecks", fingerprint=mark, balance=0)

    assert (draw(sandbox).status_code, draw(sandbox, "hd_live_abc12345_other").status_code) == (402, 200)


def test_all_accounts_change_together_and_so_do_those_to_come(sandbox: Rig) -> None:
    """Without a key or a fingerprint."""
    draw(sandbox)

    sandbox.account("heydecks", balance="9.5")

    statuses = [draw(sandbox, key, n=2).status_code for key in (KEY, "hd_live_abc12345_new")]
    balances = [account["balance"] for account in sandbox.control("GET", "/accounts/heydecks")["accounts"]]
    assert (statuses, balances) == ([402, 402], ["9.5", "9.5"])


def test_a_change_of_balance_is_in_the_ledger(sandbox: Rig) -> None:
    """So that the rows always add up."""
    draw(sandbox)
    sandbox.account("heydecks", balance="100000")

    assert sandbox.ledger() == [("heydecks", Decimal(-8)), ("heydecks", Decimal(8))]


@pytest.mark.parametrize(
    ("provider", "body", "expected"),
    [
        ("nobody", {}, (404, "unknown_provider")),
        ("heydecks", {"colour": "red"}, (400, "unknown_field")),
        ("heydecks", {"balance": "much"}, (400, "bad_account")),
        ("heydecks", {"balance": True}, (400, "bad_account")),
        ("heydecks", {"key": "sk-1"}, (400, "bad_account")),
        ("heydecks", {"fingerprint": "0" * 12}, (404, "no_account")),
        ("heydecks", {"plan": "gold"}, (400, "bad_account")),
        ("heydecks", {"revoked": "yes"}, (400, "bad_account")),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    sandbox: Rig, provider: str, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    """With what is known instead."""
    assert refusal(sandbox.send("PUT", f"/_sandbox/accounts/{provider}", json=body)) == expected


def test_what_arrived_is_kept_without_the_key(sandbox: Rig) -> None:
    """The body, the names of the headers, the form of the authorization; nowhere its value."""
    secret = "hd_live_abc12345_" + "verysecret"
    draw(sandbox, secret, n=2)

    (request,) = sandbox.requests()

    assert (request["provider"], request["method"], request["path"]) == ("heydecks", "POST", "/v1/images")
    assert request["body"] == {"prompt": "a red fox", "n": 2}
    assert ("authorization" in request["header_names"], request["auth_scheme"]) == (True, "Bearer")
    assert "verysecret" not in str(request)


def test_what_is_no_json_is_kept_as_text(sandbox: Rig) -> None:
    """Or by its size."""
    for content in (b"prompt=fox", b"\xff\xfe"):
        sandbox.send("POST", "/heydecks/v1/images", KEY, content=content)

    assert [request["body"] for request in sandbox.requests()] == ["prompt=fox", {"size_bytes": 2}]


def test_a_download_arrives_without_a_key(sandbox: Rig) -> None:
    """It is in the list as well."""
    httpx2.get(draw(sandbox).json()["images"][0]["url"])

    download = sandbox.requests()[1]

    assert (download["method"], download["path"][:7], download["auth_scheme"]) == ("GET", "/files/", None)


def test_the_ledger_and_the_requests_can_be_had_by_provider(sandbox: Rig) -> None:
    """`?provider=`."""
    draw(sandbox)
    sandbox.send("POST", "/theo/api/v1/images", KEYS["theo"], json={"prompt": "a red fox"})

    ledger = sandbox.control("GET", "/ledger?provider=theo")["ledger"]
    requests = sandbox.control("GET", "/requests?provider=theo")["requests"]

    assert [row["amount"] for row in ledger] == ["-0.04"]
    assert [request["provider"] for request in requests] == ["theo"]


def test_a_reset_forgets_everything_but_the_seed(sandbox: Rig) -> None:
    """The same requests then bring the same URLs."""
    first = draw(sandbox).json()
    sandbox.switch("heydecks", partial="error")
    sandbox.fault("status")
    sandbox.control("POST", "/reset")

    again = draw(sandbox).json()

    assert (again, sandbox.control("GET", "/health")["seed"]) == (first, 1)


def test_another_seed_brings_other_ids(sandbox: Rig) -> None:
    """`POST /reset` with a seed."""
    first = draw(sandbox).json()
    sandbox.control("POST", "/reset", seed=2)

    second = draw(sandbox).json()
    sandbox.control("POST", "/reset", seed=1)

    assert first != second


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("PUT", "/faults")])
def test_what_the_control_endpoint_has_not_is_listed(sandbox: Rig, method: str, path: str) -> None:
    """Every path that it has."""
    response = sandbox.send(method, f"/_sandbox{path}")

    assert response.status_code in {404, 405}
    assert "POST /faults, DELETE /faults" in response.json()["error"]["message"]
