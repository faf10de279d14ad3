"""Encoding on several threads."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Barrier

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmenter.cpu_pool import CpuPool
from segmenter.encoder import Encoder
from segmenter.imaging.compose import MatteRows, Rows
from segmenter.imaging.crop import Box
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.options import CutOutOptions, OutputFormat
from segmenter.timings import Stage, StageClock
from tests.unit.segmenter.imaging import samples
from tests.unit.segmenter.imaging.array_rows import ArrayRows

LOSSLESS = [OutputFormat.PNG, OutputFormat.TIFF, OutputFormat.BMP]

PATIENCE_S = 30.0

# Enough for three strips.
WIDTH_PX, HEIGHT_PX = 1500, 1100
STRIPS_AT = [0, 384, 768]
ALPHA_U8 = np.tile(np.clip(np.arange(WIDTH_PX) - 600, 0, 255).astype(np.uint8), (HEIGHT_PX, 1))
MATTE = Matte(ALPHA_U8, foreground_found=True)
PICTURE = Picture(samples.picture(WIDTH_PX, HEIGHT_PX), None, None)


@pytest.fixture(params=[1, 3])
def pool(request: pytest.FixtureRequest) -> Iterator[CpuPool]:
    pool = CpuPool(request.param)
    yield pool
    pool.close()


def pixels(rows: Rows) -> bytes:
    return rows.block(0, rows.height_px).tobytes()


async def encoded(pool: CpuPool, rows: Rows, file_format: OutputFormat) -> Image.Image:
    data = await Encoder(pool).encode(rows, file_format, StageClock())
    image = Image.open(io.BytesIO(data), formats=[file_format.name])
    image.load()
    return image


@pytest.mark.parametrize("file_format", LOSSLESS)
async def test_all_rows_arrive_however_many_threads_there_are(
    pool: CpuPool, file_format: OutputFormat
) -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(file_format))
    image = await encoded(pool, rows, file_format)
    assert image.size == (WIDTH_PX, HEIGHT_PX)
    assert image.tobytes() == pixels(rows)


@pytest.mark.parametrize("file_format", set(OutputFormat) - set(LOSSLESS))
async def test_lossy_formats_hold_the_whole_picture(
    pool: CpuPool, file_format: OutputFormat
) -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(file_format))
    image = (await encoded(pool, rows, file_format)).convert(
        "RGB" if rows.channels == 3 else "RGBA"
    )
    given = np.frombuffer(pixels(rows), np.uint8).astype(int)
    assert np.abs(np.frombuffer(image.tobytes(), np.uint8) - given).mean() < 4


async def test_a_cropped_matte_is_an_8_bit_grey_png(pool: CpuPool) -> None:
    rows = MatteRows(MATTE, Box(601, 3, 1400, 1090))
    image = await encoded(pool, rows, OutputFormat.PNG)
    assert image.mode == "L"
    assert np.array_equal(np.asarray(image), ALPHA_U8[3:1090, 601:1400])


@pytest.mark.parametrize("file_format", OutputFormat)
async def test_both_stages_are_timed(pool: CpuPool, file_format: OutputFormat) -> None:
    clock = StageClock()
    rows = rendered(PICTURE, MATTE, CutOutOptions(file_format))
    await Encoder(pool).encode(rows, file_format, clock)
    timings = clock.finish()
    assert set(timings) == {Stage.COMPOSE, Stage.ENCODE, Stage.TOTAL}
    assert timings[Stage.COMPOSE] > 0
    assert timings[Stage.ENCODE] > 0
    assert timings[Stage.COMPOSE] + timings[Stage.ENCODE] <= timings[Stage.TOTAL]


async def test_the_smallest_picture_is_one_strip(pool: CpuPool) -> None:
    rows = rendered(
        Picture(Image.new("RGB", (1, 1), (1, 2, 3)), None, None),
        Matte(np.full((1, 1), 255, np.uint8), foreground_found=True),
        CutOutOptions(),
    )
    assert (await encoded(pool, rows, OutputFormat.PNG)).getpixel((0, 0)) == (1, 2, 3, 255)


@dataclass(frozen=True)
class MeetingRows(ArrayRows):
    """Rows whose strips can be begun together only."""

    meeting: Barrier = field(default_factory=lambda: Barrier(len(STRIPS_AT)))

    def block(self, top: int, bottom: int) -> NDArray[np.uint8]:
        if top in STRIPS_AT:
            self.meeting.wait(PATIENCE_S)
        return super().block(top, bottom)


@pytest.mark.parametrize("file_format", OutputFormat)
async def test_idle_threads_make_strips_side_by_side(file_format: OutputFormat) -> None:
    rows = MeetingRows(np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8))
    pool = CpuPool(len(STRIPS_AT))
    image = await encoded(pool, rows, file_format)
    assert image.size == (WIDTH_PX, HEIGHT_PX)
    pool.close()
