"""The encoder: what it writes, others read, pixel for pixel."""

import io
import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from segmenter.imaging import png
from segmenter.imaging.strips import strip_bounds
from tests.unit.segmenter.imaging.array_rows import ArrayRows, noise, photo_like


def encode(rows: ArrayRows, strips: int = 1) -> bytes:
    bounds = strip_bounds(rows.height_px, strips)
    return png.assemble(rows, [png.encode_strip(rows, top, bottom) for top, bottom in bounds])


def decode(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        pixels_u8 = np.array(image)
    return pixels_u8.reshape(*pixels_u8.shape[:2], -1)


@given(
    height=st.integers(1, 140),
    width=st.integers(1, 40),
    channels=st.sampled_from([1, 3, 4]),
    strips=st.integers(1, 9),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=80, deadline=None)
def test_every_picture_survives_the_round_trip(
    height: int, width: int, channels: int, strips: int, seed: int
) -> None:
    pixels_u8 = noise(height, width, channels, seed)
    assert np.array_equal(decode(encode(ArrayRows(pixels_u8), strips)), pixels_u8)


@pytest.mark.parametrize("height", [63, 64, 65, 128, 129])
def test_blocks_join_without_a_seam(height: int) -> None:
    pixels_u8 = photo_like(height, 50, 4)
    assert np.array_equal(decode(encode(ArrayRows(pixels_u8))), pixels_u8)


def test_strips_hold_the_same_pixels_as_one_piece() -> None:
    rows = ArrayRows(photo_like(300, 80, 4))
    assert np.array_equal(decode(encode(rows, 1)), decode(encode(rows, 4)))


@given(first=st.binary(max_size=200_000), second=st.binary(max_size=200_000))
@settings(max_examples=60, deadline=None)
def test_checksums_of_strips_combine_as_those_of_their_bytes(first: bytes, second: bytes) -> None:
    combined = png.adler32_combine(zlib.adler32(first), zlib.adler32(second), len(second))
    assert combined == zlib.adler32(first + second)


def test_the_file_is_smaller_than_pillows_quick_one() -> None:
    pixels_u8 = photo_like(400, 600, 4)
    pixels_u8[:, :200] = 0
    quick = io.BytesIO()
    Image.fromarray(pixels_u8).save(quick, "PNG", compress_level=1)
    assert len(encode(ArrayRows(pixels_u8))) <= len(quick.getvalue())


def test_a_profile_is_kept_byte_for_byte() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encode(ArrayRows(photo_like(5, 5, 4), icc_profile=profile))
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["icc_profile"] == profile
        assert "srgb" not in image.info


def test_colour_without_a_profile_says_that_it_is_srgb() -> None:
    with Image.open(io.BytesIO(encode(ArrayRows(photo_like(5, 5, 4))))) as image:
        assert image.info["srgb"] == 0


def test_a_matte_claims_no_colour_space() -> None:
    with Image.open(io.BytesIO(encode(ArrayRows(photo_like(5, 5, 1))))) as image:
        assert image.mode == "L"
        assert "srgb" not in image.info


@pytest.mark.skipif(shutil.which("pngcheck") is None, reason="pngcheck is not installed")
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_libpngs_checker_finds_no_fault(channels: int, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encode(ArrayRows(photo_like(130, 70, channels)), strips=3))
    checked = subprocess.run(
        ["pngcheck", "-v", str(path)],  # noqa: S607 - wherever the system has it
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
