"""What is too large, or would be once it is unpacked, never fills the memory; each case has a process of its own."""

import io
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from PIL import Image

from imagewright.image_files import inspect
from imagewright.previews import preview
from tests.desk import picture
from tests.kept import bomb, chunk


def text_bomb() -> bytes:
    """A PNG whose text is 300 MB once it is unpacked."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(300)) + packer.flush()
    return bomb(40, 30, chunk(b"zTXt", b"Comment\0\0" + packed), chunk(b"iCCP", b"profile\0\0" + packed))


async def run_apart(work: str, *arguments: str) -> dict[str, Any]:
    """Run Python in a process of its own and return what it prints, with `grown`: how many MB it came to need."""
    code = (
        "import json, resource, sys\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if sys.platform != 'darwin' else"
        " 1024) // 1024\n" + work
    )
    done = await anyio.run_process([sys.executable, "-c", code, *arguments], check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


needs_rusage = pytest.mark.skipif(sys.platform == "win32", reason="no count of a process's memory")

LOOK = """
from pathlib import Path
from imagewright.image_files import inspect
from imagewright.previews import preview
from imagewright.credentials import has_credentials, is_whole
from PIL import Image
data = Path(sys.argv[1]).read_bytes()
Image.init()
preview(Path(sys.argv[2]).read_bytes(), 1024, 10000)
before, said = peak(), None
try:
    kind = inspect(data).content_type
    has_credentials(data, kind), is_whole(data, kind)
except ValueError as error:
    said = str(error)
print(json.dumps({"grown": peak() - before, "said": said}))
"""


def solid(form: str, width: int, height: int, **options: Any) -> bytes:
    """A picture of one colour, which is small in a file and large in memory."""
    buffer = io.BytesIO()
    Image.new("L" if form != "WEBP" else "RGB", (width, height)).save(buffer, form, **options)
    return buffer.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "png": lambda: bomb(20_000, 20_000),
    "png below the limit": lambda: bomb(9_900, 9_900),
    "text": text_bomb,
    "webp": lambda: solid("WEBP", 9_000, 9_000, lossless=True, quality=0, method=0),
    "tiff": lambda: solid("TIFF", 9_900, 9_900, compression="tiff_deflate"),
    "gif": lambda: solid("GIF", 9_900, 9_900),
}


@needs_rusage
@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
async def test_looking_at_a_bomb_takes_little_memory(tmp_path: Path, make: Callable[[], bytes]) -> None:
    """Only the head of a picture is read, whatever it says of itself."""
    (tmp_path / "bomb").write_bytes(make())
    (tmp_path / "plain").write_bytes(picture())
    told = await run_apart(LOOK, str(tmp_path / "bomb"), str(tmp_path / "plain"))

    assert told["grown"] <= 64


def test_too_many_pixels_for_a_preview_are_refused() -> None:
    """A picture that is kept may still be too large to be decoded: then there is no preview of it."""
    large, small = solid("PNG", 7_200, 7_000), solid("PNG", 700, 700)

    assert 7_200 == inspect(large).width
    assert preview(large, 1024, 100_000) is None
    assert preview(small, 1024, 100_000)


STREAM = """
import anyio
from imagewright.errors import DownloadError
from imagewright.transfer import Transfer
sent = 0

async def serve(stream):
    global sent
    await stream.receive()
    head = b"HTTP/1.1 200 OK\\r\\nContent-Type: image/png\\r\\n" + sys.argv[1].encode() + b"\\r\\n"
    try:
        await stream.send(head + bytes.fromhex("89504e470d0a1a0a"))
        part = bytes(1 << 20)
        for _ in range(200):
            await stream.send(part)
            sent += 1
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        pass
    await stream.aclose()

async def main():
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    origin = f"http://127.0.0.1:{port}"
    transfer = Transfer()
    before, said = peak(), ""
    async with anyio.create_task_group() as group:
        group.start_soon(listener.serve, serve)
        try:
            await transfer.download(origin + "/a.png", frozenset({origin}))
        except DownloadError as error:
            said = str(error)
        await transfer.aclose()
        group.cancel_scope.cancel()
    print(json.dumps({"grown": peak() - before, "said": said, "sent": sent}))

anyio.run(main)
"""


@needs_rusage
@pytest.mark.parametrize("length", ["", "Content-Length: 209715208\r\n"], ids=["endless", "announced"])
async def test_a_stream_of_200_mb_is_cut_off(length: str) -> None:
    """What is too large is dropped at the limit, whether it was announced or not, and is never all in memory."""
    told = await run_apart(STREAM, length)

    assert "it sends more than 64 MiB" in told["said"]
    assert told["sent"] < 120
    assert told["grown"] < 160
