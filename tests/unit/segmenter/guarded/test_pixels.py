import mmap

import pytest
from PIL import Image

from segmenter.guarded.memory import SharedMemory
from segmenter.guarded.pixels import PictureLayout, capacity_bytes, load, store
from segmenter.imaging.colour import MAX_PROFILE_BYTES
from segmenter.imaging.picture import Picture
from tests.unit.segmenter.imaging import samples

FADE = Image.linear_gradient("L")


def handed_over(picture: Picture) -> Picture:
    memory = SharedMemory(capacity_bytes(picture.width_px * picture.height_px))
    layout = store(picture, mmap.mmap(memory.fd, memory.size_bytes))
    return load(layout, memory)


@pytest.mark.parametrize("size", [(1, 1), (31, 17), (3000, 700), (1, 2000), (500_000, 1)])
@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize("profile", [None, b"profile", b"p" * MAX_PROFILE_BYTES])
def test_a_picture_arrives_as_it_was(
    size: tuple[int, int], with_alpha: bool, profile: bytes | None
) -> None:
    alpha = FADE.resize(size) if with_alpha else None
    picture = Picture(samples.picture(*size), alpha, profile)

    arrived = handed_over(picture)

    assert arrived == picture
    assert arrived is not picture


def test_a_picture_still_knows_whether_it_was_turned() -> None:
    for was_turned in (False, True):
        picture = Picture(samples.picture(3, 2), None, None, was_turned=was_turned)
        assert handed_over(picture).was_turned is was_turned


def test_later_writes_do_not_reach_a_loaded_picture() -> None:
    memory = SharedMemory(capacity_bytes(4))
    layout = store(
        Picture(Image.new("RGB", (2, 2), "red"), None, None),
        mmap.mmap(memory.fd, memory.size_bytes),
    )

    picture = load(layout, memory)
    memory.write(bytes(12))

    assert picture.rgb == Image.new("RGB", (2, 2), "red")


@pytest.mark.parametrize(
    "layout",
    [
        PictureLayout(3, 1, has_alpha=False, profile_bytes=0),
        PictureLayout(1, 3, has_alpha=True, profile_bytes=0),
        PictureLayout(1 << 40, 1 << 40, has_alpha=True, profile_bytes=0),
        PictureLayout(1, 1, has_alpha=True, profile_bytes=MAX_PROFILE_BYTES + 1),
    ],
)
def test_a_layout_beyond_the_memory_is_refused(layout: PictureLayout) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        load(layout, SharedMemory(capacity_bytes(2)))
