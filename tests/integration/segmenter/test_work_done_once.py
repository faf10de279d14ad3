"""What must not happen while a large picture is cut out, counted in a whole segmenter.

Figures of speed tell of it too, but only where a machine is idle; counts are the same everywhere.
"""

from collections.abc import Iterable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, get_ident
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from mattebox.segmenter import v1
from segmenter import decoder, finishing, pipeline
from segmenter.imaging import encode, png, rendering, tiff
from segmenter.imaging.compose import CutOutRows, MatteRows, OpaqueRows, TranslucentRows
from segmenter.imaging.matte import MatteInWork
from segmenter.sight import Quality
from tests.integration.segmenter import red_network
from tests.integration.segmenter.calls import cut
from tests.integration.segmenter.conftest import StartSegmenter
from tests.integration.segmenter.watched_work import (
    HEIGHT_PX,
    PIXELS,
    WIDTH_PX,
    Call,
    Place,
    encoded,
    peak_bytes_a_pixel,
    started,
    watched,
)

FULL_SIZE = (WIDTH_PX, HEIGHT_PX)
SMALL_PX = 375 * 250

PNG, JPEG, WEBP, TIFF, ZIP, AUTO = (
    f"OUTPUT_FORMAT_{name}" for name in ("PNG", "JPEG", "WEBP", "TIFF", "ZIP", "AUTO")
)
ALPHA_ALONE = {"channels": v1.OutputChannels.OUTPUT_CHANNELS_ALPHA}
GREEN = {"background": v1.Color(green=255, alpha=255)}
VEIL = {"background": v1.Color(green=255, alpha=99)}

THREADS = 3
PATIENCE_S = 10.0

MOST_BYTES_A_PIXEL = 3.5
"""Of all that Python and NumPy hold at any one moment, while one thread works on pixels.

It is 2.3, and 2.8 over a translucent colour: the matte is 1, and nearly all else is the numbers of
the one block of rows in work, 7 and 11 MB in pictures of any size. What is left is too little for
a plane of float32, which is 4.
"""

ROWS: list[Place] = [
    (kind, "block") for kind in (CutOutRows, OpaqueRows, TranslucentRows, MatteRows)
]
STRIPS: list[Place] = [(png, "encode_strip"), (tiff, "encode_strip"), (encode, "paint")]
FILES: list[Place] = [(png, "assemble"), (tiff, "assemble"), (Image.Image, "save")]
# Pillow makes room for pixels once each time that it decodes them.
DECODING: Place = (ImageFile.ImageFile, "load_prepare")
PIXEL_WORK: dict[str, list[Place]] = {
    "decoding": [DECODING],
    "resizing": [(Image.Image, "resize"), (Image.Image, "reduce")],
    "the network's input": [(pipeline, "view")],
    "the matte": [(finishing, "begun"), (MatteInWork, "paint")],
    "composing": [(rendering, "foreground"), (rendering, "cut"), *ROWS],
    "encoding": [*STRIPS, *FILES],
}


def large_planes(made: Iterable[Call]) -> list[tuple[int, int]]:
    """Gives the sizes of pictures that have 4 bytes a pixel in one channel, and as many pixels."""
    pictures = [call.result for call in made if call.result.mode in {"F", "I"}]
    return [each.size for each in pictures if each.width * each.height >= PIXELS]


# BMP is left out: its answer, which nothing compresses, is 3 bytes a pixel at each end of the wire.
@pytest.mark.parametrize(
    ("source", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"despill": True, **VEIL}),
        ("JPEG", {"format": JPEG, "crop": True}),
        ("JPEG", {"format": WEBP}),
        ("PNG", {"format": TIFF}),
    ],
)
@pytest.mark.usefixtures("counted_memory")
async def test_no_plane_of_floats_is_as_large_as_the_picture(
    start_segmenter: StartSegmenter, source: str, options: dict[str, Any]
) -> None:
    segmenter = await started(start_segmenter, 1, Quality.BEST)
    assert await peak_bytes_a_pixel(segmenter, encoded(source), **options) < MOST_BYTES_A_PIXEL


@pytest.mark.parametrize(
    "step",
    [
        (decoder, "decode"),
        (pipeline, "view"),
        (MatteInWork, "paint"),
        (rendering, "cut"),
        (png, "encode_strip"),
    ],
    ids=lambda step: step[1],
)
@pytest.mark.usefixtures("counted_memory")
async def test_one_that_is_made_and_dropped_in_any_step_would_be_noticed(
    start_segmenter: StartSegmenter, monkeypatch: pytest.MonkeyPatch, step: Place
) -> None:
    segmenter = await started(start_segmenter, 1)
    watched(monkeypatch, step, before=lambda: np.empty((HEIGHT_PX, WIDTH_PX), np.float32))
    assert await peak_bytes_a_pixel(segmenter, encoded("JPEG")) > MOST_BYTES_A_PIXEL


async def test_no_picture_of_pillow_is_such_a_plane_either(
    start_segmenter: StartSegmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    segmenter, image = await started(start_segmenter, THREADS, Quality.BEST), encoded("JPEG")
    ways = [(Image, "new"), (Image, "fromarray"), (Image.Image, "convert"), (Image.Image, "resize")]
    made = watched(monkeypatch, *ways)
    await cut(segmenter, image)
    assert large_planes(made) == []
    Image.new("F", FULL_SIZE)
    assert large_planes(made) == [FULL_SIZE]


@pytest.mark.parametrize("quality", [Quality.FAST, Quality.BEST])
@pytest.mark.parametrize(
    ("source", "small_size"),
    # Twice the sides of the small answer are a quarter of the picture's.
    [("JPEG", (750, 500)), ("PNG", FULL_SIZE), ("WEBP", FULL_SIZE)],
)
async def test_a_picture_is_decoded_once_and_a_jpeg_no_larger_than_needed(
    start_segmenter: StartSegmenter,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    small_size: tuple[int, int],
    quality: Quality,
) -> None:
    segmenter, image = await started(start_segmenter, THREADS, quality), encoded(source)
    decodes = watched(monkeypatch, DECODING)
    await cut(segmenter, image)
    await cut(segmenter, image, max_pixels=SMALL_PX)
    assert [call.arguments[0].size for call in decodes] == [FULL_SIZE, small_size]
    looks = segmenter.sample("batch_size_count", model=red_network.NAME)
    assert looks == (4 if quality is Quality.BEST else 2)


@pytest.mark.parametrize("file_format", [PNG, TIFF, JPEG, ZIP, AUTO])
async def test_no_pixels_are_worked_on_by_the_thread_of_the_event_loop(
    start_segmenter: StartSegmenter, monkeypatch: pytest.MonkeyPatch, file_format: str
) -> None:
    segmenter, image = await started(start_segmenter, THREADS, Quality.BEST), encoded("JPEG")
    work = {kind: watched(monkeypatch, *places) for kind, places in PIXEL_WORK.items()}
    await cut(segmenter, image, format=file_format, max_pixels=PIXELS // 4)
    threads = {kind: {call.thread for call in calls} for kind, calls in work.items()}
    assert all(threads.values())
    assert [kind for kind, those in threads.items() if get_ident() in those] == []


@pytest.mark.parametrize(
    "strip", [(png, "encode_strip"), (MatteInWork, "paint")], ids=lambda strip: strip[1]
)
async def test_idle_threads_work_on_one_picture_side_by_side(
    start_segmenter: StartSegmenter, monkeypatch: pytest.MonkeyPatch, strip: Place
) -> None:
    segmenter, image = await started(start_segmenter, THREADS), encoded("JPEG")
    meeting = Barrier(THREADS)

    def meet() -> None:
        with suppress(BrokenBarrierError):
            meeting.wait(PATIENCE_S)

    strips = watched(monkeypatch, strip, before=meet)
    await cut(segmenter, image)
    assert len({call.thread for call in strips}) == THREADS


@pytest.mark.parametrize(
    "options",
    [{}, GREEN, VEIL, ALPHA_ALONE, {"crop": True}, {"format": TIFF}, {"format": JPEG}],
)
async def test_every_row_is_composed_once_and_for_one_file(
    start_segmenter: StartSegmenter, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    segmenter, image = await started(start_segmenter, THREADS), encoded("JPEG")
    blocks, files = watched(monkeypatch, *ROWS), watched(monkeypatch, *FILES)
    strips = watched(monkeypatch, (png, "encode_strip"))
    cut_out = await cut(segmenter, image, **options)
    composed = [row for block in blocks for row in range(*block.arguments[1:])]
    # A PNG tells rows by their difference to the one above, which is in another strip for some.
    tops = [strip.arguments[1] for strip in strips]
    above = [top - 1 for top in tops if top]
    assert sorted(composed) == sorted([*range(cut_out.height_px), *above])
    assert len(files) == 1
