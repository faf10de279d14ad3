"""Lays a picture into shared memory on the child's side, and takes it out on the parent's."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from segmenter.guarded.memory import SharedMemory
from segmenter.imaging.colour import MAX_PROFILE_BYTES
from segmenter.imaging.picture import Picture

_BAND_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PictureLayout:
    """What lies in the memory: packed RGB rows, the alpha if there is one, the profile."""

    width_px: int
    height_px: int
    has_alpha: bool
    profile_bytes: int
    was_turned: bool = False


def capacity_bytes(pixels: int) -> int:
    """Tells how much memory holds any picture of so many pixels."""
    return pixels * 4 + MAX_PROFILE_BYTES


def store(picture: Picture, memory: mmap.mmap) -> PictureLayout:
    """Writes a picture."""
    profile = picture.icc_profile or b""
    position = 0
    for image in filter(None, (picture.rgb, picture.alpha)):
        for band in _bands(image):
            memory[position : position + len(band)] = band
            position += len(band)
    memory[position : position + len(profile)] = profile
    has_alpha = picture.alpha is not None
    return PictureLayout(
        picture.width_px, picture.height_px, has_alpha, len(profile), picture.was_turned
    )


def _bands(image: Image.Image) -> Iterator[bytes]:
    """Packs an image band by band: packed whole, it would stand in memory twice."""
    rows = max(1, _BAND_BYTES // (image.width * len(image.getbands())))
    for top in range(0, image.height, rows):
        box = (0, top, image.width, min(top + rows, image.height))
        yield image.crop(box).tobytes()


def load(layout: PictureLayout, memory: SharedMemory) -> Picture:
    """Copies a picture out.

    Raises:
        ValueError: the layout does not fit into the memory.
    """
    size = (layout.width_px, layout.height_px)
    pixels = layout.width_px * layout.height_px
    if capacity_bytes(pixels) > memory.size_bytes or layout.profile_bytes > MAX_PROFILE_BYTES:
        raise ValueError("the picture does not fit into the memory")
    view = memoryview(memory.mapped())
    rgb = Image.frombytes("RGB", size, view[: pixels * 3])
    end = pixels * 3
    alpha = None
    if layout.has_alpha:
        alpha = Image.frombytes("L", size, view[end : end + pixels])
        end += pixels
    profile = bytes(view[end : end + layout.profile_bytes])
    return Picture(rgb, alpha, profile or None, was_turned=layout.was_turned)
