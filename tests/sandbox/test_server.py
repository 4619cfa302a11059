"""Serving: one home in several processes, its port, its start and its end."""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from imagewright.sandbox import pictures, server
from imagewright.sandbox.server import BackgroundSandbox
from tests.sandbox.rig import KEYS, FlatPainter, Rig

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "server"), str(ROOT)])}


@pytest.fixture(autouse=True)
def _flat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "load_painter", FlatPainter)


@contextmanager
def sandbox_of(home: Path | None) -> Generator[BackgroundSandbox]:
    """A sandbox in this process."""
    sandbox = BackgroundSandbox.start(home)
    try:
        yield sandbox
    finally:
        sandbox.stop()


class Other:
    """A sandbox in another process."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sandbox.host", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=ENVIRONMENT,
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1].decode()
        said = json.loads(line)
        self.url: str = said["url"]
        self.public_url: str = said["public_url"]

    def kill(self) -> None:
        """End it without a word, as a client does with a server that it no longer needs."""
        self._process.kill()
        self._process.communicate()

    def end(self) -> tuple[bytes, bytes]:
        """Let it end by itself; return what it wrote besides its first line."""
        return self._process.communicate(b"")


@contextmanager
def other_sandbox_of(home: Path) -> Generator[Other]:
    """A sandbox in another process, killed in the end."""
    other = Other(home)
    try:
        yield other
    finally:
        other.kill()


def draw(url: str) -> str:
    with Rig(url) as rig:
        response = rig.send("POST", "/heydecks/v1/images", KEYS["heydecks"], json={"prompt": "a red fox"})
        address: str = response.json()["images"][0]["url"]
        return address


def test_the_first_process_serves_the_public_port_and_the_next_starts_on_its_own(tmp_path: Path) -> None:
    """Both hand out picture URLs of the public one."""
    with sandbox_of(tmp_path) as first, other_sandbox_of(tmp_path) as second:
        assert first.url == first.public_url == second.public_url != second.url
        assert draw(second.url).startswith(f"{first.public_url}/heydecks/files/")


def test_a_process_finds_the_pictures_and_the_money_of_another(tmp_path: Path) -> None:
    """One home, one world."""
    with sandbox_of(tmp_path) as first, other_sandbox_of(tmp_path) as second:
        address = draw(first.url)
        draw(second.url)

        elsewhere = httpx2.get(address.replace(first.url, second.url))
        with Rig(first.url) as rig:
            ledger = rig.control("GET", "/ledger")["ledger"]

        assert (elsewhere.status_code, elsewhere.content[:4]) == (200, b"\x89PNG")
        assert [row["balance"] for row in ledger] == ["99992", "99984"]


def test_a_picture_outlives_the_process_that_drew_it(tmp_path: Path) -> None:
    """The next process of the home serves the same port."""
    with other_sandbox_of(tmp_path) as first:
        address = draw(first.url)
        first.kill()

        with sandbox_of(tmp_path) as second:
            assert (second.url, httpx2.get(address).status_code) == (first.public_url, 200)


def test_a_url_works_although_its_port_just_lost_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hands out a URL first sees to it that somebody serves it; the watch is not waited for."""
    monkeypatch.setattr(server, "_POLL_SECONDS", 3600)
    with other_sandbox_of(tmp_path) as owner, sandbox_of(tmp_path) as heir:
        before = draw(heir.url)
        owner.kill()

        after = draw(heir.url)

        assert [httpx2.get(address).status_code for address in (after, before)] == [200, 200]
        assert httpx2.get(f"{heir.url}/_sandbox/health").status_code == 200


def test_the_public_port_is_taken_over_without_a_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture that an agent looks at later is still there."""
    monkeypatch.setattr(server, "_POLL_SECONDS", 0.01)
    with other_sandbox_of(tmp_path) as owner, sandbox_of(tmp_path):
        address = draw(owner.url)
        owner.kill()

        assert _patiently(address) == 200


def _patiently(address: str) -> int:
    for _ in range(10_000):
        try:
            return httpx2.get(address).status_code
        except httpx2.ConnectError:
            continue
    raise AssertionError(f"Nobody serves {address}.")


def test_a_port_that_a_foreign_program_took_is_given_up(tmp_path: Path) -> None:
    """Another is recorded in its place."""
    foreign = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=foreign.handle_request, daemon=True).start()
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "port").write_text(str(foreign.server_port))

    with sandbox_of(tmp_path) as sandbox:
        recorded = (tmp_path / "sandbox" / "port").read_text().strip()
        assert sandbox.url == sandbox.public_url == f"http://127.0.0.1:{recorded}"
        assert int(recorded) != foreign.server_port
    foreign.server_close()


def test_a_port_of_another_home_is_foreign(tmp_path: Path) -> None:
    """Its pictures are not ours."""
    with sandbox_of(tmp_path / "one") as one:
        (tmp_path / "two" / "sandbox").mkdir(parents=True)
        (tmp_path / "two" / "sandbox" / "port").write_text(one.url.rpartition(":")[2])

        with sandbox_of(tmp_path / "two") as two:
            assert two.public_url != one.public_url


@pytest.mark.parametrize("text", ["", "no port", "99999999", "-1"])
def test_a_record_that_is_no_port_is_replaced(tmp_path: Path, text: str) -> None:
    """Whatever wrote it."""
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "port").write_text(text)

    with sandbox_of(tmp_path) as sandbox:
        assert sandbox.url == sandbox.public_url


def test_processes_that_start_at_once_agree_on_one_port(tmp_path: Path) -> None:
    """Whoever is first."""
    starting: list[Other] = []
    threads = [threading.Thread(target=lambda: starting.append(Other(tmp_path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    public = {other.public_url for other in starting}
    own = {other.url for other in starting}
    for other in starting:
        other.kill()

    assert (len(starting), len(public), len(own), public <= own) == (3, 1, 3, True)


def test_a_sandbox_without_a_home_has_one_port_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder goes with it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with sandbox_of(None) as sandbox:
        draw(sandbox.url)
        assert (sandbox.url, len(list(tmp_path.iterdir()))) == (sandbox.public_url, 1)

    assert list(tmp_path.iterdir()) == []


def test_a_stopped_sandbox_answers_no_more_and_may_be_stopped_again(tmp_path: Path) -> None:
    """And its thread is gone."""
    sandbox = BackgroundSandbox.start(tmp_path)
    sandbox.stop()
    sandbox.stop()

    with pytest.raises(httpx2.ConnectError):
        httpx2.get(sandbox.url)
    assert "imagewright-sandbox" not in {thread.name for thread in threading.enumerate()}


def test_a_process_with_a_sandbox_writes_nothing_and_ends(tmp_path: Path) -> None:
    """Stdout belongs to the protocol."""
    other = Other(tmp_path)
    draw(other.url)
    with Rig(other.url) as rig:
        rig.send("GET", "/nowhere")
        rig.fault("drop_after_charge")
        with pytest.raises(httpx2.RemoteProtocolError):
            rig.send("POST", "/heydecks/v1/images", KEYS["heydecks"], json={"prompt": "a red fox"})

    assert other.end() == (b"", b"")


def test_pictures_are_painted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of three painters waits for the other two."""
    together = threading.Barrier(3, timeout=20)

    class Meeting(FlatPainter):
        def paint(self, prompt: str, *, width: int, height: int, variant: int = 0) -> Image.Image:
            together.wait()
            return super().paint(prompt, width=width, height=height, variant=variant)

    monkeypatch.setattr(pictures, "load_painter", Meeting)
    addresses: list[str] = []
    with sandbox_of(None) as sandbox:
        threads = [threading.Thread(target=lambda: addresses.append(draw(sandbox.url))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(addresses) == 3


def test_a_picture_can_be_looked_at_before_it_is_fetched() -> None:
    """HEAD tells its type and length, GET brings exactly that."""
    with sandbox_of(None) as sandbox:
        address = draw(sandbox.url)
        head, get = httpx2.head(address), httpx2.get(address)

    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "image/png")
    assert int(head.headers["content-length"]) == len(get.content)
    assert "immutable" in get.headers["cache-control"]
