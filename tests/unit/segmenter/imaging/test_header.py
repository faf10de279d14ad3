import pytest
from PIL import Image, TiffImagePlugin

from segmenter.errors import (
    InvalidImageError,
    MissingImageError,
    TooManyBytesError,
    TooManyPixelsError,
    UnsupportedImageFormatError,
)
from segmenter.imaging.header import Header, read_header
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.imaging.sniff import ImageFormat
from tests.unit.segmenter.imaging import samples

LIMITS = ImageLimits()
# HEIC is read in the guarded child alone, and tested there.
IN_PROCESS = [image_format for image_format in ImageFormat if image_format is not ImageFormat.HEIC]


@pytest.mark.parametrize("image_format", IN_PROCESS)
def test_reads_format_and_size(image_format: ImageFormat) -> None:
    data = samples.encoded(samples.picture(31, 17), image_format.upper())

    header = read_header(data, LIMITS)

    assert header == Header(image_format, 31, 17)
    assert header.pixels == 527
    assert header.megapixels == 0.000527


@pytest.mark.parametrize("image_format", IN_PROCESS)
def test_pixels_at_and_one_past_the_limit(image_format: ImageFormat) -> None:
    limits = ImageLimits(max_pixels=31 * 17)
    install_pillow_limits(limits)
    at_limit = samples.encoded(samples.picture(31, 17), image_format.upper())
    beyond = samples.encoded(samples.picture(16, 33), image_format.upper())

    assert read_header(at_limit, limits).pixels == 527
    with pytest.raises(TooManyPixelsError, match="16 x 33 pixels; at most 527") as caught:
        read_header(beyond, limits)
    assert caught.value.metadata == {"limit_pixels": "527", "width_px": "16", "height_px": "33"}


@pytest.mark.parametrize("image_format", IN_PROCESS)
def test_a_side_at_and_one_past_the_limit(image_format: ImageFormat) -> None:
    limits = ImageLimits(max_side_px=100)
    at_limit = samples.encoded(samples.picture(100, 2), image_format.upper())
    beyond = samples.encoded(samples.picture(2, 101), image_format.upper())

    assert read_header(at_limit, limits).width_px == 100
    with pytest.raises(TooManyPixelsError, match="no side may be longer than 100"):
        read_header(beyond, limits)


def test_bytes_at_and_one_past_the_limit() -> None:
    data = samples.encoded(samples.picture(), "PNG")

    assert read_header(data, ImageLimits(max_bytes=len(data))).width_px == 32
    with pytest.raises(TooManyBytesError, match="at most") as caught:
        read_header(data, ImageLimits(max_bytes=len(data) - 1))
    assert caught.value.metadata == {"limit_bytes": str(len(data) - 1)}


def test_bytes_are_counted_before_anything_else() -> None:
    with pytest.raises(TooManyBytesError):
        read_header(b"no image at all", ImageLimits(max_bytes=3))


def test_no_bytes_are_a_missing_image() -> None:
    with pytest.raises(MissingImageError):
        read_header(b"", LIMITS)


@pytest.mark.parametrize("side", [30_000, 65_535, 2**31 - 1])
def test_a_png_bomb_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(TooManyPixelsError):
        read_header(samples.png(side, side, rows=bytes(1000)), LIMITS)


def test_a_jpeg_bomb_is_refused_by_its_header() -> None:
    data = bytearray(samples.encoded(samples.picture(), "JPEG"))
    size_at = data.index(b"\xff\xc0") + 5
    data[size_at : size_at + 4] = b"\xff\xff\xff\xff"

    with pytest.raises(TooManyPixelsError, match="65535 x 65535"):
        read_header(bytes(data), LIMITS)


def test_a_webp_bomb_is_refused_by_its_header() -> None:
    data = bytearray(samples.encoded(samples.picture(), "WEBP"))
    data[26:30] = b"\xff\x3f\xff\x3f"

    with pytest.raises(TooManyPixelsError, match="16383 x 16383"):
        read_header(bytes(data), LIMITS)


@pytest.mark.parametrize(("width_px", "height_px"), [(0, 5), (5, 0), (0, 0)])
def test_an_empty_image_is_invalid(width_px: int, height_px: int) -> None:
    with pytest.raises(InvalidImageError, match="empty") as caught:
        read_header(samples.png(width_px, height_px), LIMITS)
    size = {"width_px": str(width_px), "height_px": str(height_px)}
    assert caught.value.metadata == size


@pytest.mark.parametrize("image_format", IN_PROCESS)
def test_a_broken_header_is_invalid(image_format: ImageFormat) -> None:
    data = samples.encoded(samples.picture(), image_format.upper())
    magic_only = data[:20]

    with pytest.raises(InvalidImageError, match="intact") as caught:
        read_header(magic_only, LIMITS)
    assert caught.value.__cause__ is not None


def test_an_intricate_file_is_marked() -> None:
    assert read_header(samples.jpeg_of_many_scans(16, 16, 40), LIMITS).intricate


def test_a_dng_is_camera_raw() -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[50706] = b"\x01\x04\0\0"
    thumbnail = samples.encoded(samples.picture(), "TIFF", tiffinfo=tags)

    with pytest.raises(UnsupportedImageFormatError, match="raw") as caught:
        read_header(thumbnail, LIMITS)
    assert caught.value.metadata == {"format": "camera raw"}


def test_a_tiff_thumbnail_with_raw_sub_images_is_camera_raw() -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[254], tags[330] = 1, 8
    tags.tagtype[330] = 4
    thumbnail = samples.encoded(samples.picture(), "TIFF", tiffinfo=tags)

    with pytest.raises(UnsupportedImageFormatError, match="raw"):
        read_header(thumbnail, LIMITS)


def test_a_gif_frame_beyond_the_screen_counts() -> None:
    limits = ImageLimits(max_pixels=600)
    data = bytearray(samples.encoded(Image.new("P", (20, 30)), "GIF"))
    data[6:10] = b"\x01\0\x01\0"

    assert read_header(bytes(data), limits) == Header(ImageFormat.GIF, 20, 30)
