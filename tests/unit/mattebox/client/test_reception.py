import pytest

from mattebox.client.endpoint import MAX_ANSWER_BYTES, Endpoint
from mattebox.client.errors import ConnectionFailedError, TimedOutError
from mattebox.client.reception import Reception

ENDPOINT = Endpoint("http://127.0.0.1:1", None)


def test_pieces_become_an_answer() -> None:
    reception = Reception(ENDPOINT, 60)
    for piece in (b"pic", b"", b"ture"):
        reception.add(piece)

    answer = reception.finish(200, {"x-width": "3"})

    assert (answer.status, answer.headers, answer.body) == (200, {"x-width": "3"}, b"picture")


def test_an_answer_without_end_is_not_held() -> None:
    reception = Reception(ENDPOINT, 60)
    mebibyte = bytes(2**20)
    for _ in range(MAX_ANSWER_BYTES // 2**20):
        reception.add(mebibyte)

    with pytest.raises(ConnectionFailedError, match="does not end"):
        reception.add(b"x")


def test_an_answer_that_comes_too_late_is_not_waited_for() -> None:
    with pytest.raises(TimedOutError):
        Reception(ENDPOINT, -1).add(b"x")
