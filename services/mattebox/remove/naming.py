"""Where each cut-out goes: never over a source, and never over the cut-out of another one."""

from collections import Counter
from functools import lru_cache
from itertools import chain, count
from pathlib import Path, PurePath

from mattebox.remove.earlier import CUT_OUT_MARK, picture_names
from mattebox.remove.inputs import Inputs, is_left_out
from mattebox.remove.outcome import Readable
from mattebox.remove.sources import FileSource, resolved

_FOLDERS_AT_HAND = 64


class Naming:
    """Gives out the paths of cut-outs: the same ones whenever the same sources come in order.

    Beside its source a cut-out is NAME-cut-out.png, in a folder of its own NAME.png. Where
    pictures in one folder differ in their endings only, those become part of the name, and where
    two have the same name nevertheless, the later ones get numbers. What it remembers of a picture
    is one number.
    """

    def __init__(self, inputs: Inputs, out: Path | None, suffix: str) -> None:
        """`out` is None where cut-outs stand beside their sources; `suffix` as ".png"."""
        self._out = out
        self._suffix = suffix
        self._resolved_out = None if out is None else resolved(out)
        # Pictures come folder by folder, so that few folders need be remembered.
        self._resolved = lru_cache(_FOLDERS_AT_HAND)(resolved)
        self._shared_stems = lru_cache(_FOLDERS_AT_HAND)(_shared_stems)
        self._roots = [resolved(tree.root) for tree in inputs.trees]
        self._folders = {resolved(path.parent) for path in inputs.files}
        self._taken = {_mark(resolved(path.parent) / path.name) for path in inputs.files}
        self._is_read_from = lru_cache(_FOLDERS_AT_HAND)(self._tell_whether_read_from)

    def target(self, source: Readable) -> Path:
        """Says where the cut-out of the next source goes."""
        below = source.below
        folder = self._folder(source)
        stem = below.stem or below.name
        if isinstance(source, FileSource) and self._shares_stem(source.path):
            stem = f"{stem}-{below.suffix[1:].lower()}"
        mark = CUT_OUT_MARK if self._is_read_from(folder) else ""
        numbers = chain([""], (f"-{number}" for number in count(2)))
        for number in numbers:
            target = folder / f"{stem}{number}{mark}{self._suffix}"
            if self._take(target):
                return target
        raise AssertionError  # there is no end of numbers

    def _folder(self, source: Readable) -> Path:
        if self._out is not None:
            return self._out / source.below.parent
        return source.path.parent if isinstance(source, FileSource) else Path()

    def _tell_whether_read_from(self, folder: Path) -> bool:
        """Tells whether sources stand in this folder, among which cut-outs need a mark."""
        folder = resolved(folder)
        if self._out is None or folder in self._folders:
            return True
        out = self._resolved_out
        return any(_is_within(folder, root) and not is_left_out(out, root) for root in self._roots)

    def _shares_stem(self, path: Path) -> bool:
        return path.stem.casefold() in self._shared_stems(path.parent)

    def _take(self, target: Path) -> bool:
        mark = _mark(self._resolved(target.parent) / target.name)
        is_free = mark not in self._taken
        self._taken.add(mark)
        return is_free


def _is_within(folder: Path, root: Path) -> bool:
    return folder == root or root in folder.parents


def _mark(path: PurePath) -> int:
    """A number for a path. Two paths that some file systems do not tell apart have the same."""
    return hash(str(path).casefold())


def _shared_stems(folder: Path) -> frozenset[str]:
    """Names without their endings that several pictures of a folder have."""
    stems = Counter(PurePath(name).stem.casefold() for name in picture_names(folder))
    return frozenset(stem for stem, times in stems.items() if times > 1)
