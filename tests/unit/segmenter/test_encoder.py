"""Encoding on several threads."""

import io
import zipfile
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
from segmenter.scene_options import Colour, Length, Margins
from segmenter.timings import Stage, StageClock
from tests.unit.segmenter.imaging import samples
from tests.unit.segmenter.imaging.array_rows import ArrayRows

WRITTEN = [each for each in OutputFormat if each is not OutputFormat.AUTO]
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


def parts(data: bytes) -> Iterator[Image.Image]:
    """Opens the pictures of a ZIP."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            yield Image.open(io.BytesIO(archive.read(name)))


async def encoded(pool: CpuPool, rows: Rows, file_format: OutputFormat) -> Image.Image:
    data = await Encoder(pool).encode(rows, file_format, StageClock())
    if file_format is OutputFormat.ZIP:
        colour, alpha = parts(data)
        colour.putalpha(alpha)
        return colour
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


@pytest.mark.parametrize("file_format", set(WRITTEN) - set(LOSSLESS) - {OutputFormat.ZIP})
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


@pytest.mark.parametrize("file_format", WRITTEN)
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


@pytest.mark.parametrize("file_format", WRITTEN)
async def test_idle_threads_make_strips_side_by_side(file_format: OutputFormat) -> None:
    rows = MeetingRows(np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8))
    pool = CpuPool(len(STRIPS_AT))
    image = await encoded(pool, rows, file_format)
    assert image.size == (WIDTH_PX, HEIGHT_PX)
    pool.close()


async def test_a_zip_holds_the_colours_that_a_cut_out_hides_and_the_alpha_bit_for_bit(
    pool: CpuPool,
) -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(OutputFormat.ZIP))
    data = await Encoder(pool).encode(rows, OutputFormat.ZIP, StageClock())
    colour, alpha = parts(data)
    assert (colour.mode, colour.format, alpha.mode, alpha.format) == ("RGB", "JPEG", "L", "PNG")
    assert np.array_equal(np.asarray(alpha), ALPHA_U8)
    hidden = (0, 0, 599, HEIGHT_PX)
    assert samples.difference(colour.crop(hidden), PICTURE.rgb.crop(hidden)) < 4


async def test_a_zip_is_the_same_each_time(pool: CpuPool) -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(OutputFormat.ZIP))
    first, second = [
        await Encoder(pool).encode(rows, OutputFormat.ZIP, StageClock()) for _ in range(2)
    ]
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == ["color.jpg", "alpha.png"]
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("border_px", [0, 5])
async def test_a_zip_of_an_opaque_picture_has_a_white_alpha(pool: CpuPool, border_px: int) -> None:
    options = CutOutOptions(
        OutputFormat.ZIP,
        crop=border_px > 0,
        crop_margin=Margins(Length(border_px)),
        background=Colour(0, 0, 255),
    )
    rows = rendered(PICTURE, MATTE, options)
    colour, alpha = parts(await Encoder(pool).encode(rows, OutputFormat.ZIP, StageClock()))
    assert colour.size == alpha.size == (rows.width_px, rows.height_px)
    assert alpha.getextrema() == (255, 255)


async def test_a_zip_with_a_border_keeps_hidden_colours_within_it(pool: CpuPool) -> None:
    alpha_u8 = ALPHA_U8.copy()
    alpha_u8[100:] = 0
    alpha_u8[1000:1100, 1400:] = 255
    options = CutOutOptions(OutputFormat.ZIP, crop=True, crop_margin=Margins(left=Length(9)))
    rows = rendered(PICTURE, Matte(alpha_u8, foreground_found=True), options)
    colour, alpha = parts(await Encoder(pool).encode(rows, OutputFormat.ZIP, StageClock()))
    seen = Image.fromarray(alpha_u8).getbbox()
    assert seen is not None
    assert (
        alpha.crop((9, 0, *alpha.size)).tobytes() == Image.fromarray(alpha_u8).crop(seen).tobytes()
    )
    assert alpha.crop((0, 0, 9, alpha.height)).getextrema() == (0, 0)
    inner = colour.crop((29, 400, 400, 600))
    shown = PICTURE.rgb.crop((seen[0] + 20, 400, seen[0] + 391, 600))
    assert samples.difference(inner, shown) < 4


@pytest.mark.parametrize(
    ("file_format", "kind"), [(OutputFormat.JPEG, "JPEG"), (OutputFormat.WEBP, "WEBP")]
)
async def test_a_matte_is_written_grey_and_in_webp_without_loss(
    pool: CpuPool, file_format: OutputFormat, kind: str
) -> None:
    rows = MatteRows(MATTE, Box(601, 3, 1400, 1090))
    image = await encoded(pool, rows, file_format)
    assert image.format == kind
    expected = ALPHA_U8[3:1090, 601:1400]
    if file_format is OutputFormat.JPEG:
        assert image.mode == "L"
        assert np.abs(np.asarray(image).astype(int) - expected).max() <= 8
    else:
        assert all(np.array_equal(np.asarray(each), expected) for each in image.split())
