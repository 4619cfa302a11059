"""Depicta's generations in the sandbox, as depicta.ai/docs/api/operations/generateimage describes them."""

import io
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx2
import pytest
from PIL import Image

from imagewright.sandbox import painter, pictures
from tests.sandbox.depicta_client import draw, error, get, opened, post, upload
from tests.sandbox.rig import Rig

HTTPS = {"url": "https://example.com/brand.png", "description": "the palette"}


def test_an_answer_has_the_fields_of_the_operation_page(sandbox: Rig) -> None:
    """Story fields are left out, nothing else is added."""
    response = draw(sandbox)

    answer = response.json()
    assert list(answer) == [
        "id", "ai_generated", "model", "image_url", "image_hash", "formats", "cost_eur", "balance_eur",
    ]  # fmt: skip
    assert (answer["ai_generated"], answer["cost_eur"], answer["balance_eur"]) == (True, "0.048000", "999.952000")
    assert UUID(answer["id"]).version == 4


def test_an_answer_names_its_job_in_a_header(sandbox: Rig) -> None:
    """X-Depicta-Job-Id is the id under which GET /v1/jobs lists it."""
    response = draw(sandbox)

    job_id = response.headers["X-Depicta-Job-Id"]
    assert get(sandbox, f"/v1/jobs/{job_id}").json()["result"] == response.json()


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_each_format_is_what_its_entry_says(sandbox: Rig, form: str) -> None:
    """Real files: the hash, the size and the type are those of the download, which needs no key."""
    variant = draw(sandbox).json()["formats"][form]

    download = httpx2.get(variant["url"])

    assert opened(download).format == form.upper()
    assert download.headers["content-type"] == f"image/{form}"
    assert (variant["format"], variant["size_bytes"]) == (form, len(download.content))
    assert variant["hash"] == sha256(download.content).hexdigest()


def test_image_url_and_image_hash_are_the_png(sandbox: Rig) -> None:
    """The page says so of both."""
    answer = draw(sandbox).json()

    png = answer["formats"]["png"]
    assert (answer["image_url"], answer["image_hash"]) == (png["url"], png["hash"])


def test_a_link_lives_one_hour(sandbox: Rig) -> None:
    """Until the very second that expires_at names, by the world's clock."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    variant = draw(sandbox).json()["formats"]["webp"]
    sandbox.advance(3599)
    before = httpx2.get(variant["url"])
    sandbox.advance(1)
    after = httpx2.get(variant["url"])

    assert (variant["expires_at"], before.status_code, after.status_code) == ("2026-06-12T10:00:00Z", 200, 403)


def test_a_link_with_another_signature_is_refused(sandbox: Rig) -> None:
    """A signed URL cannot be guessed from another."""
    url = draw(sandbox).json()["image_url"]

    assert httpx2.get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403


@pytest.mark.parametrize("ratio", ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"])
def test_a_picture_has_exactly_its_ratio(sandbox: Rig, ratio: str) -> None:
    """The ten ratios of the guide."""
    picture = opened(httpx2.get(draw(sandbox, aspect_ratio=ratio).json()["image_url"]))

    across, down = map(int, ratio.split(":"))
    assert picture.width * down == picture.height * across


@pytest.mark.parametrize(("size", "side", "cost"), [("1K", 1024, "0.048000"), ("2K", 2048, "0.096000")])
def test_a_larger_size_has_more_pixels_and_costs_more(sandbox: Rig, size: str, side: int, cost: str) -> None:
    """What each costs comes with the answer."""
    answer = draw(sandbox, image_size=size).json()

    assert opened(httpx2.get(answer["image_url"])).size == (side, side)
    assert answer["cost_eur"] == cost


@pytest.mark.parametrize("ratio", ["21:9", "9:16"])
def test_the_largest_size_keeps_its_ratio(sandbox: Rig, ratio: str) -> None:
    """4K has a long side of about 4096, whatever the ratio."""
    url = draw(sandbox, model="sandbox-premium", image_size="4K", aspect_ratio=ratio).json()["formats"]["jpeg"]["url"]

    picture = opened(httpx2.get(url))

    across, down = map(int, ratio.split(":"))
    assert picture.width * down == picture.height * across
    assert 4000 < max(picture.size) <= 4096


def test_an_alias_answers_with_the_model_it_stands_for(sandbox: Rig) -> None:
    """`model` is the resolved identifier."""
    assert draw(sandbox, model="flux").json()["model"] == "sandbox-flux"


def test_the_same_prompt_gives_another_picture_each_time(sandbox: Rig) -> None:
    """As with any model; a retry is thus seen in the pictures."""
    first, second = draw(sandbox).json(), draw(sandbox).json()

    assert first["image_hash"] != second["image_hash"]


def test_null_stands_for_a_field_that_is_left_out(sandbox: Rig) -> None:
    """The schema allows null for three fields."""
    body = {"prompt": "a fox", "model": "flux", "aspect_ratio": None, "image_size": None, "strictness": None}

    assert post(sandbox, "/v1/generate/image", body).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", None),
        ("prompt", ""),
        ("prompt", 7),
        ("model", None),
        ("model", "dall-e-9"),
        ("aspect_ratio", "16:8"),
        ("image_size", "8K"),
        ("strictness", "strict"),
        ("reference_images", "none"),
        ("reference_images", [HTTPS] * 6),
        ("seed", 4),
        ("n", 2),
        ("diagram_type", "flowchart"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(sandbox: Rig, field: str, value: Any) -> None:
    """`details` goes from the field's path to the reason (the client's tests)."""
    response = draw(sandbox, **{field: value})

    assert error(response) == (400, "validation_error")
    assert list(response.json()["details"]) == [field]


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ({"url": "https://example.com/a.png"}, "description"),
        ({"description": "the palette"}, "url"),
        (HTTPS | {"weight": 1}, "weight"),
        (HTTPS | {"url": "http://example.com/a.png"}, "url"),
        (HTTPS | {"url": "https://localhost/a.png"}, "url"),
        (HTTPS | {"url": "https://10.0.0.7/a.png"}, "url"),
        (HTTPS | {"url": "https://[broken/a.png"}, "url"),
    ],
)
def test_a_reference_needs_a_description_and_a_public_https_url(
    sandbox: Rig, reference: dict[str, Any], path: str
) -> None:
    """Both fields are required; the URL must be HTTPS and publicly accessible."""
    response = draw(sandbox, reference_images=[HTTPS, reference])

    assert list(response.json()["details"]) == [f"reference_images[1].{path}"]


def test_five_references_are_taken(sandbox: Rig) -> None:
    """The most that the page allows; one of them uploaded to the sandbox itself, as the client does."""
    uploaded = HTTPS | {"url": upload(sandbox)}

    assert draw(sandbox, reference_images=[HTTPS] * 4 + [uploaded]).status_code == 200


def test_all_that_is_wrong_is_said_at_once(sandbox: Rig) -> None:
    """One answer names every field."""
    response = draw(sandbox, prompt=None, image_size="8K", seed=1)

    assert sorted(response.json()["details"]) == ["image_size", "prompt", "seed"]


def test_a_refused_body_costs_nothing_and_makes_no_job(sandbox: Rig) -> None:
    """It was never accepted."""
    draw(sandbox, image_size="8K")

    assert sandbox.ledger() == []
    assert get(sandbox, "/v1/jobs").json()["total"] == 0


def test_a_forbidden_prompt_is_refused_free_of_charge(sandbox: Rig) -> None:
    """451 content_rejected; moderation comes before generation, so nothing is charged. The job says why it failed."""
    response = draw(sandbox, prompt="forbidden-by-moderation")

    assert error(response) == (451, "content_rejected")
    assert sandbox.ledger() == []
    assert get(sandbox, "/v1/jobs").json()["generations"][0]["error"]["code"] == "content_rejected"


def test_a_reference_is_moderated_as_well(sandbox: Rig) -> None:
    """Moderation runs on prompts and on reference images."""
    references = [HTTPS | {"description": "forbidden-by-moderation"}]

    assert error(draw(sandbox, reference_images=references)) == (451, "content_rejected")


@pytest.mark.parametrize(
    ("key", "strictness", "status"),
    [
        ("dpct_a1B2c3D4e5", None, 451),
        ("dpct_a1B2c3D4e5", "liberal", 200),
        ("dpct_liberal000", None, 200),
        ("dpct_liberal000", "normal", 451),
    ],
)
def test_strictness_overrides_the_default_of_the_account(
    sandbox: Rig, key: str, strictness: str | None, status: int
) -> None:
    """`normal` refuses what `liberal` draws; without it the account's own default decides."""
    response = draw(sandbox, key, prompt="forbidden-by-normal-mode", strictness=strictness)

    assert response.status_code == status


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        ("formats", ["id", "ai_generated", "model", "image_hash", "formats", "cost_eur", "balance_eur"]),
        ("image_url", ["id", "ai_generated", "model", "image_url", "image_hash", "cost_eur", "balance_eur"]),
        ("guide", ["id", "ai_generated", "image_hash", "formats", "cost_eur", "balance_eur"]),
    ],
)
def test_the_picture_comes_in_the_fields_that_the_switch_says(sandbox: Rig, answer: str, fields: list[str]) -> None:
    """No field is required by the schema, and the guide's example has other ones than the page."""
    sandbox.switch("depicta", answer=answer)

    assert list(draw(sandbox).json()) == fields


def test_the_guides_jpeg_and_webp_have_no_hash(sandbox: Rig) -> None:
    """The example of depicta.ai/docs/getting-started/api abbreviates them."""
    sandbox.switch("depicta", answer="guide")

    formats = draw(sandbox).json()["formats"]

    assert [list(formats[form]) for form in ("png", "jpeg", "webp")] == [
        ["url", "format", "hash", "size_bytes", "expires_at"], ["url", "format"], ["url", "format"],
    ]  # fmt: skip


def test_a_model_may_be_left_out_where_the_guides_are_right(sandbox: Rig) -> None:
    """They and the client 1.3.0 leave the choice to the service."""
    sandbox.switch("depicta", model_field="optional")

    answer = draw(sandbox, model=None).json()

    assert (answer["model"], answer["cost_eur"]) == ("sandbox-flux", "0.045000")


@pytest.mark.parametrize(("switch", "equal"), [("own", False), ("job_id", True)])
def test_a_result_has_an_id_of_its_own_or_its_jobs(sandbox: Rig, switch: str, equal: bool) -> None:
    """No page says whether the two are one."""
    sandbox.switch("depicta", generation_id=switch)

    response = draw(sandbox)

    assert (response.json()["id"] == response.headers["X-Depicta-Job-Id"]) is equal


def test_an_unknown_field_is_ignored_where_the_switch_says_so(sandbox: Rig) -> None:
    """The other reading of a schema that does not forbid them."""
    sandbox.switch("depicta", unknown_fields="ignore")

    assert draw(sandbox, seed=4).status_code == 200


def test_formats_that_are_not_available_are_left_out(sandbox: Rig) -> None:
    """A `partial` fault keeps so many of the three."""
    sandbox.fault("partial", keep=1)

    assert list(draw(sandbox).json()["formats"]) == ["png"]


def test_a_generation_that_fails_is_not_charged(sandbox: Rig) -> None:
    """No picture came: 502, the hold is given back, the job failed."""
    sandbox.fault("partial", keep=0)

    response = draw(sandbox)

    assert response.status_code == 502
    assert get(sandbox, "/v1/account/profile").json()["user"]["held_eur"] == "0.000000"
    assert (sandbox.ledger(), get(sandbox, "/v1/jobs").json()["generations"][0]["status"]) == ([], "failed")


@pytest.mark.parametrize(("subject", "more"), [("graphic", {}), ("diagram", {"diagram_type": "flowchart"})])
def test_graphics_and_diagrams_answer_like_images(sandbox: Rig, subject: str, more: dict[str, str]) -> None:
    """Endpoints of their own, the same body and answer; only diagrams have a type."""
    response = draw(sandbox, path=f"/v1/generate/{subject}", **more)

    assert (response.status_code, response.json()["cost_eur"]) == (200, "0.048000")


def test_a_diagram_has_one_of_eight_types(sandbox: Rig) -> None:
    """The guide lists them."""
    response = draw(sandbox, path="/v1/generate/diagram", diagram_type="pie")

    assert list(response.json()["details"]) == ["diagram_type"]


def test_every_format_says_inside_that_a_machine_made_it(sandbox: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the stead of the page's C2PA manifest: the sandbox signs nothing, its files name their source in XMP."""
    monkeypatch.setattr(pictures, "load_painter", lambda: painter)

    formats = draw(sandbox, prompt="a lighthouse at dusk").json()["formats"]

    for variant in formats.values():
        xmp = opened(httpx2.get(variant["url"])).info["xmp"]
        assert (b"algorithmicMedia" in xmp, b"a lighthouse at dusk" in xmp) == (True, True)


def test_a_link_answers_head_like_get(sandbox: Rig) -> None:
    """With the headers, and without the picture."""
    url = draw(sandbox).json()["image_url"]

    head, whole = httpx2.head(url), httpx2.get(url)

    assert Image.open(io.BytesIO(whole.content)).size == (1024, 1024)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole.content)))
