"""Stories: POST /v1/generate/story answers at once with a job; its pictures are drawn one after another afterwards."""

import logging
import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta import accounts, drawing, generating, jobs, links, models, orders, results
from imagewright.sandbox.depicta.errors import euros
from imagewright.sandbox.depicta.fields import Fields
from imagewright.sandbox.vendor import Refused, Reply, json_reply
from imagewright.sandbox.world import Json, Transaction

_log = logging.getLogger(__name__)
_STORIES: Final = "depicta.story"
_MOST_CHARACTERS: Final = 10  # depicta.ai/docs/api/operations/generatestory
_MOST_STATES: Final = 5  # the same page
_MOST_SCENES: Final = 50  # nowhere said
_RATIO: Final = "16:9"  # nowhere said
# A story that stood still for so long has lost its process; whoever asks for it next has it drawn to its end.
_LOST_AFTER: Final = timedelta(seconds=60)


def create(call: Call) -> Reply:
    """POST /v1/generate/story: 202, the job and where to ask for it (depicta.ai/docs/creating-images/stories)."""
    story = _read(call)
    job_id = jobs.create(call, scenes=len(story["scenes"]))
    with call.world.transaction() as tx:
        tx.put(_STORIES, job_id, story | {"beat": tx.now().isoformat()}, owner=call.account.fingerprint)
    body = {"job_id": job_id, "status": "pending", "poll_url": f"/v1/generate/story/{job_id}"}
    return json_reply(body, 202, headers={"X-Depicta-Job-Id": job_id}, after=lambda: _work(call, job_id))


def get_job(call: Call) -> Reply:
    """GET /v1/jobs/{job_id} and GET /v1/generate/story/{job_id}: the same body on both pages."""
    reply = jobs.get_job(call)
    job_id = call.parameters["job_id"]
    with call.world.transaction() as tx:
        story = tx.get(_STORIES, job_id)
        lost = story is not None and tx.now() - datetime.fromisoformat(story["beat"]) > _LOST_AFTER
        if not (lost and jobs.running(tx, job_id)):
            return reply
    return Reply(reply.status, reply.body, reply.media_type, reply.headers, lambda: _work(call, job_id))


def _read(call: Call) -> Json:
    """The storyboard, checked.

    The names of some top-level fields of the operation page are in no stored copy, so none are refused as unknown.
    """
    fields = Fields(call.json_object(None))
    name = fields.text("model", required=call.switch("model_field") == "required")
    ratio = fields.text("aspect_ratio", choices=orders.RATIOS)
    size = fields.text("image_size", choices=orders.SIZES) or "1K"
    plot = fields.text("prompt")
    around = [part for part in (plot, fields.text("style"), fields.text("setting")) if part]
    taken = call.switch("story_overrides") == "taken"
    characters: list[Json] = []
    if "characters" not in fields:
        fields.wrong("characters", "is required")
    for one in fields.objects("characters", 1, _MOST_CHARACTERS):
        characters.append(_read_figure(call, one, "appearance"))
        states = one.value("states")
        if states is not None and not taken:
            one.wrong("states", "is not supported yet")
        elif states is not None and (not isinstance(states, dict) or len(states) > _MOST_STATES):  # pyright: ignore[reportUnknownArgumentType]  # JSON
            one.wrong("states", f"must be an object of at most {_MOST_STATES} states")
    locations = [_read_figure(call, one, "description") for one in fields.objects("locations", 0, _MOST_SCENES)]
    scenes = [_read_scene(one, taken=taken) for one in fields.objects("scenes", 1, _MOST_SCENES, required=True)]
    fields.finish(call)
    model = orders.resolve(call, name or models.CHOSEN_FOR_STORIES, size, story=True)
    return {
        "model": model.model_id,
        "ratio": ratio or _RATIO,
        "size": size,
        "strictness": call.account.facts["strictness"],
        "plot": plot,
        "around": around,
        "characters": characters,
        "locations": locations,
        "scenes": scenes,
        "kept_scenes": call.keep,
        "drawn": {},
    }


def _read_figure(call: Call, fields: Fields, looks: str) -> Json:
    """A character or a location: its name, how it looks, maybe a picture of it."""
    reference_url = fields.text("reference_url")
    links.check(call, fields, "reference_url", reference_url)
    return {
        "name": fields.text("name", required=True),
        "looks": fields.text(looks, required=True),
        "reference_url": reference_url,
    }


def _read_scene(fields: Fields, *, taken: bool) -> Json:
    ratio = fields.text("aspect_ratio", choices=orders.RATIOS)
    if ratio is not None and not taken:
        fields.wrong("aspect_ratio", "is not supported yet: set it for the whole story")
    return {"prompt": fields.text("prompt", required=True), "ratio": ratio}


def _work(call: Call, job_id: str) -> None:
    """Draw what is left of a story, then take the money. Runs after the answer, in a thread."""
    try:
        with generating.failing(call, job_id):
            story = _claim(call, job_id)
            if story is None:
                return
            for kind, index in _pieces(story):
                if not _draw(call, job_id, story, kind, index):
                    return
            _finish(call, job_id, story)
    except Refused:
        pass  # the job says so; nobody waits for an answer here
    except Exception:  # noqa: BLE001  # the job failed already; a thread has nobody to tell but the log
        _log.exception("The sandbox failed at the story of job %s.", job_id)


def _claim(call: Call, job_id: str) -> Json | None:
    """Make the story this worker's own, moderated and with its cost held; None where there is nothing to do."""
    with call.world.transaction() as tx:
        story = tx.get(_STORIES, job_id)
        if story is None or not jobs.running(tx, job_id):
            return None
        story["worker"] = secrets.token_hex(8)  # seen by nobody, so it need not come from the seed
        _save(tx, job_id, story)
        held = accounts.is_held(tx, job_id)
    if not held:
        jobs.start(call, job_id)
        texts = [*story["around"], *(scene["prompt"] for scene in story["scenes"])]
        texts += [figure["looks"] for figure in (*story["characters"], *story["locations"])]
        generating.moderate(call, tuple(texts), story["strictness"])
        model = models.find(call, story["model"])
        accounts.hold(call, job_id, model.price(story["size"]) * len(_pieces(story)), model, story["size"])
    return story


def _owns(tx: Transaction, job_id: str, story: Json) -> bool:
    """Whether no other worker took the story over, and nobody forgot it."""
    found = tx.get(_STORIES, job_id)
    return found is not None and found.get("worker") == story["worker"]


def _save(tx: Transaction, job_id: str, story: Json) -> None:
    tx.put(_STORIES, job_id, story | {"beat": tx.now().isoformat()})


def _pieces(story: Json) -> list[tuple[str, int]]:
    """What is to be drawn: a portrait of each figure that came without one, then the scenes."""
    figures = [
        (kind, index)
        for kind in ("characters", "locations")
        for index, figure in enumerate(story[kind])
        if figure["reference_url"] is None
    ]
    kept = story["kept_scenes"]
    count = len(story["scenes"]) if kept is None else min(kept, len(story["scenes"]))
    if not count:
        raise Refused(502, "internal", "No scene could be drawn. Nothing was charged; try again.")
    return figures + [("scenes", index) for index in range(count)]


def _draw(call: Call, job_id: str, story: Json, kind: str, index: int) -> bool:
    """Draw one piece, unless it is drawn already, and write it down. False where the story is no longer ours."""
    place = f"{kind}/{index + 1}"
    if place in story["drawn"]:
        return True
    piece = story[kind][index]
    if kind == "scenes":
        ratio = piece["ratio"] or story["ratio"]
        shape = drawing.shape(ratio, story["size"])
        prompt, formats = (
            ", ".join([*_present(story, piece["prompt"]), piece["prompt"], *story["around"]]),
            results.FORMATS,
        )
    else:
        shape = drawing.shape("1:1", "1K")
        prompt, formats = f"{piece['looks']}, {piece['name']}", results.FORMATS[:1]
    pictures = call.pictures.draw_formats(prompt, width=shape[0], height=shape[1], formats=formats)
    story["drawn"][place] = results.publish(call, pictures, f"generations/{job_id}/{place}")
    with call.world.transaction() as tx:
        if not _owns(tx, job_id, story):
            return False
        _save(tx, job_id, story)
        jobs.advance(tx, job_id, sum(done.startswith("scenes/") for done in story["drawn"]))
    return True


def _present(story: Json, prompt: str) -> list[str]:
    """How those look whom a scene names: the painter does not know them by name."""
    figures = (*story["characters"], *story["locations"])
    return [figure["looks"] for figure in figures if figure["name"].lower() in prompt.lower()]


def _finish(call: Call, job_id: str, story: Json) -> None:
    model = models.find(call, story["model"])
    cost = model.price(story["size"]) * len(story["drawn"])
    scenes = [_scene(story, index) for index in range(len(story["scenes"])) if f"scenes/{index + 1}" in story["drawn"]]
    result: Json = {
        "id": job_id,
        "ai_generated": True,
        "model": model.model_id,
        "title": _title(story["plot"] or story["scenes"][0]["prompt"]),
        "characters": _figures(story, "characters"),
        "locations": _figures(story, "locations"),
        "scenes": scenes,
        "image_hashes": [scene["image_hash"] for scene in scenes],
        "cost_eur": euros(cost),
    }
    with call.world.transaction() as tx:
        if _owns(tx, job_id, story):
            account = accounts.settle(tx, call.account, job_id, Decimal(cost), f"generate story, job {job_id}")
            jobs.complete(tx, job_id, result | {"balance_eur": euros(account.balance)})
            tx.remove(_STORIES, job_id)


def _scene(story: Json, index: int) -> Json:
    drawn = story["drawn"][f"scenes/{index + 1}"]
    return {
        "scene": index + 1,
        "title": _title(story["scenes"][index]["prompt"]),
        **drawn,
        "expires_at": drawn["formats"]["png"]["expires_at"],
    }


def _figures(story: Json, kind: str) -> list[dict[str, Any]]:
    """The figures' pictures; one that came with the request has no expiry."""
    rows: list[dict[str, Any]] = []
    for index, figure in enumerate(story[kind]):
        drawn = story["drawn"].get(f"{kind}/{index + 1}")
        url = figure["reference_url"] if drawn is None else drawn["image_url"]
        expires_at = None if drawn is None else drawn["formats"]["png"]["expires_at"]
        rows.append({"name": figure["name"], "reference_url": url, "expires_at": expires_at})
    return rows


def _title(text: str) -> str:
    return " ".join(text.split()[:6]).rstrip(".,;:").title()
