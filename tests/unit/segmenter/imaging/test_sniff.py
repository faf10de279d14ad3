import pytest
from PIL import Image

from segmenter.errors import InvalidImageError, MissingImageError, UnsupportedImageFormatError
from segmenter.imaging.sniff import ImageFormat, sniff
from tests.unit.segmenter.imaging import samples


@pytest.mark.parametrize(
    ("pillow_name", "expected"),
    [
        ("JPEG", ImageFormat.JPEG),
        ("PNG", ImageFormat.PNG),
        ("WEBP", ImageFormat.WEBP),
        ("GIF", ImageFormat.GIF),
        ("BMP", ImageFormat.BMP),
        ("TIFF", ImageFormat.TIFF),
        ("AVIF", ImageFormat.AVIF),
    ],
)
def test_knows_what_pillow_writes(pillow_name: str, expected: ImageFormat) -> None:
    assert sniff(samples.encoded(samples.picture(), pillow_name)) is expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"MM\0*\0\0\0\x08", ImageFormat.TIFF),
        (b"II+\0\x08\0\0\0", ImageFormat.TIFF),
        (b"MM\0+\0\x08\0\0", ImageFormat.TIFF),
        (b"GIF87a\x01\0\x01\0", ImageFormat.GIF),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", ImageFormat.HEIC),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", ImageFormat.HEIC),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", ImageFormat.AVIF),
        (b"\0\0\0\x18ftypavis\0\0\0\0msf1avif", ImageFormat.AVIF),
        (b"\0\0\0\x18ftypheic\0\0\0\0avifmif1", ImageFormat.HEIC),
    ],
)
def test_knows_rarer_signatures(head: bytes, expected: ImageFormat) -> None:
    assert sniff(head) is expected


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"8BPS\0\x01", "psd"),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"\xef\xbb\xbf  <SVG width='1'/>", "svg"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "jpeg 2000"),
        (b"\xff\x4f\xff\x51\0", "jpeg 2000"),
        (b"\xff\x0a\0", "jpeg xl"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "jpeg xl"),
        (b"\0\0\x01\0\x01\0", "ico"),
        (b"\0\0\x02\0\x01\0", "cur"),
        (b"P6\n1 1\n255\n\0\0\0", "pnm"),
        (b"Pf 1 1", "pnm"),
        (b"%PDF-1.7", "pdf"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "eps"),
        (b"II*\0\x10\0\0\0CR\x02\0", "camera raw"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01", "camera raw"),
        (b"FUJIFILMCCD-RAW 0201", "camera raw"),
        (b"qoif\0\0\0\x01", "qoi"),
        (b"#define im_width 8\n", "xbm"),
        (b"\n\x05\x01\x08", "pcx"),
    ],
)
def test_names_an_image_of_another_format(data: bytes, name: str) -> None:
    with pytest.raises(UnsupportedImageFormatError, match="Send JPEG, PNG") as caught:
        sniff(data)

    assert caught.value.metadata == {"format": name}


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("compression", [None, "tga_rle"])
def test_knows_a_tga_by_its_header(mode: str, compression: str | None) -> None:
    data = samples.encoded(samples.picture().convert(mode), "TGA", compression=compression)
    without_footer = data[:-26]

    for version in (data, without_footer):
        with pytest.raises(UnsupportedImageFormatError) as caught:
            sniff(version)
        assert caught.value.metadata == {"format": "tga"}


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        b"hello, this is no image",
        b"BM is how this text begins, and no bitmap follows",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
        b"<!doctype html><html><svg></svg></html>",
        b"P is for picture",
        bytes(64),
        b"\xff" * 64,
        b"PK\x03\x04",
    ],
)
def test_takes_nothing_else_for_an_image(data: bytes) -> None:
    with pytest.raises(InvalidImageError, match="no image"):
        sniff(data)


def test_no_bytes_are_a_missing_image() -> None:
    with pytest.raises(MissingImageError):
        sniff(b"")


def test_only_the_front_counts() -> None:
    psd_with_png_inside = b"8BPS" + samples.encoded(Image.new("RGB", (1, 1)), "PNG")

    with pytest.raises(UnsupportedImageFormatError):
        sniff(psd_with_png_inside)
