"""Decides, without sending anything, whether a provider can serve a request, and how the request is put to it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from imagewright.addresses import flaw
from imagewright.errors import LimitError, NotConfiguredError, RequestError
from imagewright.models import ImageRequest, Model, Money
from imagewright.provider import Provider
from imagewright.text import listing, quote

MAX_PROMPT = 32_000  # characters, where a provider documents no limit of its own
MAX_COUNT = 24  # pictures one call may ask for: a typing slip must not buy hundreds
MAX_REFERENCES = 5
AUTO = "auto"

Catalogues = Mapping[str, tuple[Model, ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider, the request as it will be put to it, what was adapted, and why this provider."""

    provider: Provider
    request: ImageRequest
    warnings: tuple[str, ...]
    why: str


def check(request: ImageRequest) -> None:
    """Refuse what no provider could serve.

    Raises:
        RequestError: The prompt is empty, or a value has no meaning anywhere.
    """
    if not request.prompt.strip():
        raise RequestError("The prompt is empty. Say what the picture should show.")
    if len(request.prompt) > MAX_PROMPT:
        raise RequestError(f"The prompt has {len(request.prompt)} characters; more than {MAX_PROMPT} help no model.")
    if not 1 <= request.count <= MAX_COUNT:
        raise RequestError(f"count takes 1 to {MAX_COUNT} pictures a call, not {request.count}.")
    if request.aspect_ratio and not re.fullmatch(r"[1-9]\d?:[1-9]\d?", request.aspect_ratio):
        raise RequestError(f"aspect_ratio takes a ratio such as 16:9, not {quote(request.aspect_ratio, 40)}.")
    if len(request.reference_images) > MAX_REFERENCES:
        raise RequestError(f"At most {MAX_REFERENCES} reference images, not {len(request.reference_images)}.")
    for number, reference in enumerate(request.reference_images, 1):
        if not reference.description.strip():
            raise RequestError(f"Reference image {number} needs a description: the model reads it to use the picture.")
        if reason := flaw(reference.url):
            raise RequestError(f"Reference image {number} needs a public https URL; {reason}.")


def choose(
    name: str, request: ImageRequest, candidates: Sequence[Provider], configured: frozenset[str], live: Catalogues
) -> Choice:
    """Return the named provider, or for `auto` the first of `candidates` that is configured and can serve all of it.

    Raises:
        RequestError: No such provider, or nobody configured can serve the request; it names who could.
        NotConfiguredError: The provider, or every provider, has no key.
        LimitError: The named provider cannot serve the request.
    """
    if not configured:
        keys = listing([one.key_env for one in candidates])
        raise NotConfiguredError(
            f"No provider is configured. Set one of {keys}, or IMAGEWRIGHT_SANDBOX=1 to try without a key."
        )
    if name != AUTO:
        return _named(name, request, candidates, configured, live)
    passed_over: list[str] = []
    could: list[str] = []
    # Who is known to have the model goes before whose list might show it.
    unknown = not any(request.model and _row(one, request.model, live) for one in candidates)
    for provider in candidates:
        guess = unknown and provider.slug in configured
        reasons = obstacles(provider, request, live, strict=True, guess_models=guess)
        if provider.slug not in configured:
            could += [] if reasons else [provider.key_env]
        elif reasons:
            passed_over.append(reasons[0])
        else:
            adapted, warnings = fit(provider, request, live)
            that_can = " that can serve all of this" if passed_over else ""
            why = f"auto took {provider.name}, the first provider in order{that_can}."
            return Choice(provider, adapted, warnings, " ".join((why, *passed_over)))
    remedy = f"Set {listing(could)} for one that can." if could else "Change the request, or split it into several."
    raise RequestError(" ".join(("No configured provider can serve all of this.", *passed_over, remedy)))


def obstacles(
    provider: Provider, request: ImageRequest, live: Catalogues, *, strict: bool = False, guess_models: bool = False
) -> list[str]:
    """Return why a provider cannot serve a request, each reason with the limit.

    `strict` trusts only documented values; `guess_models` lets a model pass that only a list not asked for can know.
    """
    reasons: list[str] = []
    name, ratio = provider.name, request.aspect_ratio
    if ratio and ratio not in provider.ratios and (strict or not provider.ratios_open):
        reasons.append(f"{name} draws {listing(list(provider.ratios))}, not {ratio}.")
    reasons += _size_obstacles(provider, request, live, strict=strict)
    if len(request.reference_images) > provider.max_references:
        limit = f"at most {provider.max_references}" if provider.max_references else "no"
        reasons.append(f"{name} takes {limit} reference images.")
    if request.strictness and not provider.takes_strictness:
        reasons.append(f"{name} has no choice of strictness.")
    reasons += _model_obstacles(provider, request, live, guess=guess_models)
    length = len(_prompt(provider, request))
    if provider.max_prompt and length > provider.max_prompt:
        with_style = " with the style" if len(request.prompt) < length else ""
        reasons.append(f"{name} takes prompts of at most {provider.max_prompt} characters, not {length}{with_style}.")
    return reasons


def fit(provider: Provider, request: ImageRequest, live: Catalogues) -> tuple[ImageRequest, tuple[str, ...]]:
    """Return the request as the provider will get it, and a warning for everything that was added or is unsure."""
    warnings: list[str] = []
    name, adapted = provider.name, request
    if request.style and not provider.takes_style:
        adapted = replace(adapted, prompt=_prompt(provider, request), style=None)
        warnings.append(f"{name} has no style field: the style was added to the prompt.")
    if request.model and not provider.takes_model:
        adapted = replace(adapted, model=None)
        warnings.append(f"{name} takes no model: it draws with its own, which is normally {request.model}.")
    elif request.model and _row(provider, request.model, live) is None:
        warnings.append(f"Whether {name} has {quote(request.model, 60)} shows when it draws: its list was not asked.")
    elif not request.model and provider.default_model:
        adapted = replace(adapted, model=provider.default_model)
        warnings.append(f"No model was named: {name} draws with {provider.default_model}.")
    if not request.aspect_ratio and provider.default_ratio:
        adapted = replace(adapted, aspect_ratio=provider.default_ratio)
        warnings.append(f"No aspect_ratio was named: {name} draws {provider.default_ratio}.")
    if request.aspect_ratio and request.aspect_ratio not in provider.ratios:
        warnings.append(f"{name} does not document {request.aspect_ratio}; it was asked for all the same.")
    if request.size and request.size not in (_model_sizes(provider, request, live) or provider.sizes):
        warnings.append(f"{name} does not document size {request.size}; it was asked for all the same.")
    if _list_price(provider, adapted, live) is not None and estimate(provider, adapted, live) is None:
        warnings.append(f"{name} publishes its price for {provider.sizes[0]} only: {request.size} may cost more.")
    return adapted, tuple(warnings)


def parts(count: int, max_count: int) -> list[int]:
    """Split a number of pictures into calls as even as can be, so that together they take about as long as one."""
    calls = -(-count // max_count)
    return [count // calls + (number < count % calls) for number in range(calls)]


def estimate(provider: Provider, request: ImageRequest, live: Catalogues) -> Money | None:
    """Return what a request should cost, or None where the vendor publishes no price for it."""
    price = _list_price(provider, request, live)
    # Where there are sizes, the list price is for the default one: what another costs no source says.
    if price is None or request.size not in {None, *provider.sizes[:1]}:
        return None
    return Money(price * Decimal(request.count), provider.unit, estimated=True)


def _named(
    name: str, request: ImageRequest, candidates: Sequence[Provider], configured: frozenset[str], live: Catalogues
) -> Choice:
    provider = next((one for one in candidates if one.slug == name), None)
    if provider is None:
        known = listing([AUTO, *(one.slug for one in candidates)])
        raise RequestError(f"There is no provider {quote(name, 40)}: it is one of {known}.")
    if provider.slug not in configured:
        raise NotConfiguredError(
            f"{provider.name} is not configured. Set {provider.key_env} and start the server again."
        )
    if reasons := obstacles(provider, request, live, guess_models=True):
        others = [one.name for one in candidates if not obstacles(one, request, live, strict=True)]
        remedy = f"{listing(others)} could serve it." if others else "Change the request."
        raise LimitError(" ".join((*reasons, remedy)))
    adapted, warnings = fit(provider, request, live)
    return Choice(provider, adapted, warnings, f"{provider.name} was named.")


def _row(provider: Provider, model: str, live: Catalogues) -> Model | None:
    rows = live.get(provider.slug) or provider.models
    return next((row for row in rows if model in {row.model_id, row.alias}), None)


def _list_price(provider: Provider, request: ImageRequest, live: Catalogues) -> Decimal | None:
    row = _row(provider, request.model or provider.models[0].model_id, live)
    return row.price if row else None


def _size_obstacles(provider: Provider, request: ImageRequest, live: Catalogues, *, strict: bool) -> list[str]:
    if not request.size:
        return []
    if not provider.sizes:
        return [f"{provider.name} has no choice of size."]
    of_model = _model_sizes(provider, request, live)
    sizes = of_model or provider.sizes
    if request.size in sizes or not (of_model or strict or not provider.sizes_open):
        return []
    with_model = f" with {request.model}" if of_model and request.model else ""
    return [f"{provider.name} draws sizes {listing(list(sizes))}{with_model}, not {request.size}."]


def _model_sizes(provider: Provider, request: ImageRequest, live: Catalogues) -> tuple[str, ...]:
    row = _row(provider, request.model or provider.default_model or "", live)
    return row.sizes if row else ()


def _model_obstacles(provider: Provider, request: ImageRequest, live: Catalogues, *, guess: bool) -> list[str]:
    if not request.model or _row(provider, request.model, live):
        return []
    known = listing([row.model_id for row in live.get(provider.slug) or provider.models])
    if not provider.takes_model:
        return [f"{provider.name} has no choice of model: it draws with {known}."]
    if guess and provider.models_open and provider.slug not in live:
        return []  # its list was not asked for: the provider will judge
    return [f"{provider.name} has no model {quote(request.model, 60)}: it offers {known}."]


def _prompt(provider: Provider, request: ImageRequest) -> str:
    if not request.style or provider.takes_style:
        return request.prompt
    # The form in which Theo puts a style into a prompt; the other engines read it as well.
    return f"{request.prompt.rstrip()} Style: {request.style}."
