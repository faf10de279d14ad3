"""The pictures that the arguments of the command name: walked lazily, and always in one order."""

import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from mattebox.remove.earlier import is_picture, without_cut_outs
from mattebox.remove.errors import UsageError
from mattebox.remove.patterns import matches, root_of
from mattebox.remove.sources import (
    STDIN,
    FileSource,
    Source,
    StdinSource,
    Unreadable,
    UrlSource,
    printable,
    resolved,
)

_URL_SCHEMES = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder that is walked, or the folder in which a pattern begins."""

    root: Path
    pattern: str = ""
    """A pattern of whole paths; empty where the folder is walked."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is to be cut out. Each argument becomes one of `items`, in their order."""

    items: tuple[Source | Tree, ...]
    out: Path | None = None
    """The folder of the cut-outs, which is no source where it lies in a folder that is."""

    @property
    def trees(self) -> list[Tree]:
        """The folders and the patterns."""
        return [item for item in self.items if isinstance(item, Tree)]

    @property
    def files(self) -> list[Path]:
        """The files that were named each by itself."""
        return [item.path for item in self.items if isinstance(item, FileSource)]

    @property
    def only_one(self) -> Source | None:
        """The picture where there can be no other, else None."""
        one = self.items[0] if len(self.items) == 1 else None
        return None if isinstance(one, Tree) else one

    def walk(self) -> Iterator[Source]:
        """Finds the pictures, one after the other."""
        out = None if self.out is None else resolved(self.out)
        are_several = len(self.items) > 1
        for item in self.items:
            if isinstance(item, Tree):
                name = resolved(item.root).name if are_several else ""
                yield from _pictures(item, PurePath(name), out)
            else:
                yield item


def read_arguments(arguments: Sequence[str], out: Path | None) -> Inputs:
    """Tells what each argument means.

    Raises:
        UsageError: one names nothing, or they do not go together.
    """
    if STDIN in arguments and len(arguments) > 1:
        raise UsageError("'-' stands for one picture on standard input; give nothing beside it.")
    items = [_item(argument) for argument in dict.fromkeys(arguments)]
    if len(items) == 1:
        return Inputs(tuple(items), out)
    files = [item for item in items if isinstance(item, FileSource)]
    made = set(files).difference(without_cut_outs(files))
    items = [item for item in items if item not in made]
    if not items:
        raise UsageError(
            "These are cut-outs of an earlier run, which stand beside their originals: give one by"
            " itself to cut it out again."
        )
    return Inputs(tuple(items), out)


def is_left_out(out: Path | None, root: Path) -> bool:
    """Tells whether the walk through a folder leaves out that of the cut-outs; both are resolved.

    Where they go into the folder itself or above it, their names tell them apart.
    """
    return out is not None and out != root and root in out.parents


def _item(argument: str) -> Source | Tree:
    if argument == STDIN:
        return StdinSource()
    if not argument:
        raise UsageError("An empty argument names nothing: is a variable empty?")
    if argument.lower().startswith(_URL_SCHEMES):
        _check_url(argument)
        return UrlSource(argument)
    path = Path(argument)
    try:
        if path.is_dir():
            return Tree(path)
        if path.exists():
            return FileSource(path, PurePath(path.name))
    except OSError as error:
        raise UsageError(f"{printable(argument)} cannot be read: {error.strerror}.") from error
    if glob.has_magic(argument):
        if not any(
            is_picture(found.name) for found in matches(argument) if isinstance(found, Path)
        ):
            raise UsageError(f"{printable(argument)}: no picture matches.")
        return Tree(root_of(argument), argument)
    raise UsageError(
        f"{printable(argument)}: there is no such file or folder."
        " Patterns such as 'photos/**/*.jpg' go in quotes."
    )


def _check_url(url: str) -> None:
    shown = printable(re.sub("//[^/]*@", "//", url).partition("?")[0])
    try:
        parts = urlsplit(url)
        if not parts.hostname or parts.port == 0:
            raise UsageError(
                f"{shown} is no URL: it has no {'port' if parts.hostname else 'host'}."
            )
    except ValueError as error:
        raise UsageError(f"{shown} is no URL: {error}.") from error


def _pictures(tree: Tree, below: PurePath, out: Path | None) -> Iterator[Source]:
    root = resolved(tree.root)
    skipped = out if is_left_out(out, root) else None
    if not tree.pattern:
        yield from _walk(tree.root, below, skipped)
        return
    # Found in the order of the file system, in which a new file may come anywhere.
    for found in sorted(set(matches(tree.pattern)), key=str):
        if isinstance(found, Unreadable):
            yield found
        elif is_picture(found.name) and (skipped is None or skipped not in resolved(found).parents):
            yield from _picture(found, below / found.relative_to(tree.root))


def _walk(folder: Path, below: PurePath, skipped: Path | None) -> Iterator[Source]:
    """Yields the pictures of a folder and then those of its folders, both by name.

    Links to folders are not followed, since they may lead in a circle.
    """
    folders: list[str] = []
    try:
        with os.scandir(folder) as entries:
            names = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield Unreadable(folder, error.strerror or str(error))
        return
    for entry in names:
        if _is_folder(entry):
            folders.append(entry.name)
        elif is_picture(entry.name):
            yield from _picture(folder / entry.name, below / entry.name)
    for name in folders:
        inside = folder / name
        if not name.startswith(".") and (skipped is None or resolved(inside) != skipped):
            yield from _walk(inside, below / name, skipped)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # whoever opens it is told
        return False


def _picture(path: Path, below: PurePath) -> Iterator[Source]:
    """Yields what is called a picture and is a file, or leads to none that can be told."""
    try:
        is_file = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        yield Unreadable(path, error.strerror or str(error))
        return
    if is_file:
        yield FileSource(path, below)
