"""What happens to the colours of each kind of source: docs/colour.md as tests."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from mattebox.segmenter import v1
from segmenter.imaging.model_input import view
from segmenter.imaging.picture import Picture
from segmenter.imaging.profile import Curve, Primaries, rgb_profile
from segmenter.options import CutOutOptions, OutputFormat
from tests.conftest import ROOT
from tests.integration.segmenter.answers import PICTURE_FORMATS, as_shown, decoded, whole
from tests.integration.segmenter.calls import cut, opened
from tests.integration.segmenter.conftest import Segmenter
from tests.unit.segmenter.imaging import samples
from tests.unit.segmenter.imaging.test_decode import ORIENTATIONS, oriented, stored

DATA: Path = ROOT / "tests" / "data"
P3 = samples.icc_profile(b"RGB ", gamma=2.2)
DISPLAY_P3 = rgb_profile(
    Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290)),
    Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
with Image.open(DATA / "rocket.jpg") as rocket:
    ADOBE_RGB: bytes = rocket.info["icc_profile"]
LINEAR_GREY = samples.icc_profile(b"GRAY", gamma=1.0)
CMYK = samples.icc_profile(b"CMYK", b"prtr")

LOSSLESS: dict[str, dict[str, object]] = {"WEBP": {"lossless": True}}
KEEP_PROFILES = [OutputFormat.PNG, OutputFormat.WEBP, OutputFormat.TIFF]
FLATTEN = [OutputFormat.JPEG, OutputFormat.BMP, OutputFormat.GIF]


def u16(*values: int) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def png(colour_type: int, depth: int, row: bytes, *chunks: bytes, width: int = 2) -> bytes:
    return samples.png(
        width,
        1,
        depth=depth,
        colour_type=colour_type,
        rows=b"\0" + row,
        ancillary=b"".join(chunks),
    )


def gamma(value: int) -> bytes:
    return samples.png_chunk(b"gAMA", struct.pack(">I", value))


def chromaticities(*values: int) -> bytes:
    return samples.png_chunk(b"cHRM", struct.pack(">8I", *values))


def coded(*values: int) -> bytes:
    return samples.png_chunk(b"cICP", bytes(values))


def icc(profile: bytes) -> bytes:
    return samples.png_chunk(b"iCCP", b"p\0\0" + zlib.compress(profile))


SRGB_CHUNK = samples.png_chunk(b"sRGB", b"\0")
P3_PRIMARIES = chromaticities(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
TWO = bytes([200, 100, 100, 55, 55, 55])
"""A muted red and a dark grey."""

# What these numbers mean in other spaces, in sRGB: P3 with the curve of sRGB and with gamma 2.2,
# which is darker near black, and linear light.
IN_P3 = [(215, 93, 97), (55, 55, 55)]
IN_P3_OF_2_2 = [(216, 93, 97), (52, 52, 52)]
LINEAR = [(229, 168, 168), (128, 128, 128)]
AS_THEY_ARE = [(200, 100, 100), (55, 55, 55)]

PNGS = {
    "RGB 8": (png(2, 8, TWO), AS_THEY_ARE),
    "RGB 16": (png(2, 16, u16(0, 32896, 65535, 25700, 25700, 25700)), [(0, 128, 255), (100,) * 3]),
    "RGBA 16": (
        png(6, 16, u16(0, 32896, 65535, 65535, *(25700,) * 3, 65535)),
        [(0, 128, 255), (100,) * 3],
    ),
    "grey 1": (png(0, 1, b"\x40"), [(0,) * 3, (255,) * 3]),
    "grey 2": (png(0, 2, b"\x60"), [(85,) * 3, (170,) * 3]),
    "grey 4": (png(0, 4, b"\x1f"), [(17,) * 3, (255,) * 3]),
    "grey 8": (png(0, 8, bytes([7, 200])), [(7,) * 3, (200,) * 3]),
    "grey 16": (png(0, 16, u16(25700, 65535)), [(100,) * 3, (255,) * 3]),
    "grey 16, dark all over": (png(0, 16, u16(257, 2570)), [(1,) * 3, (10,) * 3]),
    "grey and alpha 8": (png(4, 8, bytes([7, 255, 200, 255])), [(7,) * 3, (200,) * 3]),
    "grey and alpha 16": (png(4, 16, u16(25700, 65535, 51400, 65535)), [(100,) * 3, (200,) * 3]),
    "palette": (
        png(3, 8, b"\1\0", samples.png_chunk(b"PLTE", bytes([1, 2, 3, 90, 80, 70]))),
        [(90, 80, 70), (1, 2, 3)],
    ),
    "palette of 1 bit": (
        png(3, 1, b"\x80", samples.png_chunk(b"PLTE", bytes([1, 2, 3, 90, 80, 70]))),
        [(90, 80, 70), (1, 2, 3)],
    ),
    "palette and gamma": (
        png(3, 8, b"\1\0", gamma(100_000), samples.png_chunk(b"PLTE", TWO[3:] + TWO[:3])),
        LINEAR,
    ),
    "sRGB": (png(2, 8, TWO, SRGB_CHUNK), AS_THEY_ARE),
    "sRGB over gamma": (png(2, 8, TWO, gamma(100_000), SRGB_CHUNK), AS_THEY_ARE),
    "gamma of sRGB": (png(2, 8, TWO, gamma(45_455)), AS_THEY_ARE),
    "gamma of sRGB, nearly": (png(2, 8, TWO, gamma(47_000)), AS_THEY_ARE),
    "gamma 1": (png(2, 8, TWO, gamma(100_000)), LINEAR),
    "gamma 1 of grey": (png(0, 8, bytes([55, 100]), gamma(100_000)), [(128,) * 3, (168,) * 3]),
    "gamma 1 and alpha": (png(6, 8, TWO[:3] + b"\xff" + TWO[3:] + b"\xff", gamma(100_000)), LINEAR),
    "gamma 0": (png(2, 8, TWO, gamma(0)), AS_THEY_ARE),
    "gamma out of reason": (png(2, 8, TWO, gamma(2**32 - 1)), AS_THEY_ARE),
    "gamma cut off": (png(2, 8, TWO, samples.png_chunk(b"gAMA", b"\0\0\0\1\2")), AS_THEY_ARE),
    "gamma and primaries of sRGB": (
        png(
            2,
            8,
            TWO,
            gamma(45_455),
            chromaticities(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
        ),
        AS_THEY_ARE,
    ),
    "gamma and primaries of P3": (png(2, 8, TWO, gamma(45_455), P3_PRIMARIES), IN_P3_OF_2_2),
    "primaries without gamma": (png(2, 8, TWO, P3_PRIMARIES), AS_THEY_ARE),
    "primaries of zero": (png(2, 8, TWO, gamma(100_000), chromaticities(*[0] * 8)), AS_THEY_ARE),
    "primaries on a line": (
        png(2, 8, TWO, gamma(100_000), chromaticities(31270, 32900, *[30000, 30000] * 3)),
        AS_THEY_ARE,
    ),
    "ICC": (png(2, 8, TWO, icc(P3)), IN_P3_OF_2_2),
    "ICC over gamma": (png(2, 8, TWO, gamma(100_000), icc(P3)), IN_P3_OF_2_2),
    "ICC of grey on RGB": (png(2, 8, TWO, icc(LINEAR_GREY)), AS_THEY_ARE),
    "ICC of RGB on grey": (png(0, 8, bytes([55, 100]), icc(P3)), [(55,) * 3, (100,) * 3]),
    "ICC of grey": (png(0, 8, bytes([55, 100]), icc(LINEAR_GREY)), [(128,) * 3, (168,) * 3]),
    "ICC of grey and alpha": (
        png(4, 8, bytes([55, 255, 100, 255]), icc(LINEAR_GREY)),
        [(128,) * 3, (168,) * 3],
    ),
    "ICC of grey 16": (
        png(0, 16, u16(55 * 257, 65535), icc(LINEAR_GREY)),
        [(128,) * 3, (255,) * 3],
    ),
    "ICC that is none": (png(2, 8, TWO, icc(b"no profile")), AS_THEY_ARE),
    "ICC cut off": (png(2, 8, TWO, icc(P3[:200])), AS_THEY_ARE),
    "cICP of P3": (png(2, 8, TWO, coded(12, 13, 0, 1)), IN_P3),
    "cICP of sRGB over ICC": (png(2, 8, TWO, coded(1, 13, 0, 1), icc(P3)), AS_THEY_ARE),
    "cICP of linear light": (png(2, 8, TWO, coded(1, 8, 0, 1)), LINEAR),
    "cICP of grey": (png(0, 8, bytes([55, 100]), coded(1, 8, 0, 1)), [(128,) * 3, (168,) * 3]),
    "cICP of PQ, unknown": (png(2, 8, TWO, coded(9, 16, 0, 1)), AS_THEY_ARE),
    "cICP of PQ beside ICC": (png(2, 8, TWO, coded(9, 16, 0, 1), icc(P3)), IN_P3_OF_2_2),
    "cICP of YCbCr, which no PNG is": (png(2, 8, TWO, coded(12, 13, 1, 1)), AS_THEY_ARE),
    "cICP of video range": (png(2, 8, TWO, coded(12, 13, 0, 0)), AS_THEY_ARE),
    "cICP cut off": (png(2, 8, TWO, samples.png_chunk(b"cICP", b"\x0c\x0d")), AS_THEY_ARE),
}


@pytest.mark.parametrize("name", PNGS)
def test_a_png_is_shown_as_a_viewer_shows_its_source(name: str) -> None:
    data, expected = PNGS[name]
    assert np.abs(as_shown(whole(data))[0] - np.array(expected)).max() <= 2
    flat = whole(data, CutOutOptions(OutputFormat.BMP))
    assert "icc_profile" not in flat.info
    assert np.abs(np.asarray(flat).astype(int)[0] - np.array(expected)).max() <= 2


@pytest.mark.parametrize("name", ["gamma 1", "gamma 1 of grey", "cICP of P3", "ICC"])
def test_the_network_sees_what_a_viewer_shows(name: str) -> None:
    data, expected = PNGS[name]
    seen = view(decoded(data), 1, 2).tensor_u8.astype(int)
    assert np.abs(seen[0] - np.array(expected)).max() <= 2


@pytest.mark.parametrize("name", ["gamma 1", "gamma and primaries of P3", "cICP of P3"])
def test_chunks_that_tell_colours_become_a_profile_and_pixels_stay(name: str) -> None:
    image = whole(PNGS[name][0])
    assert image.convert("RGB").tobytes() == TWO
    made = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
    assert ImageCms.isIntentSupported(
        made, ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Direction.INPUT
    )


INKS = Image.new("CMYK", (16, 16), (255, 0, 0, 0))


def through(image: Image.Image, profile: bytes, intent: ImageCms.Intent) -> tuple[int, ...]:
    """What littlecms makes of the first pixel."""
    converted = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=intent,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None
    pixel = converted.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel


@pytest.mark.parametrize("pillow_name", ["TIFF", "JPEG"])
def test_cmyk_goes_through_its_profile_to_srgb(pillow_name: str) -> None:
    options = {"quality": 100} if pillow_name == "JPEG" else {}
    image = whole(samples.encoded(INKS, pillow_name, icc_profile=CMYK, **options))
    expected = through(INKS, CMYK, ImageCms.Intent.RELATIVE_COLORIMETRIC)
    assert "icc_profile" not in image.info
    assert np.abs(as_shown(image)[0, 0] - np.array(expected)).max() <= 2


@pytest.mark.parametrize("profile", [None, P3, LINEAR_GREY, CMYK[:300], b"no profile"])
def test_cmyk_of_no_profile_or_a_wrong_one_is_converted_plainly(profile: bytes | None) -> None:
    image = whole(samples.encoded(INKS, "TIFF", **({"icc_profile": profile} if profile else {})))
    assert "icc_profile" not in image.info
    assert as_shown(image)[0, 0].tolist() == [0, 255, 255]


def test_lab_becomes_the_srgb_it_was_made_of() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = samples.picture()
    in_lab = ImageCms.buildTransform(srgb, lab, "RGB", "LAB").apply(image)
    shown = as_shown(whole(samples.encoded(in_lab, "TIFF")))
    assert np.abs(shown - np.asarray(image)).mean() < 2


@pytest.mark.parametrize("profile", [SRGB, P3, ADOBE_RGB], ids=["sRGB", "P3", "Adobe RGB"])
@pytest.mark.parametrize("file_format", PICTURE_FORMATS)
@pytest.mark.parametrize("pillow_name", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_a_profile_is_kept_or_applied(
    pillow_name: str, file_format: OutputFormat, profile: bytes
) -> None:
    source = samples.encoded(
        samples.picture(), pillow_name, icc_profile=profile, **LOSSLESS.get(pillow_name, {})
    )
    pixels = decoded(source).rgb
    image = whole(source, CutOutOptions(file_format))
    if file_format in KEEP_PROFILES:
        assert image.info["icc_profile"] == profile
        if file_format is not OutputFormat.WEBP:
            assert image.convert("RGB").tobytes() == pixels.tobytes()
    else:
        assert "icc_profile" not in image.info
    expected = pixels.copy()
    expected.info["icc_profile"] = profile
    close = 8 if file_format in {OutputFormat.GIF, OutputFormat.WEBP} else 2
    assert np.abs(as_shown(image) - as_shown(expected)).mean() <= close


@pytest.mark.parametrize("profile", [b"no profile", P3[:200], CMYK, LINEAR_GREY])
@pytest.mark.parametrize("pillow_name", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_broken_or_wrong_profile_is_dropped(pillow_name: str, profile: bytes) -> None:
    source = samples.encoded(samples.picture(), pillow_name, icc_profile=profile)
    image = whole(source)
    assert "icc_profile" not in image.info
    assert image.convert("RGB").tobytes() == decoded(source).rgb.tobytes()


@pytest.mark.parametrize("profile", [DISPLAY_P3, ADOBE_RGB], ids=["Display P3", "Adobe RGB"])
def test_the_network_sees_one_picture_in_whatever_space_it_is_encoded(profile: bytes) -> None:
    with Image.open(DATA / "coffee.jpg") as photo:
        plain = photo.convert("RGB")
    wide = ImageCms.profileToProfile(
        plain,
        ImageCms.createProfile("sRGB"),
        ImageCms.ImageCmsProfile(BytesIO(profile)),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert wide is not None
    in_srgb, in_wide = (
        view(decoded(samples.encoded(each, "PNG", **options)), 80, 120).tensor_u8.astype(int)
        for each, options in ((plain, {}), (wide, {"icc_profile": profile}))
    )
    ignored = view(Picture(wide, None, None), 80, 120).tensor_u8.astype(int)
    difference = np.abs(in_wide - in_srgb)
    # What is left are dark shades, which 8 bits of a gamma of 2.2 tell apart less well.
    assert np.quantile(difference, 0.98) <= 2
    assert difference.max() <= 8
    assert np.abs(ignored - in_srgb).mean() > 3


@pytest.mark.parametrize("file_format", PICTURE_FORMATS)
@pytest.mark.parametrize("pillow_name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_an_orientation_is_applied_once_and_gone(
    orientation: int, pillow_name: str, file_format: OutputFormat
) -> None:
    upright = samples.picture(64, 48)
    data = samples.encoded(stored(upright, orientation), pillow_name, exif=oriented(orientation))
    image = whole(data, CutOutOptions(file_format))
    assert image.size == (64, 48)
    assert samples.difference(image.convert("RGB"), upright) < 8
    assert image.getexif().get(0x0112, 1) == 1


EXACT: dict[str, tuple[str, str, dict[str, object]]] = {
    "PNG": ("RGB", "PNG", {}),
    "JPEG": ("RGB", "JPEG", {"quality": 92}),
    "JPEG of grey": ("L", "JPEG", {"quality": 90}),
    "WebP without loss": ("RGB", "WEBP", {"lossless": True}),
    "grey": ("L", "PNG", {}),
    "palette": ("P", "PNG", {}),
    "TIFF": ("RGB", "TIFF", {}),
    "BMP": ("RGB", "BMP", {}),
}


async def test_opaque_pixels_are_those_of_the_source(segmenter: Segmenter) -> None:
    noise = np.random.default_rng(4).integers(0, 16, (150, 200, 3), np.uint8)
    noise += np.array(samples.picture(200, 150)) // np.uint8(2)
    noise[:, :120, 0] |= 240
    noise[:, 120:] //= 8
    for name, (mode, pillow_name, options) in EXACT.items():
        # The network takes red for the subject, so grey is made of that.
        image = (
            Image.fromarray(noise).convert(mode) if mode != "L" else Image.fromarray(noise[..., 0])
        )
        source = samples.encoded(image, pillow_name, **options)
        rgba_u8 = np.asarray(opened(await cut(segmenter, source)))
        opaque = rgba_u8[..., 3] == 255
        assert opaque.mean() > 0.1, name
        expected_u8 = np.asarray(samples.reopened(source).convert("RGB"))
        assert np.array_equal(rgba_u8[opaque][:, :3], expected_u8[opaque]), name
        assert not rgba_u8[rgba_u8[..., 3] == 0].any(), name


WISHES: list[dict[str, Any]] = [
    {},
    {"max_pixels": 300},
    {"max_pixels": 1},
    {"crop": True},
    {"despill": True},
    {"background": v1.Color(red=1, green=2, blue=3, alpha=255)},
    {"background": v1.Color(red=9, green=9, blue=9, alpha=90), "max_pixels": 500, "crop": True},
]


def patches(random: np.random.Generator, values: list[int], side: int) -> NDArray[np.uint8]:
    """Random values in squares of 8 pixels, uint8 [side, side]."""
    coarse = random.choice(np.array(values, np.uint8), (side // 8 + 1, side // 8 + 1))
    return coarse.repeat(8, axis=0).repeat(8, axis=1)[:side, :side]


async def test_alpha_never_grows_and_hidden_colours_never_matter(segmenter: Segmenter) -> None:
    random = np.random.default_rng(8)
    for side in (1, 8, 33, 64):
        for wish in WISHES:
            alpha_u8 = patches(random, [0, 0, 1, 60, 200, 254, 255], side)
            rgb_u8 = random.integers(0, 256, (side, side, 3), np.uint8)
            rgb_u8[..., 0] = patches(random, [20, 130, 255], side)
            hidden = alpha_u8[..., None] == 0
            others_u8 = [rgb_u8, np.where(hidden, 255 - rgb_u8, rgb_u8).astype(np.uint8)]
            sources = [Image.fromarray(np.dstack([each, alpha_u8])) for each in others_u8]
            one, other = [
                opened(await cut(segmenter, samples.encoded(source, "PNG"), **wish))
                for source in sources
            ]
            assert one.tobytes() == other.tobytes()
            if wish in ({}, {"despill": True}):
                assert (np.asarray(one)[..., 3] <= alpha_u8).all()
                assert not np.asarray(one)[alpha_u8 == 0].any()
