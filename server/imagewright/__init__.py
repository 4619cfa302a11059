"""imagewright: one MCP server between an agent and every image provider its user pays for."""

__version__ = "0.1.0"
