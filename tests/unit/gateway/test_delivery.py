import base64

import pytest

from gateway.delivery import PIECE_BYTES, Base64Text, BytesResponse


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


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("groups", [0, PIECE_BYTES // 4, PIECE_BYTES // 2])
def test_base64_is_made_by_pieces_that_join_to_one_text(groups: int, length: int) -> None:
    data = bytes(index % 251 for index in range(3 * groups + length))
    text = Base64Text(data)

    pieces = list(text.pieces())

    assert b"".join(pieces) == base64.b64encode(data)
    assert len(text) == len(base64.b64encode(data))
    assert all(len(piece) <= PIECE_BYTES for piece in pieces)
