"""How close our mattes come to true ones, with the levels and filters of other choices beside them.

    python -m benchmarks.matte [--model u2netp]

Reads the quality set at $MATTEBOX_SHARED/eval or ../shared/eval. Mean absolute error (0..1) and
median IoU at one half, for each set by itself; the last row is what the service does.
"""

import argparse
import csv
import os
import statistics
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.quality.cases import required_quality_set
from benchmarks.running import ROOT
from segmenter.imaging.matte import matte
from segmenter.imaging.model_input import model_input
from segmenter.imaging.picture import Picture
from segmenter.inference.model_config import read_config, spec_from_config
from segmenter.inference.onnx_network import OnnxNetwork

Alpha = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Variant:
    """How an answer is made and enlarged."""

    reduce: Image.Resampling
    enlarge: Image.Resampling
    background: float
    subject: float


VARIANTS = {
    "Lanczos in, no snap": Variant(Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, 0.0, 1.0),
    "Lanczos in, 0.05 to 0.95": Variant(
        Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, 0.05, 0.95
    ),
    "bilinear in, no snap": Variant(Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, 0.0, 1.0),
    "bilinear in, 0.1 to 0.9": Variant(
        Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, 0.1, 0.9
    ),
}


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="u2netp")
    model = parser.parse_args().model
    repository = ROOT / "model_repository"
    spec = spec_from_config(read_config(repository, model))
    network = OnnxNetwork(repository / model / "1" / "model.onnx", os.cpu_count() or 1)
    size = (spec.input_height_px, spec.input_width_px)
    pairs = _pairs()
    print(f"{model}: mean absolute error / median IoU\n")
    print(f"{'':<26}" + "".join(f"{f'{name} ({len(each)})':>22}" for name, each in pairs.items()))
    for name in (*VARIANTS, "as served"):
        cells = [_measured(name, each, network, size) for each in pairs.values()]
        print(f"{name:<26}" + "".join(f"{cell:>22}" for cell in cells))


def _pairs() -> dict[str, list[tuple[Path, Path]]]:
    folder = required_quality_set()
    pairs: dict[str, list[tuple[Path, Path]]] = {}
    with (folder / "MANIFEST.tsv").open() as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            if (folder / row["mask"]).is_file():
                pairs.setdefault(row["set"], []).append(
                    (folder / row["image"], folder / row["mask"])
                )
    return pairs


def _measured(
    name: str, pairs: list[tuple[Path, Path]], network: OnnxNetwork, size: tuple[int, int]
) -> str:
    errors, ious = [], []
    for image, mask in pairs:
        with Image.open(image) as source, Image.open(mask) as truth:
            picture = Picture(rgb=source.convert("RGB"), alpha=None, icc_profile=None)
            expected = np.asarray(truth.convert("L"), np.float32) / 255
        alpha = _alpha(name, picture, network, size)
        errors.append(float(np.abs(alpha - expected).mean()))
        ours, right = alpha >= 0.5, expected >= 0.5
        ious.append(float((ours & right).sum() / max(1, (ours | right).sum())))
    return f"{statistics.mean(errors):.4f} / {statistics.median(ious):.4f}"


def _alpha(name: str, picture: Picture, network: OnnxNetwork, size: tuple[int, int]) -> Alpha:
    if name not in VARIANTS:
        answer = network.run(model_input(picture, *size)[None])[0]
        return matte(answer, picture).alpha_u8.astype(np.float32) / 255
    variant = VARIANTS[name]
    small = np.asarray(picture.rgb.resize(size[::-1], variant.reduce))
    answer = network.run(small[None])[0]
    full = Image.fromarray(answer).resize(picture.rgb.size, variant.enlarge)
    snapped = (np.asarray(full) - variant.background) / (variant.subject - variant.background)
    clipped: Alpha = np.clip(snapped, 0, 1)
    return clipped


if __name__ == "__main__":
    main()
