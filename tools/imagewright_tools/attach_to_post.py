"""The tool `attach_to_post`: pictures from anywhere onto a draft, a scheduled or a new post."""

from typing import Annotated, Any, Literal, cast

from mcp.server.mcpserver import AcceptedElicitation, Context, Elicit, ElicitationResult, Resolve
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, BeforeValidator, Field

from imagewright.attaching import Attachment, AttachRequest
from imagewright.errors import ConfirmationError
from imagewright.principals import principal
from imagewright.studio import Studio
from imagewright.text import clean, listing, quote
from imagewright_tools._edge import can_ask, given, tool, word


class Consent(BaseModel):
    """What a person answers when asked whether to publish."""

    publish: bool = Field(description="Publish it now")


class AttachedOut(BaseModel):
    """A picture on the post, and how it came there."""

    image: str
    media_id: str
    how: str
    change: str | None = None


class OutcomeOut(BaseModel):
    """What became of the post at one account."""

    account_id: int | None = None
    platform: str | None = None
    status: str | None = None
    url: str | None = None
    error_untrusted: str | None = None


class AttachmentOut(BaseModel):
    """What `attach_to_post` answers."""

    post_id: str
    status: str
    provider: str
    media_ids: list[str]
    attached: list[AttachedOut]
    outcomes: list[OutcomeOut]
    scheduled_for: str | None = None
    timezone: str | None = None
    warnings: list[str]
    next_step: str
    sandbox: str | None = None


def _one_or_many(value: Any) -> Any:
    # A single one is a harmless slip.
    return cast("list[object]", value) if isinstance(value, list) else [value]


Texts = Annotated[list[str], BeforeValidator(_one_or_many)]


async def ask_before_publishing(
    publish_now: bool, content: str, accounts: list[str], images: list[str], ctx: Context[Studio]
) -> Consent | Elicit[Consent]:
    """Return a yes where none is needed, a question where the client can ask, otherwise a no."""
    studio = ctx.request_context.lifespan_context
    if not publish_now or studio.publishes_unasked:
        return Consent(publish=True)
    if not can_ask(ctx):
        return Consent(publish=False)
    to = listing([clean(one, 60) for one in accounts]) if accounts else "the accounts of the post"
    return Elicit(f"Publish now to {to}: {quote(content, 200)} with {len(images)} image(s)?", Consent)


async def attach_to_post(
    ctx: Context[Studio],
    consent: Annotated[ElicitationResult[Consent], Resolve(ask_before_publishing)],
    images: Annotated[
        Texts, Field(description="media_id, generation_id (one picture: gen_.../2) or https URL, in order")
    ],
    post_id: Annotated[str, Field(description="An existing draft or scheduled post; without it a new draft")] = "",
    content: Annotated[str, Field(description="The post's text")] = "",
    accounts: Annotated[Texts, Field(description="Account ids, platform names or handles")] = [],  # noqa: B006  # never mutated
    scheduled_for: Annotated[str, Field(description="ISO 8601, with an offset or with timezone")] = "",
    timezone: Annotated[str, Field(description="Such as Europe/Berlin")] = "",
    publish_now: Annotated[bool, Field(description="Only when the user said so; may ask them")] = False,
    mode: Annotated[
        Literal["append", "replace"],
        word("append"),
        Field(description="Existing post: keep its pictures or not"),
    ] = "append",
    platform_content: Annotated[dict[str, Any], Field(description="Per platform: content, contentType, settings")] = {},  # noqa: B006  # never mutated
) -> Annotated[CallToolResult, AttachmentOut]:
    """Put pictures onto a social post, whoever drew them: a new draft, a scheduled post, or one that exists.
    Free; nothing is published unless scheduled_for or publish_now says so."""
    if not (isinstance(consent, AcceptedElicitation) and consent.data.publish):
        raise ConfirmationError(_NOT_ALLOWED if isinstance(consent, AcceptedElicitation) else _DECLINED)
    request = AttachRequest(
        images=tuple(images),
        post_id=given(post_id),
        content=content or None,
        accounts=tuple(accounts),
        scheduled_for=given(scheduled_for),
        timezone=given(timezone),
        publish_now=publish_now,
        mode=mode,
        platform_content=platform_content or None,
        principal=principal(),
    )
    done = await ctx.request_context.lifespan_context.attach(request, ctx.report_progress)
    structured = _structured(done).model_dump(exclude_none=True)
    return CallToolResult(content=[TextContent(text=_text(done))], structured_content=structured)


_NOT_ALLOWED = (
    "Publishing now takes a yes of a person, and this client could not put the question or the answer was no. Nothing "
    "was changed. Call without publish_now to make a draft, or set IMAGEWRIGHT_PUBLISH=allow to publish without asking."
)
_DECLINED = "The person did not agree to publish. Nothing was changed. Call without publish_now to make a draft."

TOOL = tool(
    attach_to_post,
    title="Attach images to a post",
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=True
    ),
)


def _structured(done: Attachment) -> AttachmentOut:
    post = done.post
    return AttachmentOut(
        post_id=post.post_id,
        status=post.status,
        provider=done.provider.slug,
        media_ids=list(done.media_ids),
        attached=[
            AttachedOut(image=one.label, media_id=one.item.media_id, how=one.how, change=one.change)
            for one in done.imported
        ],
        outcomes=[
            OutcomeOut(
                account_id=one.account_id,
                platform=one.platform,
                status=one.status,
                url=one.url,
                error_untrusted=one.error,
            )
            for one in post.destinations
        ],
        scheduled_for=post.scheduled_for,
        timezone=post.timezone,
        warnings=list(done.warnings),
        next_step=done.next_step,
        sandbox=done.sandbox_notice,
    )


def _text(done: Attachment) -> str:
    post = done.post
    when = f", scheduled for {post.scheduled_for}" if post.scheduled_for else ""
    lines = [f"post_id {post.post_id}: {post.status}{when}, at {done.provider.name}."]
    lines.append(f"media_ids on it: {listing(list(done.media_ids), limit=40)}")
    lines += [f"{one.label}: {one.how}" for one in done.imported if one.label != one.item.media_id]
    lines += [
        f"{one.platform} {one.account_id}: {one.status}{f', it said {quote(one.error)}' if one.error else ''}"
        for one in post.destinations
    ]
    lines += [f"Note: {warning}" for warning in done.warnings]
    lines += [done.sandbox_notice] if done.sandbox_notice else []
    return "\n".join([*lines, done.next_step])
