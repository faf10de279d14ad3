"""Whatever callers say stays nowhere: a gateway process is told a word in each place of a request.

Its whole standard error is read at level debug, its metrics, its spans, its answers, and each file
it could have written.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from tests.canaries import Canaries, left_in
from tests.integration.gateway.canary_requests import Said, Speaker
from tests.integration.gateway.database import Database
from tests.integration.gateway.fake_segmenter import (
    Answer,
    Failure,
    FakeSegmenter,
    fake_segmenter,
)
from tests.integration.gateway.gateway_process import client_of, gateway_process, settings_of
from tests.integration.gateway.served_gateway import PATIENCE_S, read_reply
from tests.integration.gateway.test_errors import FAILURES
from tests.otlp import Collector, http_collector
from tests.traced import variables as tracing_to

# What a caller is told on purpose: which of its own fields were not used.
ECHOED = re.compile(rb"(?im)^x-ignored-fields: .*$")
INTERNALS = re.compile(
    rb"(?i)traceback|\.py\b|site-packages|aiohttp|grpc|yarl|pydantic|sqlalchemy|sqlite|asyncio"
    rb"|line \d+|object at 0x|<class|/tmp|/home|/root|errno|exception"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """All that a gateway has left behind."""

    canaries: Canaries
    key: str
    answers: dict[str, bytes]
    log: bytes
    metrics: bytes
    spans: Collector
    files: dict[Path, bytes]


@pytest.fixture(scope="module")
def trace(database_template: Database, tmp_path_factory: pytest.TempPathFactory) -> Trace:
    with http_collector() as spans:
        folder = tmp_path_factory.mktemp("canaries")
        return asyncio.run(_leave_trace(database_template, folder, spans))


async def _leave_trace(template: Database, folder: Path, spans: Collector) -> Trace:
    state, temporary = folder / "state", folder / "temporary"
    state.mkdir()
    temporary.mkdir()
    database, canaries = template.copied(state), Canaries()
    async with fake_segmenter() as segmenter, picture_host(canaries) as host_port:
        variables = settings_of(database, segmenter.target) | {
            "LOG_LEVEL": "debug",
            "UPLOAD_IMAGE_BYTES": 100_000,
            "FETCH_ALLOW": "127.0.0.1/32",
            "FETCH_PORTS": f"80,{host_port}",
            "FETCH_CONNECT_TIMEOUT_S": 1,
            "CORS_ORIGINS": "https://shop.example",
        }
        traced = gateway_process(variables, temporary=temporary, others=tracing_to(spans))
        async with traced as gateway:
            metrics_port = (await gateway.logged("metrics_listening"))["port"]
            port = (await gateway.logged("listening"))["port"]
            # A log that nobody reads would stop it.
            assert gateway.process.stderr is not None
            log = asyncio.create_task(gateway.process.stderr.read())
            answers = {
                f"{number} {said.name}": await exchange(port, said)
                for number, said in enumerate(Speaker(canaries, database.key, host_port).all())
            }
            answers |= await _odd_answers(port, segmenter, canaries, database.key)
            async with client_of(metrics_port, "") as operator:
                metrics = (await operator.ask("GET", "/metrics")).body
            files = left_in(folder)
            gateway.terminate()
            assert await gateway.exit_code() == 0
            files |= left_in(folder)
            return Trace(canaries, database.key, answers, await log, metrics, spans, files)


async def exchange(port: int, said: Said) -> bytes:
    """Sends a request as it is, and returns all that is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(said.request)
        async with asyncio.timeout(PATIENCE_S):
            # A broken answer is never taken for a whole one.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                reply = await read_reply(reader)
                told = "".join(f"{name}: {value}\n" for name, value in reply.headers.items())
                return f"{reply.status}\n{told}\n".encode() + reply.body
    finally:
        writer.close()
    return b""


async def _odd_answers(
    port: int, segmenter: FakeSegmenter, canaries: Canaries, key: str
) -> dict[str, bytes]:
    """What is answered when the segmenter fails in each way, odd ones included."""
    answers = {}
    ways: dict[str, Answer | Failure] = {name: each[0] for name, each in FAILURES.items()}
    for name in ("UNKNOWN", "INTERNAL"):
        # As gRPC makes of an exception that nobody has caught.
        status = grpc.StatusCode[name]
        text = f"Unexpected <class 'ValueError'>: {canaries.word(f'exception text in {name}')}"
        ways[f"exception {name}"] = Failure(status, message=text)
    ways["no format"] = Answer(output_format=0)
    ways["odd format"] = Answer(output_format=99)
    ways["too short"] = Answer(told_bytes=1000)
    ways["too long"] = Answer(told_bytes=1)
    # Refusals for want of room at last: after one the gateway refuses for a while by itself.
    for name, behaviour in sorted(ways.items(), key=_is_refusal):
        segmenter.behaviour = behaviour
        (said,) = [said for said in Speaker(canaries, key, 1).all() if said.name == "part"]
        answers[f"segmenter: {name}"] = await exchange(port, said)
    return answers


def _is_refusal(way: tuple[str, Answer | Failure]) -> bool:
    behaviour = way[1]
    return isinstance(behaviour, Failure) and behaviour.status is grpc.StatusCode.RESOURCE_EXHAUSTED


@contextlib.asynccontextmanager
async def picture_host(canaries: Canaries) -> AsyncIterator[int]:
    """A web server that says words, too, and gives its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            path = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split()[1]
            writer.write(_page(path, canaries).encode("latin-1"))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def _page(path: str, canaries: Canaries) -> str:
    def word() -> str:
        return canaries.word(f"{path} of the host")

    picture = f"\x89PNG {word()}"
    headers = f"Set-Cookie: {word()}=\x01{word()}; Path={word()}\r\nServer: {word()}\r\n"
    match path.split("/")[1]:
        case "redirect":
            return f"HTTP/1.1 302 {word()}\r\nLocation: http://{word()}.invalid/{word()}\r\n\r\n"
        case "headers":
            headers += f"Content-Type: {word()}\r\nContent-Encoding: {word()}\r\n"
        case "status":
            return f"HTTP/1.1 418 {word()}\r\n{headers}\r\n"
        case "broken":
            return f"HTTP/{word()} {word()}\r\n{word()}\r\n\r\n"
        case "short":
            headers += "Content-Length: 100000\r\n"
        case _:
            pass
    return f"HTTP/1.1 200 {word()}\r\n{headers}Connection: close\r\n\r\n{picture}"


def test_the_requests_are_answered_each_in_its_way(trace: Trace) -> None:
    """Else the rest would show nothing."""
    statuses = {answer.partition(b"\n")[0] for answer in trace.answers.values()}

    assert {b"200", b"400", b"401", b"404", b"405", b"413", b"415"} <= statuses
    assert {b"500", b"503", b"504"} <= statuses
    lost = [name for name, answer in trace.answers.items() if not answer]
    assert lost == ["segmenter: too short", "segmenter: too long"]


def test_the_log_repeats_nothing(trace: Trace) -> None:
    assert trace.canaries.heard_in(trace.log) == []
    assert trace.key.encode() not in trace.log
    assert trace.key.rpartition("_")[2].encode() not in trace.log


def test_each_line_of_the_log_is_an_event_of_ours(trace: Trace) -> None:
    events = [json.loads(line) for line in trace.log.splitlines()]

    assert len([event for event in events if event["event"] == "request"]) >= len(trace.answers)
    fingerprints = {event["key_fingerprint"] for event in events if "key_fingerprint" in event}
    assert len(fingerprints) == 1
    assert all(re.fullmatch(r"tok_fp_[0-9a-f]{8}", each) for each in fingerprints)


def test_the_metrics_repeat_nothing(trace: Trace) -> None:
    assert b"mattebox_gateway" in trace.metrics
    assert trace.canaries.heard_in(trace.metrics) == []
    assert b"tok_fp_" not in trace.metrics


def test_the_spans_repeat_nothing(trace: Trace) -> None:
    requests = [span for span in trace.spans.spans if span.kind == "SERVER"]
    codes = {span.attributes.get("error.type") for span in requests}
    # All but those that no request can be read of.
    assert len(requests) > len(trace.answers) * 2 // 3
    assert {
        None,
        "image_url_fetch_failed",
        "invalid_api_key",
        "overloaded",
        "internal_error",
    } <= codes
    assert {span.attributes.get("mattebox.outcome") for span in trace.spans.spans} >= {"status"}
    for raw in trace.spans.raw:
        assert trace.canaries.heard_in(raw) == []
        assert trace.key.encode() not in raw
        assert b"tok_fp_" not in raw


def test_spans_are_errors_where_it_is_ours_to_mend(trace: Trace) -> None:
    for span in trace.spans.spans:
        status = span.attributes.get("http.response.status_code")
        if status is not None:
            assert span.is_error is (status >= 500), span
            assert ("error.type" in span.attributes) is (status >= 400), span


def test_no_answer_repeats_anything_but_the_names_of_ignored_fields(trace: Trace) -> None:
    for name, answer in trace.answers.items():
        assert trace.canaries.heard_in(ECHOED.sub(b"", answer)) == [], name
        assert trace.key.encode() not in answer


def test_no_answer_tells_of_the_inside(trace: Trace) -> None:
    for name, answer in trace.answers.items():
        assert INTERNALS.search(answer) is None, (name, answer)


def test_nothing_is_left_on_the_disk(trace: Trace) -> None:
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in trace.files} == {
        "mattebox.db",
        "mattebox.db.pepper",
    }
    for path, content in trace.files.items():
        assert trace.canaries.heard_in(content) == [], path
        assert trace.key.encode() not in content
