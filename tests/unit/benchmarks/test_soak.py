"""What a long run is judged by."""

import pytest
from benchmarks.soak import more_at_the_end


@pytest.mark.parametrize(
    ("values", "more"),
    [
        ([9, 5, 6, 5, 6, 5, 6, 5, 6], 0),
        ([9, 5, 6, 5, 6, 7, 8, 9, 9], 1),
        ([1, 1, 1, 5, 5, 5, 3, 3, 3], 0),
    ],
)
def test_only_what_stays_above_all_of_the_middle_is_growth(values: list[int], more: int) -> None:
    assert more_at_the_end(values) == more
