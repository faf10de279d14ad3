"""Chooses what an answer shows.

Region, size and despill are of the subject, which then is placed, and gets its line and its shadow;
then comes the crop, and last what lies behind.
"""

from collections.abc import Iterator

from segmenter.imaging.backdrop import backdrop, canvas_size
from segmenter.imaging.background import on_white
from segmenter.imaging.colour import srgb_conversion
from segmenter.imaging.compose import CutOutRows, MatteRows, OpaqueRows, Rows, TranslucentRows
from segmenter.imaging.crop import Box, visible_box
from segmenter.imaging.despill import spill
from segmenter.imaging.effects import underlaid
from segmenter.imaging.foreground import estimated, foreground
from segmenter.imaging.framing import BackdropRows, FramedRows
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.region import confine
from segmenter.imaging.relocation import Move, moved, moved_matte
from segmenter.imaging.scene import Cut, cut, move
from segmenter.imaging.subject import Shown, Subject
from segmenter.options import WITHOUT_ALPHA, CutOutOptions, OutputChannels
from segmenter.scene_options import Colour

_MAX_PIXELS = ImageLimits().max_output_pixels


def rendered(
    picture: Picture,
    matte: Matte,
    options: CutOutOptions,
    background: Picture | None = None,
    max_pixels: int = _MAX_PIXELS,
) -> Rows:
    """Makes the answer's pixels in one go. See `rendering`."""
    steps = rendering(picture, matte, options, background, max_pixels)
    return next(rows for rows in steps if rows is not None)


def rendering(
    picture: Picture,
    matte: Matte,
    options: CutOutOptions,
    background: Picture | None = None,
    max_pixels: int = _MAX_PIXELS,
) -> Iterator[Rows | None]:
    """Makes the answer's pixels from a picture of the answer's size and its matte, step by step.

    With a background, a stroke or a shadow they are in sRGB; else they stay in the colour space of
    the picture. What only a region, a crop or a colour behind is asked for of, is computed as the
    rows are read; other wishes take their planes of the full size beforehand.

    Args:
        picture: what is shown.
        matte: of the picture; overwritten outside of the region.
        options: of the request.
        background: the picture behind the subject. Does not matter to the matte alone.
        max_pixels: the most that an answer has, however it comes to its size.

    Yields:
        None wherever a step is done that takes long and another one is to come, and at last the
        answer's pixels.

    Raises:
        InvalidOptionError: the image does not have the region, or the answer would be too large.
    """
    if options.region:
        confine(matte, picture, options.region)
    if options.channels is OutputChannels.ALPHA:
        yield _matte_alone(matte, options, max_pixels)
        return
    canvas = canvas_size(options, *background.upright_size, max_pixels) if background else None
    ground = None if background else _ground(options)
    coloured = any((background, ground, options.stroke, options.shadow))
    subject = _subject(picture, matte, options, in_srgb=coloured)
    way = _move(matte, canvas, options)
    if way:
        yield None
        subject = moved(subject, way)
    shown: Shown = subject
    if options.stroke or options.shadow:
        yield None
        shown = underlaid(subject, options.stroke, options.shadow)
    seen = shown.visible_box() if options.crop else None
    part = cut(seen, subject.box.size, options, max_pixels)
    shown = shown.cut_to(part.box)
    if background:
        yield None
        behind = backdrop(background, part.size, options.background_picture.blur)
        yield BackdropRows(shown, part.left_px, part.top_px, behind)
    else:
        yield _framed(_over(shown, ground), part)


def _subject(picture: Picture, matte: Matte, options: CutOutOptions, *, in_srgb: bool) -> Subject:
    whole = Box.whole(matte)
    to_srgb = srgb_conversion(picture.icc_profile) if in_srgb else None
    if options.despill:
        colours = estimated(picture, matte)
        return Subject(picture, matte, whole, to_srgb, colours, spill(colours, matte))
    return Subject(picture, matte, whole, to_srgb, foreground(picture, matte))


def _matte_alone(matte: Matte, options: CutOutOptions, max_pixels: int) -> Rows:
    way = _move(matte, None, options)
    if way:
        matte = moved_matte(matte, way)
    seen = visible_box(matte) if options.crop else None
    part = cut(seen, Box.whole(matte).size, options, max_pixels)
    return _framed(MatteRows(matte, part.box), part)


def _move(matte: Matte, canvas: tuple[int, int] | None, options: CutOutOptions) -> Move | None:
    if canvas is None and (options.crop or options.placement is None):
        return None
    return move(visible_box(matte), Box.whole(matte).size, canvas, options)


def _over(shown: Shown, ground: Colour | None) -> Rows:
    if ground is None:
        return CutOutRows(shown)
    if ground.alpha == 255:
        return OpaqueRows(shown, ground)
    return TranslucentRows(shown, ground)


def _framed(rows: Rows, part: Cut) -> Rows:
    return FramedRows(rows, part.left_px, part.top_px, *part.size) if part.bordered else rows


def _ground(options: CutOutOptions) -> Colour | None:
    """Tells what lies behind the subject; a file without alpha lies on white in the end."""
    if options.answer_format in WITHOUT_ALPHA:
        return on_white(options.background)
    return options.background
