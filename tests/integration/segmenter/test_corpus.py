"""Feeds hostile and odd files to the decoder. They are kept outside the repository."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from benchmarks.hostile.corpus import NOT_FOUND, CorpusFile, corpus_folder, read_corpus

from segmenter.decoder import Decoder
from segmenter.errors import DeadlinePassedError, SegmenterError
from segmenter.guarded.limits import GuardLimits
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from tests.unit.segmenter.guarded.children import child_pids, shared_memories
from tests.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="guarded children need Linux"),
]

LIMITS = ImageLimits()
LONGEST_S = 10.0

# What Pillow alone reads of the accepted formats must be read here, too.
ACCEPTED = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


@pytest.fixture(scope="module")
def files() -> list[CorpusFile]:
    folder = corpus_folder()
    if folder is None:
        pytest.skip(NOT_FOUND)
    return read_corpus(folder)


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
async def decoder(executor: ThreadPoolExecutor) -> AsyncIterator[Decoder]:
    install_pillow_limits(LIMITS)
    decoder = Decoder(executor, LIMITS, GuardLimits())
    yield decoder
    await decoder.close()
    assert child_pids() == set()


async def outcome(decoder: Decoder, data: bytes) -> str:
    """Decodes, and tells "picture" or the name of the refusal."""
    try:
        async with asyncio.timeout(LONGEST_S):
            header = await decoder.read_header(data)
            picture = await decoder.decode(data, header, timeout_s=LONGEST_S)
    except DeadlinePassedError:
        raise
    except SegmenterError as error:
        return type(error).__name__
    assert picture.rgb.mode == "RGB"
    assert 1 <= picture.width_px * picture.height_px <= header.pixels
    assert picture.alpha is None or picture.alpha.size == picture.rgb.size
    return "picture"


async def test_every_file_ends_in_a_picture_or_a_refusal(
    decoder: Decoder, files: list[CorpusFile]
) -> None:
    refused = []
    for file in files:
        result = await outcome(decoder, file.data)
        readable = file.opinion.startswith(tuple(f"ok: {name} " for name in ACCEPTED))
        if readable and result != "picture":
            refused.append((file.name, file.opinion, result))

    assert refused == []


async def test_files_do_not_disturb_each_other(decoder: Decoder, files: list[CorpusFile]) -> None:
    some = [file.data for file in files[::7]]
    alone = [await outcome(decoder, data) for data in some]

    together = await asyncio.gather(*(outcome(decoder, data) for data in some))

    assert list(together) == alone
    await until(lambda: shared_memories() == 0)
