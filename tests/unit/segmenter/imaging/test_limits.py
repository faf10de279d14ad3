import warnings

import pytest
from PIL import Image, ImageFile, PngImagePlugin

from segmenter.errors import InvalidImageError, TooManyPixelsError
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.imaging.opening import opened
from segmenter.imaging.sniff import ImageFormat
from tests.unit.segmenter.imaging import samples


def test_the_bomb_check_is_an_error_one_past_the_limit() -> None:
    install_pillow_limits(ImageLimits(max_pixels=600))
    frame_beyond_the_screen = samples.encoded(Image.new("P", (20, 30)), "GIF")

    with opened(frame_beyond_the_screen, ImageFormat.GIF) as image:
        image.load()

    grown = bytearray(samples.encoded(Image.new("P", (20, 31)), "GIF"))
    grown[8:10] = (30).to_bytes(2, "little")
    with pytest.raises(TooManyPixelsError), opened(bytes(grown), ImageFormat.GIF):
        pass


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
