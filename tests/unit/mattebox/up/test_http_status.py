import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mattebox.up.http_status import http_page, http_status
from tests.authority import Authority, Issued


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


@contextmanager
def tls_server(issued: Issued, answer: bytes) -> Iterator[str]:
    """Answers one connection over TLS, if it comes to that; gives its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate_file, issued.key_file)

    def serve() -> None:
        connection, _ = listener.accept()
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_over_tls_the_certificate_may_name_another_host(tmp_path: Path) -> None:
    issued = Authority(tmp_path).issue("photos.example")

    with tls_server(issued, b"HTTP/1.1 200 OK\r\n\r\n") as url:
        assert http_status(f"{url}/v2/health", timeout_s=10) == 200


def test_a_server_without_tls_is_no_answer_to_https() -> None:
    with server(b"HTTP/1.1 200 OK\r\n\r\n") as (url, _):
        assert http_status(url.replace("http:", "https:"), timeout_s=10) is None


@pytest.mark.parametrize(
    ("answer", "page"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na 1\r\n\r\nb 2", "a 1\r\n\r\nb 2"),
        (b"HTTP/1.1 200 OK\r\n\r\n", ""),
        (b"HTTP/1.1 404 Not Found\r\n\r\nnothing", None),
        (b"HTTP/1.1 200 OK\r\n\r\n\xff", None),
        (b"", None),
    ],
)
def test_a_page_is_what_follows_the_head_of_a_good_answer(answer: bytes, page: str | None) -> None:
    with server(answer) as (url, _):
        assert http_page(f"{url}/metrics", timeout_s=10) == page


def test_a_page_that_does_not_come_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"

        assert http_page(url, timeout_s=0.05) is None
