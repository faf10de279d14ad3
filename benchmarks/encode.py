"""Our PNG encoder beside Pillow's, on one thread: seconds and bytes of an RGBA cut-out.

    python -m benchmarks.encode [--megapixels 12] [--rounds 5]

The encoders take turns, so that a slow moment of the machine hits all of them; composing the
pixels counts for ours only, since it cannot be taken out of it.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from benchmarks.pictures import enlarged_jpeg
from segmenter.imaging import png
from segmenter.imaging.compose import CutOutRows
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rows = _ball(options.megapixels)
    rgba = Image.fromarray(rows.block(0, rows.height_px).reshape(rows.height_px, -1, 4))
    encoders: dict[str, Callable[[], bytes]] = {
        "ours": lambda: png.assemble(rows, [png.encode_strip(rows, 0, rows.height_px)]),
        "Pillow, level 1": lambda: _pillow(rgba, 1),
        "Pillow, level 6": lambda: _pillow(rgba, 6),
    }
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    size: dict[str, int] = {}
    for _ in range(options.rounds):
        for name, encode in encoders.items():
            started_s = time.perf_counter()
            size[name] = len(encode())
            seconds[name].append(time.perf_counter() - started_s)
    _print(rows, seconds, size)


def _ball(megapixels: float) -> CutOutRows:
    """A photo behind a round matte with a soft edge, which covers about half of it."""
    with Image.open(io.BytesIO(enlarged_jpeg(megapixels))) as photo:
        rgb = photo.convert("RGB")
    y, x = np.mgrid[0 : rgb.height, 0 : rgb.width]
    distance = np.hypot(y / rgb.height - 0.5, x / rgb.width - 0.5)
    alpha_u8 = (np.clip((0.42 - distance) * 40, 0, 1) * 255).round().astype(np.uint8)
    picture = Picture(rgb=rgb, alpha=None, icc_profile=None)
    return CutOutRows(picture, Matte(alpha_u8, foreground_found=True))


def _pillow(rgba: Image.Image, level: int) -> bytes:
    buffer = io.BytesIO()
    rgba.save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()


def _print(rows: CutOutRows, seconds: dict[str, list[float]], size: dict[str, int]) -> None:
    print(f"{rows.width_px} x {rows.height_px} pixels; median seconds (smallest to largest)\n")
    for name, values in seconds.items():
        spread = f"({min(values):.3f} to {max(values):.3f})"
        ratio = size[name] / size["Pillow, level 1"]
        print(
            f"{name:<16}{statistics.median(values):>8.3f} {spread:<20}"
            f"{size[name] / 1e6:>8.2f} MB {ratio:>6.2f} x Pillow, level 1"
        )


if __name__ == "__main__":
    main()
