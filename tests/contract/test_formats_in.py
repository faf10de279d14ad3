"""Which image files are read, which are not, and what counts as none."""

import struct
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client, base64_of
from tests.contract.pictures import (
    HEIGHT_PX,
    WIDTH_PX,
    Pixels,
    differs_on_average_by,
    encoded,
    heic,
    photo,
    plain,
)

pytestmark = pytest.mark.e2e

LOSSLESS = 1.0
LOSSY = 8.0
NOT_AN_IMAGE = (400, "invalid_image")
NOT_SUPPORTED = (415, "unsupported_image_format")


def several(image_format: str, first: Image.Image) -> bytes:
    """A file whose first frame is a picture, and whose others hold nothing."""
    frames = [plain((0, 90, 200)), plain((200, 0, 90))]
    return encoded(first, image_format, save_all=True, append_images=frames)


def grey_of(image: Image.Image) -> Image.Image:
    return image.convert("L")


def webp_animation(image: Image.Image) -> bytes:
    frames = [plain((0, 90, 200)), plain((200, 0, 90))]
    return encoded(image, "WEBP", save_all=True, append_images=frames, lossless=True)


def apng(image: Image.Image) -> bytes:
    data = several("PNG", image)
    assert b"acTL" in data
    return data


FORMATS: dict[str, tuple[Callable[[Image.Image], bytes], float]] = {
    "JPEG": (lambda image: encoded(image, "JPEG", quality=95, subsampling=0), LOSSY),
    "progressive JPEG": (lambda image: encoded(image, "JPEG", quality=95, progressive=True), LOSSY),
    "PNG": (lambda image: encoded(image, "PNG"), LOSSLESS),
    "PNG with alpha": (lambda image: encoded(image.convert("RGBA"), "PNG"), LOSSLESS),
    "WebP": (lambda image: encoded(image, "WEBP", quality=95), LOSSY),
    "lossless WebP": (lambda image: encoded(image, "WEBP", lossless=True), LOSSLESS),
    "GIF": (lambda image: encoded(image, "GIF"), LOSSY),
    "BMP": (lambda image: encoded(image, "BMP"), LOSSLESS),
    "TIFF": (lambda image: encoded(image, "TIFF"), LOSSLESS),
    "TIFF with LZW": (lambda image: encoded(image, "TIFF", compression="tiff_lzw"), LOSSLESS),
    "HEIC": (heic, LOSSY),
    "AVIF": (lambda image: encoded(image, "AVIF", quality=95), LOSSY),
}

ANIMATIONS: dict[str, tuple[Callable[[Image.Image], bytes], float]] = {
    "animated GIF": (lambda image: several("GIF", image), LOSSY),
    "animated WebP": (webp_animation, LOSSLESS),
    "animated PNG": (apng, LOSSLESS),
    "TIFF of several pages": (lambda image: several("TIFF", image), LOSSLESS),
}


@pytest.mark.parametrize("name", [*FORMATS, *ANIMATIONS])
def test_it_is_read_and_its_first_frame_is_served(
    service: Client, cup_rgba_u8: Pixels, name: str
) -> None:
    write, tolerance = (FORMATS | ANIMATIONS)[name]
    rgba_u8 = service.post_file(write(photo())).rgba_u8
    subject = np.minimum(rgba_u8[..., 3], cup_rgba_u8[..., 3]) == 255
    assert rgba_u8.shape == (HEIGHT_PX, WIDTH_PX, 4)
    assert subject.mean() > 0.1
    assert differs_on_average_by(rgba_u8[..., 3], cup_rgba_u8[..., 3]) < tolerance
    assert differs_on_average_by(rgba_u8[subject], cup_rgba_u8[subject]) < tolerance


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "TIFF"])
def test_pictures_in_grey_are_read(service: Client, image_format: str) -> None:
    reply = service.post_file(encoded(grey_of(photo()), image_format))
    assert reply.rgba_u8.shape == (HEIGHT_PX, WIDTH_PX, 4)


def test_further_frames_are_never_read(service: Client, cup_rgba_u8: Pixels) -> None:
    tiff = several("TIFF", photo())
    # The directory of the second page is where the first one says; there is nothing there.
    (start,) = struct.unpack_from("<I", tiff, 4)
    (entries,) = struct.unpack_from("<H", tiff, start)
    link = start + 2 + 12 * entries
    broken = tiff[:link] + struct.pack("<I", len(tiff) - 1) + tiff[link + 4 :]
    assert (service.post_file(broken).rgba_u8 == cup_rgba_u8).all()
    gif = several("GIF", photo())
    assert service.post_file(gif[:-200]).status == 200


def test_metadata_does_not_matter(service: Client, cup_rgba_u8: Pixels) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a description"
    image = encoded(photo(), "PNG", exif=exif)
    assert (service.post_file(image).rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize(
    "data",
    [
        b"hello, world",
        b"\0" * 100,
        b"<html><body>no picture</body></html>",
        b'{"image": "none"}',
        b"PK\x03\x04" + bytes(100),
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"RIFF\x10\x00\x00\x00WEBP",
        b"BM",
        b"II*\x00",
    ],
)
def test_what_is_no_image_is_400_invalid_image(service: Client, data: bytes) -> None:
    assert service.post_file(data).refusal == NOT_AN_IMAGE


@pytest.mark.parametrize("name", FORMATS)
def test_half_of_an_image_is_400_invalid_image(service: Client, name: str) -> None:
    data = FORMATS[name][0](photo())
    assert service.post_file(data[: len(data) // 2]).refusal == NOT_AN_IMAGE


def test_a_broken_image_is_400_invalid_image(service: Client) -> None:
    data = bytearray(encoded(photo(), "PNG"))
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    assert service.post_file(bytes(data)).refusal == NOT_AN_IMAGE


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>'
PSD = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 9, 9, 8, 3) + bytes(200)

REFUSED: dict[str, bytes] = {
    "PSD": PSD,
    "SVG": SVG,
    "SVG with a declaration": b'<?xml version="1.0" encoding="UTF-8"?>\n' + SVG,
    "JPEG 2000": encoded(photo(), "JPEG2000"),
    "JPEG 2000 stream": encoded(photo(), "JPEG2000", no_jp2=True),
    "ICO": encoded(photo(), "ICO", sizes=[(32, 32)]),
    "PBM": encoded(photo().convert("1"), "PPM"),
    "PGM": encoded(photo().convert("L"), "PPM"),
    "PPM": encoded(photo(), "PPM"),
    "plain PPM": b"P3\n1 1\n255\n1 2 3\n",
    "PAM": b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n\1\2\3",
    "TGA": encoded(photo(), "TGA"),
    "PDF": encoded(photo(), "PDF"),
    "EPS": encoded(photo(), "EPS"),
    "Canon raw": b"II*\x00\x10\x00\x00\x00CR\x02\x00" + bytes(200),
    "Fujifilm raw": b"FUJIFILMCCD-RAW 0201" + bytes(200),
    "Olympus raw": b"IIRO\x08\x00\x00\x00" + bytes(200),
    "Panasonic raw": b"IIU\x00\x18\x00\x00\x00" + bytes(200),
}


@pytest.mark.parametrize("name", REFUSED)
def test_another_format_is_415_unsupported_image_format(service: Client, name: str) -> None:
    assert service.post_file(REFUSED[name]).refusal == NOT_SUPPORTED


@pytest.mark.parametrize("name", ["PSD", "SVG", "JPEG 2000"])
def test_it_is_the_same_by_every_way(service: Client, name: str) -> None:
    data = REFUSED[name]
    replies = [
        service.post_raw(data),
        service.post_raw(data, "image/jpeg"),
        service.post_json({"image_base64": base64_of(data)}),
    ]
    assert [reply.refusal for reply in replies] == [NOT_SUPPORTED] * 3
