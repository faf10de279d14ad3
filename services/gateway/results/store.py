"""What a store of results is, wherever it is, and the names of results."""

import re
import secrets
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Protocol

_ID_BYTES = 24
"""192 random bits: who has not been told a name does not find it."""

_ID_CHARACTERS = 32
_NAME = re.compile(rf"[A-Za-z0-9_-]{{{_ID_CHARACTERS}}}\.[a-z]{{3,4}}")


@dataclass(frozen=True, slots=True)
class Result:
    """A picture that was kept.

    ``pieces`` gives its ``size_bytes`` bytes, once; who gets all of them has fetched it.
    ``close`` ends the reading; it may be called at any time, and has to be.
    """

    size_bytes: int
    pieces: AsyncGenerator[bytes, None]
    close: Callable[[], None]


class Results(Protocol):
    """Pictures by names that nobody can guess, each for a while, within a number of bytes.

    No holder, which is a caller, has more than a share of them, as in `SharedBytes`. Where there is
    no room, those go first that were fetched, the one that was fetched longest ago before the
    others, whoever holds them.
    """

    @property
    def held_bytes(self) -> int:
        """Of all that are kept, as far as it is known without asking anybody."""

    @property
    def is_down(self) -> bool:
        """Whether the server that keeps them did not answer last."""

    async def expect(self, holder: str) -> None:
        """Returns if a picture of a holder is likely to be taken.

        Raises:
            OverloadedError: there is no room at all, or none for what was refused last.
            UnavailableError: the server does not answer.
        """

    async def keep(
        self, holder: str, extension: str, size_bytes: int, chunks: AsyncGenerator[bytes, None]
    ) -> str:
        """Keeps the picture that ``chunks`` make up, and returns its name, an id and ``extension``.

        Once it returns, the picture is there for everybody who asks for it. Where it raises,
        nothing of the picture is left.

        Raises:
            ImageTooLargeError: it is larger than the share of a holder; none was asked of
                ``chunks``.
            OverloadedError: there is no room for so many bytes now; none was asked of ``chunks``.
            UnavailableError: the server does not answer.
            ApiError: whatever the chunks broke off with.
        """

    async def find(self, name: str) -> Result | None:
        """The picture with that name, as long as it is kept.

        Raises:
            UnavailableError: the server does not answer.
        """


def new_name(extension: str) -> str:
    """Returns a name that nobody has been told yet."""
    return f"{secrets.token_urlsafe(_ID_BYTES)}.{extension}"


def is_name(text: str) -> bool:
    """Tells whether ``text`` can be the name of a result at all."""
    return _NAME.fullmatch(text) is not None
