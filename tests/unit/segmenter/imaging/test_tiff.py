"""The TIFF writer: what it writes, others read, pixel for pixel."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from segmenter.imaging import tiff
from segmenter.imaging.strips import strip_bounds
from tests.unit.segmenter.imaging import samples
from tests.unit.segmenter.imaging.array_rows import ArrayRows, noise, photo_like


def encode(rows: ArrayRows, strips: int = 1) -> bytes:
    bounds = strip_bounds(rows.height_px, strips)
    return tiff.assemble(rows, [tiff.encode_strip(rows, top, bottom) for top, bottom in bounds])


def opened(data: bytes) -> TiffImagePlugin.TiffImageFile:
    image = TiffImagePlugin.TiffImageFile(io.BytesIO(data))
    image.load()
    return image


def decode(data: bytes) -> NDArray[np.uint8]:
    return np.array(opened(data))


@given(
    height=st.integers(1, 200),
    width=st.integers(1, 40),
    channels=st.sampled_from([3, 4]),
    strips=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_every_picture_survives_the_round_trip(
    height: int, width: int, channels: int, strips: int, seed: int
) -> None:
    pixels_u8 = noise(height, width, channels, seed)
    assert np.array_equal(decode(encode(ArrayRows(pixels_u8), strips)), pixels_u8)


@pytest.mark.parametrize("height", [63, 64, 65, 128, 129])
def test_strips_join_without_a_seam(height: int) -> None:
    rows = ArrayRows(photo_like(height, 50, 4))
    assert np.array_equal(decode(encode(rows, 3)), rows.pixels_u8)
    assert encode(rows, 3) == encode(rows, 1)


def test_alpha_is_said_to_be_straight() -> None:
    image = opened(encode(ArrayRows(photo_like(5, 5, 4))))
    assert image.mode == "RGBA"
    assert image.tag_v2[338] == (2,)


def test_rgb_has_no_extra_sample() -> None:
    image = opened(encode(ArrayRows(photo_like(5, 5, 3))))
    assert image.mode == "RGB"
    assert 338 not in image.tag_v2


@pytest.mark.parametrize("extra", [0, 1])
def test_a_profile_is_kept_byte_for_byte(extra: int) -> None:
    profile = samples.icc_profile(b"RGB ") + bytes(extra)
    image = opened(encode(ArrayRows(photo_like(5, 5, 4), icc_profile=profile)))
    assert image.info["icc_profile"] == profile


def test_without_a_profile_none_is_claimed() -> None:
    assert "icc_profile" not in opened(encode(ArrayRows(photo_like(5, 5, 4)))).info


@pytest.mark.parametrize("deflated_bytes", [24, 25])
def test_the_directory_is_in_order_and_on_an_even_place(deflated_bytes: int) -> None:
    rows = ArrayRows(photo_like(1, 9, 4), icc_profile=b"profile")
    data = tiff.assemble(rows, [tiff.Strip([bytes(deflated_bytes)], 0.0, 0.0)])
    (directory_at,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, directory_at)
    tags = [struct.unpack_from("<H", data, directory_at + 2 + 12 * n)[0] for n in range(entries)]
    assert directory_at % 2 == 0
    assert tags == sorted(tags)
    assert len(tags) == len(set(tags))


def test_the_file_is_smaller_than_pillows_quick_one() -> None:
    pixels_u8 = photo_like(400, 600, 4)
    quick = samples.encoded(Image.fromarray(pixels_u8), "TIFF", compression="tiff_lzw")
    assert len(encode(ArrayRows(pixels_u8))) <= len(quick)


@pytest.mark.parametrize("size", [(1, 40_000), (40_000, 1), (70, 20_000), (3, 1_000_000)])
def test_long_lines_survive(size: tuple[int, int]) -> None:
    pixels_u8 = noise(*size, 4)
    assert np.array_equal(decode(encode(ArrayRows(pixels_u8))), pixels_u8)
