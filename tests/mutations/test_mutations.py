"""The list of mutations keeps up with the source. Running them is `make mutations`."""

import pytest

from mutations import MUTATIONS, PAGE, ROOT, Mutation, page

named = pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)


@named
def test_its_text_stands_exactly_once_in_the_source(mutation: Mutation) -> None:
    """A mutation that changes nothing would survive, or hide that its line has moved."""
    assert (ROOT / mutation.file).read_text().count(mutation.original) == 1


@named
def test_what_it_makes_is_python_and_its_test_exists(mutation: Mutation) -> None:
    compile(mutation.text(), mutation.file, "exec")
    assert (ROOT / mutation.test).is_file()


def test_the_page_lists_them() -> None:
    """Make it anew with `python tests/mutations/run.py --write`."""
    assert PAGE.read_text(encoding="utf-8") == page()
