"""A server that dies at any of its system calls charges nobody twice, and leaves no charge that nobody knows of."""

import pytest

from tests.faults.kill_sweep import sweep, table
from tests.faults.points import why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.mark.parametrize("provider", ["heydecks", "depicta"])
async def test_a_server_killed_at_any_system_call_charges_once_and_forgets_nothing(provider: str) -> None:
    """A few points, spread over the whole call; `python -m tests.faults.kill_sweep` runs as many as one likes."""
    runs = await sweep(provider, points=8)

    assert all(one.died for one in runs)
    assert all(one.charges <= 1 and one.explained for one in runs), table(provider, runs)
