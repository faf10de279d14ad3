"""Gets the bytes of a picture, bounded in size and, over the network, in time."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self

from mattebox.remove.downloading import Downloader
from mattebox.remove.errors import PictureError
from mattebox.remove.sources import FileSource, Source, StdinSource, Unreadable, UrlSource
from mattebox.remove.threads import on_thread

MOST_BYTES = 250 * 2**20
"""More does not fit into a message of the contract, whatever a service is set to take."""

_DOWNLOAD_S = 60.0


class Reader:
    """Reads sources; downloads share their connections."""

    def __init__(
        self,
        stdin: bytes = b"",
        *,
        most_bytes: int = MOST_BYTES,
        download_s: float = _DOWNLOAD_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`stdin` is what was read from standard input, if anything was to be."""
        self._stdin = stdin
        self._most_bytes = most_bytes
        self._downloader = Downloader(most_bytes=most_bytes, longest_s=download_s, sleep=sleep)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._downloader.aclose()

    async def read(self, source: Source) -> bytes:
        """Returns the picture's bytes.

        Raises:
            PictureError: it cannot be read, or is too large.
        """
        match source:
            case FileSource(path):
                return await on_thread(self._read_file, path)
            case UrlSource(url):
                return self._checked(await self._downloader.download(url))
            case StdinSource():
                return self._checked(self._stdin)
            case Unreadable(_, problem):
                raise _unreadable(problem)

    def _read_file(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                return self._checked(file.read(self._most_bytes + 1))
        except OSError as error:
            raise _unreadable(error.strerror or str(error)) from error

    def _checked(self, data: bytes) -> bytes:
        if len(data) > self._most_bytes:
            raise self._too_large()
        if not data:
            raise PictureError("missing_image", "There are no bytes.", "Look at where it is from.")
        return data

    def _too_large(self) -> PictureError:
        return PictureError(
            "image_too_large",
            f"It has more than {self._most_bytes // 2**20} MB.",
            "Make it smaller.",
        )


def _unreadable(problem: str) -> PictureError:
    return PictureError(
        "cannot_read", f"It cannot be read: {problem}.", "Look at its permissions, or leave it out."
    )
