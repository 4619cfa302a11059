"""Where the server listens and under which names: what is refused says what to do."""

import socket
from pathlib import Path
from typing import Any

import pytest

from imagewright.cli import main
from imagewright.errors import SettingsError
from imagewright.transports.front import Front, Names

TLS = "Put a proxy that speaks TLS in front, and say so with --behind-tls --public-host NAME"


REAL = socket.getaddrinfo
EVERYWHERE = "0.0.0.0"  # noqa: S104  # what is refused here


@pytest.fixture(autouse=True)
def addresses(no_outside_network: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address needs no network to be one."""
    del no_outside_network
    local_only = socket.getaddrinfo

    def with_everywhere(host: str, *rest: Any, **options: Any) -> Any:
        return (REAL if host == EVERYWHERE else local_only)(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", with_everywhere)


def names_of(front: Front) -> Names:
    """Listen and stop at once."""
    with front.listen() as listening:
        return front.names(listening)


def test_by_default_it_goes_by_the_names_of_this_machine() -> None:
    """With its port, and with nothing else."""
    names = names_of(Front(port=0))
    port = names.port
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"}

    assert (
        Names(f"http://127.0.0.1:{port}", frozenset(hosts), frozenset(f"http://{one}" for one in hosts), False, port)
        == names
    )


def test_behind_tls_it_goes_by_its_public_name_too() -> None:
    """With and without the port that browsers leave out; nobody is called 0.0.0.0."""
    names = names_of(Front(EVERYWHERE, 0, "Pictures.Example.com", behind_tls=True))
    local = {f"127.0.0.1:{names.port}", f"localhost:{names.port}", f"[::1]:{names.port}"}

    assert "https://pictures.example.com" == names.base_url
    assert names.hosts == local | {"pictures.example.com", "pictures.example.com:443"}
    assert {"https://pictures.example.com", "https://pictures.example.com:443"} < names.origins
    assert "http://pictures.example.com" not in names.origins
    assert names.secure


def test_a_public_name_may_have_its_port() -> None:
    """Then it is that one only."""
    names = names_of(Front("127.0.0.1", 0, "pictures.example.com:8443", behind_tls=True))

    assert "https://pictures.example.com:8443" == names.base_url
    assert {"pictures.example.com:8443"} == {one for one in names.hosts if "example" in one}


@pytest.mark.parametrize(
    ("front", "remedy"),
    [
        (Front(EVERYWHERE, auth=False, behind_tls=True, public_host="a.example"), "leave --no-auth out"),
        (Front(EVERYWHERE), TLS),
        (Front(EVERYWHERE, behind_tls=True), TLS),
        (Front(EVERYWHERE, public_host="a.example"), TLS),
        (Front("no such address"), "--host no such address is no address of this machine"),
        (Front(public_host="https://a.example/"), "--public-host takes a name such as pictures.example.com"),
        (Front(public_host="a.example\r\nb"), "--public-host takes a name such as pictures.example.com"),
        (Front(public_host="*"), "--public-host takes a name such as pictures.example.com"),
    ],
)
def test_what_is_not_safe_is_refused_with_what_to_do(front: Front, remedy: str) -> None:
    """Before anything listens."""
    with pytest.raises(SettingsError, match=remedy.replace("(", r"\(")):
        front.listen()


def test_a_port_that_is_taken_is_told() -> None:
    """With the way to another one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SettingsError, match=rf"could not listen on 127.0.0.1 port {port} .* --port N"):
            Front(port=port).listen()


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["--transport", "http", "--host", EVERYWHERE, "--no-auth"], "leave --no-auth out"),
        (["--transport", "http", "--host", EVERYWHERE], TLS),
        (["--port", "8000"], "need --transport http"),
        (["--no-auth"], "need --transport http"),
    ],
)
def test_the_command_refuses_in_one_line(
    arguments: list[str],
    remedy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the exit code of wrong usage, and nothing made."""
    monkeypatch.setenv("IMAGEWRIGHT_HOME", str(tmp_path))

    assert 2 == main(["serve", *arguments])
    said = capsys.readouterr()
    assert ("", 1, True) == (said.out, len(said.err.splitlines()), remedy in said.err)
    assert [] == list(tmp_path.iterdir())


def test_an_address_of_the_newer_kind_is_written_in_brackets() -> None:
    """As URLs and the header Host have it."""
    names = names_of(Front("::1", 0))

    assert f"http://[::1]:{names.port}" == names.base_url
    assert f"[::1]:{names.port}" in names.hosts
