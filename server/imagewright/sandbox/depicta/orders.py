"""What a generation asks for: its fields read, checked and resolved to a model, a ratio and a size."""

from dataclasses import dataclass
from typing import Any, Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta import links, models
from imagewright.sandbox.depicta.fields import Fields
from imagewright.sandbox.depicta.models import AREAS, Model

# depicta.ai/docs/creating-images/generate. The schema has no list, so the pages' own is the most that is documented.
RATIOS: Final = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
SIZES: Final = tuple(AREAS)  # the same page
DIAGRAMS: Final = (  # the same page
    "flowchart", "sequence", "architecture", "mindmap", "er", "class", "timeline", "org-chart",
)  # fmt: skip
_STRICTNESS: Final = ("normal", "liberal")
_MOST_REFERENCES: Final = 5  # the operation page
_LEAST_COMBINED, _MOST_COMBINED = 2, 5  # depicta.ai/docs/creating-images/combine


@dataclass(frozen=True, slots=True)
class Order:
    """A generation as asked for. `ratio` is None where none was sent; `uploaded` are pictures sent along in a form."""

    verb: str  # generate, edit, combine
    subject: str  # image, graphic, diagram
    prompt: str
    model: Model
    ratio: str | None
    size: str
    strictness: str
    texts: tuple[str, ...]  # everything that moderation reads
    inputs: tuple[str, ...] = ()
    uploaded: tuple[bytes, ...] = ()
    diagram_type: str | None = None

    @property
    def operation(self) -> str:
        """Such as `generate image`, for the ledger."""
        return f"{self.verb} {self.subject}"


def read(call: Call, verb: str, subject: str) -> Order:
    """Read a request's body.

    Raises:
        Refused: A field is wrong, unknown or missing, or the model is not to be had or cannot do it.
    """
    fields = Fields(_body(call, verb))
    prompt = fields.text("prompt", required=True) or ""
    name = fields.text("model", required=call.switch("model_field") == "required")
    ratio = fields.text("aspect_ratio", choices=RATIOS)
    size = fields.text("image_size", choices=SIZES) or "1K"  # the generate page's default
    strictness = fields.text("strictness", choices=_STRICTNESS)
    descriptions = read_references(call, fields)
    diagram_type = fields.text("diagram_type", choices=DIAGRAMS) if subject == "diagram" else None
    inputs = _inputs(call, fields, verb)
    fields.no_others(call)
    fields.finish(call)
    return Order(
        verb=verb,
        subject=subject,
        prompt=prompt,
        model=resolve(call, name or models.CHOSEN, size, editing=verb != "generate"),
        ratio=ratio,
        size=size,
        strictness=strictness or call.account.facts["strictness"],
        texts=(prompt, *descriptions),
        inputs=inputs,
        uploaded=tuple(upload.data for _, upload in call.uploads),
        diagram_type=diagram_type,
    )


def read_references(call: Call, fields: Fields) -> list[str]:
    """Check the reference pictures; return what they are said to show."""
    descriptions: list[str] = []
    for reference in fields.objects("reference_images", 0, _MOST_REFERENCES):
        links.check(call, reference, "url", reference.text("url", required=True))
        descriptions.append(reference.text("description", required=True) or "")
        reference.no_others(call)
    return descriptions


def resolve(call: Call, name: str, size: str, *, editing: bool = False, story: bool = False) -> Model:
    """The model for a request. Raises Refused where there is none, or it cannot do this."""
    model = models.find(call, name)
    if editing and not model.can_edit:
        raise models.not_capable(model, "edit and combine")
    if story and not model.supports_multiturn:
        raise models.not_capable(model, "multi-turn generation, which stories need")
    if size not in model.sizes:
        raise models.not_capable(model, f"image_size {size}")
    return model


def _body(call: Call, verb: str) -> dict[str, Any]:
    """JSON, or for edit and combine the form that their guides show."""
    if verb == "generate" or not (call.form or call.uploads):
        return call.json_object(None)
    return dict(call.form)


def _inputs(call: Call, fields: Fields, verb: str) -> tuple[str, ...]:
    """The pictures to work on: by URL as the client 1.3.0 sends them, or as files of a form as the guides do."""
    if verb == "generate":
        return ()
    if call.uploads:
        _check_files(call, fields, verb)
        return ()
    if verb == "edit":
        url = fields.text("input_image_url", required=True)
        links.check(call, fields, "input_image_url", url)
        return () if url is None else (url,)
    urls = fields.strings("input_image_urls", _LEAST_COMBINED, _MOST_COMBINED, required=True)
    for index, url in enumerate(urls):
        links.check(call, fields, f"input_image_urls[{index}]", url)
    return tuple(urls)


def _check_files(call: Call, fields: Fields, verb: str) -> None:
    wanted = "image" if verb == "edit" else "images"
    if any(name != wanted for name, _ in call.uploads):
        fields.wrong(wanted, f"is the only file field of {verb}")
    if verb == "edit" and len(call.uploads) != 1:
        fields.wrong(wanted, "must be one file")
    if verb == "combine" and not _LEAST_COMBINED <= len(call.uploads) <= _MOST_COMBINED:
        fields.wrong(wanted, f"must be {_LEAST_COMBINED} to {_MOST_COMBINED} files")
