"""What is remembered of forms: computed once, never mixed up."""

from rmflow.formats.replies.remembered import remembered


def test_a_result_is_computed_once_for_one_argument() -> None:
    """A run reads thousands of mails with one form."""
    seen: list[list[int]] = []

    @remembered
    def total(numbers: list[int]) -> int:
        seen.append(numbers)
        return sum(numbers)

    numbers = [1, 2]
    assert [total(numbers), total(numbers)] == [3, 3]
    assert seen == [numbers]


def test_arguments_that_came_and_went_are_not_mixed_up() -> None:
    """An id is used again as soon as its object is gone; more pass by than are remembered."""

    @remembered
    def first(numbers: list[int]) -> int:
        return numbers[0]

    assert [first([number]) for number in range(1_000)] == list(range(1_000))
