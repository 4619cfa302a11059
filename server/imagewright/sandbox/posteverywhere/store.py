"""The workspace's files and posts in the world's memory, always as they stand at the world's present time."""

from datetime import timedelta
from typing import cast

from imagewright.sandbox.pictures import Picture
from imagewright.sandbox.posteverywhere import connections, filetypes, publishing, times
from imagewright.sandbox.posteverywhere.envelope import missing
from imagewright.sandbox.posteverywhere.records import Media, Post
from imagewright.sandbox.world import Json, Transaction

MEDIA = "posteverywhere.media"
POST = "posteverywhere.post"


def posts(tx: Transaction, owner: str) -> list[Post]:
    """Return all posts of a workspace, newest first, published as far as the clock has come."""
    connected = connections.connected(tx, owner)
    now = tx.now()
    found: list[Post] = []
    for kept in tx.find(POST, owner=owner, newest_first=True):
        post = cast("Post", kept)
        current = publishing.settled(post, now, connected)
        if current is not post:
            save_post(tx, owner, current)
        found.append(current)
    return found


def post(tx: Transaction, owner: str, post_id: str) -> Post:
    """Return one post.

    Raises:
        Refused: This workspace has no such post.
    """
    kept = tx.get(POST, f"{owner}:{post_id.lower()}")
    if kept is None:
        raise missing("Post")
    return publishing.settled(cast("Post", kept), tx.now(), connections.connected(tx, owner))


def save_post(tx: Transaction, owner: str, changed: Post) -> None:
    """Write a post down."""
    tx.put(POST, f"{owner}:{changed['post_id']}", cast("Json", changed), owner=owner)


def remove_post(tx: Transaction, owner: str, post_id: str) -> None:
    """Forget a post."""
    tx.remove(POST, f"{owner}:{post_id}")


def files(tx: Transaction, owner: str) -> list[Media]:
    """Return all files of a workspace, newest first."""
    now = tx.now()
    return [publishing.settled_media(cast("Media", one), now) for one in tx.find(MEDIA, owner=owner, newest_first=True)]


def file(tx: Transaction, owner: str, media_id: str) -> Media | None:
    """Return one file, or None where this workspace has no such file."""
    kept = tx.get(MEDIA, f"{owner}:{media_id.lower()}")
    return None if kept is None else publishing.settled_media(cast("Media", kept), tx.now())


def new_file(
    tx: Transaction,
    owner: str,
    *,
    filename: str,
    content_type: str,
    status: str,
    picture: Picture | None = None,
    size: int = 0,
    pixels: tuple[int | None, int | None] = (None, None),
    duration: float | None = None,
    ready_after_seconds: int | None = None,
    error_message: str | None = None,
) -> Media:
    """Put a file into the library; where there is a `picture`, it says size and pixels."""
    now = tx.now()
    ready_at = None if ready_after_seconds is None else times.stamp(now + timedelta(seconds=ready_after_seconds))
    media = Media(
        media_id=tx.uuid(MEDIA),
        status=status,
        type=filetypes.kind_of(content_type),
        filename=filename,
        content_type=content_type,
        size=picture.size_bytes if picture else size,
        width=picture.width or None if picture else pixels[0],
        height=picture.height or None if picture else pixels[1],
        duration=duration,
        picture_id=picture.sha256 if picture else None,
        ready_at=ready_at,
        error_message=error_message,
        created_at=times.stamp(now),
    )
    save_file(tx, owner, media)
    return media


def save_file(tx: Transaction, owner: str, changed: Media) -> None:
    """Write a file down."""
    tx.put(MEDIA, f"{owner}:{changed['media_id']}", cast("Json", changed), owner=owner)


def remove_file(tx: Transaction, owner: str, media_id: str) -> None:
    """Forget a file."""
    tx.remove(MEDIA, f"{owner}:{media_id}")
