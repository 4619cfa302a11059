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
    ("url", "reason"),
    [
        (7, "it is not a text"),
        ("https://example.com/" + "a" * 4077, "it is longer than 4096 characters"),
        ("https://example.com/a b", "it holds white space or a character that cannot be shown"),
        ("https://example.com/a\u200b", "it holds white space or a character that cannot be shown"),
        ("https://[", "it cannot be read as a URL"),
        ("https://me:pw@example.com/", "it carries a user name or password"),
        ("http://example.com/", "it is not https"),
        ("https://b\u00fccher.example/", "its host must be written in ASCII (xn--...)"),
        ("https://10.0.0.1/", "its host is not public"),
    ],
)
def test_each_flaw_has_its_own_reason(url: object, reason: str) -> None:
    """Who reads the reason can mend the address."""
    assert reason == flaw(url)


def test_the_longest_address_is_taken() -> None:
    """4096 characters, and not one more."""
    assert flaw("https://example.com/" + "a" * 4076) is None


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
