"""How the answers of the public conformance suite are judged; the suite itself is run by `dev.py conformance`."""

from pathlib import Path

import pytest

from scripts.conformance import ASKED, Allowed, Row, judge, read

PING = Row("ping", 1, {"answers": "It says nothing."})


def test_what_fails_and_may_not_is_told() -> None:
    """With what the suite said of it."""
    assert ["ping:answers failed. It says nothing."] == judge([PING], Allowed({}, {}))


@pytest.mark.parametrize("entry", ["ping", "ping:answers"])
def test_what_fails_and_may_is_not_told(entry: str) -> None:
    """The entry is of the check, or of the whole scenario."""
    assert [] == judge([PING], Allowed({entry: "a reason"}, {}))


@pytest.mark.parametrize("entry", ["ping", "ping:answers", "no such scenario"])
def test_an_entry_that_excuses_nothing_is_told(entry: str) -> None:
    """What passes now must pass from now on."""
    told = judge([Row("ping", 2, {})], Allowed({entry: "a reason"}, {}))

    assert [f"{entry} does not fail any more: take it out."] == told


def test_a_weak_scenario_that_is_gone_is_told() -> None:
    """A file says nothing of what is not run."""
    assert ["ping is not run any more: take it out."] == judge([], Allowed({}, {"ping": "a reason"}))


def test_an_entry_needs_its_reason(tmp_path: Path) -> None:
    """Without one nobody can tell whether it still holds."""
    file = tmp_path / "2025-11-25.yaml"
    file.write_text("server:\n  - ping\n", encoding="utf-8")

    with pytest.raises(ValueError, match="ping"):
        read(file)


@pytest.mark.parametrize("file", sorted(ASKED.glob("*.yaml")), ids=lambda file: file.stem)
def test_what_needs_nothing_of_a_test_server_may_not_fail(file: Path) -> None:
    """Our files excuse none of these."""
    needs_nothing = {"tools-list", "resources-list", "prompts-list", "dns-rebinding-protection", "caching"}
    excused = {entry.partition(":")[0] for entry in read(file).failing}

    assert excused
    assert not needs_nothing & excused
