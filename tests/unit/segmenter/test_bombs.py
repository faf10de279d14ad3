"""Small files that claim far more than they hold are refused before anything is decoded."""

import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from benchmarks.hostile import bomb_costs
from benchmarks.hostile.bomb_costs import Cost, Limits, excesses
from benchmarks.hostile.bombs import BOMBS

from mattebox.segmenter.v1 import ErrorReason
from segmenter.decoder import Decoder
from segmenter.errors import SegmenterError
from segmenter.guarded.limits import GuardLimits
from segmenter.imaging.limits import ImageLimits, install_pillow_limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="guarded children need Linux")

# What is folded into a chunk is found when the decoder reads it; the costs are bounded below.
FOUND_WHEN_READ = [name for name in BOMBS if "64 MiB" in name]
BY_HEADER = [name for name, bomb in BOMBS.items() if bomb.reasons and name not in FOUND_WHEN_READ]

LIMITS = ImageLimits()
NO_TIME_LIMIT = Limits(took_ms=float("inf"))


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    install_pillow_limits(LIMITS)
    with ThreadPoolExecutor(1) as executor:
        decoder = Decoder(executor, LIMITS, GuardLimits())
        yield decoder
        await decoder.close()


@pytest.fixture(scope="module")
def costs() -> dict[str, Cost]:
    return bomb_costs.costs(rounds=1)


@pytest.mark.parametrize("name", BY_HEADER)
async def test_a_bomb_is_refused_by_its_header(decoder: Decoder, name: str) -> None:
    with pytest.raises(SegmenterError) as refusal:
        await decoder.read_header(BOMBS[name].make())
    assert ErrorReason.Name(refusal.value.reason) in BOMBS[name].reasons


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_next_to_no_memory(costs: dict[str, Cost], name: str) -> None:
    assert excesses(name, costs[name], NO_TIME_LIMIT) == []


def test_what_is_no_bomb_is_seen_to_take_memory(costs: dict[str, Cost]) -> None:
    assert costs[bomb_costs.CONTROL].outcome == bomb_costs.PICTURE
    assert costs[bomb_costs.CONTROL].memory_bytes > NO_TIME_LIMIT.memory_bytes
