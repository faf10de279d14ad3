import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from segmenter.imaging.depth import DEEP_MODES, to_8_bit
from tests.unit.segmenter.imaging import samples


def grey_values(image: Image.Image) -> list[int]:
    assert image.mode == "L"
    return list(np.asarray(image).reshape(-1).tolist())


def deep(values: NDArray[np.generic]) -> Image.Image:
    image = Image.fromarray(values.reshape(1, -1))
    assert image.mode in DEEP_MODES
    return image


def test_16_bits_are_scaled_and_rounded() -> None:
    values = np.array([0, 128, 129, 257, 32768, 65406, 65407, 65535], np.uint16)

    assert grey_values(to_8_bit(deep(values))) == [0, 0, 1, 1, 128, 254, 255, 255]


def test_every_16_bit_value_is_right() -> None:
    values = np.arange(65536, dtype=np.uint16)

    assert grey_values(to_8_bit(deep(values))) == [(v * 255 + 32767) // 65535 for v in range(65536)]


@pytest.mark.parametrize("mode", ["I;16B", "I;16L"])
def test_the_byte_order_does_not_matter(mode: str) -> None:
    values = np.array([0, 25700, 65535], ">u2" if mode == "I;16B" else "<u2")
    image = Image.frombytes(mode, (3, 1), values.tobytes())

    assert grey_values(to_8_bit(image)) == [0, 100, 255]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 100, 255], np.uint16), [0, 100, 255]),
        (np.array([0, 100, 256], np.uint16), [0, 6, 16]),
        (np.array([0, 2048, 4095], np.uint16), [0, 128, 255]),
        (np.array([0, 2048, 4096], np.uint16), [0, 8, 16]),
        (np.array([0, 65535], np.int32), [0, 255]),
        (np.array([-32768, 0, 32767], np.int32), [0, 128, 255]),
        (np.array([-100_000, 0, 100_000], np.int32), [0, 128, 255]),
        (np.array([0.0, 0.5, 1.0], np.float32), [0, 128, 255]),
        (np.array([0.0, 100.0, 255.0], np.float32), [0, 100, 255]),
        (np.array([0.0, 32768.0, 65535.0], np.float32), [0, 128, 255]),
        (np.array([-1e6, 0.0, 1e6], np.float32), [0, 128, 255]),
    ],
)
def test_the_range_follows_from_the_values(
    values: NDArray[np.generic], expected: list[int]
) -> None:
    assert grey_values(to_8_bit(deep(values))) == expected


@pytest.mark.parametrize("value", [70_000, -70_000])
def test_one_value_everywhere_is_no_division_by_zero(value: int) -> None:
    assert grey_values(to_8_bit(deep(np.array([value, value], np.int32)))) == [0, 0]


def test_infinite_values_are_refused() -> None:
    with pytest.raises(ValueError, match="no numbers"):
        to_8_bit(deep(np.array([0.0, np.inf], np.float32)))


def test_white_is_zero_is_turned_around() -> None:
    image = deep(np.array([0, 16384, 65535], np.uint16))
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    data = bytearray(samples.encoded(image, "TIFF", tiffinfo=tags))
    photometric_at = data.index(b"\x06\x01\x03\x00\x01\x00\x00\x00") + 8
    assert data[photometric_at] == 1
    data[photometric_at] = 0

    with samples.reopened(bytes(data)) as inverted:
        assert grey_values(to_8_bit(inverted)) == [255, 191, 0]


def test_a_png_says_itself_what_is_white() -> None:
    data = samples.encoded(deep(np.array([0, 2570, 4095], np.uint16)), "PNG")

    with samples.reopened(data) as dark:
        assert grey_values(to_8_bit(dark)) == [0, 10, 16]
