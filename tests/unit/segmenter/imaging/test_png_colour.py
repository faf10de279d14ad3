"""What a PNG's own colour chunks come to. What pixels come of them: test_colour_fidelity.py."""

import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segmenter.imaging.colour import srgb_conversion
from segmenter.imaging.png_colour import png_profile
from tests.unit.segmenter.imaging import samples

ICC = samples.icc_profile(b"RGB ")
SRGB_PRIMARIES = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]


def png(*chunks: bytes) -> bytes:
    return samples.png(1, 1, rows=b"\0\1\2\3", ancillary=b"".join(chunks))


def gamma(value: int) -> bytes:
    return samples.png_chunk(b"gAMA", struct.pack(">I", value))


def chromaticities(values: list[int]) -> bytes:
    return samples.png_chunk(b"cHRM", struct.pack(">8I", *values))


def moved(by: int) -> list[int]:
    return [SRGB_PRIMARIES[0] + by, *SRGB_PRIMARIES[1:]]


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (9_999, False),
        (10_000, True),
        (43_181, True),
        (43_182, False),
        (47_727, False),
        (47_728, True),
        (1_000_000, True),
        (1_000_001, False),
    ],
)
def test_a_gamma_counts_within_reason_and_where_it_is_not_that_of_srgb(
    value: int, *, made: bool
) -> None:
    assert (png_profile(png(gamma(value)), "RGB", None) is not None) is made


@pytest.mark.parametrize(("by", "made"), [(499, False), (501, True), (-499, False), (-501, True)])
def test_primaries_count_where_they_are_not_those_of_srgb(by: int, *, made: bool) -> None:
    data = png(gamma(45_455), chromaticities(moved(by)))
    assert (png_profile(data, "RGB", None) is not None) is made


def test_primaries_make_no_difference_to_grey() -> None:
    plain, wide = (
        png_profile(png(gamma(100_000), *chunks), "L", None)
        for chunks in ((), (chromaticities(moved(5000)),))
    )
    assert plain == wide
    assert isinstance(plain, bytes)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_without_such_chunks_the_profile_is_the_file_s_own(mode: str) -> None:
    assert png_profile(png(), mode, ICC) is ICC
    assert png_profile(png(), mode, None) is None


def test_of_several_chunks_of_a_kind_the_first_counts() -> None:
    assert png_profile(png(gamma(45_455), gamma(100_000)), "RGB", None) is None


def test_chunks_behind_the_pixels_do_not_count() -> None:
    data = png()
    end = data.index(b"IEND") - 4
    assert png_profile(data[:end] + gamma(100_000) + data[end:], "RGB", None) is None


def test_chunks_are_looked_at_up_to_a_number() -> None:
    empty = samples.png_chunk(b"teXt", b"")
    # The header is one of them.
    at_limit, beyond = (png(empty * count, gamma(100_000)) for count in (16_382, 16_383))
    assert png_profile(at_limit, "RGB", None) is not None
    assert png_profile(beyond, "RGB", None) is None


@pytest.mark.parametrize("cut_px", range(8, 90, 3))
def test_a_file_that_ends_early_is_no_trouble(cut_px: int) -> None:
    data = png(gamma(100_000), chromaticities(SRGB_PRIMARIES))
    png_profile(data[:cut_px], "RGB", None)


EXTREME = [(80_000, 20_000), (0, 1), (1, 0), (100_000, 1)]


@given(
    gamma_value=st.integers(9_000, 1_100_000),
    values=st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 100_000), min_size=8, max_size=8),
)
@example(gamma_value=100_000, values=[*EXTREME[0], *SRGB_PRIMARIES[2:]])
@example(gamma_value=100_000, values=[*EXTREME[1], *SRGB_PRIMARIES[2:]])
@example(gamma_value=100_000, values=[*EXTREME[3], *SRGB_PRIMARIES[2:]])
@example(gamma_value=100_000, values=[*SRGB_PRIMARIES[:2], *EXTREME[3], *EXTREME[1], *EXTREME[2]])
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_numbers_end_in_a_profile_or_in_none(gamma_value: int, values: list[int]) -> None:
    made = png_profile(png(gamma(gamma_value), chromaticities(values)), "RGB", None)
    assert made is None or isinstance(made, bytes)
    srgb_conversion(made)
