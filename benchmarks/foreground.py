"""How close the colours of soft edges come to the subject's own, and what that costs.

    python -m benchmarks.foreground [--model u2netp] [--megapixels 1.5 12] [--rounds 5]

Reads the quality set at $MATTEBOX_SHARED/eval or ../shared/eval: every cut-out is pasted on every
background without loss, and its colours are estimated from that. Mean over the composites of the
PSNR over white, black and green, of the soft pixels alone and of all within four pixels of them.
"""

import argparse
import itertools
import os
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from benchmarks.pictures import disc_u8, enlarged_picture, read_rows
from benchmarks.quality.cases import required_quality_set
from benchmarks.running import ROOT
from benchmarks.timing import median_ms
from segmenter.imaging.compose import CutOutRows
from segmenter.imaging.crop import Box
from segmenter.imaging.foreground import foreground
from segmenter.imaging.matte import Answer, Matte, matte
from segmenter.imaging.model_input import view
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.imaging.subject import Subject
from segmenter.inference.model_config import read_config, spec_from_config
from segmenter.inference.onnx_network import OnnxNetwork
from segmenter.options import CutOutOptions

Floats = NDArray[np.float32]
Estimate = Callable[[Picture, Matte], Floats]

_GROUNDS = ((255, 255, 255), (0, 0, 0), (0, 255, 0))
_MARGIN_PX = 4
_FOUND_IOU = 0.8
"""Below this a matte shows another subject, and colours say nothing."""


@dataclass(frozen=True, slots=True)
class Composite:
    """A cut-out on a background, and what it was made of."""

    picture: Picture
    colour_f32: Floats
    """The subject's true colours in 0..255, float32 [H, W, 3]."""

    matte: Matte


def main() -> None:
    """Measures and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="u2netp")
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1.5, 12.0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    composites = list(_composites(required_quality_set()))
    _print_table("true alpha", composites, [each.matte for each in composites])
    served = _served_mattes(options.model, composites)
    found = [pair for pair in zip(composites, served, strict=True) if _found(*pair)]
    _print_table(options.model, *(list(each) for each in zip(*found, strict=True)))
    for megapixels in options.megapixels:
        _print_cost(megapixels, options.rounds)


def _composites(folder: Path) -> Iterator[Composite]:
    cut_outs = sorted((folder / "foregrounds_rgba").glob("*.png"))
    backgrounds = sorted((folder / "backgrounds").glob("*.jpg"))
    for cut_out, background in itertools.product(cut_outs, backgrounds):
        with Image.open(cut_out) as image, Image.open(background) as behind:
            rgba_u8 = np.asarray(image.convert("RGBA"))
            ground = ImageOps.fit(behind.convert("RGB"), image.size, Image.Resampling.LANCZOS)
        colour_f32, alpha_u8 = rgba_u8[..., :3].astype(np.float32), rgba_u8[..., 3].copy()
        mixed_f32 = _over(colour_f32, alpha_u8, np.asarray(ground, np.float32))
        rgb = Image.fromarray(mixed_f32.round().astype(np.uint8))
        yield Composite(Picture(rgb, None, None), colour_f32, Matte(alpha_u8, True))


def _served_mattes(model: str, composites: list[Composite]) -> list[Matte]:
    repository = ROOT / "model_repository"
    spec = spec_from_config(read_config(repository, model))
    network = OnnxNetwork(repository / model / "1" / "model.onnx", os.cpu_count() or 1)
    size = (spec.input_height_px, spec.input_width_px)
    return [_served_matte(network, each.picture, size) for each in composites]


def _served_matte(network: OnnxNetwork, picture: Picture, size: tuple[int, int]) -> Matte:
    seen = view(picture, *size)
    answer = Answer(seen.part, network.run(seen.tensor_u8[None])[0], seen.guide_u8)
    return matte([answer], picture)


def _found(composite: Composite, served: Matte) -> bool:
    ours, right = served.alpha_u8 >= 128, composite.matte.alpha_u8 >= 128
    return float((ours & right).sum()) >= _FOUND_IOU * float((ours | right).sum())


def _print_table(title: str, composites: list[Composite], mattes: list[Matte]) -> None:
    print(f"{title}, {len(composites)} composites: dB of soft pixels / with those around them\n")
    for name, estimate in _ESTIMATES.items():
        scores = [
            _psnr_db(composite, estimate(composite.picture, each), each)
            for composite, each in zip(composites, mattes, strict=True)
        ]
        soft, around = (statistics.mean(each) for each in zip(*scores, strict=True))
        print(f"{name:<28}{soft:>8.2f} / {around:.2f}")
    print()


def _psnr_db(composite: Composite, colour_f32: Floats, used: Matte) -> tuple[float, float]:
    soft: NDArray[np.bool_] = (used.alpha_u8 > 0) & (used.alpha_u8 < 255)
    grown = Image.fromarray(soft.astype(np.uint8)).filter(ImageFilter.MaxFilter(2 * _MARGIN_PX + 1))
    error_f32 = np.zeros(used.alpha_u8.shape, np.float32)
    for ground in _GROUNDS:
        ground_f32 = np.array(ground, np.float32)
        shown_f32 = _over(colour_f32, used.alpha_u8, ground_f32)
        right_f32 = _over(composite.colour_f32, composite.matte.alpha_u8, ground_f32)
        error_f32 += ((shown_f32 - right_f32) ** 2).mean(axis=2) / len(_GROUNDS)
    return _db(error_f32[soft]), _db(error_f32[np.asarray(grown) > 0])


def _db(squares_f32: Floats) -> float:
    return float(10 * np.log10(255**2 / squares_f32.mean()))


def _over(colour_f32: Floats, alpha_u8: NDArray[np.uint8], ground_f32: Floats) -> Floats:
    alpha_f32: Floats = alpha_u8[..., None].astype(np.float32) / 255
    return ground_f32 + (colour_f32 - ground_f32) * alpha_f32


def _straight(picture: Picture, _matte: Matte) -> Floats:
    return np.asarray(picture.rgb, np.float32)


def _premultiplied(picture: Picture, matte: Matte) -> Floats:
    return _over(_straight(picture, matte), matte.alpha_u8, np.zeros(3, np.float32))


def _blur_fusion(picture: Picture, matte: Matte) -> Floats:
    """M. Forte's method as published, at full size, with windows of 2 r + 1 pixels."""
    mixed = np.asarray(picture.rgb, np.float64) / 255
    alpha = matte.alpha_u8[..., None] / 255
    subject, background = mixed, mixed
    for radius in (90, 6):
        share = _box_mean(alpha, radius)
        subject = _box_mean(subject * alpha, radius) / (share + 1e-5)
        background = _box_mean(background * (1 - alpha), radius) / (
            _box_mean(1 - alpha, radius) + 1e-5
        )
        explained = alpha * subject + (1 - alpha) * background
        subject = np.clip(subject + alpha * (mixed - explained), 0, 1)
    return (subject * 255).astype(np.float32)


def _box_mean(values: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """The mean of a square window; beyond the edges there are zeros."""
    for axis in (0, 1):
        margins = [(0, 0)] * values.ndim
        margins[axis] = (radius + 1, radius)
        sums = np.moveaxis(np.cumsum(np.pad(values, margins), axis=axis), axis, 0)
        window = 2 * radius + 1
        values = np.moveaxis(sums[window:] - sums[:-window], 0, axis) / window
    return values


def _as_served(picture: Picture, matte: Matte) -> Floats:
    rows = rendered(picture, matte, CutOutOptions())
    rgba_u8 = rows.block(0, rows.height_px).reshape(rows.height_px, rows.width_px, 4)
    return rgba_u8[..., :3].astype(np.float32)


_ESTIMATES: Mapping[str, Estimate] = {
    "premultiplied": _premultiplied,
    "straight, as photographed": _straight,
    "blur fusion, full size": _blur_fusion,
    "as served": _as_served,
}


def _print_cost(megapixels: float, rounds: int) -> None:
    """Prints medians of one thread; blocks are made and let go one by one."""
    picture = enlarged_picture(megapixels)
    size = f"{picture.width_px} x {picture.height_px} pixels"
    print(f"{size}: ms to prepare, to compose colours as photographed, to compose as served\n")
    for name, each in _bands(picture).items():
        plain = CutOutRows(Subject(picture, each, Box.whole(each)))
        rows = rendered(picture, each, CutOutOptions())
        steps: list[Callable[[], object]] = [
            partial(foreground, picture, each),
            partial(read_rows, plain),
            partial(read_rows, rows),
        ]
        alpha_u8 = each.alpha_u8
        soft = float(((alpha_u8 > 0) & (alpha_u8 < 255)).mean())
        medians = "".join(f"{median_ms(step, rounds):>9.1f}" for step in steps)
        print(f"{f'{name}, {soft:.1%} soft':<28}{medians}")
    print()


def _bands(picture: Picture) -> Mapping[str, Matte]:
    """Round mattes with edges of several widths."""
    slopes = {"hard edge": 1e12, "narrow edge": 100.0, "soft edge": 40.0, "wide edge": 5.0}
    alphas = {name: disc_u8(picture, slope) for name, slope in slopes.items()}
    alphas["nothing but edge"] = np.full_like(alphas["hard edge"], 128)
    return {name: Matte(alpha_u8, True) for name, alpha_u8 in alphas.items()}


if __name__ == "__main__":
    main()
