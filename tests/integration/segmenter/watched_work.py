"""A large picture, and what tells how much work and memory a segmenter spends on it.

Functions are watched, and still do what they do: how often a picture is decoded, and on which
thread, cannot be seen in any answer.
"""

import functools
import io
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from threading import get_ident
from typing import Any

import pytest
from PIL import Image

from segmenter.settings import CpuSettings
from segmenter.sight import Quality
from tests.integration.segmenter.calls import cut
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball

WIDTH_PX, HEIGHT_PX = 3000, 2000
PIXELS = WIDTH_PX * HEIGHT_PX

_SOLID, _GONE = 60, 120
"""Where the subject begins to fade and where it ends, from 0 in the centre to 255 at the sides. It
leaves enough room around it for a nearer look, and its edge is hundreds of pixels wide."""

_QUICKLY: dict[str, dict[str, int]] = {
    "JPEG": {"quality": 90},
    "PNG": {"compress_level": 1},
    "WEBP": {"quality": 80, "method": 0},
}

Place = tuple[Any, str]
"""A module or a class, and the name of a function there."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function that is watched."""

    arguments: tuple[Any, ...]
    result: Any
    thread: int


def watched(
    monkeypatch: pytest.MonkeyPatch,
    *places: Place,
    before: Callable[[], object] = lambda: None,
) -> list[Call]:
    """Gives what becomes the list of all finished calls of functions, which work on as they did.

    Args:
        monkeypatch: ends it with the test.
        places: the functions, as their callers look them up.
        before: is done before each call, on its thread.
    """
    calls: list[Call] = []
    for owner, name in places:
        monkeypatch.setattr(owner, name, _noting(getattr(owner, name), before, calls))
    return calls


def _noting(
    function: Callable[..., Any], before: Callable[[], object], calls: list[Call]
) -> Callable[..., Any]:
    @functools.wraps(function)
    def noted(*args: Any, **kwargs: Any) -> Any:
        before()
        result = function(*args, **kwargs)
        calls.append(Call(args, result, get_ident()))
        return result

    return noted


@functools.cache
def encoded(file_format: str) -> bytes:
    """Gives a red subject that fades into a dark ground; a PNG lets some of what is behind through.

    Call it before anything is watched that it may take itself.
    """
    picture = _picture()
    if file_format == "PNG":
        picture.putalpha(_gradient([255 - each // 4 for each in range(256)]))
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **_QUICKLY[file_format])
    return buffer.getvalue()


async def started(
    start_segmenter: StartSegmenter, threads: int, quality: Quality = Quality.FAST
) -> Segmenter:
    """Starts a segmenter that has so many threads for pixels."""
    segmenter = await start_segmenter(quality=quality, cpu=CpuSettings(threads=threads))
    await segmenter.await_serving()
    return segmenter


async def peak_bytes_a_pixel(segmenter: Segmenter, image: bytes, **options: Any) -> float:
    """Tells the most that all of Python and NumPy holds at any moment of the first large request.

    It has to be counted already. The pixels of Pillow's pictures are not among it.
    """
    # What the first picture of all leaves behind for the next ones is no part of a request.
    await cut(segmenter, red_ball(), **options)
    before_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    await cut(segmenter, image, **options)
    _, peak_bytes = tracemalloc.get_traced_memory()
    return (peak_bytes - before_bytes) / PIXELS


def _picture() -> Image.Image:
    fade = (255 * (_GONE - distance) / (_GONE - _SOLID) for distance in range(256))
    levels = [min(255, max(0, round(level))) for level in fade]
    ball = Image.radial_gradient("L").resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC)
    ground = _gradient([20 + each // 8 for each in range(256)])
    return Image.merge("RGB", (ball.point(levels), ground, ground))


def _gradient(levels: list[int]) -> Image.Image:
    return Image.linear_gradient("L").resize((WIDTH_PX, HEIGHT_PX)).point(levels)
