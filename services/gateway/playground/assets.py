"""The files of the page, read out of the package once. Nothing else can be asked for."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

_CONTENT_TYPES: Mapping[str, str] = {
    "css": "text/css",
    "html": "text/html",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_WITH_CHARSET = frozenset({"text/css", "text/html", "text/javascript"})
_TAG_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page; ``tag`` names its content."""

    body: bytes
    content_type: str
    charset: str | None
    tag: str


def packaged_assets() -> dict[str, Asset]:
    """All files of the page by their paths below it, as ``page.css`` or ``samples/coffee.jpg``."""
    return dict(_assets(files("gateway.playground").joinpath("static"), ""))


def _assets(folder: Traversable, prefix: str) -> Iterator[tuple[str, Asset]]:
    for entry in folder.iterdir():
        path = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _assets(entry, f"{path}/")
            continue
        content_type = _CONTENT_TYPES.get(entry.name.rpartition(".")[2])
        if content_type is not None:
            yield path, _asset(entry.read_bytes(), content_type)


def _asset(body: bytes, content_type: str) -> Asset:
    tag = hashlib.sha256(body).hexdigest()[:_TAG_CHARACTERS]
    charset = "utf-8" if content_type in _WITH_CHARSET else None
    return Asset(body, content_type, charset, tag)
