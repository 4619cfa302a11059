"""The bank is honest: its ledger says what happened, its vendors answer as documented, its faults are what they say."""

import asyncio
import hashlib
import json
import sys
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.faults.bank import Bank
from tests.faults.fault import HTML, RIGHT, Fault, Moment
from tests.faults.matrix import ALL
from tests.faults.vendors import VENDORS

BODIES: dict[str, dict[str, Any]] = {
    "heydecks": {"prompt": "a fox", "n": 2},
    "theo": {"prompt": "a fox", "count": 2},
    "posteverywhere": {"prompt": "a fox", "model": "ideogram-v2"},
    "depicta": {"prompt": "a fox", "model": "flux"},
}
COSTS = {"heydecks": "16", "theo": "8", "posteverywhere": "8", "depicta": "0.048"}


async def order(bank: Bank, slug: str) -> httpx2.Response:
    """Send a paid request on a connection of its own."""
    async with httpx2.AsyncClient(trust_env=False, timeout=None) as client:
        url = f"{bank.origin}/{slug}{VENDORS[slug].paid_path}"
        return await client.post(url, json=BODIES[slug], headers={"Idempotency-Key": "key_1"})


async def look(bank: Bank, path: str) -> Any:
    """Return the JSON under a path."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.get(f"{bank.origin}{path}")).json()


@pytest.mark.parametrize("slug", ALL)
async def test_a_picture_costs_its_price_and_is_there(slug: str, bank: Bank) -> None:
    """One request, one charge of the published price, and pictures whose bytes can be fetched."""
    answer = await order(bank, slug)

    (charge,) = bank.ledger.charged(slug)
    assert VENDORS[slug].status == answer.status_code
    assert (Decimal(COSTS[slug]), "a fox", "key_1") == (charge.amount, charge.prompt, charge.idempotency_key)
    assert all(one in answer.text for one in charge.picture_ids)
    assert 1 == bank.ledger.sent(slug)
    async with httpx2.AsyncClient(trust_env=False) as client:
        fetched = await client.get(f"{bank.origin}/pictures/{charge.picture_ids[0]}.png")
    assert (200, "image/png") == (fetched.status_code, fetched.headers["content-type"])
    assert fetched.content == bank.ledger.pictures[charge.picture_ids[0]]


async def test_depicta_keeps_a_job_of_each_picture(bank: Bank) -> None:
    """The list and the job show the result, with a true hash, newest first; a late one runs, a failed one says so."""
    bank.arm("depicta", RIGHT, Fault(late_seconds=3600), Fault(ending="silent", charged=False, failed_job=True))
    answer = await order(bank, "depicta")
    await order(bank, "depicta")
    with pytest.raises(httpx2.HTTPError):
        await order(bank, "depicta")

    jobs = await look(bank, "/depicta/v1/jobs?limit=2&offset=1")
    job = await look(bank, f"/depicta/v1/jobs/{answer.headers['x-depicta-job-id']}")

    assert (3, ["processing", "completed"]) == (jobs["total"], [one["status"] for one in jobs["generations"]])
    assert job == jobs["generations"][1]
    assert job["result"]["image_hash"] == hashlib.sha256(bank.ledger.pictures[job["result"]["id"]]).hexdigest()
    assert "failed" == (await look(bank, "/depicta/v1/jobs"))["generations"][0]["status"]
    assert 2 == len(bank.ledger.charged("depicta"))


async def test_posteverywhere_has_two_witnesses(bank: Bank) -> None:
    """The counter of credits and the library both know of a picture, ours or not; neither knows of a late one yet."""
    await order(bank, "posteverywhere")
    bank.outsider("posteverywhere")
    bank.arm("posteverywhere", Fault(late_seconds=60))
    await order(bank, "posteverywhere")

    used = (await look(bank, "/posteverywhere/api/v1/me"))["data"]["quota"]["ai_credits"]["used"]
    media = (await look(bank, "/posteverywhere/api/v1/media?type=image"))["data"]["media"]

    ours, theirs, _ = bank.ledger.charged("posteverywhere")
    assert 8 + 15 == used
    assert [theirs.picture_ids[0], ours.picture_ids[0]] == [one["media_id"] for one in media]


async def test_theo_counts_what_was_used(bank: Bank) -> None:
    """Requests and cents; the other vendors' do not count."""
    await order(bank, "theo")
    await order(bank, "heydecks")

    assert {"requests": 1, "cost_cents": 8.0} == (await look(bank, "/theo/api/v1/usage"))["totals"]


@pytest.mark.parametrize(
    ("fault", "charges"),
    [
        (Fault(ending="silent"), 1),
        (Fault(ending="silent", reset=True), 1),
        (Fault(ending="silent", charged=False), 0),
        (Fault(ending="unread"), 0),
        (Fault(ending="unread", reset=True), 0),
        (Fault(ending="half"), 1),
        (Fault(ending="raw", page="hello"), 1),
    ],
    ids=["silent", "silent, reset", "silent, free", "unread", "unread, reset", "half", "raw"],
)
async def test_a_broken_connection_is_one(fault: Fault, charges: int, bank: Bank) -> None:
    """The client gets no answer that it could read, the ledger has the request, and the money as the fault says."""
    bank.arm("heydecks", fault)

    with pytest.raises(httpx2.HTTPError):
        await order(bank, "heydecks")

    assert (1, charges) == (bank.ledger.sent("heydecks"), len(bank.ledger.charges))


async def test_reset_is_rst_and_close_is_fin(bank: Bank) -> None:
    """What the peer sees differs: an error for the one, an end for the other."""
    seen: list[str] = []
    for reset in (True, False):
        bank.arm("heydecks", Fault(ending="silent", reset=reset))
        reader, writer = await asyncio.open_connection("127.0.0.1", bank.port)
        writer.write(b"POST /heydecks/v1/images HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        try:
            seen.append(repr(await reader.read()))
        except ConnectionResetError:
            seen.append("reset")
        writer.close()

    assert ["reset", "b''"] == seen


async def test_a_status_comes_in_the_vendors_words_or_a_proxys(bank: Bank) -> None:
    """An error charges nothing unless it is told to."""
    bank.arm("depicta", Fault(503, code="internal_error", headers={"Retry-After": "7"}), Fault(502, page=HTML))

    own, proxy = await order(bank, "depicta"), await order(bank, "depicta")

    assert (503, "internal_error", "7") == (own.status_code, own.json()["error"], own.headers["retry-after"])
    assert (502, HTML, "text/html") == (proxy.status_code, proxy.text, proxy.headers["content-type"])
    assert 0 == len(bank.ledger.charges)


async def test_faults_are_for_the_vendor_and_in_order(bank: Bank) -> None:
    """The second request meets the second; after them every one meets what is for ever."""
    bank.arm("theo", RIGHT, Fault(400, code="missing_prompt"))
    bank.always("theo", Fault(429, code="rate_limit_exceeded"))

    statuses = [(await order(bank, "theo")).status_code for _ in range(4)]

    assert [200, 400, 429, 429] == statuses
    assert 200 == (await order(bank, "heydecks")).status_code


@pytest.mark.parametrize("moment", ["arrived", "charged", "head", "half", "answered"])
async def test_a_pause_holds_a_request_at_its_moment(moment: Moment, bank: Bank) -> None:
    """Before the charge there is none; afterwards it is there; the answer comes once it goes on."""
    pause = bank.pause("theo", moment)
    ordering = asyncio.create_task(order(bank, "theo"))

    await pause.reached_by(ordering)
    charged = len(bank.ledger.charges)
    pause.go.set()

    assert 200 == (await ordering).status_code
    assert (0 if moment == "arrived" else 1) == charged


async def test_as_a_process_it_takes_orders_over_http() -> None:
    """It prints its port, takes faults, tells the ledger, and forgets."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.bank", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    bank = Bank()
    bank.port = int(await process.stdout.readline())
    async with httpx2.AsyncClient(base_url=bank.origin, trust_env=False) as client:
        faults = [{"status": 402, "code": "insufficient_credits"}]
        await client.post("/faults", json={"provider": "heydecks", "faults": faults, "always": {"status": 201}})
        refused, done = await order(bank, "heydecks"), await order(bank, "heydecks")
        told = (await client.get("/ledger")).json()
        forgot = (await client.post("/reset", json={})).json()
    process.terminate()
    await process.wait()

    assert (402, 201) == (refused.status_code, done.status_code)
    assert 2 == len(told["arrivals"])
    assert [] == told["charges"] == forgot["arrivals"], json.dumps(told)
