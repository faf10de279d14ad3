import pytest

from segmenter.guarded.limits import GuardLimits


def test_a_header_costs_the_base() -> None:
    budget = GuardLimits(cpu_s=3, memory_bytes=1000).budget(encoded_bytes=0, pixels=0)

    assert (budget.cpu_s, budget.memory_bytes) == (3, 1000)


def test_bytes_and_pixels_are_added() -> None:
    guard = GuardLimits(
        cpu_s=1, cpu_s_per_megapixel=0.5, memory_bytes=1000, memory_bytes_per_pixel=10
    )

    budget = guard.budget(encoded_bytes=7, pixels=2_000_000)

    assert budget.cpu_s == pytest.approx(2)
    assert budget.memory_bytes == 1000 + 3 * 7 + 20_000_000


def test_the_largest_image_fits_into_a_small_machine() -> None:
    budget = GuardLimits().budget(encoded_bytes=30 << 20, pixels=100_000_000)

    assert budget.cpu_s <= 15
    assert budget.memory_bytes < 4 << 30
