"""A chat with a person before it: a host page in Chromium that shows the gallery as an MCP App of a real server."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp import Client, MCPError
from mcp.server.apps import APP_MIME_TYPE
from mcp.types import TextResourceContents
from playwright.async_api import FrameLocator, Page, Route

# What a host lets an app do that asks for nothing: no network at all, pictures from data: addresses only.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; connect-src 'none'"
)
EVERYTHING: dict[str, Any] = {"serverTools": {}, "serverResources": {}, "openLinks": {}, "updateModelContext": {}}
ADDRESS = "https://chat.test/"

Answer = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass  # without slots, as Watch
class Chat:
    """The host: `app` is what the person sees of the app, `asked` every request of it, `answers` instead of the
    server's."""

    page: Page
    client: Client
    abilities: dict[str, Any]
    context: dict[str, Any]
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])

    @property
    def app(self) -> FrameLocator:
        """What is inside the frame."""
        return self.page.frame_locator("#app")

    def calls(self, tool: str) -> list[dict[str, Any]]:
        """The arguments of each call of a tool that the app made."""
        return [asked["arguments"] for _, asked in self.asked if asked.get("name") == tool]

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool as the model does, show the app what it was called with and what came; return what came."""
        result = await self.client.call_tool(tool, arguments)
        shown = result.model_dump(mode="json", by_alias=True, exclude_none=True)
        await self.show(arguments, shown)
        return shown

    async def show(self, arguments: dict[str, Any], result: dict[str, Any]) -> None:
        """Show the app a call and its result."""
        await self.notify("ui/notifications/tool-input", {"arguments": arguments})
        await self.notify("ui/notifications/tool-result", result)

    async def notify(self, method: str, params: dict[str, Any]) -> None:
        """Tell the app something."""
        await self.page.evaluate("([method, params]) => notify(method, params)", [method, params])

    async def request(self, method: str) -> dict[str, Any]:
        """Ask the app something and return its answer."""
        answer: dict[str, Any] = await self.page.evaluate("(method) => request(method)", method)
        return answer

    async def heard(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each message of this kind that the app sent."""
        found: list[dict[str, Any]] = await self.page.evaluate(
            "(method) => heard.filter((one) => one.method === method).map((one) => one.params)", method
        )
        return found

    async def answer(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer a request of the app: what is the server's is asked of the server."""
        self.asked.append((method, params))
        try:
            return {"result": await self._result(method, params)}
        except MCPError as error:
            return {"error": {"code": error.error.code, "message": error.error.message}}

    async def _result(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if own := self.answers.get(params.get("name", method)):
            return await own(params)
        if method == "ui/initialize":
            return {
                "protocolVersion": params["protocolVersion"],
                "hostInfo": {"name": "chat", "version": "1"},
                "hostCapabilities": self.abilities,
                "hostContext": self.context,
            }
        if method == "tools/call":
            result = await self.client.call_tool(params["name"], params["arguments"])
            return result.model_dump(mode="json", by_alias=True, exclude_none=True)
        if method == "resources/read":
            read = await self.client.read_resource(params["uri"])
            return read.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {}


async def app_of(client: Client) -> str:
    """The page that the server names for generate_image, as a host fetches it."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    uri: str = (tools["generate_image"].meta or {})["ui"]["resourceUri"]
    (page,) = (await client.read_resource(uri)).contents
    assert isinstance(page, TextResourceContents)
    assert page.mime_type == APP_MIME_TYPE
    return page.text


@asynccontextmanager
async def chatting(
    page: Page, client: Client, abilities: dict[str, Any] | None = None, html: str | None = None, **context: Any
) -> AsyncGenerator[Chat]:
    """Open the host page with the app in it, and wait until the app has greeted the host."""
    chat = Chat(page, client, EVERYTHING if abilities is None else abilities, {"theme": "light", **context})
    page_of_app = html or await app_of(client)
    host = (Path(__file__).parent / "host.html").read_text("utf-8")

    async def serve(route: Route) -> None:
        if route.request.url == ADDRESS:
            await route.fulfill(body=host, content_type="text/html")
        elif route.request.url == f"{ADDRESS}app":
            headers = {"Content-Security-Policy": POLICY}
            await route.fulfill(body=page_of_app, content_type="text/html", headers=headers)
        else:
            await route.abort()

    await page.route("**/*", serve)
    await page.expose_function("answer", chat.answer)  # pyright: ignore[reportUnknownMemberType]  # playwright's own hint
    await page.goto(ADDRESS)
    await page.wait_for_function("heard.some((one) => one.method === 'ui/notifications/initialized')")
    yield chat
