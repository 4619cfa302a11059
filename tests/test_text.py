"""Text from outside made safe, where no client can show the difference."""

import time

import pytest

from imagewright.text import clean, identifier, listing, quote


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, ""),
        (7, "7"),
        ("  a \t\n b  ", "a b"),
        ("a\u0000b\u202ec\u200bd\U000e0041e\ue000f", "abcdef"),
        ("e\u0301", "é"),
        ("red❤️heart", "red❤heart"),
        ("日本語 ok", "日本語 ok"),
        ("[x](https://evil.example)", "[x] (https://evil.example)"),
    ],
)
def test_clean_keeps_what_can_be_read(text: object, shown: str) -> None:
    """Words, emoji and every script stay; what hides or moves text goes."""
    assert shown == clean(text)


def test_clean_cuts_with_a_sign() -> None:
    """The cut is visible and counts into the limit."""
    assert "abcdefghi…" == clean("abcdefghijk", 10)
    assert "abcdefghij" == clean("abcdefghij", 10)


@pytest.mark.parametrize("pattern", ["[", "![", "](", "<", "<style", "\u200b", " "])
def test_clean_takes_a_flood_in_its_stride(pattern: str) -> None:
    """No pattern of a hostile megabyte makes it slow: measured in processor time, with a hundredfold to spare."""
    started = time.process_time()

    clean(pattern * 4_000_000, 2000)

    assert time.process_time() - started < 1


def test_quote_lets_nothing_out_of_its_marks() -> None:
    """Marks inside become plain ones."""
    assert '“a" b "c”' == quote("a” b “c")


@pytest.mark.parametrize("value", ["a", "A-1_b".replace("_", "."), "req_01HXYZ", "a:b", 42, "x" * 128])
def test_an_id_is_taken(value: object) -> None:
    """Letters, digits and `._:-`, or a number."""
    assert str(value) == identifier(value)


@pytest.mark.parametrize("value", ["", "-a", "a b", "a\n", "x" * 129, "a/b", "é", None, True, 1.5, ["a"], {"a": 1}])
def test_what_is_no_id_is_not(value: object) -> None:
    """A sentence, a path, a list."""
    assert identifier(value) is None


def test_a_listing_reads_like_one() -> None:
    """None, one, two, many, and too many."""
    assert ["none", "a", "a and b", "a, b and c", "a, b and 2 more"] == [
        listing([]),
        listing("a"),
        listing("ab"),
        listing("abc"),
        listing("abcd", limit=2),
    ]
