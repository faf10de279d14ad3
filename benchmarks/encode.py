"""Every file format of an answer, beside what else it could be written with, on one thread.

    python -m benchmarks.encode [--megapixels 1.5 12] [--rounds 5]

Rows named by a format alone are what the service does; composing the pixels, the colours of soft
edges included, counts for these only, since it cannot be taken out of them. The encoders take
turns, so that a slow moment of the machine hits all of them. A second table tells how many times as
much two threads do, which is 1 where an encoder keeps Python's lock; on Linux, a third one the
memory that the service takes for it.
"""

import argparse
import ctypes
import io
import re
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.pictures import enlarged_picture
from segmenter.imaging import encode, png, tiff
from segmenter.imaging.compose import Rows
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.options import CutOutOptions, OutputFormat
from segmenter.scene_options import Colour

Encoders = Mapping[str, Callable[[], bytes]]

_PROCESS = Path("/proc/self")

_BLUE = Colour(40, 90, 200)
_SERVED: Mapping[str, CutOutOptions] = {
    "PNG": CutOutOptions(),
    "PNG, despill": CutOutOptions(despill=True),
    "PNG, background": CutOutOptions(background=_BLUE),
    "PNG, translucent": CutOutOptions(background=Colour(40, 90, 200, 128)),
    "TIFF": CutOutOptions(format=OutputFormat.TIFF),
    "WebP": CutOutOptions(format=OutputFormat.WEBP),
    "WebP, background": CutOutOptions(format=OutputFormat.WEBP, background=_BLUE),
    "JPEG": CutOutOptions(format=OutputFormat.JPEG),
    "BMP": CutOutOptions(format=OutputFormat.BMP),
    "GIF": CutOutOptions(format=OutputFormat.GIF),
}

_WITH_ALPHA: Mapping[str, Mapping[str, Any]] = {
    "Pillow's PNG, level 1": {"format": "PNG", "compress_level": 1},
    "Pillow's PNG, level 6": {"format": "PNG", "compress_level": 6},
    "Pillow's TIFF, LZW": {
        "format": "TIFF", "compression": "tiff_lzw", "tiffinfo": {317: 2},
    },
    "Pillow's TIFF, deflate": {
        "format": "TIFF", "compression": "tiff_adobe_deflate", "tiffinfo": {317: 2},
    },
    "Pillow's TIFF, packed bits": {"format": "TIFF", "compression": "packbits"},
    "WebP, quality 80": {"format": "WEBP", "quality": 80, "method": 0, "exact": True},
    "WebP, method 1": {"format": "WEBP", "quality": 90, "method": 1, "exact": True},
    "WebP, hidden colour free": {"format": "WEBP", "quality": 90, "method": 0},
    "WebP, lossless": {"format": "WEBP", "lossless": True, "quality": 0, "method": 0},
}  # fmt: skip

_WITHOUT_ALPHA: Mapping[str, Mapping[str, Any]] = {
    "JPEG, quality 85": {"format": "JPEG", "quality": 85, "subsampling": "4:4:4"},
    "JPEG, quality 95": {"format": "JPEG", "quality": 95, "subsampling": "4:4:4"},
    "JPEG, 4:2:0": {"format": "JPEG", "quality": 90, "subsampling": "4:2:0"},
    "JPEG, 95, 4:2:0": {"format": "JPEG", "quality": 95, "subsampling": "4:2:0"},
    "JPEG, optimised": {
        "format": "JPEG", "quality": 90, "subsampling": "4:4:4", "optimize": True,
    },
}  # fmt: skip


def main() -> None:
    """Measures and prints a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1.5, 12.0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for megapixels in options.megapixels:
        picture, matte = _ball(megapixels)
        served = _served(picture, matte)
        encoders = {**served, **_others(picture, matte)}
        print(f"{picture.width_px} x {picture.height_px} pixels; median (smallest to largest)\n")
        _measure(encoders, options.rounds)
        _measure_two_at_a_time(served, options.rounds)
        if (_PROCESS / "clear_refs").exists():
            _measure_memory(served, picture.width_px * picture.height_px)


def _ball(megapixels: float) -> tuple[Picture, Matte]:
    """A photo and a round matte with a soft edge, which covers about half of it."""
    picture = enlarged_picture(megapixels)
    y, x = np.mgrid[0 : picture.height_px, 0 : picture.width_px]
    distance = np.hypot(y / picture.height_px - 0.5, x / picture.width_px - 0.5)
    alpha_u8 = (np.clip((0.42 - distance) * 40, 0, 1) * 255).round().astype(np.uint8)
    return picture, Matte(alpha_u8, foreground_found=True)


def _served(picture: Picture, matte: Matte) -> Encoders:
    def encoder(options: CutOutOptions) -> Callable[[], bytes]:
        return lambda: _encoded(rendered(picture, matte, options), options.answer_format)

    return {name: encoder(options) for name, options in _SERVED.items()}


def _encoded(rows: Rows, file_format: OutputFormat) -> bytes:
    match file_format:
        case OutputFormat.PNG:
            return png.assemble(rows, [png.encode_strip(rows, 0, rows.height_px)])
        case OutputFormat.TIFF:
            return tiff.assemble(rows, [tiff.encode_strip(rows, 0, rows.height_px)])
        case _:
            return encode.encode(_painted(rows), rows, file_format)


def _painted(rows: Rows) -> Image.Image:
    picture = encode.canvas(rows)
    encode.paint(picture, rows, 0, rows.height_px)
    return picture


def _others(picture: Picture, matte: Matte) -> Encoders:
    rgba = _painted(rendered(picture, matte, CutOutOptions()))
    rgb = _painted(rendered(picture, matte, CutOutOptions(format=OutputFormat.JPEG)))

    def saver(image: Image.Image, save: Mapping[str, Any]) -> Callable[[], bytes]:
        return lambda: _saved(image, save)

    def gif(method: Image.Quantize) -> Callable[[], bytes]:
        # All pixels decide on the palette, not a sample of them.
        return lambda: _saved(
            rgb.quantize(256, method, dither=Image.Dither.NONE), {"format": "GIF"}
        )

    return {
        **{name: saver(rgba, save) for name, save in _WITH_ALPHA.items()},
        **{name: saver(rgb, save) for name, save in _WITHOUT_ALPHA.items()},
        "GIF, median cut of all": gif(Image.Quantize.MEDIANCUT),
        "GIF, octree of all": gif(Image.Quantize.FASTOCTREE),
    }


def _saved(image: Image.Image, save: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **save)
    return buffer.getvalue()


def _measure(encoders: Encoders, rounds: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    size: dict[str, int] = {}
    for _ in range(rounds):
        for name, encoder in encoders.items():
            started_s = time.perf_counter()
            size[name] = len(encoder())
            seconds[name].append(time.perf_counter() - started_s)
    for name, values in seconds.items():
        spread = f"({min(values):.3f} to {max(values):.3f})"
        median = statistics.median(values)
        print(f"{name:<28}{median:>8.3f} s {spread:<20}{size[name] / 1e6:>8.2f} MB")
    print()


def _measure_two_at_a_time(encoders: Encoders, rounds: int) -> None:
    with ThreadPoolExecutor(2) as threads:
        for name, encoder in encoders.items():
            gains = []
            for _ in range(rounds):
                started_s = time.perf_counter()
                encoder()
                alone_s = time.perf_counter() - started_s
                started_s = time.perf_counter()
                list(threads.map(lambda run: run(), (encoder, encoder)))
                gains.append(2 * alone_s / (time.perf_counter() - started_s))
            spread = f"({min(gains):.2f} to {max(gains):.2f})"
            print(f"{name:<28}{statistics.median(gains):>8.2f} x {spread:<20} on two threads")
    print()


def _measure_memory(encoders: Encoders, pixels: int) -> None:
    """Tells the highest memory while each encoder runs, over that before it."""
    for name, encoder in encoders.items():
        ctypes.CDLL(None).malloc_trim(0)
        (_PROCESS / "clear_refs").write_text("5")  # begins the peak anew
        before_bytes = _memory_bytes("VmRSS")
        encoder()
        extra_bytes = _memory_bytes("VmHWM") - before_bytes
        print(f"{name:<28}{extra_bytes / pixels:>8.1f} bytes a pixel, beside picture and matte")
    print()


def _memory_bytes(name: str) -> int:
    (kilobytes,) = re.findall(rf"{name}:\s+(\d+) kB", (_PROCESS / "status").read_text())
    return int(kilobytes) * 1024


if __name__ == "__main__":
    main()
