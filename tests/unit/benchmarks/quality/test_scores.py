"""What is measured of answers, and how it is shown."""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.quality import metrics, peer, report, tables
from benchmarks.quality.budgets import judged
from benchmarks.quality.cases import Case
from benchmarks.quality.ours import QUALITIES, Cost
from benchmarks.quality.pasted import over_photo_u8
from benchmarks.quality.scores import BEST, OURS, OURS_TRUE_MATTE, Score, Scores, scored
from PIL import Image

SIDE_PX = 60


@pytest.fixture
def measured(tmp_path: Path) -> Scores:
    """A red disc on blue: our answer is the truth, rembg's is half as opaque."""
    y, x = np.mgrid[0:SIDE_PX, 0:SIDE_PX]
    radius_px = np.hypot(y - SIDE_PX / 2, x - SIDE_PX / 2)
    alpha = np.rint(np.clip(20.5 - radius_px, 0, 1) * 255).astype(np.uint8)
    truth = np.zeros((SIDE_PX, SIDE_PX, 4), np.uint8)
    truth[..., 0], truth[..., 3] = 200, alpha
    blue = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    blue[..., 2] = 200
    faint = truth.copy()
    faint[..., 3] //= 2
    Image.fromarray(over_photo_u8(truth, blue)).save(tmp_path / "photo.png")
    Image.fromarray(truth).save(tmp_path / "true.png")
    Image.fromarray(blue).save(tmp_path / "ground.png")
    for method in (*peer.MODES, *QUALITIES):
        (tmp_path / method).mkdir()
        answer = truth if method in QUALITIES else faint
        Image.fromarray(answer).save(tmp_path / method / "disc.png")
    true = tmp_path / "true.png"
    case = Case("pasted", "disc", "disc", tmp_path / "photo.png", true, true)
    return scored([case], tmp_path, [tmp_path / "ground.png"])


def the_only(measured: Scores, method: str) -> Score:
    [score] = measured.of("pasted", method)
    return score


def test_an_answer_that_is_the_truth_has_no_error(measured: Scores) -> None:
    figures = the_only(measured, OURS).figures
    assert (figures["mae"], figures["gradient"], figures["iou"]) == (0, 0, 1)
    assert figures["psnr"] == figures["psnr_white"] == metrics.HIGHEST_PSNR_DB


def test_an_answer_that_is_not_has_its_own(measured: Scores) -> None:
    figures = the_only(measured, peer.DEFAULT).figures
    assert figures["mae"] > 0.1
    assert figures["psnr"] < 20


def test_references_have_the_true_matte_or_the_true_colours(measured: Scores) -> None:
    colours = the_only(measured, "photo's colours, true matte").figures
    assert "mae" not in colours
    assert 15 < colours["soft_psnr"] < colours["psnr"] < metrics.HIGHEST_PSNR_DB
    assert the_only(measured, OURS_TRUE_MATTE).figures["psnr"] >= colours["psnr"] - 1
    ours = the_only(measured, "true colours, our fast matte").figures
    assert ours["psnr"] == metrics.HIGHEST_PSNR_DB


def test_whether_a_subject_is_clear_does_not_depend_on_us(measured: Scores) -> None:
    assert {score.clear for score in measured.all} == {False}


def test_tables_and_json_hold_what_was_found(measured: Scores) -> None:
    verdicts = judged(measured)
    costs = {OURS: Cost(1.0, 0.25), BEST: Cost(3.5, 0.5)}
    text = tables.all_tables(measured, costs, verdicts)
    assert "**pasted**, 1 picture\n" in text
    assert "band PSNR over rembg" in text
    assert "x 2.00" in text
    facts = json.loads(report.as_json(measured, costs, verdicts, {"rembg": "0"}))
    assert facts["summary"]["pasted"][OURS]["iou"]["mean"] == [1.0, None, None]
    assert facts["costs"][BEST] == {"runs_a_picture": 3.5, "seconds": 0.5}
    assert {each["method"] for each in facts["pictures"]} >= {*peer.MODES, OURS}
