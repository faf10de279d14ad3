"""What a better quality gives and costs, over gRPC, with a network that is right about red."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mattebox.segmenter import v1
from segmenter.sight import Quality
from tests.integration.segmenter import red_network
from tests.integration.segmenter.calls import cut, opened
from tests.integration.segmenter.conftest import StartSegmenter

SIZE = (640, 480)
CROSS = [(290, 200, 300, 280), (255, 235, 335, 245)]
"""Bars of 10 pixels, each seen as one cell of the network's 64."""


def small_cross() -> tuple[bytes, Image.Image]:
    """A red cross on black, and its matte."""
    image, truth = Image.new("RGB", SIZE), Image.new("L", SIZE)
    for bar in CROSS:
        ImageDraw.Draw(image).rectangle(bar, fill=(255, 0, 0))
        ImageDraw.Draw(truth).rectangle(bar, fill=255)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue(), truth


@pytest.mark.parametrize(
    ("quality", "runs"), [(Quality.FAST, 1), (Quality.BALANCED, 2), (Quality.BEST, 4)]
)
async def test_every_quality_finds_a_small_subject_at_its_price(
    start_segmenter: StartSegmenter, quality: Quality, runs: int
) -> None:
    segmenter = await start_segmenter(quality=quality)
    await segmenter.await_serving()
    image, truth = small_cross()
    channels = v1.OutputChannels.OUTPUT_CHANNELS_ALPHA
    alpha_u8 = np.asarray(opened(await cut(segmenter, image, channels=channels)))
    assert np.abs(alpha_u8.astype(int) - np.asarray(truth)).mean() < 1
    assert segmenter.sample("batch_size_sum", model=red_network.NAME) == runs
    assert segmenter.sample("batch_size_count", model=red_network.NAME) == (runs + 1) // 2


@pytest.mark.parametrize("quality", Quality)
async def test_a_picture_without_a_subject_gives_an_empty_matte_in_every_quality(
    start_segmenter: StartSegmenter, quality: Quality
) -> None:
    segmenter = await start_segmenter(quality=quality)
    await segmenter.await_serving()
    buffer = io.BytesIO()
    Image.new("RGB", SIZE, (100, 200, 50)).save(buffer, "PNG")
    cut_out = await cut(segmenter, buffer.getvalue())
    assert not cut_out.foreground_found
    assert not np.asarray(opened(cut_out)).any()


@pytest.mark.parametrize("max_pixels", [1, 100, 20_000])
async def test_the_best_quality_of_a_small_answer(
    start_segmenter: StartSegmenter, max_pixels: int
) -> None:
    segmenter = await start_segmenter(quality=Quality.BEST)
    await segmenter.await_serving()
    cut_out = await cut(segmenter, small_cross()[0], max_pixels=max_pixels)
    assert cut_out.width_px * cut_out.height_px <= max_pixels
    assert cut_out.foreground_found
