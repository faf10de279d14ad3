"""What is noted of encoded pictures beside their being decoded."""

import asyncio
import hashlib
from collections.abc import Iterator
from threading import Event
from unittest.mock import create_autospec

import pytest

from segmenter import sources as module
from segmenter.cpu_pool import CpuPool
from segmenter.deadline import Deadline
from segmenter.decoder import Decoder
from segmenter.errors import InvalidImageError
from segmenter.imaging.header import read_header
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.picture import Picture
from segmenter.inference.engine import ModelSpec
from segmenter.job import Job
from segmenter.options import CutOutOptions
from segmenter.sizing import Sizes
from segmenter.sources import SourceReader, Sources
from tests.unit.segmenter.imaging import samples
from tests.waiting import until

HANG_S = 20
SPEC = ModelSpec("red", 32, 32, 8, None)
ENCODED = samples.encoded(samples.picture(60, 40), "PNG")
SIZES = Sizes(CutOutOptions(), ImageLimits(), read_header(ENCODED, ImageLimits()), None)
SHA256 = hashlib.sha256(ENCODED).hexdigest()


@pytest.fixture
def job() -> Job:
    return Job("caller", Deadline.after(60))


@pytest.fixture
def let_go() -> Event:
    return Event()


@pytest.fixture
def busy_pool(let_go: Event) -> Iterator[CpuPool]:
    """Has one thread, which is taken until it is let go."""
    pool = CpuPool(1)
    pool.submit(let_go.wait, HANG_S)
    yield pool
    let_go.set()
    pool.close()


def reader(pool: CpuPool, decoded: Picture | Exception) -> SourceReader:
    decoder = create_autospec(Decoder, instance=True)
    decoder.decode.side_effect = [decoded]
    return SourceReader(decoder, pool, ImageLimits())


async def test_a_picture_does_not_wait_for_its_hash(
    busy_pool: CpuPool, let_go: Event, job: Job
) -> None:
    picture = Picture(samples.picture(60, 40), None, None)
    source = reader(busy_pool, picture)

    async with asyncio.timeout(HANG_S / 2):
        assert await source.image(Sources(ENCODED), SIZES, SPEC, job) is picture

    assert job.notes.sha256 is None
    let_go.set()
    await until(lambda: job.notes.sha256 == SHA256)


async def test_a_failure_does_not_wait_for_a_hash_that_nobody_needs_then(
    busy_pool: CpuPool, let_go: Event, job: Job
) -> None:
    source = reader(busy_pool, InvalidImageError("It is broken."))

    async with asyncio.timeout(HANG_S / 2):
        with pytest.raises(InvalidImageError, match="broken"):
            await source.image(Sources(ENCODED), SIZES, SPEC, job)

    assert busy_pool.idle_threads == 0
    let_go.set()
    await until(lambda: busy_pool.idle_threads == 1)
    assert job.notes.sha256 is None


@pytest.mark.parametrize("is_broken", [False, True])
async def test_a_hash_that_cannot_be_made_takes_the_place_of_nothing(
    monkeypatch: pytest.MonkeyPatch, job: Job, *, is_broken: bool
) -> None:
    def fail(_encoded: bytes) -> str:
        raise MemoryError

    monkeypatch.setattr(module, "_sha256", fail)
    picture = Picture(samples.picture(60, 40), None, None)
    pool = CpuPool(1)
    source = reader(pool, InvalidImageError("It is broken.") if is_broken else picture)

    if is_broken:
        with pytest.raises(InvalidImageError):
            await source.image(Sources(ENCODED), SIZES, SPEC, job)
    else:
        assert await source.image(Sources(ENCODED), SIZES, SPEC, job) is picture

    pool.close()
    assert job.notes.sha256 is None
