"""Lays photo, rembg's cut-out, ours and the truth side by side, whole and one detail enlarged.

The detail is where our fast answer is furthest from the truth; where the truth is not known, where
it differs most from theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

INK, PAPER, OUTLINE = (32, 32, 32), (255, 255, 255), (200, 200, 200)
_TILE = (240, 180)
_GAP_PX = 8
_LABEL_PX = 22
_FONT = ImageFont.load_default(size=13)
_DETAIL_SHARE = 0.16
_WHOLE_GROUND, _DETAIL_GROUND = (255, 255, 255), (0, 177, 64)


@dataclass(frozen=True, slots=True)
class Row:
    """One picture of the sheet; arrays are uint8 [H, W, 3] and [H, W, 4]."""

    label: str
    photo_rgb: NDArray[np.uint8]
    theirs_rgba: NDArray[np.uint8]
    fast_rgba: NDArray[np.uint8]
    best_rgba: NDArray[np.uint8]
    truth_rgba: NDArray[np.uint8] | None


def contact_sheet(rows: Sequence[Row], peer_name: str) -> Image.Image:
    """Draws the sheet, two lines a row: whole on white, and the detail on green."""
    columns = ["photo", peer_name, "ours, fast", "ours, best", "truth"]
    width = len(columns) * (_TILE[0] + _GAP_PX) + _GAP_PX
    row_px = _LABEL_PX + 2 * (_TILE[1] + _GAP_PX)
    page = Image.new("RGB", (width, _LABEL_PX + len(rows) * row_px), PAPER)
    draw = ImageDraw.Draw(page)
    for column, name in enumerate(columns):
        draw.text((_left(column), _LABEL_PX - 5), name, INK, _FONT, anchor="ls")
    for number, row in enumerate(rows):
        top = _LABEL_PX + number * row_px
        draw.text((_GAP_PX, top + _LABEL_PX - 5), row.label, INK, _FONT, anchor="ls")
        _draw_row(page, row, top + _LABEL_PX)
    return page


def _draw_row(page: Image.Image, row: Row, top: int) -> None:
    cut_outs = [row.theirs_rgba, row.fast_rgba, row.best_rgba]
    if row.truth_rgba is not None:
        cut_outs.append(row.truth_rgba)
    box = detail_box(row)
    whole = [row.photo_rgb, *(over(each, _WHOLE_GROUND) for each in cut_outs)]
    detail = [row.photo_rgb, *(over(each, _DETAIL_GROUND) for each in cut_outs)]
    for column, (overview, close) in enumerate(zip(whole, detail, strict=True)):
        image = Image.fromarray(overview)
        if column == 0:
            ImageDraw.Draw(image).rectangle(
                box, outline=(255, 0, 0), width=max(2, image.width // 240)
            )
        _paste(page, image, (_left(column), top), Image.Resampling.LANCZOS)
        crop = Image.fromarray(close).crop(box)
        _paste(page, crop, (_left(column), top + _TILE[1] + _GAP_PX), Image.Resampling.NEAREST)


def detail_box(row: Row) -> tuple[int, int, int, int]:
    """Finds the part of the picture with the largest error, as left, top, right and bottom."""
    reference = row.theirs_rgba if row.truth_rgba is None else row.truth_rgba
    ours, right = (
        over(each, _DETAIL_GROUND).astype(np.float64) for each in (row.fast_rgba, reference)
    )
    error = np.abs(ours - right).mean(axis=-1)
    height, width = error.shape
    box_width = max(32, round(max(height, width) * _DETAIL_SHARE))
    box_height = box_width * _TILE[1] // _TILE[0]
    box_width, box_height = min(box_width, width), min(box_height, height)
    sums = np.pad(error.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    inside = (
        sums[box_height:, box_width:]
        - sums[:-box_height, box_width:]
        - sums[box_height:, :-box_width]
        + sums[:-box_height, :-box_width]
    )
    top, left = divmod(int(inside.argmax()), inside.shape[1])
    return left, top, left + box_width, top + box_height


def over(rgba_u8: NDArray[np.uint8], ground: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Composites a cut-out over a colour."""
    alpha = rgba_u8[..., 3:] / 255
    mixed = alpha * rgba_u8[..., :3] + (1 - alpha) * np.array(ground)
    rounded: NDArray[np.uint8] = np.rint(mixed).astype(np.uint8)
    return rounded


def _left(column: int) -> int:
    return _GAP_PX + column * (_TILE[0] + _GAP_PX)


def _paste(
    page: Image.Image, image: Image.Image, place: tuple[int, int], method: Image.Resampling
) -> None:
    """Fills a tile as far as the picture's shape allows."""
    scale = min(_TILE[0] / image.width, _TILE[1] / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    page.paste(image.resize(size, method), place)
    ImageDraw.Draw(page).rectangle(
        (place[0] - 1, place[1] - 1, place[0] + size[0], place[1] + size[1]), outline=OUTLINE
    )
