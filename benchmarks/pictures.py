"""Pictures to measure with, made from the free photos of the tests."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmarks.quality.cases import shared_folder
from segmenter.imaging.compose import Rows
from segmenter.imaging.picture import Picture
from segmenter.imaging.strips import block_bounds

PHOTO = Path(__file__).parents[1] / "tests" / "data" / "coffee.jpg"

_CAT = "chelsea_12mp.jpg"
_NOISE_SIGMA = 3.0
_DETAIL_RADIUS_PX = 4
_DETAIL_GAIN = 1.5
_SEED = 20_240_501


def plain_jpeg(megapixels: float) -> bytes:
    """Gives a picture with much plain ground; JPEG.

    The cat of the shared photos, which is free, or where those are not there the enlarged photo.
    """
    folder = shared_folder("photos", _CAT)
    if folder is None:
        return enlarged_jpeg(megapixels)
    photo = folder / _CAT
    with Image.open(photo) as cat:
        if abs(cat.width * cat.height / 1e6 - megapixels) < 0.05:
            return photo.read_bytes()
        return _jpeg(cat.convert("RGB").resize(_size(cat, megapixels), Image.Resampling.LANCZOS))


def enlarged_jpeg(megapixels: float) -> bytes:
    """Enlarges a photo to that many million pixels; JPEG, quality 92.

    Noise as a camera's makes it cost as much to decode and encode as a photo of its size. It says
    nothing about fine detail: use it for time and memory, not for quality.
    """
    return _noisy_jpeg(_enlarged_f32(megapixels))


def detailed_jpeg(megapixels: float) -> bytes:
    """Enlarges the same photo, and covers it with fine detail; JPEG, quality 92.

    The detail is the photo's own at its native size, of which mirrored copies lie side by side, so
    that pixels differ from their neighbours as in a sharp photo of grass or fur; the subject stays.
    """
    large_f32 = _enlarged_f32(megapixels)
    with Image.open(PHOTO) as photo:
        source = photo.convert("RGB")
    soft = source.filter(ImageFilter.GaussianBlur(_DETAIL_RADIUS_PX))
    detail_f32 = np.asarray(source, np.float32) - np.asarray(soft, np.float32)
    height_px, width_px, _ = large_f32.shape
    below_px = max(0, height_px - source.height)
    right_px = max(0, width_px - source.width)
    pads = [(0, below_px), (0, right_px), (0, 0)]
    laid_f32 = np.pad(detail_f32, pads, mode="symmetric")[:height_px, :width_px]
    return _noisy_jpeg(large_f32 + _DETAIL_GAIN * laid_f32)


def enlarged_picture(megapixels: float) -> Picture:
    """Gives that photo decoded."""
    with Image.open(io.BytesIO(enlarged_jpeg(megapixels))) as photo:
        return Picture(rgb=photo.convert("RGB"), alpha=None, icc_profile=None)


def disc_u8(picture: Picture, slope: float = 100.0) -> NDArray[np.uint8]:
    """Makes a round matte for a picture, uint8 [H, W]; a larger slope makes its rim harder."""
    y, x = np.mgrid[0 : picture.height_px, 0 : picture.width_px].astype(np.float32)
    inside_f32 = 0.42 - np.hypot(y / picture.height_px - 0.5, x / picture.width_px - 0.5)
    alpha_u8: NDArray[np.uint8] = (np.clip(inside_f32 * slope, 0, 1) * 255).round().astype(np.uint8)
    return alpha_u8


def read_rows(rows: Rows) -> None:
    """Has all of an answer computed, a block at a time, as encoders do."""
    for top, bottom in block_bounds(0, rows.height_px, rows.width_px):
        rows.block(top, bottom)


def _enlarged_f32(megapixels: float) -> NDArray[np.float32]:
    with Image.open(PHOTO) as photo:
        source = photo.convert("RGB")
    large = source.resize(_size(source, megapixels), Image.Resampling.LANCZOS)
    return np.asarray(large, np.float32)


def _noisy_jpeg(rgb_f32: NDArray[np.float32]) -> bytes:
    noise = np.random.default_rng(_SEED).normal(0, _NOISE_SIGMA, rgb_f32.shape)
    return _jpeg(Image.fromarray(np.clip(rgb_f32 + noise, 0, 255).round().astype(np.uint8)))


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def _size(picture: Image.Image, megapixels: float) -> tuple[int, int]:
    scale = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
    return round(picture.width * scale), round(picture.height * scale)
