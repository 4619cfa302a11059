"""The sandbox's memory: atomic, deterministic, on a clock of its own, shared by processes."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from imagewright.sandbox import accounts, limits
from imagewright.sandbox.accounts import EmptyPurseError, Opening
from imagewright.sandbox.limits import BusyError, Slots, Window
from imagewright.sandbox.world import Transaction, World

OPENING = Opening(Decimal(1000), "credits", {"plan": "pro"})

# What each of several processes does at once: the first one makes the file, all of them charge the same account.
WRITER = """
import sys
from decimal import Decimal
from pathlib import Path
from imagewright.sandbox import accounts
from imagewright.sandbox.accounts import Opening
from imagewright.sandbox.world import World

world = World(Path(sys.argv[1]))
for _ in range(50):
    with world.transaction() as tx:
        account = accounts.open_account(tx, "heydecks", "key", Opening(Decimal(1000), "credits", {}))
        accounts.charge(tx, account, Decimal(1), "one image")
        tx.put("heydecks.image", tx.uuid("image"), {})
world.close()
"""


@pytest.fixture
def world() -> Generator[World]:
    """A world without a home."""
    world = World()
    yield world
    world.close()


@pytest.fixture
def tx(world: World) -> Generator[Transaction]:
    """A transaction of it."""
    with world.transaction() as tx:
        yield tx


def test_a_transaction_that_raises_leaves_nothing(world: World) -> None:
    """Money and state change together or not at all."""
    with suppress(ZeroDivisionError), world.transaction() as tx:
        tx.put("a.b", "1", {})
        raise ZeroDivisionError

    with world.transaction() as tx:
        assert tx.get("a.b", "1") is None


def test_a_transaction_within_another_is_refused(world: World) -> None:
    """It would wait for itself."""
    with world.transaction(), pytest.raises(RuntimeError, match="Pass that one on"), world.transaction():
        pass


def test_documents_come_in_the_order_in_which_they_were_made(tx: Transaction) -> None:
    """Of one kind and owner; a change keeps the place."""
    for name, owner in (("1", "me"), ("2", "you"), ("3", "me")):
        tx.put("a.b", name, {"name": name}, owner=owner)
    tx.put("a.b", "1", {"name": "one"})

    mine = [document["name"] for document in tx.find("a.b", owner="me")]
    newest = [document["name"] for document in tx.find("a.b", newest_first=True, limit=2)]

    assert (mine, newest, tx.count("a.b"), tx.count("a.b", owner="you")) == (["one", "3"], ["3", "2"], 3, 1)


def test_only_the_newest_are_kept(tx: Transaction) -> None:
    """Of the requests that arrived, for one."""
    for number in range(5):
        tx.put("a.b", str(number), {"number": number})

    tx.keep_newest("a.b", 2)

    assert [document["number"] for document in tx.find("a.b")] == [3, 4]


def test_two_worlds_of_one_seed_make_the_same_ids() -> None:
    """And one of another seed makes others."""
    made: list[list[str]] = []
    for seed in (1, 1, 2):
        world = World(seed=seed)
        with world.transaction() as tx:
            made.append([tx.uuid("a"), tx.uuid("a"), tx.uuid("b"), tx.token("a", 12), str(tx.number("n"))])
        world.close()

    assert made[0] == made[1] != made[2]
    assert len(set(made[0])) == 5


def test_a_uuid_has_the_form_of_a_random_one(tx: Transaction) -> None:
    """Version 4, variant 10."""
    for _ in range(20):
        digits = tx.uuid("a")
        assert (digits[14], digits[19] in "89ab", [len(part) for part in digits.split("-")]) == (
            "4",
            True,
            [8, 4, 4, 4, 12],
        )


def test_a_charge_beyond_the_balance_takes_nothing(tx: Transaction) -> None:
    """And says what was needed."""
    account = accounts.open_account(tx, "heydecks", "key", OPENING)

    with pytest.raises(EmptyPurseError) as raised:
        accounts.charge(tx, account, Decimal(1001), "too much")

    assert (raised.value.needed, raised.value.available) == (Decimal(1001), Decimal(1000))
    assert accounts.reread(tx, account).balance == Decimal(1000)


def test_the_ledger_adds_up_to_the_balance(tx: Transaction) -> None:
    """Charges, refunds and what was set, without rounding."""
    account = accounts.open_account(tx, "theo", "key", OPENING)
    for change in (accounts.charge, accounts.charge, accounts.refund, accounts.set_balance):
        account = change(tx, account, Decimal("0.1"), "for a test")

    rows = [Decimal(row["amount"]) for row in tx.find(accounts.LEDGER)]

    assert Decimal(1000) + sum(rows) == account.balance == Decimal("0.1")


def test_no_key_is_in_the_file(tmp_path: Path) -> None:
    """Only its fingerprint."""
    world = World(tmp_path)
    with world.transaction() as tx:
        accounts.open_account(tx, "heydecks", "hd_live_abc12345_verysecret", OPENING)
    world.close()

    found = b"".join(path.read_bytes() for path in (tmp_path / "sandbox").iterdir())

    assert accounts.fingerprint("hd_live_abc12345_verysecret").encode() in found
    assert b"verysecret" not in found


def test_a_window_slides(tx: Transaction) -> None:
    """What is older than its seconds no longer counts, and a refused request never did."""
    answers: list[tuple[bool, int, int]] = []
    for moment in ("09:00:00", "09:00:20", "09:00:59", "09:01:00", "09:01:01"):
        tx.set_setting("clock.frozen", f"2026-06-12T{moment}+00:00")
        (reading,) = limits.take(tx, "bucket", (Window(2, 60),))
        answers.append((reading.refused, reading.remaining, reading.retry_after))

    assert answers == [(False, 1, 1), (False, 0, 1), (True, 0, 1), (False, 0, 1), (True, 0, 19)]


def test_the_fullest_of_several_windows_decides(tx: Transaction) -> None:
    """Two a second and three a minute."""
    tx.set_setting("clock.frozen", "2026-06-12T09:00:00+00:00")
    windows = (Window(2, 1), Window(3, 60))
    refused = [[reading.refused for reading in limits.take(tx, "bucket", windows)] for _ in range(3)]
    tx.set_setting("clock.frozen", "2026-06-12T09:00:02+00:00")
    refused += [[reading.refused for reading in limits.take(tx, "bucket", windows)] for _ in range(2)]

    assert refused == [[False, False], [False, False], [True, False], [False, False], [False, True]]


def test_what_weighs_more_than_a_window_holds_never_fits(tx: Transaction) -> None:
    """A prompt of more tokens than a minute has."""
    (reading,) = limits.take(tx, "bucket", (Window(10, 60),), weight=11)

    assert (reading.refused, reading.retry_after, reading.used) == (True, 60, 0)


def test_a_slot_is_free_again_after_its_request() -> None:
    """And whoever finds none is told."""
    slots = Slots()
    with slots.hold("bucket", 1), pytest.raises(BusyError), slots.hold("bucket", 1):
        pass

    with slots.hold("bucket", 1):
        pass


def test_a_file_of_another_format_is_begun_anew(tmp_path: Path) -> None:
    """It is play data: nothing is migrated, and nothing fails."""
    (tmp_path / "sandbox").mkdir()
    old = sqlite3.connect(tmp_path / "sandbox" / "sandbox.sqlite3")
    old.execute("CREATE TABLE settings (other TEXT)")
    old.execute("PRAGMA user_version = 99")
    old.close()
    world = World(tmp_path)

    assert len(world.identity()) == 16
    world.close()


def test_a_world_keeps_its_seed_and_its_content(tmp_path: Path) -> None:
    """Whoever opens it later asks for another in vain."""
    first = World(tmp_path, seed=3)
    with first.transaction() as tx:
        tx.put("a.b", "1", {"kept": True})
    first.close()

    second = World(tmp_path, seed=4)

    with second.transaction() as tx:
        assert (tx.get("a.b", "1"), tx.setting("seed")) == ({"kept": True}, "3")
    second.close()


def test_a_world_without_a_home_leaves_no_files() -> None:
    """Its folder goes with it."""
    world = World()
    world.now()
    assert world.folder.exists()

    world.close()

    assert not world.folder.exists()


def test_threads_that_charge_at_once_lose_nothing(world: World) -> None:
    """Each from its own, all from one account."""

    def charge(_: int) -> None:
        with world.transaction() as tx:
            account = accounts.open_account(tx, "heydecks", "key", OPENING)
            accounts.charge(tx, account, Decimal(1), "one image")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(charge, range(200)))

    with world.transaction() as tx:
        assert accounts.open_account(tx, "heydecks", "key", OPENING).balance == Decimal(800)


def test_four_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """None of them meets a locked database, not even where the file is only being made."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    errors = [writer.communicate()[1] for writer in writers]
    world = World(tmp_path)

    with world.transaction() as tx:
        balance = accounts.open_account(tx, "heydecks", "key", OPENING).balance
        assert (errors, balance, tx.count("heydecks.image")) == ([""] * 4, Decimal(800), 200)
    world.close()


def test_the_clock_is_shared(tmp_path: Path) -> None:
    """Frozen by one, frozen for all."""
    one, other = World(tmp_path), World(tmp_path)
    with one.transaction() as tx:
        tx.set_setting("clock.frozen", "2026-06-12T09:00:00+00:00")

    assert other.now().isoformat() == "2026-06-12T09:00:00+00:00"
    one.close()
    other.close()


def test_importing_the_package_loads_nothing_heavy() -> None:
    """No server, no painter, no database."""
    program = "import json, sys, imagewright.sandbox; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    loaded = set(json.loads(answer.stdout))

    assert not loaded & {"starlette", "uvicorn", "PIL", "sqlite3", "anyio"}
