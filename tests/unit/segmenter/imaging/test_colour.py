from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from segmenter.imaging.colour import MAX_PROFILE_BYTES, srgb_conversion, to_rgb, to_srgb
from tests.unit.segmenter.imaging import samples

WIDE = samples.icc_profile(b"RGB ", gamma=2.2)
LINEAR_GREY = samples.icc_profile(b"GRAY", gamma=1.0)
CMYK = samples.icc_profile(b"CMYK", b"prtr")


def rgb_of(image: Image.Image) -> NDArray[np.int64]:
    assert image.mode == "RGB"
    return np.asarray(image, dtype=np.int64)


def padded(profile: bytes, size_bytes: int) -> bytes:
    return size_bytes.to_bytes(4, "big") + profile[4:].ljust(size_bytes - 4, b"\0")


def test_rgb_without_a_profile_is_the_very_same_image() -> None:
    image = samples.picture()

    assert to_rgb(image, None) == (image, None)


def test_rgb_keeps_its_pixels_and_its_profile() -> None:
    image = samples.picture()

    rgb, profile = to_rgb(image, WIDE)

    assert rgb is image
    assert profile == WIDE


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no profile", id="no profile"),
        pytest.param(WIDE[:200], id="cut off"),
        pytest.param(WIDE[:128] + bytes(len(WIDE) - 128), id="no tags"),
        pytest.param(CMYK, id="of CMYK"),
        pytest.param(LINEAR_GREY, id="of grey"),
        pytest.param(samples.icc_profile(b"RGB ", b"link"), id="a link"),
        pytest.param(samples.icc_profile(b"RGB ", b"abst"), id="abstract"),
        pytest.param("text", id="no bytes"),
        pytest.param((1, 2), id="a tuple"),
    ],
)
def test_an_unusable_profile_means_srgb(profile: object) -> None:
    image = samples.picture()

    assert to_rgb(image, profile) == (image, None)


def test_a_profile_at_and_one_past_the_limit() -> None:
    image = samples.picture()
    at_limit, beyond = padded(WIDE, MAX_PROFILE_BYTES), padded(WIDE, MAX_PROFILE_BYTES + 1)

    assert to_rgb(image, at_limit)[1] == at_limit
    assert to_rgb(image, beyond)[1] is None
    assert to_srgb(image, beyond) is image


def test_grey_goes_through_its_profile() -> None:
    # Linear light of 0.2140 is what sRGB writes as one half.
    image = Image.new("L", (2, 2), round(0.2140 * 255))

    rgb, profile = to_rgb(image, LINEAR_GREY)

    assert profile is None
    assert np.abs(rgb_of(rgb) - 128).max() <= 2


def test_every_level_of_grey_is_right() -> None:
    levels = np.arange(256, dtype=np.uint8)[None]

    rgb, _ = to_rgb(Image.fromarray(levels), LINEAR_GREY)

    light = levels / 255
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(rgb_of(rgb) - 255 * encoded[..., None]).max() <= 1


@pytest.mark.parametrize("profile", [None, WIDE, CMYK, b"no profile"])
def test_grey_without_a_grey_profile_is_copied_to_all_channels(profile: bytes | None) -> None:
    rgb, kept = to_rgb(Image.new("L", (2, 2), 100), profile)

    assert kept is None
    assert (rgb_of(rgb) == 100).all()


def test_one_bit_becomes_black_and_white() -> None:
    image = Image.new("1", (2, 1))
    image.putpixel((1, 0), 1)

    assert rgb_of(to_rgb(image, None)[0]).tolist() == [[[0, 0, 0], [255, 255, 255]]]


def test_cmyk_goes_through_its_profile() -> None:
    inked = Image.new("CMYK", (2, 2), (255, 0, 0, 0))

    through, kept = to_rgb(inked, CMYK)
    plain, _ = to_rgb(inked, None)

    # The profile's cyan is a green.
    red, green, blue = rgb_of(through)[0, 0]
    assert kept is None
    assert green > red
    assert green > blue
    assert rgb_of(plain)[0, 0].tolist() == [0, 255, 255]


@pytest.mark.parametrize("profile", [WIDE, LINEAR_GREY, CMYK[:300], b"no profile"])
def test_cmyk_without_a_cmyk_profile_is_converted_plainly(profile: bytes) -> None:
    inked = Image.new("CMYK", (2, 2), (0, 255, 255, 0))

    rgb, kept = to_rgb(inked, profile)

    assert kept is None
    assert rgb_of(rgb)[0, 0].tolist() == [255, 0, 0]


def test_lab_comes_back_to_the_colour_it_was_made_of() -> None:
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = transform.apply(samples.picture())
    assert lab.mode == "LAB"

    rgb, kept = to_rgb(lab, None)

    assert kept is None
    assert np.abs(rgb_of(rgb) - rgb_of(samples.picture())).mean() < 2


@pytest.mark.parametrize("mode", ["RGBX", "YCbCr"])
def test_other_modes_become_rgb(mode: str) -> None:
    rgb, _ = to_rgb(samples.picture().convert(mode), None)

    assert np.abs(rgb_of(rgb) - rgb_of(samples.picture())).max() <= 3


def test_a_wide_colour_space_is_brought_to_srgb() -> None:
    muted = Image.new("RGB", (2, 2), (200, 100, 100))

    red, green, _ = rgb_of(to_srgb(muted, WIDE))[0, 0]

    # The same numbers mean a stronger red in the wider space.
    assert red > 205
    assert green < 98


@pytest.mark.parametrize("profile", [None, b"", b"no profile", CMYK, LINEAR_GREY])
def test_without_a_usable_profile_pixels_count_as_srgb(profile: bytes | None) -> None:
    image = samples.picture()

    assert to_srgb(image, profile) is image


def test_srgb_itself_changes_next_to_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert (
        np.abs(rgb_of(to_srgb(samples.picture(), profile)) - rgb_of(samples.picture())).max() <= 1
    )


def test_one_conversion_serves_several_threads() -> None:
    convert = srgb_conversion(WIDE)
    assert convert is not None
    pictures = [samples.picture(300 + number, 200) for number in range(32)]
    alone = [convert(picture).tobytes() for picture in pictures]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda picture: convert(picture).tobytes(), pictures))

    assert together == alone


@pytest.mark.parametrize("profile", [None, b"", b"no profile", CMYK, LINEAR_GREY])
def test_without_a_usable_profile_there_is_no_conversion(profile: bytes | None) -> None:
    assert srgb_conversion(profile) is None
