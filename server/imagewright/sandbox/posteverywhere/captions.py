"""POST /ai/generate-caption: captions from a topic, one credit each."""

from decimal import Decimal

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import fields
from imagewright.sandbox.posteverywhere.envelope import invalid, succeed
from imagewright.sandbox.posteverywhere.facts import PLATFORMS
from imagewright.sandbox.posteverywhere.generate import REFUSED_WORD, pay
from imagewright.sandbox.vendor import Reply

_TOPIC_LIMIT = 1000  # posteverywhere/mcp and posteverywhere/sdk since 2026-06-11, like all below
_MOST = 5
_TONES = ("professional", "casual", "witty", "enthusiastic", "urgent", "inspirational")
_LENGTHS = ("short", "medium", "long")
_PLATFORMS = ("instagram", "facebook", "x", "twitter", "linkedin", "youtube", "tiktok", "threads", "pinterest",
              "bluesky", "wordpress")  # fmt: skip
_KNOWN = ("topic", "platform", "tone", "length", "include_hashtags", "include_emojis", "count")
_OPENINGS = ("", "Worth a look: ", "New: ", "Just in: ", "Today: ")
_ENDINGS = {
    "short": "",
    "medium": " Here is what it is about.",
    "long": " Here is what it is about, and why it matters.",
}


def generate_caption(call: Call) -> Reply:
    """POST /ai/generate-caption. The words are the sandbox's own and always the same for the same request."""
    body = call.json_object(_KNOWN)
    topic = fields.text(body, "topic", longest=_TOPIC_LIMIT, required=True) or ""
    platform = fields.word(body, "platform", _PLATFORMS)
    tones = (*_TONES, "playful") if call.switch("caption_tones") == "playful_too" else _TONES
    tone = fields.word(body, "tone", tones, "professional")
    length = fields.word(body, "length", _LENGTHS, "medium") or ""
    hashtags = fields.flag(body, "include_hashtags", default=True)
    emojis = fields.flag(body, "include_emojis", default=True)
    count = fields.whole(body, "count", least=1, most=_MOST) or 1
    if REFUSED_WORD in topic:
        raise invalid("Invalid topic. It was refused by the content policy of the model.")
    account = pay(call, Decimal(count), "generate-caption", {})
    facts = PLATFORMS.get("x" if platform == "twitter" else platform or "")
    tag = "".join(word.capitalize() for word in topic.split() if word.isalnum())
    tail = _ENDINGS[length] + (" \N{SPARKLES}" if emojis else "") + (f" #{tag}" if hashtags and tag else "")
    captions = [f"{opening}{topic}.{tail}"[: facts.text_limit if facts else None] for opening in _OPENINGS[:count]]
    return succeed(
        call,
        {
            "captions": captions,
            "platform": platform,
            "tone": tone,
            "length": length,
            "count_requested": count,
            "count_returned": count,
            "credits_used": count,
            "credits_remaining": int(account.balance),
        },
    )
