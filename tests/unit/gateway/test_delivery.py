import pytest

from gateway.delivery import PIECE_BYTES, BytesResponse


@pytest.mark.parametrize(
    ("length", "pieces"),
    [(0, 0), (1, 1), (PIECE_BYTES, 1), (PIECE_BYTES + 1, 2), (3 * PIECE_BYTES - 1, 3)],
)
async def test_content_is_cut_into_pieces_and_nothing_is_lost(length: int, pieces: int) -> None:
    content = bytes(index % 251 for index in range(length))
    response = BytesResponse(content, "image/png", {"X-Width": "1"})

    cut = list(response.pieces())

    assert len(cut) == pieces
    assert b"".join(cut) == content
    assert (response.content_length, response.content_type) == (length, "image/png")
    assert response.headers["X-Width"] == "1"
