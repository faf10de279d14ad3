"""The targets run on all their seeds, so that they cannot rot between two fuzzings."""

from collections.abc import Iterator

import pytest
from benchmarks.hostile.mutations import mutated
from PIL import Image

from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.options import OutputFormat
from tests.fuzz import pictures
from tests.fuzz.targets import TARGETS


@pytest.fixture(autouse=True)
def _left_as_it_was() -> Iterator[None]:
    yield
    install_pillow_limits(ImageLimits())
    # Elsewhere HEIC opens in guarded children alone.
    Image.OPEN.pop("HEIF", None)


@pytest.fixture(params=sorted(TARGETS))
def name(request: pytest.FixtureRequest) -> str:
    TARGETS[request.param].set_up()
    return str(request.param)


def test_a_target_takes_its_seeds(name: str) -> None:
    seeds = list(TARGETS[name].own_seeds())

    assert len(seeds) >= 4
    for seed in seeds:
        TARGETS[name].run(seed)


def test_a_target_takes_broken_seeds(name: str) -> None:
    seeds = list(TARGETS[name].own_seeds())

    TARGETS[name].run(b"")
    for number in range(60):
        _, broken = mutated(seeds[number % len(seeds)], seeds[number % 3], number)
        TARGETS[name].run(broken)


def test_a_target_of_pictures_goes_through_every_kind_of_answer() -> None:
    chosen = [pictures.options_of(number) for number in range(256)]

    assert {options.format for options in chosen} == set(OutputFormat) - {OutputFormat.AUTO}
    for choices in (
        {options.channels for options in chosen},
        {options.crop for options in chosen},
        {options.despill for options in chosen},
    ):
        assert len(choices) == 2
    assert len({options.background for options in chosen}) == 3


def test_seeds_reach_the_end() -> None:
    """Seeds that are refused would teach the fuzzer nothing."""
    pictures.set_up()

    assert all(map(pictures.cut_out, pictures.seeds()))
