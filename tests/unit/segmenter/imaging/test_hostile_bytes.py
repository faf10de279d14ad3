"""Whatever the bytes are, what comes of them is a picture or one of our own errors."""

from contextlib import suppress

import pytest
from benchmarks.hostile.mutations import mutated
from hypothesis import given, settings
from hypothesis import strategies as st

from mattebox.segmenter.v1 import ErrorReason
from segmenter.errors import (
    InvalidImageError,
    MissingImageError,
    SegmenterError,
    UnsupportedImageFormatError,
)
from segmenter.imaging.decode import decode
from segmenter.imaging.header import read_header
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.outline import OutlineError, read_outline
from segmenter.imaging.picture import Picture
from segmenter.imaging.sniff import ImageFormat, sniff
from tests.unit.segmenter.imaging import samples

# Sizes that are made up are refused, and never decoded.
LIMITS = ImageLimits(max_pixels=10_000)

REFUSALS = (InvalidImageError, MissingImageError, UnsupportedImageFormatError)
PROFILE = samples.icc_profile(b"RGB ", gamma=2.2)
FILES = [
    samples.encoded(samples.picture().convert(mode), name, icc_profile=PROFILE)
    for name, mode in (
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "I;16"),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
        ("BMP", "RGB"),
        ("TIFF", "RGBA"),
        ("TIFF", "1"),
        ("AVIF", "RGB"),
    )
]

beginnings = st.sampled_from(
    [b"", *(data[:length] for data in FILES for length in (4, 12, 30, 60))]
)
rubbish = st.builds(lambda start, rest: start + rest, beginnings, st.binary(max_size=400))


def came_of(data: bytes) -> Picture | SegmenterError:
    """Takes bytes as far as they go; nothing else can come of them."""
    try:
        header = read_header(data, LIMITS)
        assert 1 <= header.pixels <= LIMITS.max_pixels
        return decode(data, header, LIMITS)
    except SegmenterError as error:
        return error


def check(result: Picture | SegmenterError) -> None:
    if isinstance(result, Picture):
        assert result.rgb.mode == "RGB"
        assert result.width_px * result.height_px <= LIMITS.max_pixels
    else:
        assert result.reason is not ErrorReason.INTERNAL_ERROR
        assert str(result).isprintable()


@given(rubbish)
@settings(max_examples=400)
def test_rubbish_is_refused_or_read(data: bytes) -> None:
    check(came_of(data))


@pytest.mark.parametrize("number", range(len(FILES)))
@given(seed=st.integers(0, 2**32), other=st.sampled_from(FILES))
@settings(max_examples=60)
def test_broken_files_are_refused_or_read(number: int, seed: int, other: bytes) -> None:
    check(came_of(mutated(FILES[number], other, seed)[1]))


@pytest.mark.parametrize("data", FILES)
def test_whole_files_are_read(data: bytes) -> None:
    assert isinstance(came_of(data), Picture)


@given(rubbish)
def test_the_format_is_told_or_refused(data: bytes) -> None:
    with suppress(*REFUSALS):
        assert sniff(data) in ImageFormat


@pytest.mark.parametrize("image_format", [ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP])
@given(data=rubbish)
def test_an_outline_is_read_or_broken(image_format: ImageFormat, data: bytes) -> None:
    try:
        outline = read_outline(data, image_format)
    except OutlineError:
        return
    assert outline is not None
    assert outline.width_px >= 0
    assert outline.height_px >= 0
