"""What tests ask of a store of results, and a clock that is set by hand."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from gateway.errors import ApiError
from gateway.results import Results

ID_CHARACTERS = 32
BUDGET_BYTES = 1_000_000
SHARE_BYTES = 750_000
"""The most that one holder gets of them."""


@dataclass
class Clock:
    """Gives the seconds that it is set to."""

    now_s: float = 5000.0

    def __call__(self) -> float:
        return self.now_s


async def pieces_of(*pieces: bytes, end: ApiError | None = None) -> AsyncGenerator[bytes, None]:
    for piece in pieces:
        yield piece
    if end is not None:
        raise end


async def keep(
    results: Results, size_bytes: int, content: bytes = b"x", holder: str = "a key"
) -> str:
    """Keeps a picture of so many bytes, which comes in two pieces where it can."""
    picture = content * size_bytes
    return await results.keep(holder, "png", size_bytes, pieces_of(picture[:3], picture[3:]))


async def fetched(results: Results, name: str) -> bytes | None:
    """Fetches a picture to its end; None where there is none."""
    result = await results.find(name)
    if result is None:
        return None
    content = b"".join([piece async for piece in result.pieces])
    result.close()
    assert len(content) == result.size_bytes
    return content


async def is_kept(results: Results, name: str) -> bool:
    """Looks for a picture without fetching it."""
    result = await results.find(name)
    if result is not None:
        await result.pieces.aclose()
        result.close()
    return result is not None
