import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from segmenter.decoder import Decoder
from segmenter.errors import (
    DeadlinePassedError,
    InvalidImageError,
    MissingImageError,
    TooManyBytesError,
    TooManyPixelsError,
    UnsupportedImageFormatError,
)
from segmenter.guarded.limits import GuardLimits
from segmenter.imaging.header import Header
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.imaging.sniff import ImageFormat
from tests.unit.segmenter.guarded.children import busy, child_pids, gone
from tests.unit.segmenter.imaging import samples

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="guarded children need Linux")

LIMITS = ImageLimits(max_bytes=1_000_000, max_pixels=60_000_000)
PNG = samples.encoded(samples.picture(), "PNG")
IN_THREADS = ["JPEG", "PNG", "WEBP"]
IN_CHILDREN = ["GIF", "BMP", "TIFF", "AVIF"]


@pytest.fixture(autouse=True)
def _pillow_as_in_the_service() -> None:
    install_pillow_limits(LIMITS)


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture
async def decoder(executor: ThreadPoolExecutor) -> AsyncIterator[Decoder]:
    decoder = Decoder(executor, LIMITS, GuardLimits(cpu_s=600, timeout_s=60))
    yield decoder
    await decoder.close()


async def decoding_child(decoder: Decoder) -> int:
    """Starts the child that decodes, before any that reads headers."""
    data = samples.jpeg_of_many_scans(16, 16, scans=40)
    await decoder.decode(data, await decoder.read_header(data), timeout_s=60)
    (pid,) = child_pids()
    return pid


@pytest.mark.parametrize("pillow_name", IN_THREADS)
async def test_the_common_formats_start_no_child(decoder: Decoder, pillow_name: str) -> None:
    data = samples.encoded(samples.picture(), pillow_name)

    header = await decoder.read_header(data)
    picture = await decoder.decode(data, header, timeout_s=60)

    assert header == Header(ImageFormat[pillow_name], 32, 24)
    assert picture.rgb.size == (32, 24)
    assert sys.platform != "linux" or child_pids() == set()


@needs_linux
@pytest.mark.parametrize("pillow_name", IN_CHILDREN)
async def test_all_others_are_decoded_in_a_child(decoder: Decoder, pillow_name: str) -> None:
    data = samples.encoded(samples.picture(), pillow_name)

    header = await decoder.read_header(data)
    picture = await decoder.decode(data, header, timeout_s=60)

    assert header == Header(ImageFormat[pillow_name], 32, 24)
    assert picture.rgb.size == (32, 24)
    # One for headers, one for pictures.
    assert len(child_pids()) == 2


@needs_linux
async def test_a_common_format_built_to_keep_busy_is_decoded_in_a_child(decoder: Decoder) -> None:
    data = samples.jpeg_of_many_scans(16, 16, scans=40)

    picture = await decoder.decode(data, await decoder.read_header(data), timeout_s=60)

    assert picture.rgb.size == (16, 16)
    assert len(child_pids()) == 1


@needs_linux
async def test_a_very_large_webp_is_decoded_in_a_child(decoder: Decoder) -> None:
    def webp(width_px: int) -> bytes:
        image = Image.new("RGB", (width_px, 1600))
        return samples.encoded(image, "WEBP", lossless=True, quality=0, method=0)

    at_limit, beyond = webp(10_000), webp(10_001)

    picture = await decoder.decode(at_limit, await decoder.read_header(at_limit), timeout_s=60)
    assert picture.rgb.size == (10_000, 1600)
    assert child_pids() == set()
    picture = await decoder.decode(beyond, await decoder.read_header(beyond), timeout_s=60)
    assert picture.rgb.size == (10_001, 1600)
    assert len(child_pids()) == 1


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", MissingImageError),
        (b"no image", InvalidImageError),
        (b"8BPS\0\x01", UnsupportedImageFormatError),
        (bytes(LIMITS.max_bytes + 1), TooManyBytesError),
        (samples.png(10_000, 6001), TooManyPixelsError),
        (PNG[:20], InvalidImageError),
    ],
)
async def test_what_is_refused_at_once_starts_no_child(
    decoder: Decoder, data: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await decoder.read_header(data)
    assert sys.platform != "linux" or child_pids() == set()


async def test_a_broken_image_is_invalid(decoder: Decoder) -> None:
    header = await decoder.read_header(PNG)

    with pytest.raises(InvalidImageError):
        await decoder.decode(PNG[: len(PNG) // 2], header, timeout_s=60)


async def test_bytes_of_no_format_name_none(decoder: Decoder) -> None:
    with pytest.raises(InvalidImageError) as refusal:
        await decoder.read_header(b"no image")
    assert refusal.value.metadata == {}


@pytest.mark.parametrize("pillow_name", IN_THREADS)
async def test_a_broken_image_names_its_format(decoder: Decoder, pillow_name: str) -> None:
    data = samples.encoded(samples.picture(), pillow_name)
    header = await decoder.read_header(data)

    with pytest.raises(InvalidImageError) as cut_header:
        await decoder.read_header(data[:16])
    with pytest.raises(InvalidImageError) as cut_pixels:
        await decoder.decode(data[: len(data) * 3 // 4], header, timeout_s=60)

    for refusal in (cut_header, cut_pixels):
        assert refusal.value.metadata == {"format": pillow_name.lower()}


@needs_linux
@pytest.mark.parametrize("pillow_name", IN_CHILDREN)
async def test_what_breaks_in_a_child_names_its_format(decoder: Decoder, pillow_name: str) -> None:
    data = samples.encoded(samples.picture(), pillow_name)
    header = await decoder.read_header(data)

    with pytest.raises(InvalidImageError) as cut_header:
        await decoder.read_header(data[:20])
    with pytest.raises(InvalidImageError) as cut_pixels:
        await decoder.decode(data[: len(data) // 3], header, timeout_s=60)

    for refusal in (cut_header, cut_pixels):
        assert refusal.value.metadata == {"format": pillow_name.lower()}


async def test_a_busy_executor_costs_the_deadline_not_the_loop(
    decoder: Decoder, executor: ThreadPoolExecutor
) -> None:
    header = await decoder.read_header(PNG)
    release = threading.Event()
    executor.submit(release.wait)

    with pytest.raises(DeadlinePassedError):
        await decoder.decode(PNG, header, timeout_s=0.05)

    release.set()
    assert (await decoder.decode(PNG, header, timeout_s=60)).rgb.size == (32, 24)


@pytest.mark.parametrize("timeout_s", [0, -1.0])
async def test_a_deadline_that_has_passed_decodes_nothing(
    decoder: Decoder, timeout_s: float
) -> None:
    with pytest.raises(DeadlinePassedError, match="deadline"):
        await decoder.decode(PNG, await decoder.read_header(PNG), timeout_s)


@needs_linux
async def test_a_deadline_ends_the_child_that_decodes(decoder: Decoder) -> None:
    pid = await decoding_child(decoder)
    data = samples.bmp_of_line_ends(30_000, 1500)
    header = await decoder.read_header(data)

    with pytest.raises(DeadlinePassedError):
        await decoder.decode(data, header, timeout_s=0.3)

    await gone(pid)
    assert (await decoder.read_header(data)).width_px == 30_000


@needs_linux
async def test_the_loop_runs_on_while_a_child_decodes(decoder: Decoder) -> None:
    pid = await decoding_child(decoder)
    slow = samples.bmp_of_line_ends(30_000, 1500)
    header = await decoder.read_header(slow)
    decoding = asyncio.ensure_future(decoder.decode(slow, header, timeout_s=60))
    await busy(pid)

    picture = await decoder.decode(PNG, await decoder.read_header(PNG), timeout_s=60)

    assert picture.rgb.size == (32, 24)
    assert not decoding.done()
    decoding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await decoding


@needs_linux
def test_the_libraries_for_heic_and_avif_stay_out_of_the_service() -> None:
    script = "import segmenter.server; print(open('/proc/self/maps').read())"

    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert "/PIL/_imaging" in result.stdout
    for library in ("/_avif", "libavif", "libheif", "_pillow_heif"):
        assert library not in result.stdout
