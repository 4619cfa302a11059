"""The way to a provider: how many go at once, who is next, how long one waits, and when all rest."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagewright.errors import BusyError
from imagewright.lanes import OWN_CALLS, QUEUE_CALLS, QUEUE_SECONDS, Lane, LaneState, Turn
from imagewright.models import Reply
from imagewright.providers import all_providers
from tests.virtual import in_made_up_time

NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def pauses() -> None:
    """Pauses are waited for: time is made up here."""


def lane_of(width: int) -> Lane:
    """A lane to a provider that bears so many calls at once."""
    return Lane(replace(all_providers()["theo"], max_parallel=width))


def reply(status: int = 200, **headers: str) -> Reply:
    """An answer."""
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"", NOW)


def left(remaining: int, reset_seconds: float) -> Reply:
    """An answer that says how many requests are left, and until when."""
    return reply(ratelimit_remaining=str(remaining), ratelimit_reset=str(reset_seconds))


async def always(turn: Turn) -> bool:
    """Wait for a turn that is wanted whatever happens."""
    return await turn.come(lambda: True)


async def settle() -> None:
    """Let everybody do what is to be done at this moment."""
    for _ in range(20):
        await asyncio.sleep(0)


def full(lane: Lane) -> list[Turn]:
    """Fill a lane and its queue; return the turns."""
    return lane.book("somebody", lane.width) + lane.book("somebody", QUEUE_CALLS)


def run_out(lane: Lane) -> list[str]:
    """End one call after the other in a lane of width 1; return whose they were in their order."""
    order: list[str] = []
    while begun := [turn for turn in WAITING if turn.state == "running"]:
        (turn,) = begun
        order.append(turn.principal)
        turn.end()
    assert (0, 0) == (lane.running, lane.waiting)
    return order


WAITING: list[Turn] = []


def booked(lane: Lane, principals: str) -> None:
    """Book a turn for each of these principals, in this order."""
    WAITING[:] = [turn for principal in principals for turn in lane.book(principal, 1)]


@in_made_up_time
async def test_so_many_go_at_once_and_the_next_begins_when_one_ends() -> None:
    """Neither more nor fewer."""
    lane = lane_of(2)
    turns = lane.book("somebody", 4)
    before = [turn.state for turn in turns]

    turns[0].end()

    assert ["running", "running", "waiting", "waiting"] == before
    assert ["over", "running", "running", "waiting"] == [turn.state for turn in turns]
    assert LaneState("theo", 2, 2, 1, 0) == lane.state


@in_made_up_time
async def test_principals_take_turns() -> None:
    """Whoever asks for much keeps nobody waiting for more than one of it."""
    lane = lane_of(1)
    booked(lane, "aaaaabbc")

    assert list("aabcabaa") == run_out(lane)  # the first of a began before anybody else was there


@in_made_up_time
async def test_the_calls_of_one_principal_go_in_their_order() -> None:
    """First come, first served."""
    lane = lane_of(1)
    turns = lane.book("somebody", 3)
    order: list[int] = []

    async def call(number: int) -> None:
        await always(turns[number])
        order.append(number)
        turns[number].end()

    async with anyio.create_task_group() as group:
        for number in (2, 0, 1):
            group.start_soon(call, number)

    assert [0, 1, 2] == order


@in_made_up_time
async def test_what_does_not_fit_is_refused_as_a_whole() -> None:
    """A request with room for some of its calls only takes none of it."""
    lane = lane_of(2)
    lane.book("somebody", QUEUE_CALLS)
    before = lane.state

    with pytest.raises(BusyError) as caught:
        lane.book("somebody", 3)
    lane.book("somebody", 2)

    assert LaneState("theo", 2, 2, QUEUE_CALLS - 2, 0) == before
    assert LaneState("theo", 2, 2, QUEUE_CALLS, 0) == lane.state
    assert (
        "Theo is busy: 48 calls wait for their turn there. Nothing was sent or charged. Call again in 120 s, or use "
        "another provider."
    ) == str(caught.value)


@in_made_up_time
async def test_while_it_rests_every_call_has_to_wait_in_the_queue() -> None:
    """None can begin, so none is let in for being able to."""
    lane = lane_of(2)
    lane.heed(left(0, 30), is_order=True)
    lane.book("somebody", QUEUE_CALLS)

    with pytest.raises(BusyError):
        lane.book("somebody", 1)


@in_made_up_time
async def test_who_is_refused_is_told_how_long_the_queue_takes() -> None:
    """As many seconds as the calls took that were seen, and what is left of a pause."""
    lane = lane_of(4)
    full(lane)
    untold = lane.retry_after_seconds
    for _ in range(40):
        lane.done(1.0)
    seen = lane.retry_after_seconds
    lane.heed(left(0, 30), is_order=True)

    assert (120, 13, 43) == (untold, seen, lane.retry_after_seconds)


@in_made_up_time
async def test_an_order_that_waited_out_its_time_is_never_sent() -> None:
    """It leaves the queue, and says that nothing was charged."""
    lane = lane_of(1)
    first, second, third = lane.book("somebody", 3)

    with pytest.raises(BusyError) as caught:
        await always(second)
    first.end()

    assert QUEUE_SECONDS == anyio.current_time()
    assert ("over", "over") == (second.state, third.state)  # nobody asked for the third, and it is too late as well
    assert (0, 0) == (lane.running, lane.waiting)
    assert str(caught.value).startswith("Theo is busy: this part waited 120 s for its turn and was not sent. Nothing")


@in_made_up_time
async def test_who_is_not_wanted_any_more_stops_waiting_at_once() -> None:
    """Once it is told, without any time passing."""
    lane, wanted = lane_of(1), True
    first, second, third = lane.book("somebody", 3)
    came: list[bool] = []

    async def wait() -> None:
        came.append(await second.come(lambda: wanted))
        second.end()

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await settle()
        wanted = False
        lane.tell()
    first.end()

    assert ([False], 0) == (came, anyio.current_time())
    assert "running" == third.state


@in_made_up_time
async def test_a_waiter_that_is_cancelled_leaves_no_hole() -> None:
    """Whether its turn has come or not."""
    lane = lane_of(1)
    first, second, third = lane.book("somebody", 3)

    with anyio.move_on_after(5):
        await always(second)
    second.end()
    first.end()
    came = await always(third)

    assert (True, "running", 5) == (came, third.state, anyio.current_time())


@in_made_up_time
async def test_leaving_twice_is_leaving_once() -> None:
    """A call ends its turn, and so does whoever cleans up behind it."""
    lane = lane_of(1)
    first, *_ = lane.book("somebody", 3)

    first.end()
    first.end()

    assert (1, 1) == (lane.running, lane.waiting)


@in_made_up_time
async def test_one_too_many_makes_all_wait_until_told() -> None:
    """And no longer."""
    lane = lane_of(2)
    first, second, third = lane.book("somebody", 3)
    lane.heed(reply(429, retry_after="7"), is_order=True)
    first.end()
    second.end()

    await always(third)

    assert 7 == anyio.current_time()


@in_made_up_time
async def test_without_a_time_it_is_the_one_that_the_provider_documents() -> None:
    """HeyDecks' is one second."""
    lane = Lane(all_providers()["heydecks"])

    lane.heed(reply(429, retry_after="soon"), is_order=True)

    assert 1 == lane.paused_seconds


@in_made_up_time
async def test_a_crowd_that_is_refused_together_halves_the_lane_once() -> None:
    """Those refused after the pause halve it again, but not below one."""
    lane, widths = lane_of(8), list[int]()
    for _ in range(5):
        for _ in range(3):
            lane.heed(reply(429, retry_after="10"), is_order=True)
        widths.append(lane.width)
        await anyio.sleep(10)

    assert [4, 2, 1, 1, 1] == widths


@in_made_up_time
async def test_a_crowd_that_may_come_back_at_once_halves_it_once_as_well() -> None:
    """Its answers come one by one all the same."""
    lane = lane_of(8)

    for _ in range(8):
        lane.heed(reply(429, retry_after="0"), is_order=True)

    assert (4, 0) == (lane.width, lane.paused_seconds)


@in_made_up_time
async def test_ten_calls_in_a_row_widen_it_by_one_up_to_the_most() -> None:
    """A refusal breaks the row."""
    lane, widths = lane_of(4), list[int]()
    lane.heed(reply(429), is_order=True)
    await anyio.sleep(10)
    for _ in range(9):
        lane.done(1.0)
    lane.heed(reply(429), is_order=True)
    for _ in range(5):
        widths.append(lane.width)
        for _ in range(10):
            lane.done(1.0)

    assert [1, 2, 3, 4, 4] == widths


@in_made_up_time
async def test_a_lane_that_becomes_wider_lets_the_next_one_begin() -> None:
    """Without anybody having ended."""
    lane = lane_of(2)
    lane.heed(reply(429), is_order=True)
    await anyio.sleep(10)
    _, second = lane.book("somebody", 2)
    waiting = second.state

    for _ in range(10):
        lane.done(1.0)

    assert ("waiting", "running") == (waiting, second.state)


@pytest.mark.parametrize(("told", "seconds"), [("30", 30), ("3600", 120), ("999999999999", 120)])
@in_made_up_time
async def test_no_pause_is_longer_than_two_minutes(told: str, seconds: float) -> None:
    """Whatever a header says."""
    lane = lane_of(2)
    lane.heed(reply(429, retry_after=told), is_order=True)

    await anyio.sleep(seconds - 1)
    before = lane.paused_seconds
    await anyio.sleep(1)

    assert (1, 0) == (before, lane.paused_seconds)


@pytest.mark.parametrize(("remaining", "in_flight", "paused"), [(2, 1, 0), (1, 1, 9), (0, 1, 9), (3, 4, 9), (4, 4, 0)])
@in_made_up_time
async def test_before_the_last_one_is_used_up_all_wait_for_the_reset(
    remaining: int, in_flight: int, paused: float
) -> None:
    """Of those that are left, the ones in flight may not have been counted yet."""
    lane = lane_of(4)
    lane.book("somebody", in_flight)

    lane.heed(left(remaining, 9), is_order=True)

    assert (paused, 4) == (lane.paused_seconds, lane.width)


@in_made_up_time
async def test_a_longer_pause_is_not_cut_by_a_shorter_one() -> None:
    """Answers come in any order; who waits learns of a pause that was made longer meanwhile."""
    lane = lane_of(1)
    lane.heed(left(0, 30), is_order=True)
    (turn,) = lane.book("somebody", 1)

    async def prolong() -> None:
        await anyio.sleep(20)
        lane.heed(left(0, 30), is_order=True)
        lane.heed(left(0, 5), is_order=True)

    async with anyio.create_task_group() as group:
        group.start_soon(prolong)
        await always(turn)

    assert 50 == anyio.current_time()


@pytest.mark.parametrize(
    ("headers", "paused"), [({}, 0), ({"retry_after": "9"}, 9), ({"x_ratelimit_reset_requests": "8s"}, 8)]
)
@in_made_up_time
async def test_a_look_that_is_refused_pauses_only_by_its_headers(headers: Mapping[str, str], paused: float) -> None:
    """And narrows nothing: it was no paid call."""
    lane = lane_of(4)

    lane.heed(reply(429, **headers), is_order=False)

    assert (paused, 4) == (lane.paused_seconds, lane.width)


@in_made_up_time
async def test_a_call_that_is_sent_again_comes_before_those_that_wait() -> None:
    """It gave its turn up for the pause that its own refusal began, in a lane of one, and nobody is stuck."""
    lane = lane_of(1)
    first, second = lane.book("somebody", 2)
    order: list[str] = []

    async def again() -> None:
        lane.heed(reply(429, retry_after="5"), is_order=True)
        first.step_aside()
        await anyio.sleep(5.2)
        first.come_back(60)
        await always(first)
        order.append("first")
        first.end()

    async def wait() -> None:
        await always(second)
        order.append("second")
        await anyio.sleep(3)
        second.end()

    async def book() -> None:
        await anyio.sleep(5.1)
        thirds.extend(lane.book("another", 1))

    thirds: list[Turn] = []
    async with anyio.create_task_group() as group:
        for work in (wait, again, book):
            group.start_soon(work)

    assert ["second", "first"] == order  # the second began in the moment of spread; the third waits behind the first
    assert ["running"] == [third.state for third in thirds]


@in_made_up_time
async def test_a_call_that_gets_no_turn_in_time_is_not_sent_again() -> None:
    """Its own time counts there, not that of the queue."""
    lane = lane_of(1)
    first, second = lane.book("somebody", 2)
    first.step_aside()
    first.come_back(3)

    with pytest.raises(BusyError):
        await always(first)

    assert (3, "running") == (anyio.current_time(), second.state)


@in_made_up_time
async def test_a_turn_that_nobody_waits_for_yet_keeps_nobody_waiting() -> None:
    """Its row is still being written when the pause ends: whoever comes next has all begin."""
    lane = lane_of(1)
    lane.heed(left(0, 10), is_order=True)
    (slow,) = lane.book("somebody", 1)
    (next_one,) = lane.book("another", 1)

    async def write() -> None:
        await anyio.sleep(15)
        await always(slow)
        slow.end()

    async with anyio.create_task_group() as group:
        group.start_soon(write)
        await always(next_one)

    assert 15 == anyio.current_time()


CALLS = st.lists(
    st.tuples(
        st.integers(0, 30),  # when it is booked
        st.sampled_from("abc"),
        st.integers(1, 8),  # calls of it
        st.integers(0, 40),  # how long one takes
        st.sampled_from(["done", "429", "few left"]),
        st.integers(0, 200),  # when its caller goes away
    ),
    max_size=14,
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(1, 4), CALLS)
def test_whatever_happens_every_call_gets_its_turn_or_is_told(
    width: int, calls: list[tuple[int, str, int, int, str, int]]
) -> None:
    """Never more at once than the lane is wide, nobody is forgotten, and in the end the lane is empty."""

    @in_made_up_time
    async def play() -> None:
        lane, seen = lane_of(width), list[int]()

        async def send(turn: Turn, seconds: int, end: str, gone: int) -> None:
            with anyio.move_on_after(gone):
                try:
                    await always(turn)
                    seen.append(lane.running)
                    await anyio.sleep(seconds)
                    if end == "429":
                        lane.heed(reply(429, retry_after=str(seconds)), is_order=True)
                        turn.step_aside()
                        await anyio.sleep(seconds + 0.5)
                        turn.come_back(60)
                        await always(turn)
                        seen.append(lane.running)
                    elif end == "few left":
                        lane.heed(left(1, seconds), is_order=True)
                    turn.done()
                except BusyError:
                    assert anyio.current_time() >= turn.deadline
            turn.end()

        async with anyio.create_task_group() as group:
            for at, principal, count, seconds, end, gone in sorted(calls):
                await anyio.sleep(max(0.0, at - anyio.current_time()))
                try:
                    turns = lane.book(principal, count)
                except BusyError:
                    assert lane.waiting + count > QUEUE_CALLS
                    continue
                for turn in turns:
                    group.start_soon(send, turn, seconds, end, gone)

        assert all(running <= width for running in seen)
        assert (0, 0) == (lane.running, lane.waiting)
        assert 1 <= lane.width <= width
        assert anyio.current_time() < 1_000

    play()


@in_made_up_time
async def test_who_has_few_calls_waiting_is_let_in_however_many_others_have() -> None:
    """One that fills the queue keeps nobody else out, and nobody gets more than a few that way."""
    lane = lane_of(2)
    full(lane)
    turns = lane.book("another", OWN_CALLS)

    for principal in ("another", "somebody"):
        with pytest.raises(BusyError):
            lane.book(principal, 1)
    with pytest.raises(BusyError):
        lane.book("a third", OWN_CALLS + 1)
    assert QUEUE_CALLS + OWN_CALLS == lane.waiting
    assert {"waiting"} == {turn.state for turn in turns}
