import base64
from collections.abc import AsyncGenerator

import pytest

from gateway.delivery import PiecesResponse, base64_bytes, base64_pieces


async def chunks_of(*chunks: bytes) -> AsyncGenerator[bytes, None]:
    for chunk in chunks:
        yield chunk


async def test_an_answer_tells_its_size_before_its_pieces_come() -> None:
    pieces = chunks_of(b"some", b"", b"more")

    response = PiecesResponse(
        pieces, size_bytes=8, content_type="image/png", headers={"X-Width": "1"}
    )

    assert (response.content_length, response.content_type) == (8, "image/png")
    assert response.headers["X-Width"] == "1"
    assert [piece async for piece in response.pieces] == [b"some", b"", b"more"]


@pytest.mark.parametrize("first", range(7))
@pytest.mark.parametrize("second", range(7))
async def test_base64_of_chunks_joins_to_one_text(first: int, second: int) -> None:
    chunks = [bytes(range(first)), bytes(range(100, 100 + second)), b"last"]
    data = b"".join(chunks)

    text = b"".join([piece async for piece in base64_pieces(chunks_of(*chunks))])

    assert text == base64.b64encode(data)
    assert len(text) == base64_bytes(len(data))


async def test_no_chunks_are_no_text() -> None:
    assert [piece async for piece in base64_pieces(chunks_of())] == []
    assert base64_bytes(0) == 0


async def test_the_text_of_a_chunk_waits_for_no_other() -> None:
    pieces = base64_pieces(chunks_of(bytes(3 * 1000), b"abc"))

    assert len(await anext(pieces)) == 4 * 1000
    assert await anext(pieces) == b"YWJj"
