import struct

import numpy as np
import pytest
from PIL import Image

from segmenter.imaging.transparency import parted
from tests.unit.segmenter.imaging import samples

FADE = Image.linear_gradient("L").resize((32, 24))


def parts(data: bytes) -> tuple[Image.Image, Image.Image | None]:
    with samples.reopened(data) as image:
        image.load()
        return parted(image, data)


def values(image: Image.Image | None) -> list[int]:
    assert image is not None
    return list(np.asarray(image).reshape(-1).tolist())


def test_opaque_colour_is_the_very_same_image() -> None:
    image = samples.picture()

    assert parted(image, b"") == (image, None)


def test_hidden_colour_is_kept() -> None:
    image = samples.picture()
    image.putalpha(FADE)

    colour, alpha = parts(samples.encoded(image, "PNG"))

    assert (colour.mode, colour.tobytes()) == ("RGB", samples.picture().tobytes())
    assert alpha is not None
    assert (alpha.mode, alpha.tobytes()) == ("L", FADE.tobytes())


def test_grey_with_alpha_stays_grey() -> None:
    grey = samples.picture().convert("L")
    image = grey.copy()
    image.putalpha(FADE)

    colour, alpha = parts(samples.encoded(image, "PNG"))

    assert (colour.mode, colour.tobytes()) == ("L", grey.tobytes())
    assert values(alpha) == values(FADE)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_an_alpha_that_is_opaque_everywhere_is_none(mode: str) -> None:
    assert parts(samples.encoded(samples.picture().convert(mode), "PNG"))[1] is None


def test_a_palette_without_transparency_becomes_colour() -> None:
    image = samples.picture().quantize(16)

    colour, alpha = parts(samples.encoded(image, "PNG"))

    assert (colour.mode, colour.tobytes()) == ("RGB", image.convert("RGB").tobytes())
    assert alpha is None


def test_a_palette_may_have_an_alpha_for_each_entry() -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.putdata([0, 1, 2])

    colour, alpha = parts(samples.encoded(image, "PNG", transparency=bytes([0, 128, 255])))

    assert values(colour) == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert values(alpha) == [0, 128, 255]


def test_a_palette_may_have_one_transparent_entry() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1])

    colour, alpha = parts(samples.encoded(image, "GIF", transparency=1))

    assert values(colour) == [10, 20, 30, 40, 50, 60]
    assert values(alpha) == [255, 0]


def test_a_palette_with_an_alpha_band() -> None:
    image = Image.new("PA", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([(0, 255), (1, 7)])

    colour, alpha = parts(samples.encoded(image, "TIFF"))

    assert values(colour) == [10, 20, 30, 40, 50, 60]
    assert values(alpha) == [255, 7]


@pytest.mark.parametrize(("mode", "shown"), [("RGBa", [200, 100, 50]), ("La", [200])])
def test_premultiplied_colour_is_divided_again(mode: str, shown: list[int]) -> None:
    straight = Image.new(mode.upper(), (1, 1), (*shown, 128))

    colour, alpha = parted(straight.convert(mode), b"")

    assert values(colour) == pytest.approx(shown, abs=1)
    assert values(alpha) == [128]


def keyed(depth: int, samples_a_pixel: int, row: bytes, key: tuple[int, ...]) -> bytes:
    """Makes a PNG of two pixels and one transparent colour."""
    return samples.png(
        2,
        1,
        depth=depth,
        colour_type={1: 0, 3: 2}[samples_a_pixel],
        rows=b"\0" + row,
        ancillary=samples.png_chunk(b"tRNS", struct.pack(f">{len(key)}H", *key)),
    )


GREY_16 = struct.pack(">2H", 1000, 65535)
RGB_16 = struct.pack(">6H", 1000, 2000, 3000, 65535, 0, 0)


@pytest.mark.parametrize(
    ("data", "shown", "hidden"),
    [
        pytest.param(keyed(1, 1, b"\x40", (1,)), [0, 255], [255, 0], id="1 bit"),
        pytest.param(keyed(2, 1, b"\x60", (1,)), [85, 170], [0, 255], id="2 bits"),
        pytest.param(keyed(4, 1, b"\x1f", (1,)), [17, 255], [0, 255], id="4 bits"),
        pytest.param(keyed(8, 1, b"\x09\x08", (9,)), [9, 8], [0, 255], id="8 bits"),
        pytest.param(keyed(16, 1, GREY_16, (1000,)), [4, 255], [0, 255], id="16 bits"),
        pytest.param(
            keyed(8, 3, bytes([1, 2, 3, 4, 5, 6]), (1, 2, 3)),
            [1, 2, 3, 4, 5, 6],
            [0, 255],
            id="8 bits RGB",
        ),
        pytest.param(
            keyed(16, 3, RGB_16, (1000, 2000, 3000)),
            [3, 7, 11, 255, 0, 0],
            [0, 255],
            id="16 bits RGB",
        ),
    ],
)
def test_a_transparent_colour_of_any_depth(
    data: bytes, shown: list[int], hidden: list[int]
) -> None:
    colour, alpha = parts(data)

    assert values(colour) == shown
    assert values(alpha) == hidden


def test_a_transparent_colour_that_does_not_occur_hides_nothing() -> None:
    assert parts(keyed(16, 1, GREY_16, (77,)))[1] is None


def test_a_bmp_whose_fourth_byte_is_zero_is_opaque() -> None:
    pixels = bytes([30, 20, 10, 0, 60, 50, 40, 0])
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    info = struct.pack("<IiiHHIIiiII", 56, 2, 1, 1, 32, 3, len(pixels), 0, 0, 0, 0) + masks
    head = struct.pack("<2sIHHI", b"BM", 14 + len(info) + len(pixels), 0, 0, 14 + len(info))

    colour, alpha = parts(head + info + pixels)

    assert values(colour) == [10, 20, 30, 40, 50, 60]
    assert alpha is None


def test_a_png_that_is_wholly_transparent_stays_so() -> None:
    image = samples.picture()
    image.putalpha(0)

    assert set(values(parts(samples.encoded(image, "PNG"))[1])) == {0}
