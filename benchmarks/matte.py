"""What each step from a network's answer to a matte gives, on the quality set.

    python -m benchmarks.matte [--model u2netp]

Reads the quality set at $MATTEBOX_SHARED/eval or ../shared/eval. Every cell is the mean absolute
error over that of the first row, so less is better, and behind it the same for the edge band.
"""

import argparse
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.quality import metrics
from benchmarks.quality.cases import Case, masked_cases, required_quality_set
from benchmarks.running import ROOT
from segmenter.imaging import fusion
from segmenter.imaging.matte import Answer, matte
from segmenter.imaging.model_input import view
from segmenter.imaging.part import WHOLE, Part
from segmenter.imaging.picture import Picture
from segmenter.inference.model_config import read_config, spec_from_config
from segmenter.inference.onnx_network import OnnxNetwork

Alpha = NDArray[np.float32]
Errors = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """One picture, and what the network says of it; nothing is asked twice."""

    network: OnnxNetwork
    size: tuple[int, int]
    picture: Picture

    def answer(self, part: Part = WHOLE, *, mirror: bool) -> Answer:
        """Asks about a part, and about its mirror image too."""
        seen = view(self.picture, *self.size, part)
        alpha_f32 = _run(self.network, seen.tensor_u8.tobytes(), seen.tensor_u8.shape)
        if mirror:
            mirrored_u8 = seen.tensor_u8[:, ::-1]
            turned_f32 = _run(self.network, mirrored_u8.tobytes(), mirrored_u8.shape)[:, ::-1]
            alpha_f32 = fusion.joined(alpha_f32, turned_f32)
        return Answer(part, alpha_f32, seen.guide_u8)


def enlarged(looks: Looks) -> Alpha:
    """The answer enlarged with bicubic interpolation, its ends snapped: colours do not count."""
    alpha_f32 = looks.answer(mirror=False).alpha_f32
    full = Image.fromarray(alpha_f32).resize(looks.picture.rgb.size, Image.Resampling.BICUBIC)
    snapped: Alpha = np.clip((np.asarray(full) - 0.05) / 0.9, 0, 1)
    return snapped


def fast(looks: Looks) -> Alpha:
    """One look, guided by the picture's colours."""
    return _matte(looks, looks.answer(mirror=False))


def balanced(looks: Looks) -> Alpha:
    """With the mirror image."""
    return _matte(looks, looks.answer(mirror=True))


def nearer(looks: Looks) -> Alpha:
    """With a nearer look and no mirror image."""
    return _twice(looks, mirror=False)


def best(looks: Looks) -> Alpha:
    """With both."""
    return _twice(looks, mirror=True)


STEPS: Mapping[str, Callable[[Looks], Alpha]] = {
    "enlarged only": enlarged,
    "fast: guided by colours": fast,
    "balanced: and the mirror image": balanced,
    "guided, and a nearer look": nearer,
    "best: all of it": best,
}


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="u2netp")
    model = parser.parse_args().model
    repository = ROOT / "model_repository"
    spec = spec_from_config(read_config(repository, model))
    network = OnnxNetwork(repository / model / "1" / "model.onnx", os.cpu_count() or 1)
    size = (spec.input_height_px, spec.input_width_px)
    sets: dict[str, list[Case]] = {}
    for case in masked_cases(required_quality_set()):
        sets.setdefault(case.set_name, []).append(case)
    measured = {
        name: np.mean([_errors(case, network, size) for case in cases], axis=0)
        for name, cases in sets.items()
    }
    print(f"{model}: mean absolute error / in the edge band, over that of the first row\n")
    print(f"{'':<34}" + "".join(f"{f'{name} ({len(each)})':>20}" for name, each in sets.items()))
    for number, step in enumerate(STEPS):
        ratios = [errors[number] / errors[0] for errors in measured.values()]
        print(f"{step:<34}" + "".join(f"{f'{all_:.3f} / {band:.3f}':>20}" for all_, band in ratios))


def _errors(case: Case, network: OnnxNetwork, size: tuple[int, int]) -> Errors:
    """Measures all steps on one picture, [steps, 2]."""
    truth = case.true_alpha_f32()
    band = metrics.edge_band(truth)
    looks = Looks(network, size, Picture(Image.fromarray(case.photo_rgb_u8()), None, None))
    errors = [np.abs(step(looks) - truth) for step in STEPS.values()]
    return np.array([[each.mean(), each[band].mean()] for each in errors])


def _twice(looks: Looks, *, mirror: bool) -> Alpha:
    first = looks.answer(mirror=mirror)
    part = fusion.subject_part(first.alpha_f32, looks.picture.width_px, looks.picture.height_px)
    if part is None:
        return _matte(looks, first)
    near = looks.answer(part, mirror=mirror)
    refined = fusion.refined(first.alpha_f32, near.alpha_f32, part)
    if refined is None:
        return _matte(looks, first)
    return _matte(looks, first, Answer(part, refined, near.guide_u8))


def _matte(looks: Looks, *answers: Answer) -> Alpha:
    return matte(answers, looks.picture).alpha_u8.astype(np.float32) / 255


@cache
def _run(network: OnnxNetwork, tensor: bytes, shape: tuple[int, ...]) -> Alpha:
    alphas_f32: Alpha = network.run(np.frombuffer(tensor, np.uint8).reshape(1, *shape))
    first_f32: Alpha = alphas_f32[0]
    return first_f32


if __name__ == "__main__":
    main()
