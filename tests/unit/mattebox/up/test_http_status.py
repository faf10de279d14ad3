import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mattebox.up.http_status import http_status


@contextmanager
def server(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Answers one connection with these bytes; gives its URL and what it was asked."""
    asked: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            asked.append(connection.recv(4096))
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        thread.join()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\nbusy", 503),
        (b"HTTP/1.1 204\r\n\r\n", 204),
        (b"", None),
        (b"SSH-2.0-OpenSSH_9.2 200\r\n", None),
        (b"HTTP/1.1 soon\r\n", None),
    ],
)
def test_the_status_is_that_of_the_answer(answer: bytes, status: int | None) -> None:
    with server(answer) as (url, asked):
        assert http_status(f"{url}/v2/health", timeout_s=10) == status

    assert asked[0].startswith(b"GET /v2/health HTTP/1.1\r\nHost: 127.0.0.1:")


def test_nobody_there_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert http_status(f"http://127.0.0.1:{port}/", timeout_s=10) is None


def test_a_server_that_keeps_silent_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"

        assert http_status(url, timeout_s=0.05) is None
