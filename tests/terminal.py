"""The command line as a person types it, with the settings of an agent, and what it said."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from imagewright import cli
from tests.agent import Agent


@dataclass(frozen=True, slots=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[list[str]]:
        """The cells of each line of its first table, without the heads."""
        return self.table(0)

    def table(self, number: int) -> list[list[str]]:
        """The cells of each line of a table, without the heads; an empty line ends one, and counts from 0."""
        lines = self.out.split("\n\n")[number].splitlines()
        return [re.split(r"\s{2,}", line.strip()) for line in lines[1:]]


Command = Callable[..., Awaitable[Said]]


def said_by(code: int, capsys: pytest.CaptureFixture[str]) -> Said:
    """Take up what a command printed."""
    out, err = capsys.readouterr()
    return Said(code, out, err)


def terminal(agent: Agent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return what runs the command line with the settings of the agent, and others."""

    async def run(*arguments: str, **environ: str) -> Said:
        with monkeypatch.context() as patch:
            for name, value in {**agent.environ, **environ}.items():
                patch.setenv(name, value)
            capsys.readouterr()
            code = await asyncio.to_thread(cli.main, arguments)
        return said_by(code, capsys)

    return run
