"""What Pillow writes for us: round trips, sizes at their limits, bits that must be right."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from segmenter.errors import InvalidOptionError
from segmenter.imaging import encode
from segmenter.imaging.strips import strip_bounds
from segmenter.options import OutputFormat
from segmenter.scene_options import Colour
from tests.unit.segmenter.imaging import samples
from tests.unit.segmenter.imaging.array_rows import ArrayRows, noise

WHOLE = [OutputFormat.JPEG, OutputFormat.WEBP, OutputFormat.BMP, OutputFormat.GIF]
WHITE = Colour(255, 255, 255)


def file_of(rows: ArrayRows, file_format: OutputFormat, strips: int = 1) -> bytes:
    picture = encode.canvas(rows)
    for top, bottom in strip_bounds(rows.height_px, strips):
        encode.paint(picture, rows, top, bottom)
    return encode.encode(picture, rows, file_format)


def opened(data: bytes, file_format: OutputFormat) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=[file_format.name])
    image.load()
    return image


def soft_picture(width_px: int, height_px: int) -> NDArray[np.uint8]:
    return np.array(samples.picture(width_px, height_px))


def with_alpha(rgb_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Adds a matte that is soft between a hidden left and a visible right half."""
    height, width, _ = rgb_u8.shape
    ramp = np.clip((np.arange(width) - width / 2) * 16 + 128, 0, 255).astype(np.uint8)
    alpha_u8 = np.tile(ramp, (height, 1))
    return np.dstack([np.where(alpha_u8[..., None] > 0, rgb_u8, 0), alpha_u8]).astype(np.uint8)


@given(
    height=st.integers(1, 150),
    width=st.integers(1, 40),
    channels=st.sampled_from([3, 4]),
    strips=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=50, deadline=None)
def test_a_painted_picture_holds_all_rows(
    height: int, width: int, channels: int, strips: int, seed: int
) -> None:
    rows = ArrayRows(noise(height, width, channels, seed))
    picture = encode.canvas(rows)
    for top, bottom in reversed(strip_bounds(height, strips)):
        encode.paint(picture, rows, top, bottom)
    assert np.array_equal(np.asarray(picture), rows.pixels_u8)


@pytest.mark.parametrize("file_format", WHOLE)
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (200, 150)])
def test_pictures_come_back_in_their_size_and_about_their_colours(
    file_format: OutputFormat, size: tuple[int, int]
) -> None:
    rows = ArrayRows(soft_picture(*size), ground=WHITE)
    image = opened(file_of(rows, file_format), file_format)
    assert image.size == size
    shown = image.convert("RGB")
    assert samples.difference(shown, Image.fromarray(rows.pixels_u8)) < 10


def test_bmp_keeps_every_bit_in_24_of_them() -> None:
    rows = ArrayRows(noise(31, 17, 3))
    data = file_of(rows, OutputFormat.BMP)
    assert int.from_bytes(data[28:30], "little") == 24
    assert np.array_equal(np.asarray(opened(data, OutputFormat.BMP)), rows.pixels_u8)


def test_jpeg_has_chroma_of_full_resolution_and_no_profile() -> None:
    image = opened(file_of(ArrayRows(soft_picture(64, 48)), OutputFormat.JPEG), OutputFormat.JPEG)
    assert isinstance(image, JpegImagePlugin.JpegImageFile)
    assert JpegImagePlugin.get_sampling(image) == 0
    assert "icc_profile" not in image.info


def test_a_hard_edge_between_saturated_colours_bleeds_little_in_jpeg() -> None:
    pixels_u8 = np.full((64, 64, 3), (0, 190, 60), np.uint8)
    pixels_u8[:, 27:] = (230, 20, 40)
    image = opened(file_of(ArrayRows(pixels_u8), OutputFormat.JPEG), OutputFormat.JPEG)
    error = np.abs(np.asarray(image).astype(int) - pixels_u8)
    assert error.max() <= 12
    assert error[:, :16].max() <= 2


def test_webp_keeps_alpha_bit_for_bit() -> None:
    rows = ArrayRows(with_alpha(soft_picture(120, 90)))
    image = opened(file_of(rows, OutputFormat.WEBP), OutputFormat.WEBP)
    assert image.mode == "RGBA"
    assert np.array_equal(np.asarray(image)[..., 3], rows.pixels_u8[..., 3])


def test_webp_hides_no_colour_away_from_the_edge() -> None:
    rows = ArrayRows(with_alpha(soft_picture(120, 90)))
    rgba_u8 = np.asarray(opened(file_of(rows, OutputFormat.WEBP), OutputFormat.WEBP))
    assert not rgba_u8[:, :32].any()


def test_webp_over_a_colour_has_no_alpha() -> None:
    rows = ArrayRows(soft_picture(64, 48), ground=WHITE)
    assert opened(file_of(rows, OutputFormat.WEBP), OutputFormat.WEBP).mode == "RGB"


def test_webp_keeps_a_profile_byte_for_byte() -> None:
    profile = samples.icc_profile(b"RGB ")
    rows = ArrayRows(with_alpha(soft_picture(20, 20)), icc_profile=profile)
    image = opened(file_of(rows, OutputFormat.WEBP), OutputFormat.WEBP)
    assert image.info["icc_profile"] == profile


def test_gif_keeps_the_ground_exactly() -> None:
    ground = Colour(91, 150, 221)
    pixels_u8 = soft_picture(200, 150)
    pixels_u8[:, 120:] = ground.rgb
    rows = ArrayRows(pixels_u8, ground=ground)
    image = opened(file_of(rows, OutputFormat.GIF), OutputFormat.GIF).convert("RGB")
    assert (np.asarray(image)[:, 120:] == ground.rgb).all()


@pytest.mark.parametrize(("file_format", "longest_px"), encode.LONGEST_SIDE_PX.items())
@pytest.mark.parametrize("upright", [False, True])
def test_the_longest_side_can_be_written(
    file_format: OutputFormat, longest_px: int, *, upright: bool
) -> None:
    width, height = (2, longest_px) if upright else (longest_px, 2)
    encode.check_sides(file_format, width, height)
    rows = ArrayRows(np.full((height, width, 3), 99, np.uint8), ground=WHITE)
    assert opened(file_of(rows, file_format), file_format).size == (width, height)


@pytest.mark.parametrize(("file_format", "longest_px"), encode.LONGEST_SIDE_PX.items())
@pytest.mark.parametrize("upright", [False, True])
def test_one_pixel_past_the_longest_side_is_refused_by_name(
    file_format: OutputFormat, longest_px: int, *, upright: bool
) -> None:
    width, height = (2, longest_px + 1) if upright else (longest_px + 1, 2)
    with pytest.raises(InvalidOptionError, match=f"{longest_px} a side") as refusal:
        encode.check_sides(file_format, width, height)
    assert refusal.value.metadata == {"field": "format"}


@pytest.mark.parametrize("file_format", [OutputFormat.PNG, OutputFormat.BMP, OutputFormat.TIFF])
def test_the_other_formats_hold_the_longest_side_of_all(file_format: OutputFormat) -> None:
    encode.check_sides(file_format, 1_000_000, 50)


def test_the_longest_side_of_all_can_be_a_bmp() -> None:
    rows = ArrayRows(np.full((1, 1_000_000, 3), 99, np.uint8))
    data = file_of(rows, OutputFormat.BMP)
    assert opened(data, OutputFormat.BMP).size == (1_000_000, 1)


@pytest.mark.parametrize("file_format", OutputFormat)
def test_some_formats_cost_more_than_a_picture_in_work(file_format: OutputFormat) -> None:
    extra_px = encode.extra_cost_px(file_format, 1_000_001)
    extra = {OutputFormat.WEBP: 2_000_002, OutputFormat.BMP: 500_000, OutputFormat.ZIP: 200_000}
    assert extra_px == extra.get(file_format, 0)
