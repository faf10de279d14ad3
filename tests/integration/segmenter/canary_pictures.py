"""Pictures that say words wherever a file can hold some beside its pixels."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from tests.canaries import Canaries

_DESCRIPTION, _ARTIST, _COPYRIGHT, _XMP = 0x010E, 0x013B, 0x8298, 700


def pictures(canaries: Canaries) -> Iterator[tuple[str, bytes]]:
    """Intact ones of many formats, and what becomes of each when it is cut off or damaged."""
    for name, data in _intact(canaries):
        yield name, data
        yield f"{name}, cut off", data[: len(data) * 2 // 3]
        yield f"{name}, cut off early", data[: len(data) // 4]
        middle = len(data) // 2
        yield f"{name}, damaged", data[:middle] + b"\xff\x00\xff" * 20 + data[middle + 60 :]
        yield f"{name}, and more", data + canaries.word(f"after {name}").encode()
    yield "no picture", canaries.word("no picture").encode()
    for signature in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"8BPS"):
        said = canaries.word(f"after {signature!r}").encode() * 20
        yield f"only {signature!r}", signature + said
    svg = f"<svg><text>{canaries.word('svg')}</text></svg>".encode()
    yield "svg", svg


def _intact(canaries: Canaries) -> Iterator[tuple[str, bytes]]:
    word = canaries.word
    exif = _exif(canaries)
    xmp = f"<x:xmpmeta>{word('xmp')}</x:xmpmeta>".encode()
    profile = _profile(canaries)
    yield "jpeg", _saved("JPEG", exif=exif, xmp=xmp, comment=word("comment"), icc_profile=profile)
    yield "png", _saved("PNG", pnginfo=_texts(canaries), exif=exif, icc_profile=profile)
    yield "webp", _saved("WEBP", exif=exif, xmp=xmp, icc_profile=profile)
    yield "gif", _saved("GIF", comment=word("gif comment").encode())
    yield "bmp", _saved("BMP")
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[_DESCRIPTION], tags[_ARTIST] = word("tiff description"), word("tiff artist")
    tags[_XMP] = word("tiff xmp").encode()
    yield "tiff", _saved("TIFF", tiffinfo=tags, icc_profile=profile)
    heif = pillow_heif.from_pillow(_picture())
    file = BytesIO()
    heif.save(file, exif=exif.tobytes(), xmp=xmp)
    yield "heic", file.getvalue()


def _picture() -> Image.Image:
    picture = Image.new("RGB", (96, 64))
    picture.paste((255, 40, 20), (24, 16, 72, 48))
    return picture


def _saved(file_format: str, **options: Any) -> bytes:
    file = BytesIO()
    _picture().save(file, file_format, **options)
    return file.getvalue()


def _exif(canaries: Canaries) -> Image.Exif:
    exif = Image.Exif()
    for tag in (_DESCRIPTION, _ARTIST, _COPYRIGHT):
        exif[tag] = canaries.word(f"exif {tag:x}")
    return exif


def _texts(canaries: Canaries) -> PngInfo:
    info = PngInfo()
    info.add_text(canaries.word("png keyword"), canaries.word("png text"))
    info.add_text("Comment", canaries.word("png compressed text"), zip=True)
    info.add_itxt("Title", canaries.word("png international text"))
    return info


def _profile(canaries: Canaries) -> bytes:
    """A profile of sRGB whose description says a word in the place of as many letters."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    said = canaries.word("profile").encode("utf-16-be")
    place = profile.index("sRGB built-in".encode("utf-16-be"))
    return bytes(profile[:place] + said[:26] + profile[place + 26 :])
