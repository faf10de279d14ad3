"""Hands bytes to the one decoder of their format, and turns whatever it raises into our errors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import IO

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.ImageFile import ImageFile

from segmenter.errors import InvalidImageError, SegmenterError, TooManyPixelsError
from segmenter.imaging.sniff import ImageFormat

# Decoders are called by class rather than through `Image.open`: no other one gets a chance, and
# an image over the limit tells its size, which the refusal names, instead of raising.
_DECODERS: Mapping[ImageFormat, type[ImageFile]] = {
    ImageFormat.JPEG: JpegImagePlugin.JpegImageFile,
    ImageFormat.PNG: PngImagePlugin.PngImageFile,
    ImageFormat.WEBP: WebPImagePlugin.WebPImageFile,
    ImageFormat.GIF: GifImagePlugin.GifImageFile,
    ImageFormat.BMP: BmpImagePlugin.BmpImageFile,
    ImageFormat.TIFF: TiffImagePlugin.TiffImageFile,
}

# Named as they register themselves when imported, which is left to the guarded child: their
# libraries stay out of every process that does not decode with them.
_REGISTERED: Mapping[ImageFormat, str] = {ImageFormat.HEIC: "HEIF", ImageFormat.AVIF: "AVIF"}


@contextmanager
def opened(data: bytes, image_format: ImageFormat) -> Iterator[ImageFile]:
    """Opens an image without decoding it. The block may load it, and must not seek in it.

    HEIC and AVIF open only where their plugins were registered, in the guarded child.

    Raises:
        TooManyPixelsError: Pillow's own bomb check refused.
        InvalidImageError: anything else went wrong in the decoder, within the block too.
    """
    try:
        with _opener(image_format)(BytesIO(data), "") as image:
            yield image
    except SegmenterError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError(
            f"The image has more than {Image.MAX_IMAGE_PIXELS} pixels. Send a smaller one.",
            limit_pixels=Image.MAX_IMAGE_PIXELS or 0,
        ) from error
    # Decoders raise whatever they run into: SyntaxError, OverflowError, MemoryError, bare
    # AssertionError. All of it comes from the bytes.
    except Exception as error:
        raise InvalidImageError(
            f"The {image_format.upper()} image is broken, cut off or of a rare kind. "
            "Send an intact, common one."
        ) from error


def _opener(image_format: ImageFormat) -> Callable[[IO[bytes], str | bytes], ImageFile]:
    name = _REGISTERED.get(image_format)
    return Image.OPEN[name][0] if name else _DECODERS[image_format]
