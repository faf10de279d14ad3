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
RED, BLACK = (255, 0, 0), (0, 0, 0)

Shape = tuple[str, tuple[int, int, int, int], bool]
"""What is drawn, where, and whether it is subject or a hole in one."""

SUBJECTS: dict[str, list[Shape]] = {
    # Bars of 10 pixels, each seen as one cell of the network's 64.
    "small": [
        ("rectangle", (290, 200, 300, 280), True),
        ("rectangle", (255, 235, 335, 245), True),
    ],
    "several": [
        ("ellipse", (40, 40, 160, 160), True),
        ("ellipse", (300, 250, 420, 430), True),
        ("rectangle", (520, 60, 560, 400), True),
    ],
    "with holes": [
        ("ellipse", (150, 80, 450, 380), True),
        ("ellipse", (220, 150, 300, 230), False),
        ("rectangle", (330, 250, 360, 300), False),
    ],
    "at the border": [
        ("ellipse", (-100, 200, 250, 700), True),
        ("ellipse", (500, 0, 639, 90), True),
    ],
}


def drawn(shapes: list[Shape]) -> tuple[bytes, Image.Image]:
    """Red shapes on black, and their matte."""
    image, truth = Image.new("RGB", SIZE), Image.new("L", SIZE)
    for kind, box, is_subject in shapes:
        getattr(ImageDraw.Draw(image), kind)(box, fill=RED if is_subject else BLACK)
        getattr(ImageDraw.Draw(truth), kind)(box, fill=255 * is_subject)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue(), truth


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("subject", SUBJECTS)
async def test_every_quality_finds_every_subject(
    start_segmenter: StartSegmenter, quality: Quality, subject: str
) -> None:
    segmenter = await start_segmenter(quality=quality)
    await segmenter.await_serving()
    image, truth = drawn(SUBJECTS[subject])
    channels = v1.OutputChannels.OUTPUT_CHANNELS_ALPHA
    alpha_u8 = np.asarray(opened(await cut(segmenter, image, channels=channels)))
    difference = np.abs(alpha_u8.astype(int) - np.asarray(truth))
    assert difference.mean() < 0.5
    assert (difference > 64).mean() < 0.002


@pytest.mark.parametrize(
    ("quality", "runs"), [(Quality.FAST, 1), (Quality.BALANCED, 2), (Quality.BEST, 4)]
)
async def test_every_quality_has_its_price(
    start_segmenter: StartSegmenter, quality: Quality, runs: int
) -> None:
    segmenter = await start_segmenter(quality=quality)
    await segmenter.await_serving()
    await cut(segmenter, drawn(SUBJECTS["small"])[0])
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
    cut_out = await cut(segmenter, drawn(SUBJECTS["small"])[0], max_pixels=max_pixels)
    assert cut_out.width_px * cut_out.height_px <= max_pixels
    assert cut_out.foreground_found
