"""Cases are sent, counted, judged, and sent again where they were slow."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from benchmarks.hostile.host import image_host
from benchmarks.hostile.judge import Judge
from benchmarks.hostile.sender import Case, Sender
from benchmarks.hostile.ways import Way
from benchmarks.load.beside import serving_beside


class Service(BaseHTTPRequestHandler):
    """Answers by what stands in the body."""

    protocol_version = "HTTP/1.1"
    rejections = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if b"rated" in body and not Service.rejections:
            Service.rejections = 1
            self._answer(429, {"Retry-After": "0"})
        elif b"fails" in body:
            self._answer(500, {})
        elif b"json" in body and self.headers["Content-Type"] == "application/json":
            self._answer(413, {})
        else:
            self._answer(400, {})

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        error: dict[str, object] = {
            "code": "image_too_large" if status == 413 else "invalid_image",
            "message": "The image is broken.",
            "status": status,
            "request_id": "1",
            "details": {},
        }
        body = json.dumps({"error": error}).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def sender() -> Iterator[Sender]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    with serving_beside(server), image_host() as host:
        yield Sender(f"http://127.0.0.1:{server.server_address[1]}", "key", host, clients=3)


def case(name: str, way: Way = Way.FILE) -> Case:
    return Case(name, "kind", name.encode(), way)


def test_answers_come_in_the_order_of_their_cases(sender: Sender) -> None:
    cases = [case(str(number)) for number in range(200)]

    assert [each.case for each in sender.answers(cases)] == cases


def test_who_is_refused_for_its_rate_sends_again(sender: Sender) -> None:
    (answered,) = sender.answers([case("rated")])

    assert (answered.reply.status, Service.rejections) == (400, 1)


def test_refusals_of_the_contract_are_no_offences(sender: Sender) -> None:
    judge = Judge(sender, photo_s_per_megapixel=1)
    judge.judge([case("a"), case("a", Way.URL), case("b", Way.BASE64)])

    assert judge.offences == []
    assert "| kind  | URL    | 1" in judge.table()


def test_offences_are_told_and_kept(sender: Sender, tmp_path: Path) -> None:
    judge = Judge(sender, photo_s_per_megapixel=1)
    judge.judge([case("a/fails")])
    judge.write(tmp_path / "hostile")

    assert judge.said() == ["a/fails (kind, by file): status 500"]
    assert (tmp_path / "hostile" / "a-fails").read_bytes() == b"a/fails"


def test_two_answers_to_one_image_are_an_offence(sender: Sender) -> None:
    judge = Judge(sender, photo_s_per_megapixel=1)
    body = b"json"
    judge.judge([Case("x", "kind", body, Way.FILE), Case("y", "kind", body, Way.FILE)])
    assert judge.offences == []

    judge.judge([Case("x", "kind", b"1", Way.FILE), Case("x", "kind", b"fails", Way.FILE)])
    assert len(judge.offences) == 2


def test_slow_answers_are_sent_again_and_forgiven_where_they_are_fast_then(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge(sender, photo_s_per_megapixel=1)
    limits = iter([-1.0, *[100.0] * 10])
    monkeypatch.setattr("benchmarks.hostile.judge.limit_s", lambda *_: next(limits))
    judge.judge([case("slow once")])
    assert (judge.slow_once, judge.offences) == (1, [])

    monkeypatch.setattr("benchmarks.hostile.judge.limit_s", lambda *_: -1.0)
    judge.judge([case("slow")])
    assert len(judge.offences) == 1
