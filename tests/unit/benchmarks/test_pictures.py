"""The pictures that are measured with."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from benchmarks.pictures import detailed_jpeg, enlarged_jpeg, plain_jpeg
from PIL import Image


@pytest.mark.parametrize("made", [enlarged_jpeg, detailed_jpeg, plain_jpeg])
@pytest.mark.parametrize("megapixels", [0.1, 0.24, 1.5])
def test_a_picture_has_the_size_that_is_asked_for(
    made: Callable[[float], bytes], megapixels: float
) -> None:
    with Image.open(io.BytesIO(made(megapixels))) as picture:
        assert picture.format == "JPEG"
        assert picture.width * picture.height / 1e6 == pytest.approx(megapixels, rel=0.01)


def test_detail_is_between_neighbours_and_changes_no_scene() -> None:
    def grey(jpeg: bytes) -> Image.Image:
        return Image.open(io.BytesIO(jpeg)).convert("L")

    smooth, detailed = grey(enlarged_jpeg(1.5)), grey(detailed_jpeg(1.5))
    steps = [np.abs(np.diff(np.asarray(each, np.float32))).mean() for each in (smooth, detailed)]
    assert steps[1] > 1.5 * steps[0]
    small = [np.asarray(each.reduce(50), np.float32) for each in (smooth, detailed)]
    assert np.abs(small[0] - small[1]).mean() < 3


def test_without_the_shared_photos_the_plain_one_is_the_enlarged_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr("benchmarks.quality.cases.ROOT", tmp_path_factory.mktemp("a") / "checkout")
    monkeypatch.delenv("MATTEBOX_SHARED", raising=False)
    assert plain_jpeg(0.24) == enlarged_jpeg(0.24)
