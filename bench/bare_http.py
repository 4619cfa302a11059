"""The yardstick over HTTP: the application that the SDK makes of a server whose picture takes five seconds and nothing
else, under uvicorn as it is. It says where it is on stderr.
"""

import socket
import sys

import anyio
import uvicorn
from mcp.server.mcpserver import MCPServer

SECONDS = 5.0

server = MCPServer("bare", log_level="WARNING")


@server.tool()
async def generate_image(prompt: str) -> str:
    """Wait as long as a provider takes."""
    await anyio.sleep(SECONDS)
    return prompt


@server.tool()
async def list_models() -> str:
    """Do nothing."""
    return ""


@server.tool()
async def get_generation() -> str:
    """Do nothing."""
    return ""


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        sys.stderr.write(f"bare: http://127.0.0.1:{listening.getsockname()[1]}\n")
        sys.stderr.flush()
        uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="warning")).run([listening])
