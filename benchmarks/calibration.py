"""Measures the ranges with which a card rounds its network to 8-bit integers.

    python -m benchmarks.calibration [--model u2netp-int8 | --card FILE] > ranges.toml

Reads the published file's float graph as `mattebox models install` builds it, runs it on freely
licensed photos and on pictures made of them, and prints the card's [quantisation.ranges]. The
photos are those of the tests and, at $MATTEBOX_SHARED/photos or ../shared/photos, four more: never
the quality set, with which the outcome is measured.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper
from PIL import Image, ImageEnhance, ImageOps

from benchmarks.quality.cases import shared_folder
from benchmarks.running import ROOT
from mattebox.models import card, fetch, onnx_runs, quantise
from mattebox.models.lean import lean
from mattebox.models.wrap import wrap
from segmenter.imaging.model_input import view
from segmenter.imaging.picture import Picture

_DATA = ROOT / "tests" / "data"
_PHOTOS = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")
_COLOURS = ("white", "black", (40, 160, 60), (200, 60, 50))
_DIGITS = 5


def main() -> None:
    """Measures, and prints a table of TOML."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="u2netp-int8")
    parser.add_argument("--from-file", type=Path, help="the published file, not to download it")
    parser.add_argument("--card", type=Path, help="a card of one's own; its ranges may be {}")
    options = parser.parse_args()
    chosen = card.read(options.card) if options.card else card.load(options.model)
    if chosen.quantisation is None:
        sys.exit(f"the card of {chosen.name} has no [quantisation]: give it float_nodes and ranges")
    file: Path | None = options.from_file
    data = fetch.from_file(chosen, file) if file else fetch.from_index(chosen)
    wrapped = lean(wrap(data, chosen))
    names = quantise.measured(wrapped, chosen.quantisation.float_nodes)
    ranges = _measured(wrapped, names)
    print("[quantisation.ranges]")
    for name, (smallest, largest) in zip(names, ranges, strict=True):
        print(f'"{name}" = [{smallest:.{_DIGITS}g}, {largest:.{_DIGITS}g}]')


def _measured(wrapped: bytes, names: tuple[str, ...]) -> NDArray[np.float64]:
    """The smallest and the largest value of each tensor over all pictures, [tensors, 2]."""
    model = onnx.load_model_from_string(wrapped)
    del model.graph.output[:]
    model.graph.output.extend(
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names
    )
    session = onnx_runs.session(model.SerializeToString())
    size = onnx_runs.size(session)
    ends = []
    for picture in pictures():
        tensor_u8 = view(Picture(picture, None, None), *size).tensor_u8
        found = onnx_runs.run_all(session, {"image": tensor_u8[np.newaxis]})
        ends.append([[each.min(), each.max()] for each in found])
    low, high = np.min(ends, axis=0)[:, 0], np.max(ends, axis=0)[:, 1]
    ranges: NDArray[np.float64] = np.stack([low, high], axis=1).astype(np.float64)
    return ranges


def pictures() -> Iterator[Image.Image]:
    """The photos; each darker, brighter, nearer and without colour; the cup on other grounds."""
    folder = shared_folder("photos", _PHOTOS[0])
    if folder is None:
        sys.exit("photos not found (looked at $MATTEBOX_SHARED/photos and ../shared/photos)")
    photos = [_opened(folder / name) for name in _PHOTOS]
    for photo in [*photos, _opened(_DATA / "composite.jpg")]:
        yield photo
        yield ImageOps.mirror(ImageEnhance.Brightness(photo).enhance(0.6))
        yield ImageEnhance.Contrast(ImageEnhance.Color(photo).enhance(1.6)).enhance(1.3)
        yield ImageOps.crop(photo, min(photo.size) // 6)
        yield ImageOps.flip(photo.convert("L").convert("RGB"))
    cup = _opened(_DATA / "coffee.jpg")
    with Image.open(_DATA / "composite_alpha.png") as matte:
        alpha = matte.convert("L")
    grounds = [Image.new("RGB", cup.size, colour) for colour in _COLOURS]
    grounds += [ImageOps.mirror(photo.resize(cup.size)) for photo in photos]
    for ground in grounds:
        yield Image.composite(cup, ground, alpha)


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


if __name__ == "__main__":
    main()
