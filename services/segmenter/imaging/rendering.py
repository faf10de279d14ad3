"""Chooses what an answer shows: size and despill are of the subject, then crop, then background."""

from segmenter.imaging.background import on_white
from segmenter.imaging.colour import srgb_conversion
from segmenter.imaging.compose import (
    CutOutRows,
    MatteRows,
    OpaqueRows,
    Rows,
    Subject,
    TranslucentRows,
)
from segmenter.imaging.crop import Box, subject_box
from segmenter.imaging.despill import spill
from segmenter.imaging.foreground import estimated, foreground
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.options import Colour, CutOutOptions, OutputChannels, OutputFormat

_WITHOUT_ALPHA = frozenset({OutputFormat.JPEG, OutputFormat.BMP, OutputFormat.GIF})


def rendered(picture: Picture, matte: Matte, options: CutOutOptions) -> Rows:
    """Makes the answer's pixels from a picture of the answer's size and its matte.

    Over a background they are in sRGB; without one they stay in the colour space of the picture.
    """
    box = subject_box(matte) if options.crop else Box.whole(matte)
    if options.channels is OutputChannels.ALPHA:
        return MatteRows(matte, box)
    ground = _ground(options)
    to_srgb = srgb_conversion(picture.icc_profile) if ground is not None else None
    if options.despill:
        colours = estimated(picture, matte)
        subject = Subject(picture, matte, box, to_srgb, colours, spill(colours, matte))
    else:
        subject = Subject(picture, matte, box, to_srgb, foreground(picture, matte))
    if ground is None:
        return CutOutRows(subject)
    if ground.alpha == 255:
        return OpaqueRows(subject, ground)
    return TranslucentRows(subject, ground)


def _ground(options: CutOutOptions) -> Colour | None:
    """Tells what lies behind the subject; a file without alpha lies on white in the end."""
    if options.answer_format in _WITHOUT_ALPHA:
        return on_white(options.background)
    return options.background
