"""What has to come back to what it was."""

import os
from dataclasses import replace

import pytest
from benchmarks.hostile.census import Census, census, differences

BEFORE = Census(frozenset({1, 2}), 5, 100_000_000, 90, 0)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        replace(BEFORE, memory_bytes=110_000_000),
        replace(BEFORE, memory_bytes=1),
        replace(BEFORE, others=7),
        replace(BEFORE, descriptors=106),
    ],
)
def test_a_little_more_is_nothing(after: Census) -> None:
    assert differences(BEFORE, after) == []


@pytest.mark.parametrize(
    "after",
    [
        replace(BEFORE, pids=frozenset({1})),
        replace(BEFORE, pids=frozenset({1, 3})),
        replace(BEFORE, memory_bytes=110_000_001),
        replace(BEFORE, others=8),
        replace(BEFORE, descriptors=107),
        replace(BEFORE, shared_memories=1),
    ],
)
def test_more_is_told(after: Census) -> None:
    assert len(differences(BEFORE, after)) == 1


def test_what_a_process_holds_is_seen() -> None:
    before = census(os.getpid(), {"this": os.getpid()})
    descriptor = os.memfd_create("mattebox")
    try:
        after = census(os.getpid(), {"this": os.getpid()})
    finally:
        os.close(descriptor)

    assert before.pids == {os.getpid()}
    assert before.memory_bytes > 0
    assert (after.shared_memories, before.shared_memories) == (1, 0)
    assert after.descriptors == before.descriptors + 1
