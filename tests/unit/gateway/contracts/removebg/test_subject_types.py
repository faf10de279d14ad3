import pytest

from gateway.contracts.removebg.subject_types import subject_type, told_type

COARSE = {
    "auto": "other",
    "car": "car",
    "product": "product",
    "person": "person",
    "animal": "animal",
    "graphic": "other",
    "graphics": "other",
    "transportation": "other",
    "other": "other",
    "car_interior": "other",
    "car_part": "other",
    "Person": "person",
    "spaceship": "other",
}
FINE = COARSE | {
    "graphic": "graphics",
    "graphics": "graphics",
    "transportation": "transportation",
    "car_interior": "car_interior",
    "car_part": "car_part",
}


@pytest.mark.parametrize(("spelt", "told"), COARSE.items())
@pytest.mark.parametrize("level", ["1", "3", "fine"])
def test_at_level_1_and_unknown_ones(spelt: str, told: str, level: str) -> None:
    assert told_type(subject_type(spelt), level) == told


@pytest.mark.parametrize(("spelt", "told"), FINE.items())
@pytest.mark.parametrize("level", ["2", "latest", "LATEST"])
def test_at_the_finer_levels(spelt: str, told: str, level: str) -> None:
    assert told_type(subject_type(spelt), level) == told


@pytest.mark.parametrize("spelt", COARSE)
@pytest.mark.parametrize("level", ["none", "NONE"])
def test_without_a_level_nothing_is_told(spelt: str, level: str) -> None:
    assert told_type(subject_type(spelt), level) is None
