"""Web addresses judged, where no client can show the difference."""

import pytest

from imagewright.addresses import flaw, is_private_name, is_public, origin


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.png?sig=a%20b#x",
        "https://example.com:8443/",
        "https://EXAMPLE.com./a",
        "https://a_b.example-c.com/",
        "https://pub-0.r2.dev/ws/1/ai/1.png",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://xn--bcher-kva.example/",
    ],
)
def test_a_public_https_address_has_no_flaw(url: str) -> None:
    """By name or by number, with a port, a query or a final dot."""
    assert flaw(url) is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "168.63.129.16",
        "192.88.99.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:168.63.129.16",
        "::127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::10.0.0.1",
        "2001:db8::1",
        "example.com",
        "1.2.3",
        "1.2.3.4.5",
        "0x7f000001",
        "",
    ],
)
def test_a_private_or_special_address_is_not_public(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, metadata, translated, documentation, and what is no address."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_public(address: str) -> None:
    """Of either family, mapped or not."""
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "box", "nas.local", "a.internal.", "[::1]", "10.0.0.1"])
def test_a_name_for_a_private_network_is_private(host: str) -> None:
    """By suffix, by want of a dot, by address."""
    assert is_private_name(host)


@pytest.mark.parametrize("host", ["example.com", "example.com.", "8.8.8.8", "local.example.com"])
def test_a_public_name_is_not_private(host: str) -> None:
    """A suffix in the middle is no suffix."""
    assert not is_private_name(host)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://Example.COM/x", "https://example.com:443"),
        ("http://example.com", "http://example.com:80"),
        ("http://[::1]:8000/x", "http://::1:8000"),
        ("https://[", ""),
        ("https://example.com:99999", ""),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: str) -> None:
    """In lower case, the port made explicit; nothing where it is no URL."""
    assert expected == origin(url)


def test_a_trusted_origin_may_be_plain_and_private_but_not_carry_a_password() -> None:
    """Trust is for the origin that the user set, not for what rides on it."""
    trusted = frozenset({"http://127.0.0.1:8000"})

    assert flaw("http://127.0.0.1:8000/a.png", trusted) is None
    assert flaw("http://127.0.0.1:8001/a.png", trusted) is not None
    assert flaw("http://me:pw@127.0.0.1:8000/a.png", trusted) is not None
