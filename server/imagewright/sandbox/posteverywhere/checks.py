"""What each platform asks of a post before it is taken: text, media, required settings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from imagewright.sandbox.posteverywhere.envelope import invalid
from imagewright.sandbox.posteverywhere.facts import CONTENT_TYPES, MB, PLATFORMS, Platform
from imagewright.sandbox.posteverywhere.records import Media

_ALT_TEXT_LIMIT = 100  # developers.posteverywhere.ai/platforms/instagram
_HASHTAGS = 30  # the platform-limits skill of posteverywhere/claude-plugin, like the two below
_YOUTUBE_TITLE = 100
_TIKTOK_PRIVACY = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY")


@dataclass(frozen=True, slots=True)
class Override:
    """One platform's own members of `platform_content`."""

    content: str | None
    settings: Mapping[str, object]


def overrides(platform_content: object, *, first_comment: bool) -> dict[str, Override]:
    """Return `platform_content` read.

    Raises:
        Refused: It is not of the documented shape.
    """
    if platform_content is None:
        return {}
    if not isinstance(platform_content, dict):
        raise invalid("platform_content must be an object keyed by platform.")
    found: dict[str, Override] = {}
    for platform, members in cast("dict[str, object]", platform_content).items():
        if platform not in PLATFORMS:
            # The Node SDK's README has twitter, the schema x.
            hint = ' Did you mean "x"?' if platform == "twitter" else ""
            raise invalid(f'Unknown platform "{platform}" in platform_content.{hint} Known: {", ".join(PLATFORMS)}')
        if not isinstance(members, dict):
            raise invalid(f"platform_content.{platform} must be an object.")
        found[platform] = _override(platform, cast("dict[str, object]", members), first_comment=first_comment)
    return found


def _override(platform: str, members: Mapping[str, object], *, first_comment: bool) -> Override:
    where = f"platform_content.{platform}"
    if unknown := members.keys() - {"content", "contentType", "settings"}:
        raise invalid(f'Unknown field "{min(unknown)}" in {where}. Known: content, contentType, settings')
    content, content_type, settings = members.get("content"), members.get("contentType"), members.get("settings", {})
    if content is not None and not isinstance(content, str):
        raise invalid(f"{where}.content must be a string.")
    kinds = CONTENT_TYPES.get(platform, ())
    if content_type is not None and content_type not in kinds:
        raise invalid(f"Invalid {where}.contentType. Must be one of: {', '.join(kinds)}")
    if not isinstance(settings, dict):
        raise invalid(f"{where}.settings must be an object.")
    held = cast("dict[str, object]", settings)
    _check_settings(f"{where}.settings", platform, held, first_comment=first_comment)
    return Override(content, held)


def _check_settings(where: str, platform: str, settings: Mapping[str, object], *, first_comment: bool) -> None:
    # The Instagram guide has settings.firstComment, the schema page has not.
    if "firstComment" in settings and not first_comment:
        raise invalid(f"Unknown setting firstComment in {where}.")
    alt = settings.get("altText")
    if alt is not None and (not isinstance(alt, str) or len(alt) > _ALT_TEXT_LIMIT):
        raise invalid(f"{where}.altText must be a string of at most {_ALT_TEXT_LIMIT} characters.")
    if platform == "tiktok" and settings.get("privacyLevel", "SELF_ONLY") not in _TIKTOK_PRIVACY:
        raise invalid(f"Invalid {where}.privacyLevel. Must be one of: {', '.join(_TIKTOK_PRIVACY)}")


def problems(
    platforms: Sequence[str], content: str, media: Sequence[Media], platform_overrides: Mapping[str, Override]
) -> list[dict[str, object]]:
    """Return the validation errors of a post that is to be published; the shape of an item is not documented."""
    none = Override(None, {})
    return [
        {"platform": platform, "message": message}
        for platform in dict.fromkeys(platforms)
        for message in _problems(platform, content, media, platform_overrides.get(platform, none))
    ]


def _problems(platform: str, content: str, media: Sequence[Media], override: Override) -> Iterator[str]:
    facts = PLATFORMS[platform]
    text = content if override.content is None else override.content
    # An X article is longer than a post (posteverywhere/claude-plugin).
    if len(text) > facts.text_limit and override.settings.get("post_type") != "article":
        yield f"{facts.name}: content is {len(text)} characters; the limit is {facts.text_limit}."
    if not text and not media:
        yield f"{facts.name}: a post needs content or media."
    yield from _media_problems(facts, media)
    if platform == "instagram" and text.count("#") > _HASHTAGS:
        yield f"{facts.name}: at most {_HASHTAGS} hashtags."
    if platform == "pinterest" and not override.settings.get("boardId"):
        yield f"{facts.name}: settings.boardId is required."
    if platform == "youtube":
        title = override.settings.get("title")
        if not isinstance(title, str) or not 0 < len(title) <= _YOUTUBE_TITLE:
            yield f"{facts.name}: settings.title of 1 to {_YOUTUBE_TITLE} characters is required."


def _media_problems(facts: Platform, media: Sequence[Media]) -> Iterator[str]:
    images = [one for one in media if one["type"] == "image"]
    if facts.needs_video and [one["type"] for one in media] != ["video"]:
        yield f"{facts.name}: exactly one video is required."
    elif facts.needs_media and not media:
        yield f"{facts.name}: an image or a video is required."
    if facts.max_images and len(images) > facts.max_images:
        yield f"{facts.name}: at most {facts.max_images} images."
    limit = facts.image_limit_mb
    if limit is not None and any(one["size"] > limit * MB for one in images):
        yield f"{facts.name}: an image is larger than {limit} MB."
