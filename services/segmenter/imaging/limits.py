"""How large an image may be, and the process-wide switches of Pillow that go with it."""

import logging
import warnings
from dataclasses import dataclass

from PIL import Image, ImageFile, PngImagePlugin

_MIB = 1 << 20

_ROOM_PX = 24
"""So much is added to both sides of a canvas at most, to draw what lies around a subject."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is accepted, and how large an answer becomes at most."""

    max_bytes: int = 31_457_280
    """The largest encoded image, 30 MiB."""

    max_pixels: int = 100_000_000
    """The most pixels of an image that is decoded."""

    max_output_pixels: int = 50_000_000
    """The most pixels of an answer; larger pictures are scaled down."""

    max_side_px: int = 1_000_000
    """The longest side: every row costs memory beside its pixels."""


def install_pillow_limits(limits: ImageLimits) -> None:
    """Sets what Pillow keeps once per process. Call it at start, before any thread decodes.

    Pillow's own bomb check becomes an error (it only warns), its other warnings and its log, which
    quote metadata of the file, fall silent. It is a second one: `header.check_size` judges images.
    """
    # It also judges what is cut out of canvases and around them, whatever images may have.
    longest_px = min(limits.max_output_pixels, limits.max_side_px)
    canvas_px = limits.max_output_pixels + _ROOM_PX * (longest_px + _ROOM_PX)
    Image.MAX_IMAGE_PIXELS = max(limits.max_pixels, canvas_px)
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # One chunk may hold a large ICC profile, and bounds that of a PNG to the size kept at all.
    PngImagePlugin.MAX_TEXT_CHUNK = 4 * _MIB
    PngImagePlugin.MAX_TEXT_MEMORY = 16 * _MIB
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=r"PIL\b")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
