"""How far the mattes of one network lie from those of another, and both from the truth.

    python -m benchmarks.models [--model u2netp-int8] [--reference u2netp]

Reads the quality set at $MATTEBOX_SHARED/eval or ../shared/eval. Mattes are the networks' own, at
their size, before anything refines them; the truth is reduced to that size. Exits with 1 where the
network is outside the budget for a card that stands in for its reference.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.quality import metrics
from benchmarks.quality.cases import masked_cases, required_quality_set
from benchmarks.running import ROOT
from bounds.cores import available_cores
from segmenter.imaging.model_input import view
from segmenter.imaging.picture import Picture
from segmenter.inference.model_config import read_config, spec_from_config
from segmenter.inference.onnx_network import OnnxNetwork

Alpha = NDArray[np.float32]
See = Callable[[Image.Image], Alpha]

MOST_MEAN_DIFFERENCE = 0.003
LEAST_MEDIAN_IOU = 0.99


@dataclass(frozen=True, slots=True)
class Comparison:
    """One network beside its reference, over all pictures."""

    pictures: int
    mean_difference: float
    """Mean absolute, over all mattes."""
    median_difference: float
    largest_difference: float
    """Of a whole matte."""
    median_iou: float
    smallest_iou: float
    error: float
    """Mean absolute, to the truth."""
    reference_error: float

    def problems(self) -> list[str]:
        """What is outside the budget."""
        found = {
            f"differs by {self.mean_difference:.4f}, at most {MOST_MEAN_DIFFERENCE}": (
                self.mean_difference > MOST_MEAN_DIFFERENCE
            ),
            f"has a median IoU of {self.median_iou:.4f}, at least {LEAST_MEDIAN_IOU}": (
                self.median_iou < LEAST_MEDIAN_IOU
            ),
            f"errs by {self.error:.4f}, its reference by {self.reference_error:.4f}": (
                self.error > self.reference_error
            ),
        }
        return [problem for problem, is_so in found.items() if is_so]


def compare(
    found: Sequence[Alpha], reference: Sequence[Alpha], truth: Sequence[Alpha]
) -> Comparison:
    """Compares mattes, float32 [H, W] in 0..1, picture by picture."""
    differences = [_mean(a, b) for a, b in zip(found, reference, strict=True)]
    overlaps = [metrics.iou(a, b) for a, b in zip(found, reference, strict=True)]
    return Comparison(
        pictures=len(found),
        mean_difference=float(np.mean(differences)),
        median_difference=float(np.median(differences)),
        largest_difference=max(differences),
        median_iou=float(np.median(overlaps)),
        smallest_iou=min(overlaps),
        error=float(np.mean([_mean(a, b) for a, b in zip(found, truth, strict=True)])),
        reference_error=float(
            np.mean([_mean(a, b) for a, b in zip(reference, truth, strict=True)])
        ),
    )


def main() -> None:
    """Measures, prints, writes JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="u2netp-int8")
    parser.add_argument("--reference", default="u2netp")
    parser.add_argument("--model-repository", type=Path, default=ROOT / "model_repository")
    options = parser.parse_args()
    cases = list(masked_cases(required_quality_set()))
    photos = [Image.fromarray(case.photo_rgb_u8()) for case in cases]
    found, reference = (
        list(map(_network(options.model_repository, name), photos))
        for name in (options.model, options.reference)
    )
    sizes = [(matte.shape[1], matte.shape[0]) for matte in reference]
    truth = [
        np.asarray(Image.fromarray(case.true_alpha_f32()).resize(size, Image.Resampling.BOX))
        for case, size in zip(cases, sizes, strict=True)
    ]
    outcome = compare(found, reference, truth)
    print(f"{options.model} beside {options.reference}\n")
    for name, value in asdict(outcome).items():
        print(f"{name.replace('_', ' '):<20} {value:>9.4g}")
    _write(options.model, options.reference, outcome)
    if problems := outcome.problems():
        sys.exit(f"outside the budget: {options.model} " + "; ".join(problems))


def _network(repository: Path, name: str) -> See:
    spec = spec_from_config(read_config(repository, name))
    network = OnnxNetwork(repository / name / "1" / "model.onnx", available_cores())

    def see(photo: Image.Image) -> Alpha:
        seen = view(Picture(photo, None, None), spec.input_height_px, spec.input_width_px)
        alpha_f32: Alpha = network.run(seen.tensor_u8[np.newaxis])[0]
        return alpha_f32

    return see


def _mean(a: Alpha, b: Alpha) -> float:
    return float(np.abs(a - b).mean())


def _write(model: str, reference: str, outcome: Comparison) -> None:
    path = ROOT / "benchmarks" / "results" / "models.json"
    path.parent.mkdir(exist_ok=True)
    values = {"model": model, "reference": reference, **asdict(outcome)}
    path.write_text(json.dumps(values, indent=2))
    print(f"\nwritten to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
