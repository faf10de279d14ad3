"""Judges an image by its size, before any pixel is decoded."""

from dataclasses import dataclass

from PIL import TiffImagePlugin
from PIL.ImageFile import ImageFile

from segmenter.errors import (
    InvalidImageError,
    TooManyBytesError,
    TooManyPixelsError,
    UnsupportedImageFormatError,
)
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.opening import opened
from segmenter.imaging.outline import OutlineError, read_outline
from segmenter.imaging.sniff import ACCEPTED, ImageFormat, sniff

_TIFF_SUBFILE_TYPE, _TIFF_SUB_IMAGES, _TIFF_DNG_VERSION = 254, 330, 50706


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of an image before decoding."""

    format: ImageFormat
    width_px: int
    """As the decoder will report it; an orientation that it leaves to us may swap the sides."""
    height_px: int
    intricate: bool = False
    """Whether decoding may take far longer than the size suggests."""

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width_px * self.height_px

    @property
    def megapixels(self) -> float:
        """Width times height, in millions."""
        return self.pixels / 1e6


def identify(data: bytes, limits: ImageLimits) -> ImageFormat:
    """Tells the format of an image that has not too many bytes.

    Raises:
        TooManyBytesError: there are more bytes than accepted.
        MissingImageError, InvalidImageError, UnsupportedImageFormatError: as `sniff` does.
    """
    check_bytes(len(data), limits)
    return sniff(data)


def read_header(data: bytes, limits: ImageLimits) -> Header:
    """Reads format and size, and refuses what is over a limit.

    Raises:
        InvalidImageError: the header is broken.
        TooManyPixelsError, InvalidImageError: as `check_size` does.
        TooManyBytesError, MissingImageError, UnsupportedImageFormatError: as `identify` does.
    """
    image_format = identify(data, limits)
    try:
        outline = read_outline(data, image_format)
    except OutlineError as error:
        raise InvalidImageError(
            f"The {image_format.upper()} image has a broken header. Send an intact one."
        ) from error
    if outline is not None:
        header = Header(image_format, outline.width_px, outline.height_px, outline.intricate)
    else:
        with opened(data, image_format) as image:
            _refuse_camera_raw(image)
            header = Header(image_format, *image.size)
    check_size(header, limits)
    return header


def check_bytes(encoded_bytes: int, limits: ImageLimits) -> None:
    """Refuses an encoded image that has too many bytes.

    Raises:
        TooManyBytesError: there are more than accepted.
    """
    if encoded_bytes > limits.max_bytes:
        raise TooManyBytesError(
            f"The image has {encoded_bytes} bytes; at most {limits.max_bytes} are accepted.",
            limit_bytes=limits.max_bytes,
        )


def check_size(header: Header, limits: ImageLimits) -> None:
    """Refuses a size.

    Raises:
        TooManyPixelsError: there are more pixels than accepted, or a side is too long.
        InvalidImageError: a side has no pixels.
    """
    width_px, height_px = header.width_px, header.height_px
    if width_px < 1 or height_px < 1:
        raise InvalidImageError(
            f"The image is {width_px} x {height_px} pixels, so it is empty.",
            width_px=width_px,
            height_px=height_px,
        )
    size = {"limit_pixels": limits.max_pixels, "width_px": width_px, "height_px": height_px}
    if header.pixels > limits.max_pixels:
        raise TooManyPixelsError(
            f"The image is {width_px} x {height_px} pixels; "
            f"at most {limits.max_pixels} pixels are accepted. Send a smaller one.",
            **size,
        )
    if max(width_px, height_px) > limits.max_side_px:
        raise TooManyPixelsError(
            f"The image is {width_px} x {height_px} pixels; "
            f"no side may be longer than {limits.max_side_px}. Send a smaller one.",
            **size,
        )


def _refuse_camera_raw(image: ImageFile) -> None:
    """Refuses raw photos in a TIFF, whose first page is but a thumbnail."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    tags = image.tag_v2
    reduced = tags.get(_TIFF_SUBFILE_TYPE, 0) == 1 and _TIFF_SUB_IMAGES in tags
    if reduced or _TIFF_DNG_VERSION in tags:
        raise UnsupportedImageFormatError(
            f"Camera raw photos are not accepted. Develop the photo and send {ACCEPTED}.",
            format="camera raw",
        )
