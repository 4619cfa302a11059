"""The recipes in deploy/: linted, in step with the code and with each other, and run as far as that needs no engine."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import anyio
import pytest
from ruamel.yaml import YAML

from imagewright.settings import load
from imagewright.transports.front import Front
from tests.http.processes import started

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
UNIT = (DEPLOY / "imagewright.service").read_text(encoding="utf-8")
COMPOSE: Any = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))  # pyright: ignore[reportUnknownMemberType]  # its types are partial
SERVER: dict[str, Any] = COMPOSE["services"]["imagewright"]
NAME = "pictures.example.com"
ENDS_SECONDS = 5  # the promise; a container engine waits for ten

posix = pytest.mark.skipif(sys.platform == "win32", reason="the recipes are for Linux")


def lint(*command: str) -> str:
    """Run a linter of the environment, or of the system, and return what it said."""
    program = shutil.which(command[0], path=sysconfig.get_path("scripts")) or shutil.which(command[0])
    if not program:
        pytest.skip(f"{command[0]} is not on this machine")
    done = subprocess.run([program, *command[1:]], capture_output=True, encoding="utf-8", check=False)
    said = (done.stdout + done.stderr).strip()

    assert 0 == done.returncode, said
    return said


def health(port: str) -> subprocess.CompletedProcess[str]:
    """Ask as the container engine does."""
    command = [sys.executable, str(DEPLOY / "health.py"), port]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@posix
def test_the_containerfile_is_clean() -> None:
    """By hadolint, every rule of it."""
    lint("hadolint", "--failure-threshold", "style", str(DEPLOY / "Containerfile"))


def test_the_compose_file_is_one() -> None:
    """By the schema of the compose specification."""
    lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml"))


@posix
def test_the_unit_is_one(tmp_path: Path) -> None:
    """By systemd itself, which also looks for the program: any other stands in for ours."""
    unit = tmp_path / "imagewright.service"
    unit.write_text(UNIT.replace("/opt/imagewright/bin/imagewright", sys.executable), encoding="utf-8")

    said = lint("systemd-analyze", "verify", "--man=no", str(unit))

    # A setting that it does not know is a warning to it.
    assert unit.name not in said


def free_port() -> str:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return str(listening.getsockname()[1])


@posix
async def test_the_command_of_the_compose_file_serves_and_ends(tmp_path: Path) -> None:
    """Its health is told by the container's own check, and SIGTERM ends it while the engine still waits."""
    port = free_port()
    command = [*SERVER["command"][:-1], NAME, "--port", port]
    async with started({"IMAGEWRIGHT_HOME": str(tmp_path)}, *command[1:]) as server:
        healthy = health(port)
        server.process.send_signal(signal.SIGTERM)
        with anyio.fail_after(ENDS_SECONDS):
            code = await server.end()
    gone = health(port)

    assert (f"https://{NAME}", 143) == (server.url, code)
    assert (0, "") == (healthy.returncode, healthy.stderr)
    assert 1 == gone.returncode
    assert gone.stderr


def test_every_recipe_starts_what_the_command_line_knows() -> None:
    """The container alone refuses an address without TLS in front, and the others name the proxy."""
    alone = json.loads(re.findall(r"^CMD (\[\"serve.*)$", CONTAINERFILE, re.MULTILINE)[0])
    (unit,) = re.findall(r"^ExecStart=\S+/imagewright (.*) \$IMAGEWRIGHT_OPTIONS$", UNIT, re.MULTILINE)

    assert ["serve", "--transport", "http", "--host", "0.0.0.0"] == alone  # noqa: S104  # in a container
    assert [*alone, "--behind-tls", "--public-host"] == SERVER["command"][:-1]
    assert ["serve", "--transport", "http"] == unit.split()


def test_the_recipes_agree() -> None:
    """On the user, the port, the check, and where the data is."""
    (user,) = re.findall(r"^USER (.*)$", CONTAINERFILE, re.MULTILINE)
    (port,) = re.findall(r"^EXPOSE (.*)$", CONTAINERFILE, re.MULTILINE)
    (check,) = re.findall(r"^HEALTHCHECK .*\n\s+CMD (.*)$", CONTAINERFILE, re.MULTILINE)
    (volume,) = json.loads(re.findall(r"^VOLUME (.*)$", CONTAINERFILE, re.MULTILINE)[0])

    assert SERVER["user"] == user
    assert ["CMD", *json.loads(check)] == SERVER["healthcheck"]["test"]
    assert [f"home:{volume}"] == SERVER["volumes"]
    assert volume == SERVER["environment"]["IMAGEWRIGHT_HOME"]
    assert f"IMAGEWRIGHT_HOME={volume}" in CONTAINERFILE
    assert f"reverse_proxy imagewright:{port} " in (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert str(Front().port) == port


def test_the_example_of_an_environment_holds_settings_that_there_are() -> None:
    """Each is in the README's table, the values can be read, and no secret is set."""
    text = (DEPLOY / "imagewright.env.example").read_text(encoding="utf-8")
    told = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))
    options = told.pop("IMAGEWRIGHT_OPTIONS")
    settings = load(told)

    assert {name for name in told if f"`{name}`" not in README} == set()
    assert not settings.keys
    assert settings.token is None
    assert ["--behind-tls", "--public-host", NAME] == options.split()
