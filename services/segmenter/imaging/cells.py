"""Enlarges a coarse plane of cells over a part of a picture."""

from PIL import Image


def enlarged(cells: Image.Image, cell_px: int, place: tuple[int, int, int, int]) -> Image.Image:
    """Computes a part of the enlarged cells, bilinear, with the same pixels whatever the part.

    Cells are a power of two wide, so that all positions and weights are exact. Columns first, since
    Pillow's own order, and with it the rounding in between, depends on the size of the part.

    Args:
        cells: a pixel for each square of the picture.
        cell_px: the side of such a square, a power of two.
        place: the part of the picture: left, top, right, bottom, in pixels.
    """
    left, top, right, bottom = place
    # One cell more on either side, where there is one, is as far as the filter looks.
    first = max(0, top // cell_px - 1)
    rows = cells.crop((0, first, cells.width, min(cells.height, -(-bottom // cell_px) + 1)))
    wide = rows.resize(
        (right - left, rows.height),
        Image.Resampling.BILINEAR,
        box=(left / cell_px, 0, right / cell_px, rows.height),
    )
    return wide.resize(
        (right - left, bottom - top),
        Image.Resampling.BILINEAR,
        box=(0, top / cell_px - first, right - left, bottom / cell_px - first),
    )
