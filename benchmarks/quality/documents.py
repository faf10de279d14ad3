"""Brings docs/quality.md and its picture up to date. Shows freely licensed photos only."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import tables as pages
from benchmarks.quality import contact_sheet, ours, peer
from benchmarks.quality.cases import rgba_u8, shared_folder
from benchmarks.quality.scores import BEST, OURS
from benchmarks.running import ROOT

_PAGE = ROOT / "docs" / "quality.md"
_PICTURE = ROOT / "docs" / "images" / "quality.jpg"
_DATA = ROOT / "tests" / "data"
_CAT = "chelsea.png"
_COMPOSITE = "cup before a rocket's sky"
_MOST_BYTES = 200_000


def pictures_to_show() -> dict[str, Path]:
    """Names the photos.

    Raises:
        FileNotFoundError: the shared ones are not there.
    """
    folder = shared_folder("photos", _CAT)
    if folder is None:
        raise FileNotFoundError(
            "photos to show not found (looked at $MATTEBOX_SHARED/photos and ../shared/photos)"
        )
    return {
        _COMPOSITE: _DATA / "composite.jpg",
        "coffee": _DATA / "coffee.jpg",
        "cat": folder / _CAT,
    }


def write_picture(
    pictures: Mapping[str, Path], repository: Path, rembg: peer.Peer, work: Path
) -> None:
    """Cuts the photos out both ways and writes the sheet."""
    peer.cut_out_all(rembg, pictures, work)
    ours.cut_out_all(pictures, repository, work, (OURS, BEST))
    rows = [_row(name, path, work) for name, path in pictures.items()]
    sheet = contact_sheet.contact_sheet(rows, f"rembg {peer.VERSION}")
    for quality in range(88, 40, -4):
        sheet.save(_PICTURE, quality=quality, optimize=True)
        if _PICTURE.stat().st_size <= _MOST_BYTES:
            return


def write_figures(tables: str, note: str) -> None:
    """Puts the tables between the two marks of the page."""
    day = dt.datetime.now(dt.UTC).date()
    pages.write_figures(_PAGE, f"Measured on {day}. {note}\n\n{tables}")


def _row(name: str, path: Path, work: Path) -> contact_sheet.Row:
    return contact_sheet.Row(
        label=name,
        photo_rgb=_rgb_u8(path),
        theirs_rgba=rgba_u8(work / peer.DEFAULT / f"{name}.png"),
        fast_rgba=rgba_u8(work / OURS / f"{name}.png"),
        best_rgba=rgba_u8(work / BEST / f"{name}.png"),
        truth_rgba=_composed_rgba_u8() if name == _COMPOSITE else None,
    )


def _composed_rgba_u8() -> NDArray[np.uint8]:
    """Gives the cup and the matte that composite.jpg was made of."""
    with Image.open(_DATA / "composite_alpha.png") as alpha:
        return np.dstack([_rgb_u8(_DATA / "coffee.jpg"), np.asarray(alpha.convert("L"))])


def _rgb_u8(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))
