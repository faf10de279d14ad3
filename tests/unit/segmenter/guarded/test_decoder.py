import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image

from segmenter.errors import (
    EngineUnavailableError,
    InvalidImageError,
    SegmenterError,
    TooManyPixelsError,
    UnsupportedImageFormatError,
)
from segmenter.guarded.decoder import GuardedDecoder
from segmenter.guarded.limits import GuardLimits
from segmenter.imaging.decode import decode
from segmenter.imaging.header import Header, read_header
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.imaging.picture import Picture
from segmenter.imaging.sniff import ImageFormat
from tests.unit.segmenter.guarded.children import (
    busy,
    child_pids,
    gone,
    halt,
    kill,
    open_descriptors,
    shared_memories,
)
from tests.unit.segmenter.imaging import samples
from tests.waiting import until

LIMITS = ImageLimits()
GIF = samples.encoded(samples.picture(), "GIF")
# Some 45 million steps of a decoder written in Python, out of 6 kB.
SLOW_BMP = samples.bmp_of_line_ends(30_000, 1500)

MakeDecoder = Callable[[GuardLimits], GuardedDecoder]


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
async def make_decoder(executor: ThreadPoolExecutor) -> AsyncIterator[MakeDecoder]:
    made: list[GuardedDecoder] = []

    def make(guard: GuardLimits) -> GuardedDecoder:
        made.append(GuardedDecoder(executor, LIMITS, guard))
        return made[-1]

    yield make
    for decoder in made:
        await decoder.close()
    assert child_pids() == set()


@pytest.fixture
def decoder(make_decoder: MakeDecoder) -> GuardedDecoder:
    return make_decoder(GuardLimits())


async def decoded(decoder: GuardedDecoder, data: bytes) -> Picture:
    return await decoder.decode(data, await decoder.read_header(data))


def the_child() -> int:
    (pid,) = child_pids()
    return pid


async def decoding_child(decoder: GuardedDecoder) -> int:
    """Starts both children, and tells which one decodes."""
    header = await decoder.read_header(GIF)
    reading = the_child()
    await decoder.decode(GIF, header)
    (pid,) = child_pids() - {reading}
    return pid


def heic(image: Image.Image, **options: object) -> bytes:
    file = BytesIO()
    size, pixels = image.size, image.tobytes()
    pillow_heif.encode(image.mode, size, pixels, file, quality=-1, chroma=444, **options)
    return file.getvalue()


class TestPictures:
    @pytest.mark.parametrize("pillow_name", ["GIF", "BMP", "TIFF", "AVIF"])
    async def test_are_those_that_decoding_in_place_gives(
        self, decoder: GuardedDecoder, pillow_name: str
    ) -> None:
        install_pillow_limits(LIMITS)
        data = samples.encoded(samples.picture(300, 200), pillow_name)

        header = await decoder.read_header(data)

        assert header == read_header(data, LIMITS)
        assert await decoder.decode(data, header) == decode(data, header, LIMITS)

    async def test_keep_alpha_and_profile(self, decoder: GuardedDecoder) -> None:
        profile = samples.icc_profile(b"RGB ", gamma=2.2)
        image = samples.picture()
        image.putalpha(77)

        picture = await decoded(decoder, samples.encoded(image, "TIFF", icc_profile=profile))

        assert picture.rgb.tobytes() == samples.picture().tobytes()
        assert picture.alpha is not None
        assert picture.alpha.getextrema() == (77, 77)
        assert picture.icc_profile == profile

    async def test_of_heic(self, decoder: GuardedDecoder) -> None:
        image = samples.picture(64, 48)

        header = await decoder.read_header(heic(image))
        picture = await decoder.decode(heic(image), header)

        assert header == Header(ImageFormat.HEIC, 64, 48)
        assert samples.difference(picture.rgb, image) < 2
        assert picture.alpha is None

    async def test_of_heic_with_alpha(self, decoder: GuardedDecoder) -> None:
        image = samples.picture(64, 48)
        image.putalpha(Image.linear_gradient("L").resize((64, 48)))

        picture = await decoded(decoder, heic(image))

        assert picture.alpha is not None
        assert samples.difference(picture.alpha, image.getchannel("A")) < 2

    @pytest.mark.parametrize("orientation", range(1, 9))
    async def test_of_heic_are_turned_once(self, decoder: GuardedDecoder, orientation: int) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        lying = Image.new("RGB", (64, 48), "red")
        lying.paste("blue", (0, 0, 32, 24))

        picture = await decoded(decoder, heic(lying, exif=exif.tobytes()))

        # Where the standard says that the first row and the first column meet.
        left = orientation in {1, 4, 5, 8}
        top = orientation in {1, 2, 5, 6}
        width, height = (64, 48) if orientation < 5 else (48, 64)
        assert picture.rgb.size == (width, height)
        x, y = 0 if left else width - 9, 0 if top else height - 9
        corner = picture.rgb.crop((x, y, x + 9, y + 9))
        assert samples.difference(corner, Image.new("RGB", (9, 9), "blue")) < 4

    async def test_of_large_images_arrive_whole(self, decoder: GuardedDecoder) -> None:
        image = samples.picture(4000, 3000)

        picture = await decoded(decoder, samples.encoded(image, "TIFF", compression="tiff_lzw"))

        assert picture.rgb == image


class TestRefusals:
    async def test_arrive_as_if_made_here(self, executor: ThreadPoolExecutor) -> None:
        decoder = GuardedDecoder(executor, ImageLimits(max_pixels=700), GuardLimits())
        try:
            with pytest.raises(TooManyPixelsError, match="32 x 24") as caught:
                await decoder.read_header(samples.encoded(samples.picture(), "TIFF"))
            assert caught.value.metadata["limit_pixels"] == "700"
        finally:
            await decoder.close()

    async def test_of_other_formats(self, decoder: GuardedDecoder) -> None:
        with pytest.raises(UnsupportedImageFormatError):
            await decoder.read_header(b"8BPS\0\x01")

    async def test_of_broken_headers_and_broken_pixels(self, decoder: GuardedDecoder) -> None:
        with pytest.raises(InvalidImageError, match="intact"):
            await decoder.read_header(GIF[:12])
        header = await decoder.read_header(GIF)
        with pytest.raises(InvalidImageError, match="intact"):
            await decoder.decode(GIF[: len(GIF) // 2], header)

    async def test_of_a_header_over_the_limit_need_no_child(self, decoder: GuardedDecoder) -> None:
        with pytest.raises(TooManyPixelsError):
            await decoder.decode(GIF, Header(ImageFormat.GIF, 10_000, 10_001))
        assert child_pids() == set()

    async def test_leave_the_child_in_service(self, decoder: GuardedDecoder) -> None:
        await decoded(decoder, GIF)
        pids = child_pids()

        with pytest.raises(InvalidImageError):
            await decoder.read_header(GIF[:12])

        assert (await decoded(decoder, GIF)).rgb.size == (32, 24)
        assert child_pids() == pids


class TestHostileImages:
    async def test_that_take_too_much_processor_time_fail_alone(
        self, make_decoder: MakeDecoder
    ) -> None:
        decoder = make_decoder(GuardLimits(cpu_s=1, cpu_s_per_megapixel=0, timeout_s=60))
        pid = await decoding_child(decoder)
        header = await decoder.read_header(SLOW_BMP)

        with pytest.raises(InvalidImageError, match="safely"):
            await decoder.decode(SLOW_BMP, header)

        await gone(pid)
        assert (await decoded(decoder, GIF)).rgb.size == (32, 24)

    async def test_that_take_too_much_memory_fail_alone(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(memory_bytes=32 << 20, memory_bytes_per_pixel=1))
        bomb = samples.encoded(
            Image.new("RGB", (6000, 4000)), "TIFF", compression="tiff_adobe_deflate"
        )
        header = await decoder.read_header(bomb)

        with pytest.raises(InvalidImageError) as caught:
            await decoder.decode(bomb, header)

        assert str(caught.value.__cause__) in {"MemoryError", "OSError"}
        assert (await decoded(decoder, GIF)).rgb.size == (32, 24)

    async def test_that_take_too_long_fail_alone(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(cpu_s=600, timeout_s=0.5))
        pid = await decoding_child(decoder)
        header = await decoder.read_header(SLOW_BMP)

        with pytest.raises(InvalidImageError, match="too long"):
            await decoder.decode(SLOW_BMP, header)

        await gone(pid)
        assert (await decoder.read_header(GIF)).width_px == 32

    async def test_built_as_jpeg_are_stopped_as_well(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(cpu_s=1, cpu_s_per_megapixel=0, timeout_s=60))
        bomb = samples.jpeg_of_many_scans(4000, 4000, scans=20_000)

        with pytest.raises(InvalidImageError, match="safely"):
            await decoder.decode(bomb, await decoder.read_header(bomb))


class TestDeaths:
    @pytest.mark.parametrize("reason", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
    async def test_in_a_task_fail_that_task_alone(
        self, make_decoder: MakeDecoder, reason: signal.Signals
    ) -> None:
        decoder = make_decoder(GuardLimits(cpu_s=600, timeout_s=60))
        pid = await decoding_child(decoder)
        header = await decoder.read_header(SLOW_BMP)
        doomed = asyncio.ensure_future(decoder.decode(SLOW_BMP, header))
        waiting = asyncio.ensure_future(decoded(decoder, GIF))
        await busy(pid)

        kill(pid, reason)

        with pytest.raises(InvalidImageError, match="safely"):
            await doomed
        assert (await waiting).rgb.size == (32, 24)
        assert pid not in child_pids()

    async def test_between_tasks_fail_nothing(self, decoder: GuardedDecoder) -> None:
        await decoded(decoder, GIF)
        pids = child_pids()

        for pid in pids:
            kill(pid)
            await gone(pid)

        assert (await decoded(decoder, GIF)).rgb.size == (32, 24)

    async def test_a_cancelled_task_ends_its_child(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(cpu_s=600, timeout_s=60))
        pid = await decoding_child(decoder)
        header = await decoder.read_header(SLOW_BMP)
        task = asyncio.ensure_future(decoder.decode(SLOW_BMP, header))
        await busy(pid)

        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task
        await gone(pid)
        assert (await decoded(decoder, GIF)).rgb.size == (32, 24)

    async def test_a_cancelled_wait_disturbs_nobody(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(workers=1))
        await decoded(decoder, GIF)
        pids = child_pids()
        tasks = [asyncio.ensure_future(decoded(decoder, GIF)) for _ in range(5)]
        await asyncio.sleep(0)

        tasks[3].cancel()

        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results].count(Picture) == 4
        assert child_pids() == pids


class TestQueues:
    async def test_of_pictures_keep_no_header_waiting(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(timeout_s=30))
        header = await decoder.read_header(GIF)
        halt(await decoding_child(decoder))
        decoding = asyncio.ensure_future(decoder.decode(GIF, header))
        await until(lambda: shared_memories() > 0)

        assert (await decoder.read_header(GIF)).width_px == 32

        assert not decoding.done()
        decoding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await decoding

    async def test_hold_no_memory_for_those_who_wait(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(cpu_s=600, timeout_s=60))
        pid = await decoding_child(decoder)
        slow, quick = await decoder.read_header(SLOW_BMP), await decoder.read_header(GIF)
        gc.collect()  # of earlier tests
        await until(lambda: shared_memories() == 0)
        decoding = asyncio.ensure_future(decoder.decode(SLOW_BMP, slow))
        waiting = [asyncio.ensure_future(decoder.decode(GIF, quick)) for _ in range(40)]
        await busy(pid)

        # The bytes and the pixels of the one that is decoded.
        assert shared_memories() == 2

        decoding.cancel()
        pictures = await asyncio.gather(*waiting)
        assert {picture.rgb.size for picture in pictures} == {(32, 24)}


class TestChildren:
    async def test_are_started_when_needed_and_no_more_than_allowed(
        self, make_decoder: MakeDecoder
    ) -> None:
        decoder = make_decoder(GuardLimits(workers=2))
        assert child_pids() == set()

        await decoder.read_header(GIF)
        assert len(child_pids()) == 1
        await asyncio.gather(*(decoded(decoder, GIF) for _ in range(8)))
        # One for headers beside those that decode.
        assert len(child_pids()) == 3

    async def test_are_replaced_when_they_grow_old(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(max_tasks=2))

        await decoder.read_header(GIF)
        first = the_child()
        await decoder.read_header(GIF)
        await gone(first)
        await decoder.read_header(GIF)

        assert the_child() != first

    async def test_leave_no_descriptors_behind(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(max_tasks=20))
        await decoded(decoder, GIF)
        gc.collect()  # of earlier tests; what comes now must not need it
        await until(lambda: shared_memories() == 0)
        before = open_descriptors()

        for _ in range(10):
            await asyncio.gather(*(decoded(decoder, GIF) for _ in range(5)))
            with pytest.raises(InvalidImageError):
                await decoder.read_header(GIF[:12])

        await until(lambda: open_descriptors() <= before)

    async def test_are_gone_after_close_whatever_they_do(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(GuardLimits(cpu_s=600, timeout_s=60))
        pid = await decoding_child(decoder)
        header = await decoder.read_header(SLOW_BMP)
        task = asyncio.ensure_future(decoder.decode(SLOW_BMP, header))
        await busy(pid)

        await decoder.close()

        assert child_pids() == set()
        with pytest.raises(InvalidImageError):
            await task

    async def test_are_not_started_after_close(self, decoder: GuardedDecoder) -> None:
        await decoder.read_header(GIF)
        await decoder.close()

        with pytest.raises(EngineUnavailableError):
            await decoder.read_header(GIF)
        assert child_pids() == set()

    async def test_that_cannot_start_are_no_fault_of_the_image(
        self, decoder: GuardedDecoder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("sys.executable", "/bin/false")
            with pytest.raises(SegmenterError, match="could not be started") as caught:
                await decoder.read_header(GIF)
        assert not isinstance(caught.value, InvalidImageError)

        assert (await decoder.read_header(GIF)).width_px == 32
