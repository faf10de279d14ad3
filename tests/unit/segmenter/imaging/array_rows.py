"""Rows that exist already, to try encoders on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.scene_options import Colour


@dataclass(frozen=True, slots=True)
class ArrayRows:
    """Finished pixels, uint8 [H, W, C]."""

    pixels_u8: NDArray[np.uint8]
    icc_profile: bytes | None = None
    ground: Colour | None = None

    @property
    def width_px(self) -> int:
        return self.pixels_u8.shape[1]

    @property
    def height_px(self) -> int:
        return self.pixels_u8.shape[0]

    @property
    def channels(self) -> int:
        return self.pixels_u8.shape[2]

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        return self.pixels_u8[top:bottom].reshape(bottom - top, -1)


def noise(height: int, width: int, channels: int, seed: int = 0) -> NDArray[np.uint8]:
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (height, width, channels), dtype=np.uint8)


def photo_like(height: int, width: int, channels: int, seed: int = 0) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    grain = np.random.default_rng(seed).integers(0, 9, (height, width, channels))
    pixels_u8: NDArray[np.uint8] = (((x + 2 * y) // 3 % 240)[..., None] + grain).astype(np.uint8)
    return pixels_u8
