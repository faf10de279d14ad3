"""Profiles that are made, as littlecms reads them."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from segmenter.imaging.colour import to_rgb, to_srgb
from segmenter.imaging.profile import Curve, Primaries, grey_profile, rgb_profile
from tests.unit.segmenter.imaging import samples

D65 = (0.3127, 0.3290)
SRGB = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), D65)
P3 = Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65)
SRGB_CURVE = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def test_srgb_made_changes_nothing() -> None:
    image = samples.picture()
    shown = to_srgb(image, rgb_profile(SRGB, SRGB_CURVE))
    assert np.abs(np.asarray(shown).astype(int) - np.asarray(image)).max() <= 1


def test_the_primaries_are_adapted_to_d50() -> None:
    made = ImageCms.ImageCmsProfile(BytesIO(rgb_profile(P3, SRGB_CURVE))).profile
    # As Apple's profile of Display P3 has them.
    for found, expected in (
        (made.red_primary, (0.51512, 0.24120, -0.00105)),
        (made.green_primary, (0.29198, 0.69225, 0.04189)),
        (made.blue_primary, (0.15710, 0.06657, 0.78407)),
    ):
        assert found is not None
        assert found[0] == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("exponent", [0.45, 1.0, 1.8, 2.2, 10.0])
def test_grey_has_the_curve(exponent: float) -> None:
    values = np.arange(1, 256, dtype=np.uint8)[None]
    rgb, _ = to_rgb(Image.fromarray(values), grey_profile(Curve(exponent)))
    light = (values / 255) ** exponent
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(np.asarray(rgb)[..., 0] - 255 * encoded).max() <= 1


def test_profiles_are_always_the_same() -> None:
    assert rgb_profile(P3, SRGB_CURVE) == rgb_profile(P3, SRGB_CURVE)


@pytest.mark.parametrize(
    "primaries",
    [
        Primaries((0.0, 0.0), (0.3, 0.6), (0.15, 0.06), D65),
        Primaries((0.3, 0.3), (0.3, 0.3), (0.3, 0.3), D65),
        Primaries((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3, 0.0)),
        Primaries((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.8, 0.2)),
    ],
)
def test_primaries_that_span_no_colours_are_refused(primaries: Primaries) -> None:
    with pytest.raises(ValueError, match=r"chromaticity|line|white"):
        rgb_profile(primaries, SRGB_CURVE)


@pytest.mark.parametrize("fits", [True, False])
def test_numbers_have_to_fit(*, fits: bool) -> None:
    if fits:
        assert grey_profile(Curve(32767.9))
    else:
        with pytest.raises(ValueError, match="does not fit"):
            grey_profile(Curve(32768.0))
