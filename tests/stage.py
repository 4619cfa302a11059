"""An agent with accounts at all four providers, which the sandbox plays over HTTP, and what the sandbox has then."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from mcp import Client as McpClient
from mcp.types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult

from imagewright.app import build_server
from imagewright.providers import all_providers
from imagewright.settings import load
from tests.agent import Era, Result
from tests.sandbox.posteverywhere_client import Client as PostEverywhere
from tests.sandbox.posteverywhere_client import declare, picture, send
from tests.sandbox.rig import Rig

KEYS = {
    "heydecks": "hd_live_sandbox0_imagewright",
    "theo": "theo_sk_sandbox_imagewright",
    "posteverywhere": "pe_live_" + "5a" * 16,
    "depicta": "dpct_sandbox_imagewright",
}
LATER = "2099-01-31T09:00:00Z"

Action = Literal["accept", "decline", "cancel"]


@dataclass(slots=True)
class Person:
    """Answers what the server asks, and remembers the questions."""

    action: Action = "accept"
    publish: bool = True
    questions: list[str] = field(default_factory=list[str])

    async def answer(self, context: object, params: ElicitRequestParams) -> ElicitResult:
        """Answer as this person does, whatever the `context`."""
        del context
        assert isinstance(params, ElicitRequestFormParams)
        self.questions.append(params.message)
        content: dict[str, Any] | None = {"publish": self.publish} if self.action == "accept" else None
        return ElicitResult(action=self.action, content=content)


@dataclass(frozen=True, slots=True)
class Stage:
    """`rig` is the sandbox as a test sees it, `library` PostEverywhere as its own client sees it."""

    era: Era
    rig: Rig
    library: PostEverywhere
    environ: dict[str, str]

    def connect(self, person: Person | None = None) -> McpClient:
        """Return a client of a new server, which can ask the person if there is one."""
        callback = person.answer if person else None
        return McpClient(build_server(load(self.environ)), mode=self.era, elicitation_callback=callback)

    async def call(self, tool: str, /, person: Person | None = None, **arguments: Any) -> Result:
        """Call a tool of a new server: nothing but the data folder is shared with the server before."""
        async with self.connect(person) as client:
            return Result(await client.call_tool(tool, arguments))

    async def drawn(self, provider: str, **arguments: Any) -> dict[str, Any]:
        """Draw, which must succeed."""
        asked: dict[str, Any] = {"prompt": "a fox", "provider": provider, **arguments}
        result = await self.call("generate_image", **asked)
        assert not result.is_error, result.text
        return result.structured

    async def attach(self, *images: str, person: Person | None = None, **arguments: Any) -> Result:
        """Attach pictures."""
        return await self.call("attach_to_post", person, images=list(images), **arguments)

    async def attached(self, *images: str, **arguments: Any) -> dict[str, Any]:
        """Attach pictures, which must succeed."""
        result = await self.attach(*images, **arguments)
        assert not result.is_error, result.text
        return result.structured

    def post(self, post_id: str) -> dict[str, Any]:
        """Return a post as PostEverywhere has it."""
        found: dict[str, Any] = self.library.get(f"/posts/{post_id}")
        return found

    @property
    def posts(self) -> int:
        """How many posts PostEverywhere has."""
        return len(self.library.get("/posts")["posts"])

    def uploaded(self) -> str:
        """Return the media_id of a new picture in the library."""
        (media_id,) = self.uploads(1)
        return media_id

    def uploads(self, count: int) -> list[str]:
        """Return the media_ids of new pictures in the library, each another one."""
        return [self._upload(picture(size=(400 + number, 400))) for number in range(count)]

    def sent(self, method: str, ending: str) -> list[dict[str, Any]]:
        """Return the requests of this method to PostEverywhere whose path ends like this."""
        found = self.rig.requests("posteverywhere")
        return [one for one in found if one["method"] == method and one["path"].endswith(ending)]

    @property
    def imports(self) -> int:
        """How many pictures PostEverywhere has taken in, by URL or by bytes."""
        return len(self.sent("POST", "/media/upload-from-url")) + len(self.sent("POST", "/complete"))

    def _upload(self, data: bytes) -> str:
        declared = declare(self.library, data)
        assert send(declared, data).is_success
        media_id: str = self.library.post(f"/media/{declared['media_id']}/complete")["media_id"]
        return media_id


@contextmanager
def staged(era: Era, url: str, home: str) -> Generator[Stage]:
    """Set the stage before a running sandbox, which forgets what it had."""
    with Rig(url) as rig:
        rig.control("POST", "/reset")
        environ = {"IMAGEWRIGHT_HOME": home}
        for slug, provider in all_providers().items():
            environ |= {provider.key_env: KEYS[slug], f"IMAGEWRIGHT_{slug.upper()}_BASE_URL": f"{url}/{slug}"}
        yield Stage(era, rig, PostEverywhere(rig, KEYS["posteverywhere"]), environ)
