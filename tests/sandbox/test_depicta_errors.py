"""Depicta's errors in the sandbox: flat bodies, request ids, three spellings, who may call and how often at once."""

import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import pytest
from PIL import Image

from imagewright.sandbox import pictures
from tests.sandbox.depicta_client import KEY, ROOT, draw, error, get, post
from tests.sandbox.rig import FlatPainter, Rig


def test_an_error_is_flat_and_names_its_request(sandbox: Rig) -> None:
    """The schema of every operation page; the id has the form of the client's tests."""
    body = draw(sandbox, image_size="8K").json()

    assert list(body) == ["error", "message", "request_id", "details"]
    assert body["request_id"].startswith("req_")
    assert len(body["request_id"]) == len("req_0123456789abcdef")


def test_details_are_absent_where_there_are_none(sandbox: Rig) -> None:
    """Only fields have details."""
    assert list(get(sandbox, "/v1/nothing").json()) == ["error", "message", "request_id"]


@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer nokey", "Bearer dpct_", "Bearer dpct_revoked00", f"Basic {KEY}", KEY],
)
def test_a_missing_malformed_or_revoked_key_is_401(sandbox: Rig, authorization: str | None) -> None:
    """depicta.ai/docs/reference/error-codes."""
    headers = {} if authorization is None else {"Authorization": authorization}

    assert error(sandbox.send("GET", f"{ROOT}/v1/models", headers=headers)) == (401, "authentication_error")


def test_any_key_of_the_documented_form_is_taken(sandbox: Rig) -> None:
    """The example of depicta.ai/docs/api."""
    assert get(sandbox, "/v1/models", "dpct_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V").status_code == 200


@pytest.mark.parametrize(
    ("key", "code"),
    [("dpct_suspended1", "account_suspended"), ("dpct_unverified1", "auth_email_not_verified")],
)
def test_the_owner_of_a_good_key_may_be_shut_out(sandbox: Rig, key: str, code: str) -> None:
    """Two of the 403s of the error-code page."""
    assert error(get(sandbox, "/v1/models", key)) == (403, code)


def test_a_model_that_the_account_may_not_use_is_403(sandbox: Rig) -> None:
    """model_not_allowed: the client's tests."""
    response = draw(sandbox, "dpct_restricted1", model="flux")

    assert error(response) == (403, "model_not_allowed")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/nothing"), ("GET", "/v1/generate/image"), ("GET", "/")])
def test_what_is_not_there_is_404(sandbox: Rig, method: str, path: str) -> None:
    """The error-code page speaks of the URL and the method in one line."""
    assert error(sandbox.send(method, ROOT + path, KEY)) == (404, "not_found")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b"{", "application/json"), (b"[]", "application/json"), (b"", "application/json"), (b"prompt=x", "text/plain")],
)
def test_a_body_that_is_no_object_is_400(sandbox: Rig, content: bytes, content_type: str) -> None:
    """Bodies are JSON objects."""
    headers = {"Content-Type": content_type}
    response = sandbox.send("POST", f"{ROOT}/v1/generate/image", KEY, content=content, headers=headers)

    assert error(response) == (400, "validation_error")


def test_half_a_character_is_refused(sandbox: Rig) -> None:
    """JSON can carry a lone surrogate, in a value and in a name; no answer can."""
    content = b'{"prompt": "a \\ud800 fox", "model": "flux", "\\ud800": 1}'
    headers = {"Content-Type": "application/json"}

    response = sandbox.send("POST", f"{ROOT}/v1/generate/image", KEY, content=content, headers=headers)

    assert (error(response), list(response.json()["details"])) == ((400, "validation_error"), ["prompt", "?"])


def test_an_upload_of_more_than_50_mb_is_413(sandbox: Rig) -> None:
    """payload_too_large."""
    files = {"image": ("large.png", b"\0" * (51 * 1024 * 1024), "image/png")}

    assert error(sandbox.send("POST", f"{ROOT}/v1/upload", KEY, files=files)) == (413, "payload_too_large")


@pytest.mark.parametrize(("size", "path"), [("4K", "/v1/generate/image"), (None, "/v1/edit/image")])
def test_what_a_model_cannot_do_is_422(sandbox: Rig, size: str | None, path: str) -> None:
    """model_not_capable: here a size and an edit of a model that only generates."""
    more = {"input_image_url": "https://example.com/a.png"} if size is None else {}

    response = draw(sandbox, path=path, model="sandbox-economy", image_size=size, **more)

    assert error(response) == (422, "model_not_capable")


_CASES: list[tuple[str, dict[str, Any]]] = [
    (KEY, {"image_size": "8K"}),
    ("nokey", {}),
    ("dpct_empty000", {}),
    (KEY, {"prompt": "forbidden-by-moderation"}),
    (KEY, {"model": "sandbox-economy", "image_size": "4K"}),
]


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        (
            "client",
            [
                (400, "validation_error"),
                (401, "authentication_error"),
                (402, "insufficient_credits"),
                (451, "content_rejected"),
                (422, "model_not_capable"),
            ],
        ),
        (
            "error_page",
            [
                (400, "bad_request"),
                (401, "auth_invalid"),
                (402, "credit_insufficient"),
                (403, "content_rejected"),
                (422, "model_not_capable"),
            ],
        ),
        (
            "operations",
            [
                (400, "bad_request"),
                (401, "auth_invalid"),
                (402, "insufficient_credits"),
                (451, "content_rejected"),
                (422, "model_not_capable"),
            ],
        ),
    ],
)
def test_errors_are_spelled_in_one_of_three_ways(sandbox: Rig, spelling: str, expected: list[tuple[int, str]]) -> None:
    """The client 1.3.0, the error-code page and the operation pages disagree."""
    sandbox.switch("depicta", errors=spelling)

    assert [error(draw(sandbox, key, **body)) for key, body in _CASES] == expected


def test_a_fault_is_spelled_as_the_switch_says(sandbox: Rig) -> None:
    """A 500 without a code of its own."""
    sandbox.switch("depicta", errors="error_page")
    sandbox.fault("status", status=500)

    assert error(draw(sandbox)) == (500, "internal_error")


@pytest.mark.parametrize("status", [409, 500, 502, 503])
def test_every_status_of_the_page_can_be_asked_for(sandbox: Rig, status: int) -> None:
    """Those that nothing here leads to come as a fault, in the vendor's own body."""
    sandbox.fault("status", status=status, code="internal")

    response = draw(sandbox)

    assert error(response) == (status, "internal")
    assert sandbox.ledger() == []


def test_wrong_fields_can_be_422(sandbox: Rig) -> None:
    """The client's sample of a validation_error has no status."""
    sandbox.switch("depicta", validation_status="422")

    assert error(draw(sandbox, image_size="8K")) == (422, "validation_error")


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("validation_error", (400, "validation_error")),
        ("not_found", (404, "not_found")),
        ("model_not_allowed", (403, "model_not_allowed")),
    ],
)
def test_an_unknown_model_is_refused_as_the_switch_says(sandbox: Rig, switch: str, expected: tuple[int, str]) -> None:
    """No page says how."""
    sandbox.switch("depicta", unknown_model=switch)

    assert error(draw(sandbox, model="nonsense")) == expected


@pytest.mark.parametrize(("switch", "present"), [("absent", False), ("present", True)])
def test_an_error_names_its_job_where_the_switch_says_so(sandbox: Rig, switch: str, present: bool) -> None:
    """Whether errors carry the header is nowhere said."""
    sandbox.switch("depicta", job_header_on_errors=switch)

    response = draw(sandbox, prompt="forbidden-by-moderation")

    assert ("X-Depicta-Job-Id" in response.headers) is present


class _Slow(FlatPainter):
    """A painter that draws nothing until it is let go."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.go = threading.Event()

    def paint(self, prompt: str, *, width: int, height: int, variant: int = 0) -> Image.Image:
        self.started.release()
        self.go.wait(20)
        return super().paint(prompt, width=width, height=height, variant=variant)


@contextmanager
def _ten_at_once(sandbox: Rig, monkeypatch: pytest.MonkeyPatch) -> Generator[list[httpx2.Response]]:
    """Ten generations that are being drawn while the block runs; afterwards the list holds their answers."""
    painter = _Slow()
    monkeypatch.setattr(pictures, "load_painter", lambda: painter)
    answers: list[httpx2.Response] = []
    with ThreadPoolExecutor(10) as pool:
        running = [pool.submit(draw, sandbox) for _ in range(10)]
        try:
            for _ in range(10):
                assert painter.started.acquire(timeout=20)
            yield answers
        finally:
            painter.go.set()
        answers += [one.result() for one in running]


def test_an_eleventh_request_at_once_is_refused(sandbox: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 rate_limited with Retry-After; it costs nothing, and afterwards everything goes on."""
    with _ten_at_once(sandbox, monkeypatch) as answers:
        eleventh = draw(sandbox)
        other = get(sandbox, "/v1/models", "dpct_anotherkey")

    assert (error(eleventh), eleventh.headers["Retry-After"]) == ((429, "rate_limited"), "1")
    assert ([answer.status_code for answer in answers], other.status_code) == ([200] * 10, 200)
    assert (len(sandbox.ledger()), get(sandbox, "/v1/models").status_code) == (10, 200)


def test_retry_after_can_be_a_date(sandbox: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header's form is nowhere said."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    sandbox.switch("depicta", retry_after="http_date")
    with _ten_at_once(sandbox, monkeypatch):
        eleventh = draw(sandbox)

    assert parsedate_to_datetime(eleventh.headers["Retry-After"]).isoformat() == "2026-06-12T09:00:01+00:00"


def test_a_running_generation_is_a_job_and_a_hold(sandbox: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is drawn its estimated cost is set aside, and the job is `processing`."""
    painter = _Slow()
    monkeypatch.setattr(pictures, "load_painter", lambda: painter)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(draw, sandbox)
        assert painter.started.acquire(timeout=20)
        user = get(sandbox, "/v1/account/profile").json()["user"]
        job = get(sandbox, "/v1/jobs").json()["generations"][0]
        painter.go.set()
        answer = running.result()

    assert (user["balance_eur"], user["held_eur"]) == ("1000.000000", "0.048000")
    assert (job["status"], job["job_id"]) == ("processing", answer.headers["X-Depicta-Job-Id"])
    assert ("started_at" in job, "completed_at" in job, "result" in job) == (True, False, False)
    assert get(sandbox, "/v1/account/profile").json()["user"]["held_eur"] == "0.000000"


def test_a_lost_process_leaves_a_failed_job(sandbox: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """What still runs after an hour runs no more, and what it held is free again."""
    painter = _Slow()
    monkeypatch.setattr(pictures, "load_painter", lambda: painter)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(post, sandbox, "/v1/generate/image", {"prompt": "a fox", "model": "flux"})
        assert painter.started.acquire(timeout=20)
        sandbox.advance(3601)
        user = get(sandbox, "/v1/account/profile").json()["user"]
        job = get(sandbox, "/v1/jobs").json()["generations"][0]
        painter.go.set()
        running.result()

    assert (job["status"], job["error"]["code"], user["held_eur"]) == ("failed", "internal", "0.000000")
