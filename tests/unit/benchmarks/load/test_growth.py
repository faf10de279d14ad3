"""Telling a leak from the noise of allocators."""

import numpy as np
import pytest
from benchmarks.load.growth import LEAST_SAMPLES, Growth, after_warm_up, growth

KIB = 1024
ALLOWED = 16.0 * KIB

Samples = list[tuple[int, int]]


def samples(slope: float, noise_mb: float = 8.0, blocks: int = 15, seed: int = 1) -> Samples:
    """A service of 600 MB that keeps `slope` bytes of each of 100 requests a block."""
    noise_mb_each = np.random.default_rng(seed).normal(0, noise_mb, blocks)
    return [
        (100 * block, round(600e6 + 100 * block * slope + noise_mb_each[block] * 1e6))
        for block in range(blocks)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_noise_alone_is_no_growth(seed: int) -> None:
    assert not growth(samples(0, seed=seed), ALLOWED).grows


@pytest.mark.parametrize("seed", range(20))
def test_a_leak_is_caught(seed: int) -> None:
    """The control: without it, a judgement that never finds anything would look good too."""
    assert growth(samples(64 * KIB, seed=seed), ALLOWED).grows


def test_without_noise_the_slope_is_exact() -> None:
    found = growth(samples(32 * KIB, noise_mb=0), ALLOWED)
    assert (found.slope, found.low, found.high) == pytest.approx((32 * KIB,) * 3, rel=1e-3)


@pytest.mark.parametrize(("slope", "grows"), [(ALLOWED, False), (ALLOWED + 1, True)])
def test_what_is_allowed_is_none(slope: float, grows: bool) -> None:
    found = Growth(slope, slope, slope, ALLOWED)
    assert found.grows is grows
    assert found.cleared is not grows


def test_an_interval_across_the_bound_tells_nothing() -> None:
    found = Growth(ALLOWED, 0, 2 * ALLOWED, ALLOWED)
    assert not found.grows
    assert not found.cleared


def test_one_odd_block_does_not_move_the_slope_much() -> None:
    steady = samples(0, noise_mb=0)
    odd = [*steady[:-1], (steady[-1][0], steady[-1][1] + 500_000_000)]
    assert growth(odd, ALLOWED).slope == 0
    assert np.polyfit([at for at, _ in odd], [held for _, held in odd], 1)[0] > ALLOWED


def test_as_many_samples_as_needed_and_no_fewer() -> None:
    assert growth(samples(0, blocks=LEAST_SAMPLES), ALLOWED).high >= 0
    with pytest.raises(ValueError, match=str(LEAST_SAMPLES)):
        growth(samples(0, blocks=LEAST_SAMPLES - 1), ALLOWED)


def test_two_samples_of_one_moment_are_refused() -> None:
    with pytest.raises(ValueError, match="same number"):
        growth([*samples(0), (0, 1)], ALLOWED)


def test_warm_up_is_left_out() -> None:
    assert [at for at, _ in after_warm_up([(n, 0) for n in range(20)])] == list(range(5, 20))
    assert [at for at, _ in after_warm_up([(n, 0) for n in range(9)])] == list(range(3, 9))
