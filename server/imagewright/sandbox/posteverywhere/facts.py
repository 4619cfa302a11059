"""PostEverywhere's documented numbers: models, ratios, file kinds, platforms, plan."""

from dataclasses import dataclass

# Credits an image. developers.posteverywhere.ai/api/generate-image, 2026-04
MODELS = {"nano-banana-pro": 15, "ideogram-v2": 8, "gemini-3-pro": 5, "flux-schnell": 1}

# The page documents 1920x1080 for 16:9 alone; the others keep its short side of 1080 pixels.
SIZES = {
    "1:1": (1080, 1080),
    "16:9": (1920, 1080),
    "9:16": (1080, 1920),
    "4:3": (1440, 1080),
    "3:4": (1080, 1440),
    "4:5": (1080, 1350),
    "5:4": (1350, 1080),
}

PROMPT_LIMIT = 2000  # /api/generate-image

MB = 1024 * 1024
GB = 1024 * MB

IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/heif")
VIDEO_TYPES = ("video/mp4",)
DOCUMENT_TYPES = ("application/pdf",)
UPLOAD_TYPES = (*IMAGE_TYPES, *VIDEO_TYPES, *DOCUMENT_TYPES)  # /api/upload-media

UPLOAD_SECONDS = 3600  # `expires_in` of /api/upload-media
UPLOAD_LIMIT = 20 * MB  # images and documents, /api/upload-media
UPLOAD_VIDEO_LIMIT = 500 * MB
URL_LIMIT = 25 * MB  # images, /api/upload-media-from-url
URL_VIDEO_LIMIT = 500 * MB  # posteverywhere/mcp 1.7.0, cli 0.3.1; the Python client of 2026-09 says 4 GB

# A workspace on the Pro plan: developers.posteverywhere.ai/rate-limits. The bonus is ours, so that a day of play
# does not end in a 402.
PLAN = "PRO"
PLAN_CREDITS = 2000
BONUS_CREDITS = 20_000
PLAN_ACCOUNTS = 40  # that cell of the table is not in any copy seen
PLAN_SEATS = 3
PLAN_STORAGE = 26_843_545_600  # the sample of /introspection

# A scheduled time is followed by `published_at` five seconds later in the sample of /api/get-post-results.
PUBLISH_SECONDS = 5
VIDEO_IMPORT_SECONDS = 5  # no document says how long an import takes
FAILED_ATTEMPTS = 3  # the failed destination of the same sample
RETRIES_BEFORE_BREAKER = 5  # posteverywhere/sdk README, 2026-04


@dataclass(frozen=True, slots=True)
class Platform:
    """One network: what it takes and how it is called in messages."""

    name: str
    text_limit: int
    image_limit_mb: int | None = None
    video_limit_mb: int | None = None
    max_images: int | None = None
    least_pixels: tuple[int, int] | None = None
    most_pixels: tuple[int, int] | None = None
    needs_media: bool = False
    needs_video: bool = False
    features: tuple[str, ...] = ()
    post_url: str = "https://example.com/{post}"


# Text limits and required media: the platform-limits skill of posteverywhere/claude-plugin. Sizes and pixels:
# developers.posteverywhere.ai/media-requirements. Features: posteverywhere/cli README for bluesky, the platform guides
# for the rest.
PLATFORMS = {
    "instagram": Platform(
        "Instagram", 2200, 8, 100, 10, (320, 320), (1080, 1350), needs_media=True,
        features=("carousels", "reels", "stories", "alt_text"), post_url="https://www.instagram.com/p/{post}/",
    ),
    "x": Platform(
        "X", 280, 5, 512, 4, (200, 200), (4096, 4096),
        features=("threads", "articles"), post_url="https://x.com/i/web/status/{post}",
    ),
    "facebook": Platform(
        "Facebook", 63_206, 4, 1024, None, (200, 200), (2048, 2048),
        features=("reels", "stories"), post_url="https://www.facebook.com/{post}",
    ),
    "linkedin": Platform(
        "LinkedIn", 3000, 20, 5120, None, (552, 368), (4000, 4000),
        features=("documents",), post_url="https://www.linkedin.com/feed/update/urn:li:share:{post}",
    ),
    "tiktok": Platform(
        "TikTok", 4000, 2, 500, None, (720, 1280), (1080, 1920), needs_media=True,
        features=("carousels",), post_url="https://www.tiktok.com/@mybrand/video/{post}",
    ),
    "youtube": Platform(
        "YouTube", 5000, None, 262_144, None, needs_video=True,
        features=("shorts",), post_url="https://www.youtube.com/watch?v={post}",
    ),
    "threads": Platform(
        "Threads", 500, 8, 100, None, (320, 320), (1080, 1350),
        features=("threads", "carousels"), post_url="https://www.threads.net/post/{post}",
    ),
    "pinterest": Platform(
        "Pinterest", 500, 20, 2048, None, (200, 200), (1000, 1500), needs_media=True,
        features=("boards", "links"), post_url="https://www.pinterest.com/pin/{post}/",
    ),
    "bluesky": Platform(
        "Bluesky", 300, features=("threads", "quotes", "link_cards"),
        post_url="https://bsky.app/profile/mybrand.bsky.social/post/{post}",
    ),
    "telegram": Platform("Telegram", 4096, post_url="https://t.me/mybrand/{post}"),
    "discord": Platform("Discord", 2000, post_url="https://discord.com/channels/{post}"),
    "wordpress": Platform("WordPress", 100_000, post_url="https://blog.example.com/?p={post}"),
}  # fmt: skip

# No network takes a longer text than Facebook's; past it the whole post is `content_too_long`.
LONGEST_CONTENT = 63_206

CONTENT_TYPES = {  # /api/schemas/createpostrequest, and the tool texts of posteverywhere/mcp 1.7.0
    "instagram": ("Post", "Story", "Reels", "Trial Reel"),
    "facebook": ("Post", "Reels", "Story"),
    "youtube": ("Video", "Short"),
}
