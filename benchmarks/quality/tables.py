"""Writes figures as tables of Markdown, which read as plain text too."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import intervals, pasted, peer
from benchmarks.quality.budgets import Quantity, Verdict
from benchmarks.quality.intervals import Interval
from benchmarks.quality.ours import QUALITIES, Cost
from benchmarks.quality.scores import FLAT_GROUNDS, OURS, PHOTO_GROUND, Scores
from benchmarks.tables import table

Samples = NDArray[np.float64]

LESS_IS_BETTER = {
    "mae": ("MAE", 4),
    "mse": ("MSE", 4),
    "sad": ("SAD, thousands", 2),
    "gradient": ("gradient error, thousands", 2),
    "band_mae": ("MAE in the edge band", 4),
}
_MORE_IS_BETTER = {"iou": ("IoU", 4)}
_GAPS = {
    "opaque_gap": "opaque, points",
    "empty_gap": "empty, points",
    "opaque_gap_relative": "opaque, of the truth's",
    "empty_gap_relative": "empty, of the truth's",
}
_CLOSE = 0.02
_OTHER_MATTES = ("rembg, post-processed", "rembg, alpha matting")
_OF = {
    Quantity.MEAN: "",
    Quantity.RATIO: " / rembg's",
    Quantity.GAIN: " - rembg's",
}


def all_tables(scores: Scores, costs: Mapping[str, Cost], verdicts: Sequence[Verdict]) -> str:
    """Writes all tables, with a heading each."""
    parts = [_matte_table(scores, set_name) for set_name in scores.sets()]
    if pasted.SET in scores.sets():
        parts.append(_colour_table(scores))
    parts.append(_share_table(scores))
    parts.append(_cost_table(costs))
    if verdicts:
        parts.append(_budget_table(verdicts))
    return "\n\n".join(parts)


def _matte_table(scores: Scores, set_name: str) -> str:
    qualities = [method.removeprefix("ours, ") for method in QUALITIES]
    head = ["", "rembg", "post-processed", "alpha matting", *qualities]
    rows = []
    for figure, (title, digits) in {**LESS_IS_BETTER, **_MORE_IS_BETTER}.items():
        theirs = scores.samples(set_name, peer.DEFAULT, figure)
        means = [
            f"{scores.samples(set_name, method, figure).mean():.{digits}f}"
            for method in (*_OTHER_MATTES, *QUALITIES)
        ]
        rows.append([title, intervals.mean(theirs).text(digits), *means])
        against = [
            _against(scores.samples(set_name, method, figure), theirs, figure)
            for method in QUALITIES
        ]
        rows.append(["against rembg", "", *("" for _ in _OTHER_MATTES), *against])
    return f"**{set_name}**, {_count(scores, set_name)}\n\n{table(head, rows)}"


def _against(found: Samples, theirs: Samples, figure: str) -> str:
    if figure in _MORE_IS_BETTER:
        return _signed(intervals.mean_difference(found, theirs), 3)
    return f"x {intervals.ratio_of_means(found, theirs).text(2)}"


def _cost_table(costs: Mapping[str, Cost]) -> str:
    fast_s = costs[OURS].seconds
    rows = [
        [
            method,
            f"{cost.runs_a_picture:.2f}",
            f"{cost.seconds * 1000:.0f}",
            f"x {cost.seconds / fast_s:.2f}",
        ]
        for method, cost in costs.items()
    ]
    head = ["", "runs of the network a picture", "median ms a picture", "against fast"]
    return (
        f"**Cost** in one process, the methods taking turns at each picture\n\n{table(head, rows)}"
    )


def _colour_table(scores: Scores) -> str:
    grounds = [*FLAT_GROUNDS, PHOTO_GROUND]
    head = ["dB", *grounds, "mean of the four", "less rembg's", "soft pixels only"]
    methods = dict.fromkeys(score.method for score in scores.all if "psnr" in score.figures)
    theirs = scores.samples(pasted.SET, peer.DEFAULT, "psnr")
    rows = []
    for method in methods:
        found = scores.samples(pasted.SET, method, "psnr")
        each = [scores.samples(pasted.SET, method, f"psnr_{ground}").mean() for ground in grounds]
        soft = scores.samples(pasted.SET, method, "soft_psnr").mean()
        gain = intervals.mean_difference(found, theirs)
        rows.append(
            [
                method,
                *(f"{value:.1f}" for value in each),
                intervals.mean(found).text(1),
                "" if method == peer.DEFAULT else _signed(gain, 1),
                f"{soft:.1f}",
            ]
        )
    title = f"**Composites in the edge band**, {pasted.SET}, {_count(scores, pasted.SET)}"
    return f"{title}\n\n{table(head, rows)}"


def _share_table(scores: Scores) -> str:
    rows = []
    for set_name in scores.sets():
        clear = [score for score in scores.of(set_name, OURS) if score.clear]
        if not clear:
            continue
        for method in (peer.DEFAULT, *QUALITIES):
            cells = [
                f"{scores.samples(set_name, method, gap, clear_only=True).mean():.1%}"
                for gap in _GAPS
            ]
            within = sum(
                max(score.figures["opaque_gap"], score.figures["empty_gap"]) <= _CLOSE
                for score in scores.of(set_name, method)
                if score.clear
            )
            rows.append([set_name, method, *cells, f"{within} of {len(clear)}"])
    head = ["set", "method", *_GAPS.values(), f"both within {_CLOSE * 100:g} points"]
    title = "**Opaque and empty shares**, mean gap to the truth's over clear subjects"
    return f"{title}\n\n{table(head, rows)}"


def _budget_table(verdicts: Sequence[Verdict]) -> str:
    rows = []
    for verdict in verdicts:
        budget = verdict.budget
        bound = f"{'<=' if budget.at_most else '>='} {budget.limit:g}"
        digits = 2 if budget.figure == "psnr" else 3
        rows.append(
            [
                budget.text,
                budget.method,
                f"{budget.set_name}: {budget.figure}{_OF[budget.quantity]}",
                bound,
                verdict.found.text(digits),
                "met" if verdict.met else "**missed**",
            ]
        )
    return "**Budgets**\n\n" + table(["budget", "method", "figure", "bound", "found", ""], rows)


def _count(scores: Scores, set_name: str) -> str:
    found = scores.of(set_name, OURS)
    subjects = len({score.case.subject for score in found})
    pictures = _counted(len(found), "picture")
    return pictures if subjects == len(found) else f"{pictures} of {_counted(subjects, 'subject')}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _signed(interval: Interval, digits: int) -> str:
    text = interval.text(digits)
    return text if text.startswith("-") else f"+{text}"
