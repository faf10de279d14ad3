import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from gateway.segmenter_call import CHUNK_BYTES, SegmenterCall, cut
from gateway.segmenter_errors import SegmenterGoneError
from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub
from tests.otlp import http_collector
from tests.traced import TRACE_ID, traced, traceparent, variables

Response = v1.RemoveBackgroundChunkedResponse

SERVICE = "mattebox.segmenter.v1.SegmenterService"
_PATIENCE_S = 30.0


def test_the_background_is_cut_after_the_image() -> None:
    image, background = b"1" * (CHUNK_BYTES + 1), b"2" * 3

    pieces = list(cut(image, background))

    assert pieces == [b"1" * CHUNK_BYTES, b"1", b"222"]
    assert list(cut(image, b"")) == pieces[:2]


async def test_a_call_that_fails_while_an_image_is_sent_has_not_been_cancelled(
    monkeypatch: pytest.MonkeyPatch, segmenter: tuple[grpc.Server, str]
) -> None:
    server, target = segmenter
    with http_collector() as collector:
        async with grpc.aio.insecure_channel(target) as channel:
            with (
                traced(monkeypatch, variables(collector)) as tracer,
                tracer.serve("POST /v2", {"traceparent": traceparent()}),
            ):
                call = SegmenterCall(SegmenterServiceStub(channel).RemoveBackgroundChunked, ())
                await call.ask(v1.ImageHead(image_bytes=1))
                server.stop(grace=None).wait()
                _lose(channel)
                with pytest.raises(SegmenterGoneError):
                    await call.send(itertools.repeat(b"1"))
                call.close()
        (span,) = [span for span in collector.trace(TRACE_ID) if span.kind == "CLIENT"]

    assert span.is_error
    # The status that gRPC makes of a failure to send; the other one, if it is there already.
    assert span.attributes["rpc.response.status_code"] in ("INTERNAL", "UNAVAILABLE")


@pytest.fixture
def segmenter() -> Iterator[tuple[grpc.Server, str]]:
    """One that asks for an image on a thread of its own, and reads nothing of it."""
    over = threading.Event()

    def ask(requests: Iterator[Any], _context: object) -> Iterator[Response]:
        next(requests)
        yield Response(go_ahead=v1.GoAhead())
        over.wait(_PATIENCE_S)

    method = grpc.stream_stream_rpc_method_handler(
        ask, v1.RemoveBackgroundChunkedRequest.FromString, Response.SerializeToString
    )
    service = grpc.method_handlers_generic_handler(SERVICE, {"RemoveBackgroundChunked": method})
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield server, f"127.0.0.1:{port}"
    over.set()
    server.stop(grace=None).wait()


def _lose(channel: grpc.aio.Channel) -> None:
    """Returns when the connection is lost. No turn of the loop, so that no call is told of it."""
    ends_s = time.monotonic() + _PATIENCE_S
    while channel.get_state() is grpc.ChannelConnectivity.READY:
        assert time.monotonic() < ends_s
        time.sleep(0.001)
