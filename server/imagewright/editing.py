"""Makes and changes posts without losing a picture or making a post twice."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from imagewright.errors import (
    ConflictError,
    ImagewrightError,
    NotFoundError,
    OriginError,
    OutcomeUnknownError,
    ProviderError,
    ProviderFailureError,
    RequestError,
    UnreadableAnswerError,
)
from imagewright.line import Line
from imagewright.posts import AttachMode, NewPost, Post, PostChange
from imagewright.provider import Posting
from imagewright.text import clean, quote

_MERGES = 4
_CLOCKS_APART = timedelta(minutes=2)  # by which the provider's clock may differ from ours

# After any of these nobody knows whether the post was made or changed: it is looked up, never sent again blindly.
_UNSURE = (OutcomeUnknownError, UnreadableAnswerError, ProviderFailureError)


async def open_post(line: Line, posting: Posting, post_id: str) -> Post:
    """Return a post that can still be changed.

    Raises:
        RequestError: There is no such post, or it is out already.
    """
    try:
        post = await line.look(posting.post(post_id))
    except NotFoundError:
        raise RequestError(
            f"{line.provider.name} has no post {post_id}. Leave post_id out to make a new one."
        ) from None
    if post.status not in posting.open_statuses:
        raise RequestError(
            f"Post {post_id} is {post.status}: its pictures cannot change any more. Make a new post without post_id."
        )
    return post


async def create(line: Line, posting: Posting, post: NewPost) -> tuple[Post, str | None]:
    """Make a post, once, and return it; where no answer came, look for it and say so in a note.

    Raises:
        OriginError: It was refused, or it is not known whether it was made.
    """
    started = datetime.now(UTC)
    try:
        made = await line.send(posting.create(post), posting.read_post)
    except (*_UNSURE, ConflictError) as error:
        name = line.provider.name
        try:
            found = await _look_for(line, posting, post, started)
        except ImagewrightError:
            raise _unsure(line, error, "Whether it was made is not known: its posts cannot be listed.") from error
        if found is None:
            raise _unsure(line, error, "No such post is among its newest.") from error
        return found, f"{name} did not confirm it, but the post is there: it was made once."
    except ImagewrightError as error:
        error.args = (f"{error} No post was made.",)
        raise
    return await _complete(line, posting, made), None


async def change(
    line: Line, posting: Posting, post_id: str, media_ids: Sequence[str], mode: AttachMode, rest: PostChange
) -> tuple[Post, str | None]:
    """Put pictures onto a post that is there, keeping what it has unless `mode` is "replace", and check that they are.

    The provider replaces the whole set with each change and knows no revisions: if somebody else changes the post at
    the same moment, the sets are merged until all of ours are on it. What could not be checked is said in a note.

    Raises:
        RequestError: What the post has cannot be told, it went out meanwhile, or it keeps changing.
        OriginError: The provider refused, or did not answer and the pictures are not on the post.
    """
    wanted = tuple(media_ids)
    for _ in range(_MERGES):
        post = await open_post(line, posting, post_id)
        if mode == "append":
            if post.media_ids is None:
                raise RequestError(
                    f"{line.provider.name} does not tell which pictures post {post_id} has, so none can be added "
                    f"without losing them. Use mode replace with all of them."
                )
            wanted = tuple(dict.fromkeys((*post.media_ids, *media_ids)))
        changed = replace(rest, media_ids=wanted)
        unsure: OriginError | None = None
        told = post
        try:
            told = await line.send(posting.change(post_id, changed), posting.read_post)
        except _UNSURE as error:
            unsure = error
        except ImagewrightError as error:
            await _say_if_closed(line, posting, post_id, error)
            error.args = (f"{error} The pictures were not put on post {post_id}.",)
            raise
        try:
            after = await line.look(posting.post(post_id))
        except ImagewrightError as error:
            if unsure:
                raise _unsure(line, unsure, f"Nor can post {post_id} be read again.") from error
            return told, f"Post {post_id} was changed, but could not be read again to check it."
        if unsure and not _is_as_wanted(after, changed):
            raise _unsure(line, unsure, f"Not all of the change is on post {post_id}.") from unsure
        if after.media_ids is None or set(wanted) <= set(after.media_ids):
            return after, None
    raise RequestError(f"Post {post_id} is being changed by somebody else again and again. Call again in a moment.")


async def release(line: Line, posting: Posting, post: Post, when: datetime | None) -> tuple[Post, str | None]:
    """Send a draft on its way: at a moment, or now. A post that is on its way already is left as it is.

    Raises:
        OriginError: The provider refused, or did not answer and the post is still a draft.
    """
    if post.status != "draft":
        return post, None
    still = f"The pictures are on post {post.post_id}, which is still a draft."
    unsure: OriginError | None = None
    told = post
    try:
        told = await line.send(posting.release(post.post_id, when), posting.read_post)
    except (*_UNSURE, ConflictError) as error:
        unsure = error
    except ImagewrightError as error:
        error.args = (f"{error} {still}",)
        raise
    try:
        after = await line.look(posting.post(post.post_id))
    except ImagewrightError as error:
        if unsure:
            raise _unsure(line, unsure, f"Nor can post {post.post_id} be read again.") from error
        return told, f"Post {post.post_id} was sent on its way, but could not be read again to check it."
    if unsure and after.status == post.status:
        raise _unsure(line, unsure, still) from unsure
    return after, None


async def _say_if_closed(line: Line, posting: Posting, post_id: str, error: ImagewrightError) -> None:
    """Where a change was refused because the post went out or away meanwhile, say that instead."""
    if isinstance(error, ConflictError | NotFoundError):
        with suppress(OriginError):
            await open_post(line, posting, post_id)
        error.args = (f"{line.provider.name} does not let post {post_id} be changed now{_said(error)}. Call again.",)
        error.charged = "no"


def _is_as_wanted(post: Post, changed: PostChange) -> bool:
    """Whether a post has what a change asked for, as far as a post tells."""
    return (
        set(changed.media_ids or ()) <= set(post.media_ids or ())
        and (changed.content is None or (post.content or "") == clean(changed.content, 5000))
        and (changed.account_ids is None or set(changed.account_ids) == set(post.account_ids))
        and (changed.scheduled_for is None or _moment(post.scheduled_for) == changed.scheduled_for)
    )


async def _look_for(line: Line, posting: Posting, post: NewPost, started: datetime) -> Post | None:
    """Return the newest post of the same words, pictures and kind that was made since, or None."""
    for found in await line.look(posting.recent):
        same_words = (found.content or "") == clean(post.content, 5000)
        same_kind = (found.status == "draft") == (post.mode == "draft")
        if not same_words or not same_kind or not _since(found.created_at, started):
            continue
        # A list that does not tell the pictures must not make another post ours.
        told = found if found.media_ids is not None else await line.look(posting.post(found.post_id))
        if set(told.media_ids or ()) == set(post.media_ids):
            return await _complete(line, posting, told)
    return None


def _since(created_at: str | None, started: datetime) -> bool:
    made = _moment(created_at)
    return made is not None and made >= started - _CLOCKS_APART


def _moment(text: str | None) -> datetime | None:
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


async def _complete(line: Line, posting: Posting, post: Post) -> Post:
    """Return a post as a look-up tells it, which is more than the answer to its making; what it lacks is kept."""
    try:
        told = await line.look(posting.post(post.post_id))
    except ImagewrightError:
        return post
    return replace(told, media_ids=told.media_ids if told.media_ids is not None else post.media_ids)


def _unsure(line: Line, error: OriginError, found: str) -> OriginError:
    """Turn the message of an error into what is known of the post; whoever reads it must look before the next call."""
    status = error.origin.status
    answered = f"answered {status}{_said(error)}" if status else "did not answer"
    unsure = f"{line.provider.name} {answered}, so what became of the post is not sure."
    error.args = (f"{unsure} {found} Look at the posts in its dashboard before you call again.",)
    return error


def _said(error: ImagewrightError) -> str:
    said = error.origin.provider_text if isinstance(error, ProviderError) else ""
    return f" and said {quote(said)}" if said else ""
