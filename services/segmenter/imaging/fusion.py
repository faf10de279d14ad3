"""Makes one matte of several looks of a network at the same picture.

All values are networks' answers, float32 [h, w] in 0..1, before anything is snapped or enlarged.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.neighbourhood import box_mean
from segmenter.imaging.part import Part

_HALF = 0.5
_LEAST_LIKENESS_OF_MIRROR = 0.7
_LEAST_LIKENESS_OF_NEAR_LOOK = 0.85
_GHOSTS = (0.3, 0.6)
"""From the first to the second of these, on average around a place, two answers no longer differ
in where an edge lies but in what the subject is."""

_GHOST_RADIUS_CELLS = 4
_NO_ODDS = np.float32(1e-3)
"""An answer is never taken as more certain than this: nothing else could weigh against it."""

_LEVEL_OF_SUBJECT = 0.3
_MARGIN = 0.12
"""Room around a subject that is looked at again, as a share of its longer side."""

_LARGEST_PART = 0.9
"""Nearer than this share of the picture is no nearer look."""

_RAMP = 0.05
"""The share of a part's sides over which a nearer look fades in, half of its margin."""


def joined(
    plain_f32: NDArray[np.float32], mirrored_f32: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Joins the answer to a picture with that to its mirror image, which was turned back.

    Where a picture has several candidates the two may choose different ones, and any mean would
    show both as ghosts: then the plain answer stands, as it does in every place where they differ.
    """
    if likeness(plain_f32, mirrored_f32) < _LEAST_LIKENESS_OF_MIRROR:
        return plain_f32
    return _pooled(plain_f32, mirrored_f32, _agreement(plain_f32, mirrored_f32) / 2)


def subject_part(alpha_f32: NDArray[np.float32], width_px: int, height_px: int) -> Part | None:
    """Finds the part of a picture that is worth a nearer look: its subjects with some room.

    None where there is no subject, where it fills the picture, or where the picture has no more
    pixels to show than the network has seen.
    """
    height, width = alpha_f32.shape
    box = Image.fromarray((alpha_f32 > _LEVEL_OF_SUBJECT).view(np.uint8)).getbbox()
    if box is None or (width_px <= width and height_px <= height):
        return None
    across, down = width_px / width, height_px / height
    left, top, right, bottom = box[0] * across, box[1] * down, box[2] * across, box[3] * down
    margin_px = _MARGIN * max(right - left, bottom - top)
    # Whole pixels, so that what is seen and what is painted over are the same.
    part = Part(
        left=max(0, round(left - margin_px)) / width_px,
        top=max(0, round(top - margin_px)) / height_px,
        right=min(width_px, round(right + margin_px)) / width_px,
        bottom=min(height_px, round(bottom + margin_px)) / height_px,
    )
    return part if part.area <= _LARGEST_PART else None


def refined(
    alpha_f32: NDArray[np.float32], near_f32: NDArray[np.float32], part: Part
) -> NDArray[np.float32] | None:
    """Joins the answer to a whole picture with one to a part of it; the result is of the part.

    None where they show different subjects: the network sees no surroundings in a nearer look,
    and may take the subject for background, so the first answer stands.
    """
    height, width = near_f32.shape
    rows, columns = alpha_f32.shape
    box = (part.left * columns, part.top * rows, part.right * columns, part.bottom * rows)
    far = Image.fromarray(alpha_f32).resize((width, height), Image.Resampling.BICUBIC, box=box)
    far_f32 = np.asarray(far).clip(0, 1)
    if likeness(far_f32, near_f32) < _LEAST_LIKENESS_OF_NEAR_LOOK:
        return None
    fade_f32 = np.minimum(
        _fade(height, part.top, part.bottom)[:, None], _fade(width, part.left, part.right)
    )
    return _pooled(far_f32, near_f32, fade_f32 * _agreement(far_f32, near_f32) / 2)


def likeness(one_f32: NDArray[np.float32], other_f32: NDArray[np.float32]) -> float:
    """Tells how far two answers show the same subject: intersection over union at one half.

    1 where both show none.
    """
    one, other = one_f32 >= _HALF, other_f32 >= _HALF
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0


def _agreement(one_f32: NDArray[np.float32], other_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    """Tells where two answers show the same, 1, and where one shows what the other has not, 0."""
    difference_f32 = box_mean(np.abs(one_f32 - other_f32), _GHOST_RADIUS_CELLS)
    low, high = _GHOSTS
    agreement_f32: NDArray[np.float32] = (high - difference_f32) / np.float32(high - low)
    return agreement_f32.clip(0, 1)


def _pooled(
    one_f32: NDArray[np.float32],
    other_f32: NDArray[np.float32],
    weight_f32: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Takes the weighted mean of the log-odds, by which the more certain answer counts more.

    Source: C. Genest, J. Zidek, Combining Probability Distributions, Statistical Science 1986
    (the logarithmic opinion pool).
    """
    log_odds_f32 = (1 - weight_f32) * _log_odds(one_f32) + weight_f32 * _log_odds(other_f32)
    pooled_f32: NDArray[np.float32] = 1 / (1 + np.exp(-log_odds_f32))
    return pooled_f32


def _log_odds(alpha_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    certain_f32 = alpha_f32.clip(_NO_ODDS, 1 - _NO_ODDS)
    log_odds_f32: NDArray[np.float32] = np.log(certain_f32 / (1 - certain_f32))
    return log_odds_f32


def _fade(cells: int, begin: float, end: float) -> NDArray[np.float32]:
    """Rises from 0 at the ends of a part to 1 inside it, but at the rim of the picture it is 1."""
    places = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) / np.float32(cells * _RAMP)
    fade_f32 = np.ones(cells, np.float32)
    if begin > 0:
        fade_f32 = np.minimum(fade_f32, places)
    if end < 1:
        fade_f32 = np.minimum(fade_f32, places[::-1])
    return fade_f32
