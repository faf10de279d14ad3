"""The pictures to measure with."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.quality.cases import SETS, Case, masked_cases, quality_set
from PIL import Image


def test_the_quality_set_is_found_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval" / "MANIFEST.tsv").write_text("set\n")
    monkeypatch.setenv("MATTEBOX_SHARED", str(tmp_path))
    assert quality_set() == tmp_path / "eval"


def test_the_manifest_gives_the_pairs_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.tsv").write_text(
        "set\timage\tmask\n"
        "ccp\tccp/image/7.jpg\tccp/mask/7.png\n"
        "backgrounds\tbackgrounds/a.jpg\t-\n"
    )
    [case] = masked_cases(tmp_path)
    assert (case.set_name, case.name, case.subject) == ("ccp", "ccp-7", "7")
    assert (case.image, case.mask) == (tmp_path / "ccp/image/7.jpg", tmp_path / "ccp/mask/7.png")


def test_every_picture_of_the_quality_set_fits_its_mask(shared: Path) -> None:
    cases = list(masked_cases(shared / "eval"))
    assert {case.set_name for case in cases} == set(SETS)
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        with Image.open(case.image) as image, Image.open(case.mask) as mask:
            assert image.size == mask.size


def test_colours_that_are_not_known_are_those_of_the_picture(tmp_path: Path) -> None:
    photo, mask = np.full((4, 6, 3), 90, np.uint8), np.full((4, 6), 51, np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    case = Case("set", "name", "subject", tmp_path / "photo.png", tmp_path / "mask.png")
    assert case.true_alpha_f32() == pytest.approx(np.full((4, 6), 0.2, np.float32))
    assert case.true_rgba_u8()[0, 0].tolist() == [90, 90, 90, 51]
