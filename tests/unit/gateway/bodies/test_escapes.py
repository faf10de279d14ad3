import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.bodies.escapes import resolved


def _upper(piece: bytes) -> bytes:
    return re.sub(rb"%[a-f]{2}", lambda match: match[0][1:].upper(), piece)


@given(st.lists(st.sampled_from([b"%ab", b"x", b"%", b"a", b"\n"]), max_size=80).map(b"".join))
def test_pieces_give_what_the_whole_gives(text: bytes) -> None:
    assert resolved(memoryview(text), b"%", 3, _upper, piece_bytes=16) == _upper(text)
