import pytest

from gateway.delivery import PIECE_BYTES, BytesResponse


@pytest.mark.parametrize(
    ("length", "pieces"),
    [(0, 0), (1, 1), (PIECE_BYTES, 1), (PIECE_BYTES + 1, 2), (3 * PIECE_BYTES - 1, 3)],
)
async def test_content_is_cut_into_pieces_and_nothing_is_lost(length: int, pieces: int) -> None:
    content = bytes(index % 251 for index in range(length))
    response = BytesResponse(content, content_type="image/png", headers={"X-Width": "1"})

    cut = list(response.pieces())

    assert len(cut) == pieces
    assert b"".join(cut) == content
    assert (response.content_length, response.content_type) == (length, "image/png")
    assert response.headers["X-Width"] == "1"


def test_parts_follow_each_other_without_being_joined() -> None:
    parts = (b"{", bytes(PIECE_BYTES + 1), b"", b"}")
    response = BytesResponse(*parts, content_type="application/json", headers={})

    cut = list(response.pieces())

    assert [len(piece) for piece in cut] == [1, PIECE_BYTES, 1, 1]
    assert b"".join(cut) == b"".join(parts)
    assert response.content_length == PIECE_BYTES + 3
