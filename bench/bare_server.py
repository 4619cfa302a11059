"""The yardstick: a server of the same SDK with three empty tools, run as the SDK runs it."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("bare")


@server.tool()
async def one() -> str:
    """Do nothing."""
    return ""


@server.tool()
async def two() -> str:
    """Do nothing."""
    return ""


@server.tool()
async def three() -> str:
    """Do nothing."""
    return ""


if __name__ == "__main__":
    server.run("stdio")
