"""Holds a post against what its platforms take, before it goes out: what would fail there is told here."""

from collections.abc import Mapping, Sequence
from typing import cast

from imagewright.posts import Account, MediaItem, PlatformRule


def complaints(
    rules: Mapping[str, PlatformRule],
    accounts: Sequence[Account],
    content: str,
    platform_content: Mapping[str, object],
    items: Sequence[MediaItem],
    on_post: int,
) -> list[str]:
    """Return what each platform of the accounts would not take: `items` are the new pictures, `on_post` counts all.

    A platform's own `content` in `platform_content` takes the place of `content` there.
    """
    platforms = dict.fromkeys(account.platform for account in accounts)
    found: list[str] = []
    for platform in platforms:
        if rule := rules.get(platform):
            text = _own_text(platform_content.get(platform)) or content
            found += [f"{platform}: {problem}." for problem in _problems(rule, text, items, on_post)]
    return found


def _own_text(members: object) -> str:
    text = cast("Mapping[str, object]", members).get("content") if isinstance(members, Mapping) else None
    return text if isinstance(text, str) else ""


def _problems(rule: PlatformRule, content: str, items: Sequence[MediaItem], on_post: int) -> list[str]:
    problems: list[str] = []
    if rule.max_images == 0:
        problems.append("it takes a video, not pictures")
    elif rule.max_images is not None and on_post > rule.max_images:
        problems.append(f"it takes at most {rule.max_images} pictures a post, not {on_post}")
    if rule.max_characters is not None and len(content) > rule.max_characters:
        problems.append(f"it takes at most {rule.max_characters} characters, not {len(content)}")
    for item in items:
        if rule.max_bytes and item.size_bytes and item.size_bytes > rule.max_bytes:
            problems.append(f"picture {item.media_id} has {item.size_bytes} bytes, and it takes {rule.max_bytes}")
        width, height = rule.min_width or 0, rule.min_height or 0
        if item.width and item.height and (item.width < width or item.height < height):
            problems.append(
                f"picture {item.media_id} is {item.width}x{item.height}, and it wants at least {width}x{height}"
            )
    return problems
