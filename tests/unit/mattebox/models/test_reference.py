import numpy as np
import pytest

from mattebox.models import published, reference
from mattebox.models.errors import ProofError
from mattebox.models.reference import Reference
from segmenter.inference import known_answer
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.small_network import HEIGHT_PX, WIDTH_PX, Network

PICTURE = known_answer.picture(HEIGHT_PX, WIDTH_PX)
DARK = PICTURE // np.uint8(3)


def computed(place: Place) -> Reference:
    data = place.file.read_bytes()
    found = published.inspect(published.parsed(data), place.card)
    return reference.compute(data, place.card, found, [PICTURE[np.newaxis], DARK[np.newaxis]])


@pytest.mark.parametrize("scale", ["255", "image_maximum"])
@pytest.mark.parametrize("ends_in_sigmoid", [True, False])
def test_mattes_are_those_of_the_network(place: Place, scale: str, ends_in_sigmoid: bool) -> None:
    place.publish(Network(ends_in_sigmoid=ends_in_sigmoid), scale)

    found = computed(place)

    right = [small_network.matte_of(each, scale) for each in (PICTURE, DARK)]
    np.testing.assert_allclose(found.mattes_f32, np.stack(right), atol=1e-6)
    np.testing.assert_array_equal(found.ranges_f32, np.ones((2, 1, 1)))


def test_each_matte_is_stretched_by_its_own_range(place: Place) -> None:
    place.rewrite_card("[licence]", 'normalisation = "min_max"\n[licence]')

    found = computed(place)

    for matte, span, picture in zip(
        found.mattes_f32, found.ranges_f32.flat, (PICTURE, DARK), strict=True
    ):
        right = small_network.matte_of(picture)
        assert span == pytest.approx(np.ptp(right), abs=1e-6)
        np.testing.assert_allclose(matte, (right - right.min()) / np.ptp(right), atol=1e-5)


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [(0, 1), (1, 1), (-9e-7, 1), (1.0000009, 1), (-2e-6, 0), (1.000002, 0)],
)
def test_a_matte_lies_in_0_to_1_but_for_rounding(place: Place, value: float, is_taken: int) -> None:
    alpha_f32 = np.array([[[0.5, value]]], np.float32)

    if is_taken:
        reference.demand_matte("published", alpha_f32, place.card)
    else:
        with pytest.raises(ProofError, match="The published graph answers with values from"):
            reference.demand_matte("published", alpha_f32, place.card)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_matte_holds_numbers(place: Place, value: float) -> None:
    alpha_f32 = np.array([[[0.5, value]]], np.float32)

    with pytest.raises(ProofError, match="The wrapped graph answers with values that are no num"):
        reference.demand_matte("wrapped", alpha_f32, place.card)
