import warnings

import numpy as np
import pytest
from PIL import Image, ImageFile, PngImagePlugin

from segmenter.errors import InvalidImageError, TooManyPixelsError
from segmenter.imaging.header import read_header
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.imaging.matte import Matte
from segmenter.imaging.opening import opened
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.imaging.sniff import ImageFormat
from segmenter.options import CutOutOptions
from segmenter.scene_options import (
    BackgroundPicture,
    Canvas,
    Colour,
    Fit,
    Length,
    Placement,
    Shadow,
    Stroke,
)
from tests.unit.segmenter.imaging import samples

BLACK = Colour(0, 0, 0)


def gif_beyond_its_screen(width_px: int, height_px: int) -> bytes:
    """A GIF whose frame has one row more than its header says."""
    gif = bytearray(samples.encoded(Image.new("P", (width_px, height_px + 1)), "GIF"))
    gif[8:10] = height_px.to_bytes(2, "little")
    return bytes(gif)


def test_the_bomb_check_is_an_error_one_past_the_limit() -> None:
    install_pillow_limits(ImageLimits(max_pixels=6000, max_output_pixels=100))
    with opened(gif_beyond_its_screen(200, 29), ImageFormat.GIF) as image:
        image.load()

    with (
        pytest.raises(TooManyPixelsError),
        opened(gif_beyond_its_screen(200, 30), ImageFormat.GIF),
    ):
        pass


def test_images_are_judged_by_their_own_limit_where_canvases_may_be_larger() -> None:
    limits = ImageLimits(max_pixels=600, max_output_pixels=9600)
    install_pillow_limits(limits)
    tiff = samples.encoded(Image.new("L", (20, 31)), "TIFF")
    for data in (tiff, gif_beyond_its_screen(20, 30)):
        with pytest.raises(TooManyPixelsError, match="20 x 31 pixels; at most 600"):
            read_header(data, limits)


@pytest.mark.parametrize("size", [(9600, 1), (1, 9600), (98, 97)])
def test_a_canvas_may_be_larger_than_any_image(size: tuple[int, int]) -> None:
    install_pillow_limits(ImageLimits(max_pixels=600, max_output_pixels=9600))
    picture = Picture(Image.new("RGB", (30, 20)), None, None)
    matte = Matte(np.full((20, 30), 255, np.uint8), foreground_found=True)
    for blur_px in (0, 3, 500):
        options = CutOutOptions(
            background_picture=BackgroundPicture(Canvas.BACKGROUND, *size, Fit.COVER, 0.5),
            placement=Placement(1),
            stroke=Stroke(100, BLACK),
            shadow=Shadow(BLACK, blur=Length(blur_px)),
        )
        rows = rendered(picture, matte, options, picture, 9600)
        assert rows.block(0, rows.height_px).shape == (size[1], 3 * size[0])


def test_a_text_chunk_is_bounded() -> None:
    def png_with_text(length: int) -> bytes:
        info = PngImagePlugin.PngInfo()
        info.add_text("note", "x" * length, zip=True)
        return samples.encoded(samples.picture(), "PNG", pnginfo=info)

    at_limit, beyond = png_with_text(PngImagePlugin.MAX_TEXT_CHUNK), png_with_text((4 << 20) + 1)

    with opened(at_limit, ImageFormat.PNG):
        pass
    with pytest.raises(InvalidImageError), opened(beyond, ImageFormat.PNG):
        pass


def test_all_text_is_bounded_together() -> None:
    info = PngImagePlugin.PngInfo()
    for number in range(5):
        info.add_text(f"note {number}", "x" * (4 << 20), zip=True)
    data = samples.encoded(samples.picture(), "PNG", pnginfo=info)

    with pytest.raises(InvalidImageError), opened(data, ImageFormat.PNG):
        pass


def test_truncated_images_are_not_completed() -> None:
    install_pillow_limits(ImageLimits())

    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_warnings_that_quote_metadata_fall_silent() -> None:
    # A tag that claims more data than the file has.
    data = bytearray(samples.encoded(samples.picture(), "TIFF", description="x" * 50))
    count_at = data.index((270).to_bytes(2, "little") + (2).to_bytes(2, "little")) + 4
    data[count_at : count_at + 4] = (1 << 20).to_bytes(4, "little")

    with warnings.catch_warnings(record=True) as caught:
        install_pillow_limits(ImageLimits())
        with opened(bytes(data), ImageFormat.TIFF) as image:
            image.load()

    assert caught == []
