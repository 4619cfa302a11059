"""How often something may be done: how it is written, and how it is kept."""

import pytest

from imagewright.errors import SettingsError
from imagewright.rates import Meter, Rate, rate
from imagewright.settings import load


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        """Begin some time after zero."""
        self.seconds = 1_000.0

    def __call__(self) -> float:
        """Return what it is set to."""
        return self.seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120/minute", Rate(120, "minute")),
        (" 500 / Hour ", Rate(500, "hour")),
        ("0/minute", None),
        ("-1/minute", None),
        ("1.5/minute", None),
        ("1/second", None),
        ("120", None),
        ("1000000/minute", None),
        ("", None),
    ],
)
def test_a_rate_is_a_number_a_minute_or_an_hour(text: str, expected: Rate | None) -> None:
    """Nothing else: a limit that is guessed at protects nobody."""
    assert expected == rate(text)


def test_as_many_at_once_as_the_rate_allows() -> None:
    """After a rest all of them, then one each time that one comes back."""
    clock = Clock()
    meter, four = Meter(clock), Rate(4, "minute")

    at_once = [meter.take("a", four) for _ in range(6)]
    clock.seconds += 15
    later = [meter.take("a", four) for _ in range(2)]
    clock.seconds += 3_600
    rested = [meter.take("a", four) for _ in range(5)]

    assert [0, 0, 0, 0, 15, 15] == pytest.approx(at_once)
    assert [0, 15] == pytest.approx(later)
    assert [0, 0, 0, 0, 15] == pytest.approx(rested)


def test_whoever_waits_as_long_as_told_is_let_in() -> None:
    """To the fraction of a second, over and over."""
    clock = Clock()
    meter, rate = Meter(clock), Rate(7, "minute")
    let_in = 0
    for _ in range(1_000):
        if wait := meter.take("a", rate):
            clock.seconds += wait
            let_in += meter.take("a", rate) == 0
        else:
            let_in += 1

    assert 1_000 == let_in
    assert 1_000 - 7 == pytest.approx((clock.seconds - 1_000) / 60 * 7)


def test_everybody_has_a_rate_of_their_own() -> None:
    """And what was given back is there again."""
    meter, one = Meter(Clock()), Rate(1, "hour")

    first, second, other = meter.take("a", one), meter.take("a", one), meter.take("b", one)
    meter.give_back("a", one)
    meter.give_back("c", one)

    assert (0, 3_600, 0, 0) == (first, second, other, meter.take("a", one))


def test_whoever_has_rested_is_forgotten() -> None:
    """A server that sees many names for years keeps only the busy ones in mind."""
    clock = Clock()
    meter, one = Meter(clock), Rate(1, "minute")
    for number in range(5_000):
        meter.take(f"name {number}", one)
        clock.seconds += 1

    assert len(meter) <= 1_001


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("IMAGEWRIGHT_RATE_EACH", "2/second", "a whole number a minute or an hour, such as 120/minute."),
        ("IMAGEWRIGHT_MAX_CALLS", "0", "1 to 10000: generations that are drawn at once."),
        ("IMAGEWRIGHT_MAX_CALLS_EACH", "many", "1 to 10000: generations that are drawn at once."),
        ("IMAGEWRIGHT_THEO_BUDGET_EACH", "5", "an amount a day or a month, such as 5.00/day, in Theo's unit (cents)."),
    ],
)
def test_a_wrong_bound_is_refused_with_its_variable(name: str, value: str, takes: str) -> None:
    """At the start."""
    with pytest.raises(SettingsError) as caught:
        load({name: value})

    assert f"{name} takes {takes}" == str(caught.value)


def test_bounds_are_read_from_the_environment() -> None:
    """And have defaults."""
    names = {"IMAGEWRIGHT_MAX_CALLS": "9", "IMAGEWRIGHT_MAX_CALLS_EACH": "3", "IMAGEWRIGHT_RATE_EACH": "5/hour"}
    settings, default = load(names), load({})

    assert (9, 3, Rate(5, "hour")) == (settings.max_calls, settings.max_calls_each, settings.rate_each)
    assert (200, 100, None) == (default.max_calls, default.max_calls_each, default.rate_each)
