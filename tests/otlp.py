"""A collector in the hands of tests: takes spans over HTTP or gRPC, and keeps them."""

import base64
import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

_PATIENCE_S = 30.0
_IDS = ("traceId", "spanId", "parentSpanId")


@dataclass(frozen=True, slots=True)
class Received:
    """A span, ids in hex digits; no parent is none."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    links: frozenset[tuple[str, str]]
    attributes: dict[str, Any]
    is_error: bool
    status_text: str
    events: int
    start_ns: int
    end_ns: int
    resource: dict[str, Any]

    @property
    def place(self) -> tuple[str, str]:
        """What a link to it holds."""
        return self.trace_id, self.span_id


@dataclass
class Collector:
    """What has come, and where it comes to."""

    endpoint: str = ""
    raw: list[bytes] = field(default_factory=list)
    _spans: list[Received] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Keeps what a request brings."""
        with self._lock:
            self.raw.append(request.SerializeToString())
            self._spans += _read(request)

    @property
    def spans(self) -> list[Received]:
        """All of them."""
        with self._lock:
            return list(self._spans)

    def trace(self, trace_id: str) -> "list[Received]":
        """Those of one trace, in the order of their beginning."""
        of_it = [span for span in self.spans if span.trace_id == trace_id]
        return sorted(of_it, key=lambda span: span.start_ns)

    def named(self, trace_id: str, name: str) -> list[Received]:
        """Those of one trace and one name."""
        return [span for span in self.trace(trace_id) if span.name == name]

    def until(
        self, holds: Callable[[Sequence[Received]], bool], patience_s: float = _PATIENCE_S
    ) -> None:
        """Waits until something holds of what has come.

        Raises:
            TimeoutError: it does not after so long.
        """
        ends_s = time.monotonic() + patience_s
        while not holds(self.spans):
            if time.monotonic() > ends_s:
                raise TimeoutError(f"only {sorted({span.name for span in self.spans})} have come")
            time.sleep(0.01)


@contextmanager
def http_collector() -> Iterator[Collector]:
    """Takes spans over HTTP inside the context."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path == "/v1/traces":
                is_json = "json" in self.headers["Content-Type"]
                collector.take(_of_json(body) if is_json else _of_bytes(body))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Keeps the tests' output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    collector.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def grpc_collector() -> Iterator[Collector]:
    """Takes spans over gRPC inside the context."""
    collector = Collector()

    class Servicer(TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> ExportTraceServiceResponse:  # noqa: ARG002, N802
            collector.take(request)
            return ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(2))
    add_TraceServiceServicer_to_server(Servicer(), server)  # type: ignore[no-untyped-call]
    collector.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()


def _of_bytes(body: bytes) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest.FromString(body)


def _of_json(body: bytes) -> ExportTraceServiceRequest:
    """Reads JSON, in which ids are hex digits, unlike all other bytes of protobuf's JSON."""
    told = json.loads(body, object_hook=_with_ids_in_base64)
    return json_format.ParseDict(told, ExportTraceServiceRequest(), ignore_unknown_fields=True)


def _with_ids_in_base64(members: dict[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64encode(bytes.fromhex(value)).decode() if name in _IDS else value
        for name, value in members.items()
    }


def _read(request: ExportTraceServiceRequest) -> Iterator[Received]:
    for of_resource in request.resource_spans:
        resource = _facts(of_resource.resource.attributes)
        for scope in of_resource.scope_spans:
            for span in scope.spans:
                yield Received(
                    service=resource["service.name"],
                    name=span.name,
                    kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    links=frozenset(
                        (link.trace_id.hex(), link.span_id.hex()) for link in span.links
                    ),
                    attributes=_facts(span.attributes),
                    is_error=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
                    status_text=span.status.message,
                    events=len(span.events),
                    start_ns=span.start_time_unix_nano,
                    end_ns=span.end_time_unix_nano,
                    resource=resource,
                )


def _facts(pairs: Sequence[KeyValue]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return None if kind is None else getattr(value, kind)
