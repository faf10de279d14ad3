"""Pictures to measure with, made from the free photos of the tests."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from segmenter.imaging.picture import Picture

PHOTO = Path(__file__).parents[1] / "tests" / "data" / "coffee.jpg"

_NOISE_SIGMA = 3.0
_SEED = 20_240_501


def enlarged_jpeg(megapixels: float) -> bytes:
    """Enlarges a photo to that many million pixels; JPEG, quality 92.

    Noise as a camera's makes it cost as much to decode and encode as a photo of its size. It says
    nothing about fine detail: use it for time and memory, not for quality.
    """
    with Image.open(PHOTO) as photo:
        source = photo.convert("RGB")
    scale = (megapixels * 1e6 / (source.width * source.height)) ** 0.5
    size = (round(source.width * scale), round(source.height * scale))
    large = np.asarray(source.resize(size, Image.Resampling.LANCZOS), np.float32)
    noise = np.random.default_rng(_SEED).normal(0, _NOISE_SIGMA, large.shape)
    noisy = np.clip(large + noise, 0, 255).round().astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def enlarged_picture(megapixels: float) -> Picture:
    """Gives that photo decoded."""
    with Image.open(io.BytesIO(enlarged_jpeg(megapixels))) as photo:
        return Picture(rgb=photo.convert("RGB"), alpha=None, icc_profile=None)
