"""The faults that a test can ask for, each as a client meets it."""

import io
import threading
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from PIL import Image

from tests.sandbox.rig import KEYS, Rig

KEY = KEYS["heydecks"]


def draw(sandbox: Rig, key: str = KEY, **body: Any) -> httpx2.Response:
    return sandbox.send("POST", "/heydecks/v1/images", key, json={"prompt": "a red fox", **body})


def refusal(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_a_delay_holds_one_request_and_no_other(sandbox: Rig) -> None:
    """The delayed one is still waiting when a later one is answered."""
    sandbox.fault("delay", seconds=1)
    late: list[int] = []
    slow = threading.Thread(target=lambda: late.append(draw(sandbox).status_code))
    slow.start()
    while not sandbox.requests("heydecks"):
        pass

    quick = draw(sandbox).status_code

    assert (quick, late) == (200, [])
    slow.join()
    assert late == [200]


def test_a_status_fault_answers_in_the_vendors_envelope_and_is_free(sandbox: Rig) -> None:
    """With the code, message and headers that were asked for."""
    sandbox.fault("status", status=503, code="busy", message="Later.", headers={"Retry-After": "7"})

    response = draw(sandbox)

    assert (response.status_code, response.headers["retry-after"]) == (503, "7")
    assert response.json() == {"error": {"code": "busy", "message": "Later."}}
    assert sandbox.ledger() == []


@pytest.mark.parametrize(
    ("slug", "path", "codes"),
    [
        ("heydecks", "/v1/images", {402: "insufficient_credits", 429: "rate_limit", 502: "generation_failed"}),
        ("theo", "/api/v1/images", {401: "invalid_api_key", 422: "guardrail_violation", 429: "rate_limit_exceeded"}),
        ("posteverywhere", "/api/v1/ai/generate-image", {402: "insufficient_credits", 503: "service_unavailable"}),
    ],
)
def test_a_status_fault_has_the_code_that_the_vendor_gives_it(
    sandbox: Rig, slug: str, path: str, codes: dict[int, str]
) -> None:
    """A rate limit asked for by its status alone is the vendor's rate limit, not a crash with another number."""
    key = KEYS.get(slug, f"pe_live_{'5a' * 16}")
    got: dict[int, str] = {}
    for status in codes:
        sandbox.fault("status", provider=slug, status=status)
        got[status] = refusal(sandbox.send("POST", f"/{slug}{path}", key, json={"prompt": "a fox"}))[1]

    assert codes == got


@pytest.mark.parametrize(("body", "text"), [({"a": 1}, '{"a": 1}'), ("<html>", "<html>"), ([], "[]")])
def test_a_status_fault_can_bring_its_own_body(sandbox: Rig, body: object, text: str) -> None:
    """JSON, or text as it is."""
    sandbox.fault("status", status=502, body=body)

    response = draw(sandbox)

    assert (response.status_code, response.text) == (502, text)


def test_garbage_is_a_200_that_is_no_json(sandbox: Rig) -> None:
    """What a gateway in between may say; nothing was drawn."""
    sandbox.fault("garbage")

    response = draw(sandbox)

    assert (response.status_code, response.text[:6], sandbox.ledger()) == (200, "<html>", [])


def test_a_cut_body_promises_its_full_length_and_is_charged(sandbox: Rig) -> None:
    """Headers and half the body, then the connection ends."""
    sandbox.fault("cut_body")

    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete"):
        draw(sandbox)

    assert sandbox.ledger() == [("heydecks", Decimal(-8))]


@pytest.mark.parametrize(("kind", "charged"), [("drop_before", []), ("drop_after_charge", [("heydecks", Decimal(-8))])])
def test_a_dropped_connection_answers_nothing(sandbox: Rig, kind: str, charged: list[tuple[str, Decimal]]) -> None:
    """Before the work, free; or after it, paid."""
    sandbox.fault(kind)

    with pytest.raises(httpx2.RemoteProtocolError, match="without sending a response"):
        draw(sandbox)

    assert sandbox.ledger() == charged
    assert draw(sandbox).status_code == 200


def test_a_download_can_be_cut(sandbox: Rig) -> None:
    """A path makes a fault strike what costs nothing."""
    url = draw(sandbox).json()["images"][0]["url"]
    sandbox.fault("cut_body", path="/files/*")

    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(url)

    assert Image.open(io.BytesIO(httpx2.get(url).content)).format == "PNG"


def test_a_fault_strikes_so_often_as_asked(sandbox: Rig) -> None:
    """`times`, then it is gone."""
    sandbox.fault("status", status=500, times=2)

    statuses = [draw(sandbox).status_code for _ in range(3)]

    assert statuses == [500, 500, 200]
    assert sandbox.control("GET", "/faults") == {"faults": []}


def test_a_fault_without_an_end_strikes_until_it_is_taken_back(sandbox: Rig) -> None:
    """`times`: null."""
    sandbox.fault("status", status=500, times=None)
    struck = [draw(sandbox).status_code for _ in range(3)]
    sandbox.control("DELETE", "/faults")

    assert (struck, draw(sandbox).status_code) == ([500] * 3, 200)


def test_a_fault_waits_for_its_provider_and_for_a_paid_request(sandbox: Rig) -> None:
    """A look at a list does not use it up, and neither does another provider."""
    sandbox.fault("status", provider="theo", status=500)

    others = [draw(sandbox).status_code, sandbox.send("GET", "/theo/api/v1/models", KEYS["theo"]).status_code]
    struck = sandbox.send("POST", "/theo/api/v1/images", KEYS["theo"], json={"prompt": "a red fox"}).status_code

    assert (others, struck) == ([200, 200], 500)


def test_a_delay_and_another_fault_meet_in_one_request(sandbox: Rig) -> None:
    """Slow, and then wrong."""
    sandbox.fault("delay", seconds=0)
    sandbox.fault("status", status=504)

    assert draw(sandbox).status_code == 504
    assert sandbox.requests("heydecks")[0]["faults"] == ["delay", "status"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "explode"},
        {"kind": "delay", "status": 500},
        {"kind": "delay", "seconds": "1"},
        {"kind": "delay", "seconds": -1},
        {"kind": "status", "status": True},
        {"kind": "status", "status": 99},
        {"kind": "partial", "keep": 1.5},
        {"kind": "delay", "provider": "nobody"},
        {"kind": "delay", "times": 0},
        {"kind": "cut_body", "path": 7},
    ],
)
def test_a_fault_that_is_not_known_is_refused(sandbox: Rig, body: dict[str, Any]) -> None:
    """A misspelt fault that did nothing would make a test pass for nothing."""
    response = sandbox.send("POST", "/_sandbox/faults", json=body)

    assert refusal(response) == (400, "unknown_fault")
    assert sandbox.control("GET", "/faults") == {"faults": []}


def test_a_refusal_lists_what_is_known(sandbox: Rig) -> None:
    """The message is the remedy."""
    message = sandbox.send("POST", "/_sandbox/faults", json={"kind": "delay", "second": 1}).json()["error"]["message"]

    assert message == "A delay fault has no `second`. It has: provider, kind, times, path, method, seconds."
