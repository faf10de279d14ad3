"""What a long run is judged by."""

import numpy as np
import pytest
from benchmarks.soak import ALLOWED_MB_A_MINUTE, growth_a_second, more_at_the_end

EVERY_S = 45
BLOCKS = 40


def half_an_hour(mb_a_minute: float, seed: int) -> list[tuple[int, int]]:
    """A service of 850 MB that warms up to it and is at rest within some megabytes of it."""
    noise_mb = np.random.default_rng(seed).normal(0, 4, BLOCKS)
    held_mb = [
        850 - 60 * 0.5**block + mb_a_minute * block * EVERY_S / 60 + noise_mb[block]
        for block in range(BLOCKS)
    ]
    return [(block * EVERY_S, round(held_mb[block] * 1e6)) for block in range(BLOCKS)]


@pytest.mark.parametrize("seed", range(20))
def test_half_an_hour_tells_a_leak_from_none(seed: int) -> None:
    assert growth_a_second(half_an_hour(0, seed)).cleared
    assert growth_a_second(half_an_hour(2 * ALLOWED_MB_A_MINUTE, seed)).grows


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
