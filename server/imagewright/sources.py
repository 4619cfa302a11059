"""Reads what an agent names as a picture: a media_id, a generation or one picture of it, a URL, a kept copy."""

import re
from dataclasses import dataclass

from imagewright.addresses import flaw
from imagewright.album import Album
from imagewright.errors import RequestError
from imagewright.models import Picture
from imagewright.text import identifier, quote

_GENERATION = re.compile(r"(?:imagewright://generation/)?(gen_[A-Za-z0-9]+)(?:[/#](\d{1,3}))?")
_KEPT = re.compile(r"imagewright://image/([0-9a-f]{64})")
_TAKES = "a media_id, a generation_id (one picture of it: gen_.../2), an https URL or imagewright://image/..."


@dataclass(frozen=True, slots=True)
class Source:
    """A picture to attach: `label` is how the caller named it; one of `media_id`, `url` and `sha256` leads to it.

    `owner` is the slug of the provider in whose library `media_id` is, None if the caller only named the id.
    """

    label: str
    media_id: str | None = None
    owner: str | None = None
    url: str | None = None
    sha256: str | None = None
    is_drawn: bool = False  # by a generation


async def sources_of(
    images: tuple[str, ...], principal: str, album: Album, trusted_origins: frozenset[str]
) -> list[Source]:
    """Return the pictures that a principal named, in order, a generation as all of its pictures.

    Raises:
        RequestError: A name leads to no picture that may be used.
    """
    found: list[Source] = []
    for name in images:
        found += await _named(name.strip(), principal, album, trusted_origins)
    return found


async def _named(name: str, principal: str, album: Album, trusted_origins: frozenset[str]) -> list[Source]:
    if generation := _GENERATION.fullmatch(name):
        return await _of_generation(generation[1], generation[2], principal, album)
    if kept := _KEPT.fullmatch(name):
        # The hash of another's picture opens nothing: it is brought as one that is not kept.
        return [Source(name, sha256=kept[1] if await album.belongs(kept[1], principal) else None)]
    if "://" in name:
        if reason := flaw(name, trusted_origins):
            raise RequestError(f"The picture {quote(name, 120)} cannot be used: {reason}. It takes {_TAKES}.")
        return [Source(name, url=name)]
    if media_id := identifier(name):
        return [Source(name, media_id=media_id)]
    raise RequestError(f"{quote(name, 120)} is no picture: images takes {_TAKES}. Local files are not read.")


async def _of_generation(generation_id: str, place: str | None, principal: str, album: Album) -> list[Source]:
    kept = await album.journal.pictures(generation_id, principal)
    if kept is None:
        raise RequestError(
            f"There is no generation {quote(generation_id, 60)}. Use an id that generate_image returned."
        )
    provider, pictures = kept
    if place is not None and not 1 <= int(place) <= len(pictures):
        raise RequestError(f"{generation_id} has pictures 1 to {len(pictures)}, not {place}.")
    numbered = list(enumerate(pictures, 1))
    chosen = [numbered[int(place) - 1]] if place else numbered
    return [_source(f"{generation_id}/{number}", provider, picture) for number, picture in chosen]


def _source(label: str, provider: str, picture: Picture) -> Source:
    owner = provider if picture.media_id else None
    return Source(label, picture.media_id, owner, picture.url, picture.sha256, is_drawn=True)
