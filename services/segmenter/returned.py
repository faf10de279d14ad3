"""The image as its own answer, where it is cut out already and that is what is asked for."""

import numpy as np

from segmenter.imaging.background import WHITE
from segmenter.imaging.colour import srgb_conversion
from segmenter.imaging.compose import CutOutRows, OpaqueRows, Rows
from segmenter.imaging.crop import Box
from segmenter.imaging.header import Header
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.sniff import ImageFormat
from segmenter.imaging.subject import Subject
from segmenter.options import WITHOUT_ALPHA, OutputFormat

_SAME = {
    ImageFormat.PNG: OutputFormat.PNG,
    ImageFormat.JPEG: OutputFormat.JPEG,
    ImageFormat.WEBP: OutputFormat.WEBP,
    ImageFormat.BMP: OutputFormat.BMP,
    ImageFormat.TIFF: OutputFormat.TIFF,
    ImageFormat.GIF: OutputFormat.GIF,
}

_SUBJECT = 128
"""The alpha of one half."""


def is_in(file_format: OutputFormat, header: Header, picture: Picture) -> bool:
    """Tells whether the file of a picture is the answer: it is of that format, and upright."""
    return _SAME.get(header.format) is file_format and not picture.was_turned


def shown(picture: Picture, file_format: OutputFormat) -> tuple[Matte, Rows]:
    """Takes a picture that is not opaque apart: its alpha, and the answer's pixels.

    They are the picture's own, on white where the format has no alpha.
    """
    alpha_u8 = np.asarray(picture.alpha)
    matte = Matte(alpha_u8, foreground_found=bool(alpha_u8.max() >= _SUBJECT))
    whole = Box.whole(matte)
    if file_format in WITHOUT_ALPHA:
        to_srgb = srgb_conversion(picture.icc_profile)
        return matte, OpaqueRows(Subject(picture, matte, whole, to_srgb), WHITE)
    return matte, CutOutRows(Subject(picture, matte, whole))
