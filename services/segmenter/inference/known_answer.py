"""A picture whose matte is known, to find out at start whether an engine computes rightly.

An engine can be up, answer every call, and still be wrong (a tensor library of another ABI, a
device that rounds away the signal, another network under the same name). A check of sizes does
not see that; comparing one answer does.
"""

import numpy as np
from numpy.typing import NDArray

GRID = 8
TOLERANCE = 0.05


def picture(height_px: int, width_px: int) -> NDArray[np.uint8]:
    """Draws a ball on a table before a wall, uint8 [H, W, 3], the same on every machine."""
    y, x = np.mgrid[0:height_px, 0:width_px]
    v, u = (y + 0.5) / height_px, (x + 0.5) / width_px
    wall = np.stack([150 + 40 * u, 170 + 20 * v, 190 - 30 * u], axis=-1)
    table = np.stack([120 - 30 * v, 90 + 10 * u, 60 + 0 * u], axis=-1)
    scene = np.where((v > 0.72)[..., None], table, wall)
    distance = np.hypot(u - 0.47, v - 0.52) / 0.27
    light = np.clip(1.15 - 0.75 * np.hypot(u - 0.38, v - 0.40) / 0.4, 0.15, 1.0)
    ball = np.stack([215 * light, 60 * light, 45 * light], axis=-1)
    stripes = (np.sin(40 * (u + 2 * v)) > 0.6)[..., None]
    ball = np.where(stripes, ball * 0.55 + 90, ball)
    return np.where((distance < 1)[..., None], ball, scene).round().astype(np.uint8)


def fingerprint(alpha_f32: NDArray[np.float32]) -> tuple[float, ...]:
    """Reduces a matte, float [H, W] in 0..1, to the means of an 8 x 8 grid, row by row."""
    bands = np.array_split(alpha_f32, GRID, axis=0)
    cells = [cell for band in bands for cell in np.array_split(band, GRID, axis=1)]
    return tuple(float(cell.mean()) for cell in cells)


def largest_difference(alpha_f32: NDArray[np.float32], expected: tuple[float, ...]) -> float:
    """Tells how far a matte of `picture` is from the expected fingerprint, in 0..1.

    Infinite where the matte holds values that are no numbers.
    """
    return difference(fingerprint(alpha_f32), expected)


def difference(actual: tuple[float, ...], expected: tuple[float, ...]) -> float:
    """Tells how far two fingerprints lie apart at most, in 0..1; infinite for what is no number."""
    if not np.isfinite(actual).all():
        return float("inf")
    return float(np.abs(np.array(actual) - np.array(expected)).max())


def to_text(values: tuple[float, ...]) -> str:
    """Writes a fingerprint as a model's configuration holds it."""
    return ",".join(f"{value:.4f}" for value in values)


def from_text(text: str) -> tuple[float, ...]:
    """Reads what `to_text` wrote.

    Raises:
        ValueError: the text is no list of 64 numbers.
    """
    values = tuple(float(part) for part in text.split(","))
    if len(values) != GRID * GRID:
        raise ValueError(f"a known answer has {GRID * GRID} numbers, not {len(values)}")
    return values
