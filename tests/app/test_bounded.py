"""Work in a child process: its results, its failures, and what it costs."""

import os
import resource
import signal
import socket
import struct
import time
from pathlib import Path

import pytest

from in_a_child import bounded
from rmflow.adapters.store.lock import file_lock
from rmflow.app.bounded import Bounded, Failure


def _double(number: int) -> int:
    return 2 * number


def _faulty(fault: str) -> str:
    match fault:
        case "hangs":
            time.sleep(60)
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "raises":
            raise ValueError("of all things")
        case "swallows":
            return "x" * (1 << 30)
        case "does not pickle":
            return lambda: fault  # type: ignore[return-value]
        case "exits":
            raise SystemExit(3)
        case _:
            pass
    return fault


def test_the_results_come_in_order() -> None:
    assert list(bounded(_double, range(300))) == [2 * n for n in range(300)]


def test_a_child_leaves_no_core_and_no_words_behind() -> None:
    """What it works on is somebody's mail; so is the value that an error's message shows."""
    [limits] = bounded(resource.getrlimit, [resource.RLIMIT_CORE])
    assert limits == (0, 0)
    [failure] = bounded(int, ["Marzipanschweinchen"])
    assert isinstance(failure, Failure)
    assert "Marzipan" not in failure.detail


def test_nothing_to_do_is_done_without_a_child() -> None:
    assert list(bounded(_double, [])) == []


def _pid(_given: object, _item: object) -> bytes:
    return str(os.getpid()).encode()


def _dies(given: bytes, item: bytes) -> bytes:
    if item == given:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def _counted(seen: list[int], item: int) -> bytes:
    seen.append(item)
    return bytes([len(seen)])


def test_one_child_does_all_that_it_is_given() -> None:
    before = children()
    with Bounded(None) as child:
        pids = {*child.each(_pid, range(100)), *child.each(_pid, range(3))}
        assert len(pids) == 1
        assert pids != {str(os.getpid()).encode()}
    assert children() == before


def test_what_a_child_was_given_is_its_own() -> None:
    """It remembers from one task to the next; this process notices nothing."""
    seen: list[int] = []
    with Bounded(seen) as child:
        assert [*child.each(_counted, [7, 7]), *child.each(_counted, [7])] == [b"\1", b"\2", b"\3"]
    assert seen == []


@pytest.mark.parametrize("many", [1, 3, 16, 17, 40])
def test_of_those_done_together_only_the_one_that_ends_the_child_fails(many: int) -> None:
    items = [str(number).encode() for number in range(many)]
    fatal = items[-1]
    with Bounded(fatal) as child:
        found = list(child.each(_dies, items))
        assert found[:-1] == items[:-1]
        assert isinstance(found[-1], Failure)
        assert list(child.each(_dies, [b"more"])) == [b"more"]


@pytest.mark.parametrize(
    "lie",
    [
        b"",
        b"\xff" * 64,
        struct.pack("!QQ", 1, 1 << 62) + b"+",
        struct.pack("!QQ", 1 << 62, 1) * 8,
        (struct.pack("!QQ", 2, 1) + b"+" + struct.pack("!Q", 1) + b"+"),
        struct.pack("!Q", 0),
    ],
)
def test_a_child_that_was_taken_over_has_failed_at_its_task(
    monkeypatch: pytest.MonkeyPatch, lie: bytes
) -> None:
    """What it sends is measured before it is read, and never becomes an object."""

    def answer(line: socket.socket, _given: object) -> None:
        line.recv(1 << 16)
        line.sendall(lie)

    monkeypatch.setattr("rmflow.app.bounded._serve", answer)
    with Bounded(None, seconds=3) as child:
        (found,) = child.each(_pid, [1])
    assert isinstance(found, Failure)


def test_a_task_may_be_larger_than_a_pipe_holds_on_both_ways() -> None:
    """Neither side may wait for the other to read."""
    items = ["x" * size for size in (3_000_000, 1, 300_000, 300_000, 70_000, 70_000)]
    assert list(bounded(str.upper, items)) == [item.upper() for item in items]


def test_a_result_may_be_larger_than_a_pipe_holds() -> None:
    assert [len(str(x)) for x in bounded(lambda n: "x" * n, [3_000_000, 1])] == [3_000_000, 1]


def test_each_fault_costs_its_own_item_only() -> None:
    """Whatever one item does, those before and behind it have their results."""
    faults = ["hangs", "dies", "raises", "swallows", "does not pickle", "exits"]
    items = [item for fault in faults for item in (fault, "fine")]
    found = list(bounded(_faulty, items, seconds=3, memory_bytes=256 * 1024 * 1024))
    assert found[1::2] == ["fine"] * len(faults)
    assert all(isinstance(failure, Failure) for failure in found[::2])


def test_what_went_wrong_is_told() -> None:
    (failure,) = bounded(_faulty, ["raises"])
    assert isinstance(failure, Failure)
    assert "builtins.ValueError" in failure.detail
    assert "in _faulty" in failure.detail


def test_the_child_works_on_a_copy_and_leaves_no_process_behind() -> None:
    """Also when nobody asks for the second result."""
    seen: list[int] = []
    before = children()
    results = bounded(seen.append, [1, 2])
    next(results)
    assert children() > before
    results.close()  # type: ignore[attr-defined]
    assert not seen
    assert children() == before


def children() -> set[str]:
    """Return the processes that this one has begun and not yet seen the end of."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_a_child_that_hangs_does_not_hold_the_lock_of_a_parent_that_was_killed(
    tmp_path: Path,
) -> None:
    """An flock belongs to every copy of the descriptor; the next run must not wait for this one."""
    lock, hangs = tmp_path / "lock", tmp_path / "hangs"

    def hang(_: int) -> None:
        hangs.write_text(str(os.getpid()))
        time.sleep(60)

    parent = os.fork()
    if not parent:
        with file_lock(lock):
            list(bounded(hang, [1]))
        os._exit(0)
    while not (hangs.exists() and hangs.read_text()):
        time.sleep(0.01)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    try:
        with file_lock(lock):
            pass
    finally:
        os.kill(int(hangs.read_text()), signal.SIGKILL)
