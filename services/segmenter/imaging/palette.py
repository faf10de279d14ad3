"""Reduces a picture to the 256 colours of a GIF."""

import numpy as np
from PIL import Image

from segmenter.imaging.strips import block_bounds
from segmenter.scene_options import Colour

_COLOURS = 256
_GROUND_INDEX = _COLOURS - 1
_SAMPLE_SIDE_PX = 256


def indexed(rgb: Image.Image, ground: Colour) -> Image.Image:
    """Gives the picture in mode P; pixels of the colour `ground` keep it exactly.

    The palette is a median cut over a sample of the pixels, and each pixel takes about the nearest
    colour of it. There is no dithering: it would scatter specks of the subject over the even
    ground, and make the file larger; the octree cut, twice as fast, leaves bands in dark shades.
    """
    chosen = _sample(rgb).quantize(_COLOURS - 1, Image.Quantize.MEDIANCUT)
    colours = (chosen.getpalette() or [])[: 3 * (_COLOURS - 1)]
    # Entries that a picture of few colours leaves over repeat the ground.
    colours += list(ground.rgb) * (_COLOURS - len(colours) // 3)
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours)
    result = Image.new("P", rgb.size, None)
    result.putpalette(colours)
    for top, bottom in block_bounds(0, rgb.height, rgb.width):
        rows = rgb.crop((0, top, rgb.width, bottom))
        result.paste(_indexed_rows(rows, palette, ground), (0, top))
    return result


def _sample(rgb: Image.Image) -> Image.Image:
    """Picks pixels evenly, and mixes none: mixtures would crowd out colours that are there."""
    size = (min(rgb.width, _SAMPLE_SIDE_PX), min(rgb.height, _SAMPLE_SIDE_PX))
    return rgb.resize(size, Image.Resampling.NEAREST)


def _indexed_rows(rows: Image.Image, palette: Image.Image, ground: Colour) -> Image.Image:
    indices = rows.quantize(palette=palette, dither=Image.Dither.NONE)
    # Pillow's nearest colour is exact to four levels only.
    rgbx_u32 = np.frombuffer(rows.tobytes("raw", "RGBX"), np.uint32)
    ground_u32 = np.array([*ground.rgb, 255], np.uint8).view(np.uint32)
    is_ground = Image.frombytes("L", rows.size, (rgbx_u32 == ground_u32).view(np.uint8) * 255)
    indices.paste(_GROUND_INDEX, mask=is_ground)
    return indices
