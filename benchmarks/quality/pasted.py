"""Makes lossless composites whose matte and colours are both known: cut-outs on photos.

Where the quality set's composites were saved as JPEG, these keep every level, so what differs from
the truth is the method's doing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from benchmarks.quality.cases import Case, rgba_u8

SET = "pasted"

_GROUNDS_A_SUBJECT = 2
_SCALES = (1.0, 0.8)
_MARGINS = (0.15, 0.35, 0.25)
"""Room beside a subject, as shares of its longer side; taken in turn."""

_LONGEST_SIDE_PX = 1080
_OPAQUE_U8 = 128
_CUT_OFF_SHARE = 0.25
"""A side of which so much is subject cuts the subject off: it stays at the picture's rim."""


@dataclass(frozen=True, slots=True)
class Placing:
    """How a subject lies in its picture; all in pixels."""

    canvas: tuple[int, int]
    left: int
    top: int


def pasted_cases(folder: Path, target: Path) -> Iterator[Case]:
    """Pastes every cut-out of the quality set on two of its backgrounds, into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    backgrounds = sorted((folder / "backgrounds").glob("*.jpg"))
    for number, source in enumerate(sorted((folder / "foregrounds_rgba").glob("*.png"))):
        for turn in range(_GROUNDS_A_SUBJECT):
            background = backgrounds[(number + 2 * turn) % len(backgrounds)]
            yield _pasted(source, background, number + turn, target)


def photo_grounds(folder: Path) -> list[Path]:
    """Lists the photos on which answers may be composited."""
    return sorted((folder / "backgrounds").glob("*.jpg"))


def placing(alpha_u8: NDArray[np.uint8], margin_px: int) -> Placing:
    """Gives a subject room on every side that does not cut it off."""
    subject = alpha_u8 >= _OPAQUE_U8
    rims = (subject[:, 0], subject[0], subject[:, -1], subject[-1])
    left, top, right, bottom = (0 if rim.mean() > _CUT_OFF_SHARE else margin_px for rim in rims)
    height, width = alpha_u8.shape
    return Placing((width + left + right, height + top + bottom), left, top)


def over_photo_u8(
    subject_rgba_u8: NDArray[np.uint8], photo_rgb_u8: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Composites a subject over a photo of its size, rounded once, uint8 [H, W, 3]."""
    alpha = subject_rgba_u8[..., 3:].astype(np.float64) / 255
    mixed = alpha * subject_rgba_u8[..., :3] + (1 - alpha) * photo_rgb_u8
    rounded: NDArray[np.uint8] = np.rint(mixed).astype(np.uint8)
    return rounded


def _pasted(source: Path, background: Path, variant: int, target: Path) -> Case:
    subject = _scaled(source, _SCALES[variant % len(_SCALES)])
    rgba = np.array(subject)
    margin_px = round(max(subject.size) * _MARGINS[variant % len(_MARGINS)])
    place = placing(rgba[..., 3], margin_px)
    width, height = place.canvas
    foreground_u8 = np.zeros((height, width, 4), np.uint8)
    rows, columns = slice(place.top, place.top + subject.height), slice(place.left, None)
    foreground_u8[rows, columns][:, : subject.width] = rgba
    with Image.open(background) as photo:
        ground_u8 = np.asarray(ImageOps.fit(photo.convert("RGB"), place.canvas))
    name = f"{SET}-{source.stem}-on-{background.stem.split('_')[1]}"
    image, foreground = target / f"{name}.png", target / f"{name}.true.png"
    Image.fromarray(over_photo_u8(foreground_u8, ground_u8)).save(image, compress_level=1)
    Image.fromarray(foreground_u8).save(foreground, compress_level=1)
    return Case(SET, name, source.stem, image, foreground, foreground)


def _scaled(source: Path, scale: float) -> Image.Image:
    """Scales a cut-out, its colours weighted by alpha, and only ever down."""
    subject = Image.fromarray(rgba_u8(source))
    scale = min(scale, 0.75 * _LONGEST_SIDE_PX / max(subject.size))
    if scale >= 1:
        return subject
    size = (round(subject.width * scale), round(subject.height * scale))
    return subject.resize(size, Image.Resampling.LANCZOS)
