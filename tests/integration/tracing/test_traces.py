"""Traces of a whole service, whose processes send them to a collector over real wires."""

import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import grpc
import pytest

from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub
from tests.integration.segmenter import red_network
from tests.integration.tracing.conftest import (
    GATEWAY,
    METHOD,
    SEGMENTER,
    Traced,
    picture,
    the_call,
)
from tests.otlp import Received, grpc_collector, http_collector
from tests.running_service import running_service
from tests.traced import PARENT_ID, traceparent, variables

SERVICE = METHOD.partition("/")[0]


@pytest.fixture(scope="module")
def host_port() -> Iterator[int]:
    """Where a picture can be fetched."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/picture" else 404)
            self.end_headers()
            self.wfile.write(picture())

        def log_message(self, *_args: object) -> None:
            """Keeps the tests' output quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module", params=["http/protobuf", "grpc"])
def traced(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, host_port: int
) -> Iterator[Traced]:
    folder = tmp_path_factory.mktemp("up")
    red_network.install(folder / "models")
    running = http_collector() if request.param == "http/protobuf" else grpc_collector()
    with ExitStack() as stack:
        collector = stack.enter_context(running)
        environment = variables(collector, request.param) | {
            # Two runs of the network a picture, in one batch.
            "MATTEBOX_QUALITY": "balanced",
            "MATTEBOX_SEGMENTER_BATCH_MAX_SIZE": "2",
            "MATTEBOX_GATEWAY_FETCH_ALLOW": "127.0.0.1/32",
            "MATTEBOX_GATEWAY_FETCH_PORTS": str(host_port),
        }
        service = running_service(
            folder, folder / "models", "onnxruntime", environment, [red_network.NAME]
        )
        yield Traced(stack.enter_context(service), collector)


def names_below(trace: Sequence[Received], parent: Received) -> list[str]:
    return [span.name for span in trace if span.parent_id == parent.span_id]


def only(trace: Sequence[Received], name: str, kind: str = "INTERNAL") -> Received:
    (span,) = [span for span in trace if span.name == name and span.kind == kind]
    return span


def test_one_trace_goes_from_the_caller_to_the_network(traced: Traced) -> None:
    status, trace_id = traced.cut_out()
    trace = traced.whole(trace_id)

    assert status == 200
    root, work = only(trace, "POST /v2", "SERVER"), only(trace, "segmenter")
    call, served = the_call(trace)
    assert (root.parent_id, work.parent_id, call.parent_id) == (
        PARENT_ID,
        root.span_id,
        work.span_id,
    )
    of_root = ["gate", "room", "upload", "segmenter", "debit", "delivery"]
    assert names_below(trace, root) == of_root
    assert names_below(trace, served) == [
        "receive",
        "decode",
        "queue",
        "decode",
        "model_input",
        "infer",
        "infer",
        "matte",
        "compose",
        "encode",
    ]
    batch = only(trace, "batch")
    members = [span for span in trace if span.name == "infer"]
    assert batch.parent_id == members[0].span_id
    assert batch.links == {member.place for member in members}
    assert {member.links for member in members} == {frozenset({batch.place})}
    of_gateway = {root.name, *of_root}
    for span in trace:
        mine = span.name in of_gateway or span is call
        assert span.service == (GATEWAY if mine else SEGMENTER), span.name
        assert span.start_ns <= span.end_ns
        assert not span.is_error


def test_spans_tell_what_is_allowed(traced: Traced) -> None:
    _, trace_id = traced.cut_out(**{"X-Request-Id": "asked"})
    trace = traced.whole(trace_id)

    root, (call, served) = only(trace, "POST /v2", "SERVER"), the_call(trace)
    bytes_out = root.attributes.pop("http.response.body.size")
    assert bytes_out > 100
    assert root.attributes == {
        "http.request.method": "POST",
        "http.route": "/v2",
        "http.response.status_code": 200,
        "http.request.body.size": len(picture()),
        "mattebox.request_id": "asked",
        "mattebox.dialect": "v2",
        "mattebox.megapixels": 0.06,
    }
    of_both = {
        "rpc.system.name": "grpc",
        "rpc.method": METHOD,
        "rpc.response.status_code": "OK",
    }
    assert call.attributes == of_both
    assert served.attributes == of_both | {
        "mattebox.request_id": "asked",
        "mattebox.model": "red",
        "mattebox.megapixels": 0.06,
    }
    assert only(trace, "batch").attributes == {"mattebox.model": "red", "mattebox.batch.size": 2}


def test_logs_name_the_trace(traced: Traced) -> None:
    _, trace_id = traced.cut_out()
    traced.whole(trace_id)

    for event in ("request", "call"):
        assert [line for line in traced.log_lines(event) if line.get("trace_id") == trace_id]


def test_a_download_is_a_step_that_tells_no_address(traced: Traced, host_port: int) -> None:
    headers = {"Content-Type": "application/json", **traced.key}
    for path, status, outcome in (("picture", 200, "ok"), ("missing", 400, "status")):
        body = f'{{"image_url": "http://127.0.0.1:{host_port}/{path}"}}'.encode()
        answered, trace_id = traced.ask("/v2", body, headers)
        trace = traced.whole(trace_id)

        assert answered == status
        fetch = only(trace, "fetch")
        assert fetch.parent_id == only(trace, "POST /v2", "SERVER").span_id
        assert fetch.attributes == {"mattebox.outcome": outcome}


@pytest.mark.parametrize(
    ("path", "status", "code", "name"),
    [
        ("/v2", 401, "missing_api_key", "POST /v2"),
        ("/docs", 405, "method_not_allowed", "POST /docs"),
        ("/nowhere/at-all", 404, "not_found", "POST"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_is_no_error(
    traced: Traced, path: str, status: int, code: str, name: str
) -> None:
    answered, trace_id = traced.ask(path, b"no picture")
    root = only(traced.whole(trace_id), name, "SERVER")

    assert answered == status == root.attributes["http.response.status_code"]
    assert root.attributes["error.type"] == code
    assert root.attributes["mattebox.origin"] == "gateway"
    assert not root.is_error
    assert "nowhere" not in str(root)


def test_a_broken_picture_is_an_error_of_the_call_alone(traced: Traced) -> None:
    headers = {"Content-Type": "image/png", **traced.key}
    answered, trace_id = traced.ask("/v2", picture()[:100], headers)
    trace = traced.whole(trace_id)

    assert answered == 400
    root, work, (call, served) = (
        only(trace, "POST /v2", "SERVER"),
        only(trace, "segmenter"),
        the_call(trace),
    )
    assert [each.attributes["error.type"] for each in (root, work, call, served)] == [
        "invalid_image",
        "invalid_image",
        "INVALID_ARGUMENT",
        "INVALID_IMAGE",
    ]
    for each in (call, served):
        assert each.attributes["rpc.response.status_code"] == "INVALID_ARGUMENT"
    assert [each for each in trace if each.is_error] == [call]


def test_what_is_not_sampled_is_not_sent_and_health_is_never(traced: Traced) -> None:
    unsampled, health = secrets.token_hex(16), secrets.token_hex(16)
    headers = {"Content-Type": "image/png", **traced.key}
    said = headers | {"traceparent": traceparent(unsampled, sampled=False)}
    assert traced.send("/v2", picture(), said) == 200
    for path in ("/", "/health", "/v2/health", "/v2/health/live", "/v2/health/ready"):
        assert traced.send(path, None, {"traceparent": traceparent(health)}) == 200
    _, later = traced.cut_out()
    traced.whole(later)

    assert traced.collector.trace(unsampled) == traced.collector.trace(health) == []
    assert unsampled not in traced.running.log.read_text()


def test_calls_of_internal_services_are_traced_item_by_item(traced: Traced) -> None:
    trace_id = secrets.token_hex(16)
    target = traced.running.facts["grpc"]

    def items() -> Iterator[v1.StreamRemoveBackgroundRequest]:
        yield v1.StreamRemoveBackgroundRequest(item_id="one", image=picture())
        yield v1.StreamRemoveBackgroundRequest(item_id="two", image=b"none")

    with grpc.insecure_channel(target) as channel:
        stub: Any = SegmenterServiceStub(channel)
        metadata = (("traceparent", traceparent(trace_id)),)
        list(stub.StreamRemoveBackground(items(), metadata=metadata))
        stub.ListModels(v1.ListModelsRequest(), metadata=metadata)
    names = {f"{SERVICE}/StreamRemoveBackground", f"{SERVICE}/ListModels"}
    traced.collector.until(
        lambda spans: names <= {span.name for span in spans if span.trace_id == trace_id}
    )

    trace = traced.collector.trace(trace_id)
    stream = only(trace, f"{SERVICE}/StreamRemoveBackground", "SERVER")
    of_items = [span for span in trace if span.name == "item"]
    assert {span.parent_id for span in trace if span.kind == "SERVER"} == {PARENT_ID}
    assert {span.parent_id for span in of_items} == {stream.span_id}
    failures = [span.attributes.get("error.type") for span in of_items]
    assert set(failures) == {None, "INVALID_IMAGE"}
    assert len(failures) == 2
    (good,) = [span for span in of_items if "error.type" not in span.attributes]
    assert "infer" in names_below(trace, good)
