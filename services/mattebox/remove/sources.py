"""What can be cut out: a file, the picture at a URL, standard input. Reads none of them."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import ClassVar
from urllib.parse import unquote, urlsplit

STDIN = "-"

_SUFFIXES = ".jpg .jpeg .jpe .jfif .png .webp .gif .bmp .dib .tif .tiff .heic .heif .hif .avif"
IMAGE_SUFFIXES = frozenset(_SUFFIXES.split())
"""The usual endings of the formats that the service reads. It goes by the content itself."""

_LONGEST_NAME_BYTES = 100


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file."""

    path: Path
    below: PurePath
    """Its path below the folder in which cut-outs are collected."""

    @property
    def label(self) -> str:
        """What people call it."""
        return printable(str(self.path))


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A picture that is to be downloaded."""

    url: str

    @property
    def label(self) -> str:
        """The URL without what may be secret: user, password and query."""
        parts = urlsplit(self.url)
        return printable(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")

    @property
    def below(self) -> PurePath:
        """The last part of its path, as the name of a file."""
        name = unquote(PurePath(urlsplit(self.url).path).name)
        tame = "".join(c if c.isalnum() or c in " ._-" else "_" for c in name)
        last = tame.encode()[-_LONGEST_NAME_BYTES:].decode(errors="ignore")
        return PurePath(last.lstrip(". ") or "picture")


@dataclass(frozen=True, slots=True)
class StdinSource:
    """The bytes on standard input."""

    label: ClassVar[str] = "standard input"
    below: ClassVar[PurePath] = PurePath("stdin")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A folder that cannot be looked into, or a link that leads nowhere; it fails as a picture."""

    path: Path
    problem: str

    @property
    def label(self) -> str:
        """What people call it."""
        return printable(str(self.path))


Source = FileSource | UrlSource | StdinSource | Unreadable


def printable(text: str) -> str:
    """Returns text that cannot steer a terminal, whatever is in the name of a file."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def resolved(path: Path) -> Path:
    """The path without links. Unlike that of `Path.resolve` there is one of circles, too."""
    return Path(os.path.realpath(path))
