"""Tells cut-outs of an earlier run, which stand among their originals, from pictures."""

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path, PurePath

from mattebox.remove.sources import IMAGE_SUFFIXES, FileSource

CUT_OUT_MARK = "-cut-out"
"""What the names of cut-outs end in that stand where sources are read from."""

_NUMBER = re.compile(r"-\d+$")
_ENDING = re.compile(r"-([a-z]+)$")


def is_picture(name: str) -> bool:
    """Tells by its name whether a file found in a folder is a picture, and no earlier cut-out."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a Path for each name would cost more
    is_hidden_or_made = name.startswith(".") or stem.endswith(CUT_OUT_MARK)
    return suffix.lower() in IMAGE_SUFFIXES and not is_hidden_or_made


def without_cut_outs(files: Sequence[FileSource]) -> list[FileSource]:
    """Leaves out cut-outs whose originals stand beside them: a shell's ``*.png`` names both."""
    names_in = lru_cache(None)(_known_names)
    return [each for each in files if not _is_made(each.path, names_in(each.path.parent))]


def _is_made(path: Path, beside: frozenset[str]) -> bool:
    made_of = path.stem
    while made_of.endswith(CUT_OUT_MARK):
        made_of = made_of.removesuffix(CUT_OUT_MARK)
    if made_of == path.stem:
        return False
    # As `Naming` puts names together: NAME, NAME-ENDING, and a number behind either.
    for stem in (made_of, _NUMBER.sub("", made_of)):
        ending = _ENDING.search(stem)
        whole = "" if ending is None else f"{stem[: ending.start()]}.{ending[1]}"
        if stem in beside or whole.casefold() in beside:
            return True
    return False


def picture_names(folder: Path) -> list[str]:
    """The names of a folder's pictures; none where it cannot be looked into."""
    try:
        return list(filter(is_picture, os.listdir(folder)))  # noqa: PTH208 - the names are all
    except OSError:
        return []


def _known_names(folder: Path) -> frozenset[str]:
    """The names of a folder's pictures, once without their endings and once, folded, with them."""
    names = picture_names(folder)
    return frozenset(PurePath(name).stem for name in names) | frozenset(map(str.casefold, names))
