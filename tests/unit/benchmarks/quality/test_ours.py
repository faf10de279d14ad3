"""Our own pipeline, as the benchmark runs it."""

import io
from pathlib import Path

import numpy as np
from benchmarks.quality import ours
from benchmarks.quality.cases import rgba_u8
from PIL import Image

from tests.conftest import ROOT

COFFEE = ROOT / "tests" / "data" / "coffee.jpg"


def test_answers_are_written_under_the_names_of_methods_and_pictures(
    model_repository: Path, tmp_path: Path
) -> None:
    costs = ours.cut_out_all({"cup": COFFEE}, model_repository, tmp_path)
    assert {method: cost.runs_a_picture for method, cost in costs.items()} == {
        "ours, fast": 1,
        "ours, balanced": 2,
        "ours, best": 4,
    }
    for method, cost in costs.items():
        assert cost.seconds > 0
        alpha = rgba_u8(tmp_path / method / "cup.png")[..., 3]
        assert alpha.shape == (400, 600)
        assert alpha[200, 300] == 255
        assert alpha[0, 0] == 0


def test_a_matte_that_is_given_is_the_answer_s_own() -> None:
    alpha = np.tile(np.linspace(0, 255, 600).astype(np.uint8), (400, 1))
    with Image.open(io.BytesIO(ours.with_alpha(COFFEE.read_bytes(), alpha))) as answer:
        assert np.array_equal(np.asarray(answer.getchannel("A")), alpha)
