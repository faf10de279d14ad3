"""Measures every answer to every case, and the references that tell matte from colour."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from benchmarks.quality import metrics, ours, peer
from benchmarks.quality.cases import Case, rgba_u8
from benchmarks.quality.intervals import by_subject
from segmenter.sight import Quality

OURS = f"ours, {Quality.FAST}"
"""What the service does unless it is told otherwise."""

BEST = f"ours, {Quality.BEST}"
OURS_TRUE_MATTE = "ours, true matte"

FLAT_GROUNDS: Mapping[str, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "green": (0, 177, 64),
}
PHOTO_GROUND = "photo"

_CLEAR_IOU = 0.95
_CLEAR_SOFT_SHARE = 0.05

Rgba = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Score:
    """What was measured of one answer."""

    case: Case
    method: str
    clear: bool
    """Whether the subject is clear: hardly anything of it is soft, and rembg finds it."""

    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Scores:
    """What was measured of all answers."""

    all: Sequence[Score]

    def sets(self) -> list[str]:
        """Lists the sets, in the order of their cases."""
        return list(dict.fromkeys(score.case.set_name for score in self.all))

    def of(self, set_name: str, method: str) -> list[Score]:
        """Lists the scores of one method on one set."""
        return [s for s in self.all if (s.case.set_name, s.method) == (set_name, method)]

    def samples(
        self, set_name: str, method: str, figure: str, *, clear_only: bool = False
    ) -> NDArray[np.float64]:
        """Collects one figure of a method on a set, a value a subject; empty where there is none.

        Two methods' samples of a set are of the same subjects in the same order.
        """
        scores = [
            score
            for score in self.of(set_name, method)
            if figure in score.figures and (score.clear or not clear_only)
        ]
        values = [score.figures[figure] for score in scores]
        return by_subject(values, [score.case.subject for score in scores])


def scored(cases: Sequence[Case], answers: Path, photos: Sequence[Path]) -> Scores:
    """Measures all answers that lie in `answers`, a folder a method.

    Args:
        cases: what was answered.
        answers: holds the PNGs.
        photos: grounds to composite on where the true colours are known.
    """
    scores: list[Score] = []
    for number, case in enumerate(cases):
        scores += _scored(case, answers, photos[number % len(photos)])
    return Scores(scores)


def _scored(case: Case, answers: Path, photo: Path) -> Iterator[Score]:
    truth = case.true_alpha_f32()
    found = {
        name: rgba_u8(answers / name / f"{case.name}.png")
        for name in (*peer.MODES, *ours.QUALITIES)
    }
    clear = _is_clear(truth, found[peer.DEFAULT])
    alpha_figures = {
        name: asdict(metrics.alpha_errors(_alpha_f32(rgba), truth)) for name, rgba in found.items()
    }
    if case.foreground is not None:
        found |= _references(case, found)
    grounds = _grounds(photo, truth.shape)
    for name, rgba in found.items():
        figures = dict(alpha_figures.get(name, {}))
        if case.foreground is not None:
            figures |= _colour_figures(rgba, rgba_u8(case.foreground), grounds)
        yield Score(case, name, clear, figures)


def _is_clear(truth: metrics.Alpha, theirs: Rgba) -> bool:
    """Judges by the truth and by rembg, so that a change of ours leaves the choice as it is."""
    found = metrics.iou(_alpha_f32(theirs), truth) >= _CLEAR_IOU
    return found and float(metrics.soft(truth).mean()) <= _CLEAR_SOFT_SHARE


def _references(case: Case, found: Mapping[str, Rgba]) -> dict[str, Rgba]:
    """Makes answers that have either the true matte or the true colours."""
    true_u8 = case.true_rgba_u8()
    photo_u8 = case.photo_rgb_u8()
    alpha_u8 = true_u8[..., 3]
    share = alpha_u8[..., None] / 255
    # Where nothing of the subject shows, it has no colour to be right about.
    colours_u8 = np.where(alpha_u8[..., None] > 0, true_u8[..., :3], photo_u8)
    image = case.image.read_bytes()
    with Image.open(io.BytesIO(ours.with_alpha(image, alpha_u8))) as answer:
        rendered_u8 = np.array(answer.convert("RGBA"))
    return {
        OURS_TRUE_MATTE: rendered_u8,
        "photo's colours, true matte": np.dstack([photo_u8, alpha_u8]),
        "premultiplied, true matte": np.dstack(
            [np.rint(photo_u8 * share).astype(np.uint8), alpha_u8]
        ),
        "true colours, rembg's matte": np.dstack([colours_u8, found[peer.DEFAULT][..., 3]]),
        "true colours, our fast matte": np.dstack([colours_u8, found[OURS][..., 3]]),
        "true colours, our best matte": np.dstack([colours_u8, found[BEST][..., 3]]),
    }


def _grounds(photo: Path, shape: tuple[int, ...]) -> dict[str, NDArray[np.uint8]]:
    grounds = {name: np.array(colour, np.uint8) for name, colour in FLAT_GROUNDS.items()}
    with Image.open(photo) as image:
        fitted = ImageOps.fit(image.convert("RGB"), (shape[1], shape[0]))
    return {**grounds, PHOTO_GROUND: np.array(fitted)}


def _colour_figures(
    rgba: Rgba, truth_rgba: Rgba, grounds: Mapping[str, NDArray[np.uint8]]
) -> dict[str, float]:
    """Compares composites in the edge band, and in the soft pixels alone."""
    truth = _alpha_f32(truth_rgba)
    band, soft = metrics.edge_band(truth), metrics.soft(truth)
    in_band = {name: _psnr_db(rgba, truth_rgba, grounds[name], band) for name in grounds}
    in_soft = [_psnr_db(rgba, truth_rgba, ground, soft) for ground in grounds.values()]
    return {
        "psnr": float(np.mean(list(in_band.values()))),
        **{f"psnr_{name}": value for name, value in in_band.items()},
        "soft_psnr": float(np.mean(in_soft)),
    }


def _psnr_db(rgba: Rgba, truth_rgba: Rgba, ground: NDArray[np.uint8], where: metrics.Mask) -> float:
    return metrics.psnr_db(
        metrics.composited(rgba, ground, where), metrics.composited(truth_rgba, ground, where)
    )


def _alpha_f32(rgba: Rgba) -> metrics.Alpha:
    return rgba[..., 3].astype(np.float32) / 255
