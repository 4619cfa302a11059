"""Depicta's jobs, money, models and pages in the sandbox: what was paid is found again."""

from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.sandbox.depicta_client import KEY, ROOT, draw, error, get, post
from tests.sandbox.rig import Rig


def user(sandbox: Rig, key: str = KEY) -> dict[str, str]:
    found: dict[str, str] = get(sandbox, "/v1/account/profile", key).json()["user"]
    return found


def test_a_lost_answer_is_found_as_a_job_with_its_result(sandbox: Rig) -> None:
    """The connection dropped after the charge: the job has the picture, and it was paid once."""
    sandbox.fault("drop_after_charge")
    with pytest.raises(httpx2.TransportError):
        draw(sandbox, prompt="a lost fox")

    job = get(sandbox, "/v1/jobs", limit=1).json()["generations"][0]

    assert (job["status"], job["result"]["cost_eur"]) == ("completed", "0.048000")
    assert httpx2.get(job["result"]["image_url"]).status_code == 200
    assert sandbox.ledger() == [("depicta", Decimal("-0.048"))]


def test_an_answer_cut_in_half_is_found_as_a_job(sandbox: Rig) -> None:
    """The same for a body that never came whole."""
    sandbox.fault("cut_body")
    with pytest.raises(httpx2.RemoteProtocolError):
        draw(sandbox)

    assert get(sandbox, "/v1/jobs").json()["generations"][0]["status"] == "completed"


def test_a_request_that_never_arrived_is_no_job(sandbox: Rig) -> None:
    """Dropped before: nothing was accepted or charged."""
    sandbox.fault("drop_before")
    with pytest.raises(httpx2.TransportError):
        draw(sandbox)

    assert (get(sandbox, "/v1/jobs").json()["total"], sandbox.ledger()) == (0, [])


def test_a_completed_job_has_the_fields_of_the_operation_page(sandbox: Rig) -> None:
    """depicta.ai/docs/api/operations/getjob; scenes are for stories, an error for the failed."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    job_id = draw(sandbox).headers["X-Depicta-Job-Id"]

    job = get(sandbox, f"/v1/jobs/{job_id}").json()

    result = job.pop("result")
    assert job == {
        "job_id": job_id,
        "status": "completed",
        "created_at": "2026-06-12T09:00:00Z",
        "started_at": "2026-06-12T09:00:00Z",
        "completed_at": "2026-06-12T09:00:00Z",
    }
    assert result["ai_generated"] is True


def test_a_failed_job_has_an_error_of_code_and_message(sandbox: Rig) -> None:
    """Not the fields of an HTTP error."""
    draw(sandbox, "dpct_empty000")

    job = get(sandbox, "/v1/jobs", "dpct_empty000").json()["generations"][0]

    assert (job["status"], sorted(job["error"]), "result" in job) == ("failed", ["code", "message"], False)
    assert job["error"]["code"] == "insufficient_credits"


def test_jobs_are_listed_newest_first_and_in_pages(sandbox: Rig) -> None:
    """`total` counts all before paging."""
    jobs = [draw(sandbox).headers["X-Depicta-Job-Id"] for _ in range(3)]

    page = get(sandbox, "/v1/jobs", limit=1, offset=1).json()

    assert (page["limit"], page["offset"], page["total"]) == (1, 1, 3)
    assert [job["job_id"] for job in page["generations"]] == [jobs[1]]


def test_a_page_has_twenty_jobs_unless_told_otherwise(sandbox: Rig) -> None:
    """The default of the page."""
    for _ in range(21):
        draw(sandbox, prompt="forbidden-by-moderation")

    page = get(sandbox, "/v1/jobs").json()

    assert (len(page["generations"]), page["limit"], page["total"]) == (20, 20, 21)


@pytest.mark.parametrize(
    "query", [{"limit": "many"}, {"limit": "0"}, {"limit": "9" * 5000}, {"offset": "-1"}, {"status": "completed"}]
)
def test_a_wrong_or_unknown_query_is_refused(sandbox: Rig, query: dict[str, str]) -> None:
    """There are no filters."""
    response = get(sandbox, "/v1/jobs", **query)

    assert (error(response), list(response.json()["details"])) == ((400, "validation_error"), list(query))


def test_no_jobs_are_an_empty_list_or_null(sandbox: Rig) -> None:
    """The schema allows both."""
    empty = get(sandbox, "/v1/jobs").json()["generations"]
    sandbox.switch("depicta", empty_jobs="null")

    assert (empty, get(sandbox, "/v1/jobs").json()["generations"]) == ([], None)


def test_a_job_of_another_account_is_not_there(sandbox: Rig) -> None:
    """404, as for one that never was."""
    job_id = draw(sandbox).headers["X-Depicta-Job-Id"]

    assert error(get(sandbox, f"/v1/jobs/{job_id}", "dpct_anotherkey")) == (404, "not_found")
    assert error(get(sandbox, "/v1/jobs/5f2a73fe-9ac8-46c3-a592-82361b88ef1d")) == (404, "not_found")


@pytest.mark.parametrize(("switch", "status"), [("stored", 403), ("fresh", 200)])
def test_a_jobs_links_end_with_the_hour_unless_they_are_signed_anew(sandbox: Rig, switch: str, status: int) -> None:
    """Whether a later look signs them again is nowhere said."""
    sandbox.freeze()
    sandbox.switch("depicta", job_links=switch)
    job_id = draw(sandbox).headers["X-Depicta-Job-Id"]
    sandbox.advance(7200)

    formats = get(sandbox, f"/v1/jobs/{job_id}").json()["result"]["formats"]

    assert [httpx2.get(formats[form]["url"]).status_code for form in ("png", "jpeg", "webp")] == [status] * 3
    assert (formats["png"]["expires_at"] > "2026-06-12T11:00:00Z") is (status == 200)


def test_the_profile_has_what_the_client_reads(sandbox: Rig) -> None:
    """Balance and hold as strings of six places."""
    assert user(sandbox) == {"email": "sandbox@example.com", "balance_eur": "1000.000000", "held_eur": "0.000000"}


def test_an_empty_balance_is_402_and_says_so(sandbox: Rig) -> None:
    """With the balance beside the code (the client's tests)."""
    response = draw(sandbox, "dpct_empty000")

    assert (error(response), response.json()["balance_eur"]) == ((402, "insufficient_credits"), "0.000000")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": "sandbox-economy"}, 200),
        ({"model": "sandbox-economy", "image_size": "2K"}, 200),
        ({"model": "flux"}, 402),
        ({"model": "sandbox-premium", "image_size": "4K"}, 402),
    ],
)
def test_a_low_balance_opens_economy_models_only(sandbox: Rig, body: dict[str, str], status: int) -> None:
    """Under EUR 0.50, and at most 2K (depicta.ai/docs/concepts/credits)."""
    assert draw(sandbox, "dpct_low00000", **body).status_code == status


def test_a_low_balance_can_refuse_the_model_instead(sandbox: Rig) -> None:
    """Which error it is is nowhere said."""
    sandbox.switch("depicta", low_balance_refusal="model_not_allowed")

    assert error(draw(sandbox, "dpct_low00000")) == (403, "model_not_allowed")


def test_the_last_cents_are_spent_to_the_end(sandbox: Rig) -> None:
    """What a request costs may be all there is; the next is refused."""
    draw(sandbox)
    sandbox.account("depicta", balance="0.02")

    statuses = [draw(sandbox, model="sandbox-economy").status_code for _ in range(3)]

    assert (statuses, user(sandbox)["balance_eur"]) == ([200, 200, 402], "0.000000")


def test_models_are_listed_with_what_the_client_reads(sandbox: Rig) -> None:
    """Under `models`; the first is the one whose id and price the vendor's client shows."""
    listed = get(sandbox, "/v1/models").json()["models"]

    assert listed[0] == {
        "id": "gemini-2.5-flash-image",
        "name": "Gemini 2.5 Flash Image",
        "alias": "gemini-flash",
        "can_generate": True,
        "can_edit": True,
        "supports_multiturn": True,
        "image_sizes": ["1K", "2K"],
        "approximate_cost_eur": "0.048000",
    }
    assert [model["alias"] for model in listed[1:]] == ["flux", "economy", "premium"]


def test_models_can_be_a_bare_list(sandbox: Rig) -> None:
    """The client takes both."""
    listed = get(sandbox, "/v1/models").json()["models"]
    sandbox.switch("depicta", models_list="array")

    assert get(sandbox, "/v1/models").json() == listed


@pytest.mark.parametrize(
    "path", ["/health", "/v1/pricing", "/v1/openapi.json", "/v1/openapi.yaml", "/v1/skill-version"]
)
def test_a_public_page_needs_no_key(sandbox: Rig, path: str) -> None:
    """Four of depicta.ai/docs/api, and the one that the client asks for without a key."""
    assert get(sandbox, path, None).status_code == 200


def test_the_prices_are_those_of_the_list(sandbox: Rig) -> None:
    """Approximate, in EUR."""
    listed = get(sandbox, "/v1/models").json()["models"]

    priced = get(sandbox, "/v1/pricing", None).json()["models"]

    names = ("id", "name", "approximate_cost_eur")
    assert priced == [{name: model[name] for name in names} for model in listed]


def test_the_openapi_document_names_what_is_served(sandbox: Rig) -> None:
    """Every path of it answers with something else than 404 to its method."""
    document = get(sandbox, "/v1/openapi.json", None).json()

    assert document["info"] == {"title": "Depicta Public API", "version": "1.0.0"}
    assert {"post"} == set(document["paths"]["/v1/generate/image"])
    for path, methods in document["paths"].items():
        for method in methods:
            response = sandbox.send(method.upper(), ROOT + path, None)
            assert response.status_code == (200 if methods[method].get("security") == [] else 401)


def test_guidelines_are_found_by_words(sandbox: Rig) -> None:
    """The fields of the docs and of the client; the best first."""
    found: list[dict[str, Any]] = get(sandbox, "/v1/guidelines/search", q="reference images").json()["guidelines"]

    assert sorted(found[0]) == ["content", "relevance", "slug", "title"]
    assert (found[0]["slug"], found[0]["relevance"]) == ("references", 1.0)


def test_guidelines_want_a_word(sandbox: Rig) -> None:
    """`q` is what is searched for."""
    assert error(get(sandbox, "/v1/guidelines/search")) == (400, "validation_error")


def test_the_same_seed_gives_the_same_ids(sandbox: Rig) -> None:
    """A world that is reset repeats itself."""
    first = draw(sandbox)
    sandbox.control("POST", "/reset")
    second = draw(sandbox)

    assert (first.json()["id"], first.headers["X-Depicta-Job-Id"]) == (
        second.json()["id"],
        second.headers["X-Depicta-Job-Id"],
    )


def test_a_key_is_written_nowhere(sandbox: Rig) -> None:
    """Neither what arrived nor the ledger nor the accounts know it."""
    draw(sandbox)
    post(sandbox, "/v1/generate/image", {})

    written = [sandbox.control("GET", page) for page in ("/requests", "/ledger", "/accounts")]

    assert KEY not in str(written)
