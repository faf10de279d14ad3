"""The pictures to measure with, and what is right for each. Reads the quality set only."""

import csv
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.running import ROOT

SETS = ("composites", "ccp", "libcom", "alpha_matting")
"""The sets that are pictures with masks, as the manifest names them."""


@dataclass(frozen=True, slots=True)
class Case:
    """A picture, and what is right for it."""

    set_name: str
    name: str
    """Unique among all cases, and fit to be a file's name."""

    subject: str
    """Cases of one subject are one sample in the statistics."""

    image: Path
    mask: Path
    """A grey picture, or one whose alpha channel is the true matte."""

    foreground: Path | None = None
    """RGBA with the true colours of the subject, where they are known."""

    def true_alpha_f32(self) -> NDArray[np.float32]:
        """Reads the true matte, float32 [H, W] in 0..1."""
        with Image.open(self.mask) as mask:
            grey = mask.getchannel("A") if "A" in mask.getbands() else mask.convert("L")
        return np.asarray(grey, np.float32) / 255

    def photo_rgb_u8(self) -> NDArray[np.uint8]:
        """Reads the picture, uint8 [H, W, 3]."""
        with Image.open(self.image) as image:
            return np.array(image.convert("RGB"))

    def true_rgba_u8(self) -> NDArray[np.uint8]:
        """Reads the best cut-out there is, uint8 [H, W, 4].

        Where the subject's own colours are not known, the picture's stand in for them.
        """
        if self.foreground is not None:
            return rgba_u8(self.foreground)
        alpha_u8 = np.rint(self.true_alpha_f32() * 255).astype(np.uint8)
        return np.dstack([self.photo_rgb_u8(), alpha_u8])


def shared_folder(name: str, holds: str) -> Path | None:
    """Finds a folder that lies beside the repository, by a file it must hold."""
    places = [ROOT.parent / "shared" / name]
    if shared := os.environ.get("MATTEBOX_SHARED"):
        places.insert(0, Path(shared) / name)
    return next((place for place in places if (place / holds).is_file()), None)


def quality_set() -> Path | None:
    """Finds the quality set."""
    return shared_folder("eval", "MANIFEST.tsv")


def required_quality_set() -> Path:
    """Finds the quality set; ends the program where there is none."""
    folder = quality_set()
    if folder is None:
        sys.exit("quality set not found (looked at $MATTEBOX_SHARED/eval and ../shared/eval)")
    return folder


def masked_cases(folder: Path) -> Iterator[Case]:
    """Reads the pairs of picture and mask out of the manifest, in its order."""
    with (folder / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            if row["set"] in SETS:
                stem = Path(row["image"]).stem
                name = f"{row['set']}-{stem}"
                yield Case(row["set"], name, stem, folder / row["image"], folder / row["mask"])


def rgba_u8(path: Path) -> NDArray[np.uint8]:
    """Reads a cut-out, uint8 [H, W, 4]."""
    with Image.open(path) as image:
        return np.array(image.convert("RGBA"))
