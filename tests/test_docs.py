"""What the documents say is what the code does."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from imagewright.choosing import MAX_COUNT, MAX_REFERENCES
from imagewright.providers import all_providers
from imagewright.settings import HANDOVER_SECONDS
from imagewright_tools import TOOLS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


async def test_the_entry_that_clients_copy_starts_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of mcp.json, started exactly as the file says, lists its tools."""
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"])
    entry = json.loads((ROOT / "mcp.json").read_text(encoding="utf-8"))["mcpServers"]["imagewright"]

    async with Client(StdioServerParameters(**entry)) as client:
        tools = (await client.list_tools()).tools

    assert [tool.name for tool in TOOLS] == [tool.name for tool in tools]


def test_the_entry_has_a_place_for_every_key() -> None:
    """mcp.json names the key of every provider and sets none."""
    entry = json.loads((ROOT / "mcp.json").read_text(encoding="utf-8"))["mcpServers"]["imagewright"]

    assert {provider.key_env: "" for provider in all_providers().values()} == entry["env"]


def test_the_readme_shows_the_entry_as_it_is() -> None:
    """The snippet in the README is the entry, with one key filled in."""
    (snippet,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    shown = json.loads(snippet)["mcpServers"]["imagewright"]
    entry = json.loads((ROOT / "mcp.json").read_text(encoding="utf-8"))["mcpServers"]["imagewright"]

    assert (entry["command"], entry["args"]) == (shown["command"], shown["args"])
    assert set(shown["env"]) < set(entry["env"])


@pytest.mark.parametrize("slug", all_providers())
def test_the_readme_tells_each_provider_as_it_is(slug: str) -> None:
    """The row of a provider holds its source, key, limits, what it returns and what only it takes."""
    provider = all_providers()[slug]
    extras = {
        "model": provider.takes_model,
        "style": provider.takes_style,
        "size": bool(provider.sizes),
        "references": provider.max_references > 0,
        "strictness": provider.takes_strictness,
    }
    (row,) = re.findall(rf"^\| \[{provider.name}\].*", README, re.MULTILINE)
    link, key, count, returns, life, extra = (cell.strip() for cell in row.strip("|").split("|"))

    assert f"[{provider.name}]({provider.source})" == link
    assert (f"`{provider.key_env}`", str(provider.max_count), provider.returns) == (key, count, returns)
    assert provider.url_life.startswith(life)
    assert [name for name, there in extras.items() if there] == [one for one in extra.split(", ") if one]


def test_the_readme_names_every_tool() -> None:
    """The table of tools has a row for each, and no other."""
    table = README.partition("## The tools")[2].partition("\n\n`generate_image`")[0]

    assert [tool.name for tool in TOOLS] == re.findall(r"^\| `(\w+)`", table, re.MULTILINE)


def test_the_readme_names_every_argument() -> None:
    """The arguments of the tools that take many, and their limits, are all told."""
    told = dict(re.findall(r"^`(\w+)` takes (.*?)\n\n", README, re.DOTALL | re.MULTILINE))
    arguments = {tool.name: set(tool.parameters["properties"]) for tool in TOOLS if tool.name in told}

    assert {"generate_image", "get_generation", "attach_to_post"} == set(told)
    assert arguments == {name: set(re.findall(r"`(\w+)`", text)) for name, text in told.items()}
    assert f"(1 to {MAX_COUNT})" in told["generate_image"]
    assert f"at most {MAX_REFERENCES}" in told["generate_image"]


def test_the_readme_names_every_variable_of_the_settings() -> None:
    """Every variable that the code reads is in the table, and the table has no other."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "server" / "imagewright").glob("*.py"))
    named = set(re.findall(r'"(IMAGEWRIGHT_[A-Z_]*(?:\{[^}"]*\}[A-Z_]*)?)"', code))
    # Of what there is one of for each provider, that of the first stands for all.
    read = {re.sub(r"\{.*\}", "HEYDECKS", name) for name in named} | {one.key_env for one in all_providers().values()}
    told = set(re.findall(r"`([A-Z_]+)`", README.partition("## Settings")[2].partition("## ")[0]))

    assert read == told


def test_the_readme_names_every_command() -> None:
    """Each command of the command line stands in the examples, and no other."""
    told = subprocess.run(
        [sys.executable, "-m", "imagewright", "--help"], capture_output=True, encoding="utf-8", check=True
    ).stdout
    commands = set(re.findall(r"^    (\w+) {2,}", told, re.MULTILINE)) - {"serve"}
    examples = README.partition("## On the command line")[2].partition("## ")[0]

    assert commands == set(re.findall(r"^imagewright (\w+)", examples, re.MULTILINE))


def test_the_readme_tells_the_hand_over_as_it_is() -> None:
    """Seconds that are in the code are the same in the text."""
    assert f"| {HANDOVER_SECONDS:g} |" in README
    assert f"longer than {HANDOVER_SECONDS:g} s is handed over" in README
