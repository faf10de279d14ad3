import gc
import os

import pytest

from segmenter.guarded.memory import SharedMemory
from tests.unit.segmenter.guarded.children import open_descriptors


def test_begins_as_zeros() -> None:
    assert SharedMemory(5000).mapped()[:] == bytes(5000)


def test_holds_what_is_written() -> None:
    memory = SharedMemory(6)

    memory.write(b"pixels")

    assert memory.mapped()[:] == b"pixels"


@pytest.mark.parametrize("size_bytes", [0, 1, 4999, 5001, 1 << 30])
def test_its_size_cannot_be_changed(size_bytes: int) -> None:
    memory = SharedMemory(5000)

    with pytest.raises(PermissionError):
        os.ftruncate(memory.fd, size_bytes)


def test_cannot_be_written_beyond_its_end() -> None:
    memory = SharedMemory(4096)

    with pytest.raises(PermissionError):
        os.pwrite(memory.fd, b"x", 4096)


def test_is_not_inherited() -> None:
    assert not os.get_inheritable(SharedMemory(1).fd)


def test_its_descriptor_closes_with_the_last_holder() -> None:
    gc.collect()  # what earlier tests left behind must not close in between
    before = open_descriptors()
    memory = SharedMemory(10)
    other_holder = memory

    del memory
    assert open_descriptors() == before + 1
    del other_holder
    assert open_descriptors() == before


def test_a_map_outlives_the_descriptor() -> None:
    memory = SharedMemory(6)
    memory.write(b"pixels")
    mapped = memory.mapped()

    del memory

    assert mapped[:] == b"pixels"
