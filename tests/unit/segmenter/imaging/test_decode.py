import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from segmenter.errors import InvalidImageError, SegmenterError, TooManyPixelsError
from segmenter.imaging.decode import decode
from segmenter.imaging.header import Header, read_header
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.imaging.picture import Picture
from segmenter.imaging.sniff import ImageFormat
from tests.unit.segmenter.imaging import samples

LIMITS = ImageLimits()
FADE = Image.linear_gradient("L").resize((32, 24))

# Where the first row and the first column of the stored image lie in the upright one, as the
# EXIF standard puts it.
ORIENTATIONS = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def decoded(data: bytes) -> Picture:
    return decode(data, read_header(data, LIMITS), LIMITS)


def stored(upright: Image.Image, orientation: int) -> Image.Image:
    """Lays a picture down the way a camera held like this would store it."""
    pixels = np.asarray(upright)
    first_row, first_column = ORIENTATIONS[orientation]
    if first_row in {"left", "right"}:
        pixels = pixels.swapaxes(0, 1)
    if first_row in {"bottom", "right"}:
        pixels = pixels[::-1]
    if first_column in {"bottom", "right"}:
        pixels = pixels[:, ::-1]
    return Image.fromarray(np.ascontiguousarray(pixels))


def oriented(orientation: object) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize(
    ("pillow_name", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ],
)
def test_lossless_formats_come_back_exactly(pillow_name: str, options: dict[str, object]) -> None:
    picture = decoded(samples.encoded(samples.picture(), pillow_name, **options))

    assert picture.rgb.tobytes() == samples.picture().tobytes()
    assert (picture.rgb.mode, picture.alpha, picture.icc_profile) == ("RGB", None, None)


@pytest.mark.parametrize(
    ("pillow_name", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("WEBP", {"quality": 95}),
        ("AVIF", {"quality": 95}),
        ("GIF", {}),
    ],
)
def test_lossy_formats_come_back_nearly(pillow_name: str, options: dict[str, object]) -> None:
    image = samples.picture(64, 48)

    picture = decoded(samples.encoded(image, pillow_name, **options))

    assert samples.difference(picture.rgb, image) < 4


@pytest.mark.parametrize("pillow_name", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_alpha_comes_apart(pillow_name: str) -> None:
    image = samples.picture()
    image.putalpha(FADE)
    options = {} if pillow_name in {"PNG", "TIFF"} else {"quality": 100}

    picture = decoded(samples.encoded(image, pillow_name, **options))

    assert picture.alpha is not None
    assert samples.difference(picture.alpha, FADE) < 1


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_every_orientation_is_turned_upright(orientation: int) -> None:
    upright = samples.picture(7, 5)
    data = samples.encoded(stored(upright, orientation), "PNG", exif=oriented(orientation))

    picture = decoded(data)

    assert picture.rgb.size == (7, 5)
    assert picture.rgb.tobytes() == upright.tobytes()


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_alpha_turns_with_the_colour(orientation: int) -> None:
    upright = samples.picture()
    upright.putalpha(FADE)
    data = samples.encoded(stored(upright, orientation), "PNG", exif=oriented(orientation))

    picture = decoded(data)

    assert picture.rgb.tobytes() == upright.convert("RGB").tobytes()
    assert picture.alpha is not None
    assert picture.alpha.tobytes() == FADE.tobytes()


@pytest.mark.parametrize("pillow_name", ["JPEG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_each_format_is_turned_once(pillow_name: str, orientation: int) -> None:
    upright = samples.picture(64, 48)
    data = samples.encoded(stored(upright, orientation), pillow_name, exif=oriented(orientation))

    assert samples.difference(decoded(data).rgb, upright) < 6


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_unknown_orientation_counts_as_upright(orientation: int) -> None:
    data = samples.encoded(samples.picture(), "PNG", exif=oriented(orientation))

    assert decoded(data).rgb.tobytes() == samples.picture().tobytes()


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0no tiff in here",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12\0\x02\0\0\0\x02ab\0\0",
        b"Exif\0\0" + bytes(range(256)),
    ],
)
@pytest.mark.parametrize("pillow_name", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_costs_no_image(pillow_name: str, exif: bytes) -> None:
    data = samples.encoded(samples.picture(), pillow_name, exif=exif)

    assert decoded(data).rgb.size == (32, 24)


def test_metadata_stays_behind() -> None:
    data = samples.encoded(
        samples.picture(), "JPEG", exif=oriented(6), comment="secret", icc_profile=b"secret"
    )

    assert decoded(data).rgb.info == {}


def test_16_bit_colour_is_scaled() -> None:
    rows = b"\0" + np.array([0, 32768, 65535], ">u2").tobytes()

    picture = decoded(samples.png(1, 1, depth=16, colour_type=2, rows=rows))

    assert list(picture.rgb.tobytes()) == [0, 128, 255]


def test_16_bit_grey_is_scaled() -> None:
    rows = b"\0" + np.array([0, 25700, 65535], ">u2").tobytes()

    picture = decoded(samples.png(3, 1, depth=16, colour_type=0, rows=rows))

    assert list(picture.rgb.tobytes()) == [0, 0, 0, 100, 100, 100, 255, 255, 255]


@pytest.mark.parametrize("kind", ["uint16", "int32", "float32"])
def test_deep_tiff_is_scaled(kind: str) -> None:
    image = Image.fromarray(np.array([[0, 25700, 65535]], dtype=kind))

    picture = decoded(samples.encoded(image, "TIFF"))

    assert list(picture.rgb.tobytes()) == [0, 0, 0, 100, 100, 100, 255, 255, 255]


def test_a_cmyk_jpeg_is_inverted_back() -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))

    picture = decoded(samples.encoded(image, "JPEG", quality=95))

    assert samples.difference(picture.rgb, Image.new("RGB", (16, 16), (255, 0, 0))) < 4


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "LAB", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.buildTransform(srgb, lab, "RGB", "LAB").apply(samples.picture())
    else:
        image = samples.picture().convert("L" if mode == "I;16" else mode).convert(mode)

    picture = decoded(samples.encoded(image, "TIFF"))

    assert (picture.rgb.mode, picture.rgb.size) == ("RGB", (32, 24))


@pytest.mark.parametrize("pillow_name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_colour_profile_is_handed_on(pillow_name: str) -> None:
    profile = samples.icc_profile(b"RGB ", gamma=2.2)

    assert decoded(samples.encoded(samples.picture(), pillow_name, icc_profile=profile)) == (
        Picture(decoded(samples.encoded(samples.picture(), pillow_name)).rgb, None, profile)
    )


@pytest.mark.parametrize("pillow_name", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_is_used(pillow_name: str) -> None:
    first, others = Image.new("RGB", (8, 8), (255, 0, 0)), Image.new("RGB", (8, 8), (0, 0, 255))
    options = {"lossless": True} if pillow_name == "WEBP" else {}
    data = samples.encoded(first, pillow_name, save_all=True, append_images=[others] * 3, **options)

    assert decoded(data).rgb.tobytes() == first.tobytes()


def test_later_frames_are_not_even_read() -> None:
    first = Image.effect_noise((8, 8), 50).convert("P")
    one = samples.encoded(first, "GIF")
    end_of_frames, trailer = one[:-1], one[-1:]
    frame = end_of_frames[end_of_frames.rindex(b",") :]
    # Frames of which the decoder would choke on any.
    data = end_of_frames + (frame[:10] + b"\xff" * 20) * 10_000 + trailer

    assert decoded(data).rgb.tobytes() == decoded(one).rgb.tobytes()


@pytest.mark.parametrize("pillow_name", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_half_an_image_is_invalid(pillow_name: str) -> None:
    data = samples.encoded(Image.effect_noise((64, 64), 80).convert("RGB"), pillow_name)

    with pytest.raises(InvalidImageError, match="intact") as caught:
        decoded(data[: len(data) // 2])
    assert caught.value.__cause__ is not None


def test_a_header_of_another_size_is_refused() -> None:
    data = samples.encoded(samples.picture(32, 24), "PNG")

    with pytest.raises(InvalidImageError, match="contradicts"):
        decode(data, Header(ImageFormat.PNG, 24, 32), LIMITS)


def test_a_header_over_the_limit_is_refused() -> None:
    data = samples.encoded(samples.picture(32, 24), "PNG")
    header = read_header(data, LIMITS)

    assert decode(data, header, ImageLimits(max_pixels=768)).width_px == 32
    with pytest.raises(TooManyPixelsError):
        decode(data, header, ImageLimits(max_pixels=767))


def test_a_jpeg_with_two_frame_headers_cannot_smuggle_in_a_larger_one() -> None:
    data = samples.encoded(samples.picture(32, 24), "JPEG")
    frame = data[data.index(b"\xff\xc0") : data.index(b"\xff\xc4")]
    larger = frame[:5] + b"\x40\x00\x40\x00" + frame[9:]

    for smuggled in (data[:2] + larger + data[2:], data[:2] + frame + larger + data[2:]):
        with pytest.raises(InvalidImageError):
            decoded(smuggled)


GROWTH_OF_ONE_DECODE = """
import sys
from pathlib import Path
from segmenter.imaging.decode import decode
from segmenter.imaging.header import read_header
from segmenter.imaging.limits import ImageLimits

def peak_kib():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])

data, limits = sys.stdin.buffer.read(), ImageLimits()
before = peak_kib()
picture = decode(data, read_header(data, limits), limits)
print((peak_kib() - before) * 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_an_upright_rgb_jpeg_is_decoded_without_a_copy() -> None:
    data = samples.encoded(samples.picture(4000, 3000), "JPEG")

    result = subprocess.run(
        [sys.executable, "-c", GROWTH_OF_ONE_DECODE], input=data, capture_output=True, check=True
    )

    # Pillow keeps 4 bytes a pixel, once.
    assert int(result.stdout) < 1.3 * 4 * 12_000_000


SMALL = {
    "JPEG": samples.encoded(samples.picture(), "JPEG", exif=oriented(6)),
    "progressive JPEG": samples.encoded(samples.picture(), "JPEG", progressive=True),
    "PNG": samples.encoded(samples.picture(), "PNG", exif=oriented(3)),
    "palette PNG": samples.encoded(
        samples.picture().quantize(8), "PNG", transparency=b"\x00\x80", icc_profile=b"x" * 200
    ),
    "WEBP": samples.encoded(samples.picture().convert("RGBA"), "WEBP", exif=oriented(5)),
    "GIF": samples.encoded(samples.picture(), "GIF", save_all=True, append_images=[FADE]),
    "BMP": samples.encoded(samples.picture().quantize(8), "BMP"),
    "TIFF": samples.encoded(samples.picture(), "TIFF", compression="tiff_lzw"),
}


def outcome(data: bytes, limits: ImageLimits = LIMITS) -> Picture | SegmenterError:
    try:
        return decode(data, read_header(data, limits), limits)
    except SegmenterError as error:
        return error


@pytest.mark.parametrize("name", SMALL)
def test_any_cut_ends_in_a_picture_or_a_refusal(name: str) -> None:
    data = SMALL[name]

    for length in range(0, len(data), max(1, len(data) // 200)):
        result = outcome(data[:length])
        assert isinstance(result, SegmenterError) or result.rgb.size in {(32, 24), (24, 32)}


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_any_change_ends_in_a_picture_or_a_refusal(name: str, data: st.DataObject) -> None:
    limits = ImageLimits(max_pixels=1_000_000)
    install_pillow_limits(limits)
    changed = bytearray(SMALL[name])
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(changed) - 1))
        changed[position] = data.draw(st.integers(0, 255))

    result = outcome(bytes(changed), limits)

    if isinstance(result, Picture):
        assert result.rgb.mode == "RGB"
        assert result.width_px * result.height_px <= limits.max_pixels
        assert result.alpha is None or result.alpha.size == result.rgb.size


def drafted(image: Image.Image, enough_px: tuple[int, int], kind: str = "JPEG") -> Picture:
    data = samples.encoded(image, kind)
    return decode(data, read_header(data, LIMITS), LIMITS, enough_px)


@pytest.mark.parametrize(
    ("enough_px", "size"),
    [
        ((400, 300), (400, 300)),
        ((401, 300), (800, 600)),
        ((400, 301), (800, 600)),
        ((801, 1), (1600, 1200)),
        ((1, 1), (200, 150)),
        ((9000, 9000), (1600, 1200)),
    ],
)
def test_a_jpeg_is_decoded_at_the_smallest_fraction_that_is_enough(
    enough_px: tuple[int, int], size: tuple[int, int]
) -> None:
    picture = drafted(samples.picture(1600, 1200), enough_px)
    assert picture.rgb.size == size
    assert picture.full_size == (None if size == (1600, 1200) else (1600, 1200))
    expected = samples.picture(1600, 1200).resize(size, Image.Resampling.BOX)
    assert samples.difference(picture.rgb, expected) < 2


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_are_decoded_in_full(kind: str) -> None:
    picture = drafted(samples.picture(160, 120), (10, 10), kind)
    assert picture.rgb.size == (160, 120)
    assert picture.full_size is None


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_jpegs_of_other_colours_are_decoded_at_a_fraction_too(mode: str) -> None:
    picture = drafted(samples.picture(160, 120).convert(mode), (40, 30))
    assert (picture.rgb.mode, picture.rgb.size) == ("RGB", (40, 30))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_full_size_is_upright(orientation: int) -> None:
    data = samples.encoded(
        stored(samples.picture(161, 119), orientation), "JPEG", exif=oriented(orientation)
    )
    picture = decode(data, read_header(data, LIMITS), LIMITS, (40, 40))
    assert picture.full_size == (161, 119)
    assert picture.rgb.size == (81, 60)


@given(width=st.integers(300, 900), height=st.integers(300, 900), share=st.floats(0.01, 0.2))
@settings(max_examples=30)
def test_an_answer_is_as_large_as_without_the_fraction(
    width: int, height: int, share: float
) -> None:
    image, max_pixels = Image.new("RGB", (width, height)), int(width * height * share)
    picture = drafted(image, (width // 4, height // 4))
    assert picture.full_size == (width, height)
    assert picture.fitted(max_pixels).rgb.size == Picture(image, None, None).fitted_size(max_pixels)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_knows_whether_its_file_lies_on_its_side(kind: str) -> None:
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = samples.encoded(samples.picture(6, 4), kind, exif=exif)
        picture = decode(data, read_header(data, LIMITS), LIMITS)
        assert picture.was_turned == (orientation != 1)
