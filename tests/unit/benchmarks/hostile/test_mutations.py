"""The ways in which files are broken."""

from random import Random

import pytest
from benchmarks.hostile.mutations import MUTATIONS, mutated
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.segmenter.imaging import samples

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
# The profile makes of a WebP a file of several pieces.
PROFILE = samples.icc_profile(b"RGB ")
FILES = {name: samples.encoded(samples.picture(), name, icc_profile=PROFILE) for name in FORMATS}


@given(st.binary(), st.binary(), st.integers(0, 2**32))
def test_one_seed_gives_one_result_for_any_bytes(data: bytes, other: bytes, seed: int) -> None:
    assert mutated(data, other, seed) == mutated(data, other, seed)


@pytest.mark.parametrize("name", sorted(MUTATIONS))
@given(st.binary(max_size=64), st.binary(max_size=64), st.integers(0, 2**32))
def test_no_bytes_are_too_odd_for_any_way(name: str, data: bytes, other: bytes, seed: int) -> None:
    MUTATIONS[name](data, other, Random(seed))


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_every_way_changes_every_format(name: str, file_format: str) -> None:
    data, other = FILES[file_format], FILES["GIF" if file_format == "PNG" else "PNG"]

    changed = {MUTATIONS[name](data, other, Random(seed)) for seed in range(40)} - {data}

    assert changed


def test_seeds_give_different_files() -> None:
    results = {mutated(FILES["PNG"], FILES["JPEG"], seed) for seed in range(50)}

    assert len(results) > 45


def test_other_files_give_other_results_with_the_same_seed() -> None:
    assert mutated(FILES["PNG"], b"", 1) != mutated(FILES["PNG"], b"x", 1)
    assert mutated(FILES["PNG"], b"", 1)[1] != mutated(FILES["JPEG"], b"", 1)[1]


def test_cuts_leave_the_front() -> None:
    data = FILES["BMP"]

    cuts = {MUTATIONS["cut off"](data, b"", Random(seed)) for seed in range(1000)}

    assert all(data.startswith(cut) for cut in cuts)
    assert {len(cut) for cut in cuts} == {len(data) * n // 64 for n in range(64)}
