"""The management chain."""

from rmflow.domain.chain import ReportingLines
from rmflow.domain.people import Address


def lines(**manager_of: str) -> ReportingLines:
    return ReportingLines({Address(below): Address(above) for below, above in manager_of.items()})


def steps(found: ReportingLines, below: str, above: str) -> int | None:
    return found.steps(Address(below), Address(above))


def test_steps_are_counted_upwards_only() -> None:
    found = lines(mara="kim", kim="lou", lou="jens", tomo="kim")
    assert steps(found, "mara", "kim") == 1
    assert steps(found, "mara", "jens") == 3
    assert steps(found, "jens", "mara") is None
    assert steps(found, "mara", "tomo") is None
    assert steps(found, "mara", "mara") is None
    assert steps(found, "mara", "nobody") is None


def test_two_houses_do_not_mix() -> None:
    found = lines(a="b", b="c", x="y", y="z")
    assert steps(found, "a", "c") == 2
    assert steps(found, "a", "z") is None
    assert steps(found, "x", "c") is None


def test_the_head_of_the_house_may_be_their_own_manager() -> None:
    found = lines(mara="jens", jens="jens")
    assert found.cycles == ()
    assert steps(found, "mara", "jens") == 1
    assert steps(found, "jens", "jens") is None


def test_a_circle_is_told_once_and_those_below_it_still_have_their_lines() -> None:
    found = lines(mara="a", a="b", b="c", c="a", tomo="b")
    assert found.cycles == (("a", "b", "c"),)
    assert steps(found, "mara", "b") == 2
    assert steps(found, "tomo", "c") == 2


def test_lines_of_any_depth_are_walked_without_recursion() -> None:
    """PITFALLS H18: a circle, and a chain, of more people than Python calls deep."""
    depth = 50_000
    chain = {f"p{n}": f"p{n + 1}" for n in range(depth)}
    assert steps(lines(**chain), "p0", f"p{depth}") == depth
    circle = chain | {f"p{depth}": "p0"}
    (members,) = lines(**circle).cycles
    assert len(members) == depth + 1
