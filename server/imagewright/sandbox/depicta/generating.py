"""Generations: moderated, paid, drawn and answered within the request (generate, edit, combine)."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from typing import Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta import accounts, drawing, jobs, orders, results
from imagewright.sandbox.depicta.errors import euros, rejected
from imagewright.sandbox.depicta.orders import Order
from imagewright.sandbox.pictures import Format, Picture
from imagewright.sandbox.vendor import Handler, Refused, Reply, json_reply
from imagewright.sandbox.world import Json

_FORBIDDEN: Final = "forbidden-by-moderation"
# depicta.ai/docs/concepts/content-moderation: `liberal` only minds the law.
_FORBIDDEN_BY_NORMAL: Final = "forbidden-by-normal-mode"
_JOB_HEADER: Final = "X-Depicta-Job-Id"  # the operation page


def handler(verb: str, subject: str) -> Handler:
    """The function that answers POST /v1/<verb>/<subject>."""
    return lambda call: _answer(call, verb, subject)


def moderate(call: Call, texts: tuple[str, ...], strictness: str) -> None:
    """Refuse what moderation forbids, before anything is drawn or charged."""
    everything = " ".join(texts)
    if _FORBIDDEN in everything or (_FORBIDDEN_BY_NORMAL in everything and strictness == "normal"):
        raise rejected(call)


@contextmanager
def failing(call: Call, job_id: str) -> Generator[None]:
    """What goes wrong inside fails the job and gives its hold back."""
    try:
        yield
    except BaseException as error:
        code, message = "internal", "The generation failed on our side and was not charged."
        if isinstance(error, Refused):
            code, message = error.code, error.message
        with call.world.transaction() as tx:
            accounts.release(tx, job_id)
            jobs.fail(tx, job_id, code, message)
        raise


def _answer(call: Call, verb: str, subject: str) -> Reply:
    order = orders.read(call, verb, subject)
    job_id = jobs.create(call)
    if call.switch("job_header_on_errors") == "present":
        call.reply_headers[_JOB_HEADER] = job_id
    with failing(call, job_id):
        jobs.start(call, job_id)
        moderate(call, order.texts, order.strictness)
        cost = order.model.price(order.size)
        accounts.hold(call, job_id, cost, order.model, order.size)
        pictures = _draw(call, order)
        result = _finish(call, order, job_id, cost, pictures)
    return json_reply(results.shown(call, result), headers={_JOB_HEADER: job_id})


def _draw(call: Call, order: Order) -> Mapping[Format, Picture]:
    kept = results.FORMATS if call.keep is None else results.FORMATS[: call.keep]
    if not kept:
        raise Refused(502, "internal", "The model did not deliver. Nothing was charged; try again.")
    prompt = drawing.wording(order)
    with call.world.transaction() as tx:
        # The same words drawn again are another picture, as with any model.
        variant = tx.number(f"depicta.drawn {sha256(prompt.encode()).hexdigest()}") - 1
    return drawing.draw(call, order, prompt, variant, kept)


def _finish(call: Call, order: Order, job_id: str, cost: Decimal, pictures: Mapping[Format, Picture]) -> Json:
    """Serve the pictures, take the money and complete the job; return the result."""
    generation_id = job_id
    if call.switch("generation_id") == "own":
        with call.world.transaction() as tx:
            generation_id = tx.uuid("depicta.generation")
    fields = results.publish(call, pictures, f"generations/{generation_id}/image")
    if order.verb == "combine" and call.switch("combined_answer") == "list":
        fields["image_urls"], fields["image_hashes"] = [fields.pop("image_url")], [fields.pop("image_hash")]
    result: Json = {
        "id": generation_id,
        "ai_generated": True,  # always, by Art. 50 of the EU AI Act: the operation page
        "model": order.model.model_id,
        **fields,
        "cost_eur": euros(cost),
    }
    with call.world.transaction() as tx:
        call.account = accounts.settle(tx, call.account, job_id, cost, f"{order.operation}, job {job_id}")
        result["balance_eur"] = euros(call.account.balance)
        jobs.complete(tx, job_id, result)
    return result
