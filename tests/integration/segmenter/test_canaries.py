"""Whatever calls say stays nowhere: a segmenter process is told words in each place of a call.

Its whole standard error is read at level debug, its metrics, its spans, its answers, and each file
it could have written.
"""

import asyncio
import json
import os
import re
import sys
import urllib.request
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub
from tests.canaries import Canaries, left_in
from tests.integration.segmenter import red_network
from tests.integration.segmenter.canary_pictures import pictures
from tests.otlp import Collector, http_collector
from tests.ports import free_port
from tests.traced import variables as tracing_to

SERVICE = "/mattebox.segmenter.v1.SegmenterService"
PATIENCE_S = 30.0
INTERNALS = re.compile(
    r"(?i)traceback|\.py\b|site-packages|pillow|libjpeg|numpy|onnx|line \d+|object at 0x|<class"
    r"|/tmp|/home|/root|errno|exception"
)


@dataclass(slots=True)
class Trace:
    """All that a segmenter has left behind."""

    canaries: Canaries = field(default_factory=Canaries)
    cut_outs: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    log: bytes = b""
    metrics: bytes = b""
    spans: Collector = field(default_factory=Collector)
    files: dict[Path, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    repository, folder = tmp_path_factory.mktemp("models"), tmp_path_factory.mktemp("temporary")
    red_network.install(repository)
    with http_collector() as spans:
        trace = Trace(spans=spans)
        asyncio.run(_leave_trace(trace, repository, folder))
    return trace


async def _leave_trace(trace: Trace, repository: Path, folder: Path) -> None:
    async with segmenter_process(trace, repository, folder) as (port, metrics_port):
        options = [
            ("grpc.primary_user_agent", trace.canaries.word("user agent")),
            ("grpc.default_authority", trace.canaries.word("authority").lower()),
        ]
        target = f"127.0.0.1:{port}"
        async with grpc.aio.insecure_channel(target, options=options) as channel:
            async with asyncio.timeout(PATIENCE_S):
                await _serving(channel)
            await _send_pictures(trace, SegmenterServiceStub(channel))
            await _send_words(trace, channel)
        trace.metrics = await asyncio.to_thread(_page, f"http://127.0.0.1:{metrics_port}/metrics")
        trace.files = left_in(folder)


@asynccontextmanager
async def segmenter_process(
    trace: Trace, repository: Path, folder: Path
) -> AsyncIterator[tuple[int, int]]:
    """Runs it as operators do, in an empty folder; gives its ports."""
    settings = {
        "GRPC_PORT": 0,
        "METRICS_PORT": free_port("127.0.0.1"),
        "ENGINE_KIND": "onnxruntime",
        "ENGINE_MODEL_REPOSITORY": repository,
        "ENGINE_MODELS": red_network.NAME,
        "LOG_LEVEL": "debug",
    }
    environment = {name: value for name, value in os.environ.items() if "MATTEBOX_" not in name}
    environment |= {f"MATTEBOX_SEGMENTER_{name}": str(value) for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "segmenter.main"),
        env=environment | tracing_to(trace.spans) | {"TMPDIR": str(folder)},
        cwd=folder,
        stderr=PIPE,
    )
    try:
        assert process.stderr is not None
        line: dict[str, Any] = {}
        while line.get("event") != "listening":
            line = json.loads(await process.stderr.readline())
        # A log that nobody reads would stop it.
        log = asyncio.create_task(process.stderr.read())
        try:
            yield line["port"], int(str(settings["METRICS_PORT"]))
            process.terminate()
            assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
            trace.log = await log
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _serving(channel: grpc.aio.Channel) -> None:
    health: Any = health_pb2_grpc.HealthStub(channel)
    async for answer in health.Watch(health_pb2.HealthCheckRequest(service="readiness")):
        if answer.status == health_pb2.HealthCheckResponse.SERVING:
            return


async def _send_pictures(trace: Trace, stub: Any) -> None:
    formats = v1.OutputFormat.keys()[1:]
    for name, image in pictures(trace.canaries):
        # Each format of answers, of intact pictures; one of them is enough for the others.
        for output_format in formats if " " not in name else formats[:1]:
            asked_for = v1.CutOutOptions(format=output_format)
            request = v1.RemoveBackgroundRequest(image=image, options=asked_for)
            place = f"{name} to {output_format}"
            try:
                answer = await stub.RemoveBackground(request, timeout=PATIENCE_S)
                trace.cut_outs[place] = answer.cut_out.image
            except grpc.aio.AioRpcError as error:
                trace.refusals[place] = _told(error)


async def _send_words(trace: Trace, channel: grpc.aio.Channel) -> None:
    word = trace.canaries.word
    stub: Any = SegmenterServiceStub(channel)
    health: Any = health_pb2_grpc.HealthStub(channel)
    named = v1.CutOutOptions(model=word("model"))

    async def keep(place: str, call: Any) -> None:
        try:
            answer = await call
            trace.refusals[place] = f"OK {answer!r}"
        except grpc.aio.AioRpcError as error:
            trace.refusals[place] = _told(error)

    await keep(
        "model", stub.RemoveBackground(v1.RemoveBackgroundRequest(options=named, image=b"x"))
    )
    for metadata in (
        (("x-request-id", f"{word('request id')} bad"),),
        (("x-request-id", "good"), ("x-request-id", f"{word('second request id')} bad")),
        ((f"x-{word('metadata key')}".lower(), word("metadata value")),),
        (("authorization", f"Bearer {word('bearer')}"), ("cookie", word("cookie"))),
        (("trace-bin", word("binary metadata").encode()),),
    ):
        call = stub.RemoveBackground(v1.RemoveBackgroundRequest(image=b"x"), metadata=metadata)
        await keep(f"metadata {metadata[0][0]}", call)
    ids = (word("item"), word("item twice"), word("long item") * 50)
    for place, items in (
        ("items", [ids[0], ids[1], ids[1]]),
        ("long item", [ids[2]]),
        ("no item", [""]),
    ):
        await keep(place, _items(stub, items, word("item's picture").encode()))
    for method in (f"{SERVICE}/{word('method')}", f"/{word('service')}/Do", word("no path")):
        await keep("method", _raw(channel, method, word("request").encode()))
    for method in ("RemoveBackground", "ListModels"):
        # The first byte announces a field that is longer than the rest.
        broken = b"\x0a\xff\x01" + word(f"broken message of {method}").encode()
        await keep(f"broken {method}", _raw(channel, f"{SERVICE}/{method}", broken))
    for service in (word("health"), ""):
        request = health_pb2.HealthCheckRequest(service=service)
        await keep("health", health.Check(request, timeout=PATIENCE_S))


def _raw(channel: grpc.aio.Channel, method: str, message: bytes) -> Any:
    call: Any = channel.unary_unary(method)
    return call(message)


async def _items(stub: Any, ids: Iterable[str], image: bytes) -> list[Any]:
    async def requests() -> AsyncIterator[v1.StreamRemoveBackgroundRequest]:
        for item_id in ids:
            yield v1.StreamRemoveBackgroundRequest(item_id=item_id, image=image)

    return [answer async for answer in stub.StreamRemoveBackground(requests())]


def _told(error: grpc.aio.AioRpcError) -> str:
    trailers = "".join(repr(value) for _, value in error.trailing_metadata() or ())
    return f"{error.code().name} {error.details()} {trailers}"


def _page(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as page:
        content: bytes = page.read()
        return content


def test_the_calls_are_answered_each_in_its_way(trace: Trace) -> None:
    """Else the rest would show nothing."""
    intact = {name.partition(" to ")[0] for name in trace.cut_outs}
    assert {"jpeg", "png", "webp", "gif", "bmp", "tiff", "heic"} <= intact
    codes = {told.split()[0] for told in trace.refusals.values()}
    assert {"INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED", "OK"} <= codes
    assert sum("damaged" in name for name in trace.refusals) >= 4


def test_the_log_repeats_nothing(trace: Trace) -> None:
    assert trace.log.count(b'"event": "call"') >= len(trace.cut_outs)
    assert trace.canaries.heard_in(trace.log) == []


def test_the_metrics_repeat_nothing(trace: Trace) -> None:
    assert b"mattebox_segmenter" in trace.metrics
    assert trace.canaries.heard_in(trace.metrics) == []


def test_the_spans_repeat_nothing(trace: Trace) -> None:
    calls = [span for span in trace.spans.spans if span.kind == "SERVER"]
    assert len(calls) >= len(trace.cut_outs) + len(trace.refusals) // 2
    assert {"INVALID_IMAGE", "MODEL_NOT_FOUND"} <= {
        span.attributes.get("error.type") for span in calls
    }
    for raw in trace.spans.raw:
        assert trace.canaries.heard_in(raw) == []


def test_cut_outs_hold_the_profile_and_nothing_else_of_what_stood_beside_the_pixels(
    trace: Trace,
) -> None:
    for name, image in trace.cut_outs.items():
        assert trace.canaries.heard_in(image) == [], name
        for said in ("exif", "<x:xmp", "cAnArY"):
            assert said.encode() not in image, name


def test_refusals_tell_callers_their_model_and_item_and_nothing_else(trace: Trace) -> None:
    for name, told in trace.refusals.items():
        heard = trace.canaries.heard_in(told.encode())
        assert set(heard) <= {"model", "item", "item twice"}, (name, told)


def test_no_refusal_tells_of_the_inside(trace: Trace) -> None:
    for name, told in trace.refusals.items():
        # What is no message at all gRPC refuses by itself, and names its own library's error.
        if not name.startswith("broken "):
            assert INTERNALS.search(told) is None, (name, told)


def test_nothing_is_left_on_the_disk(trace: Trace) -> None:
    assert trace.files == {}
