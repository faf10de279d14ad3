"""Spans that are sent, by OpenTelemetry's SDK to a collector on a real socket."""

import asyncio
import json
import socket
from collections.abc import Iterator
from io import StringIO

import pytest
from multidict import CIMultiDict

from telemetry.tracing import NO_SPAN, Kind, Name, current, joint, step
from tests.otlp import Collector, grpc_collector, http_collector
from tests.traced import (
    OTHER_TRACE_ID,
    PARENT_ID,
    TRACE_ID,
    traced,
    traceparent,
    variables,
)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with http_collector() as running:
        yield running


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_steps_are_a_tree_in_the_trace_of_the_caller(
    monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    running = http_collector() if protocol == "http/protobuf" else grpc_collector()
    with running as collector:
        with traced(monkeypatch, variables(collector, protocol)) as tracer:
            with tracer.serve("POST /v2", {"traceparent": traceparent()}):
                with step("upload"):
                    pass
                with step("call", Kind.CLIENT, {Name.RPC_SYSTEM: "grpc"}), step("deep") as deep:
                    assert deep.trace_id == TRACE_ID
            assert current() is NO_SPAN
        root, upload, call, deepest = collector.trace(TRACE_ID)

    assert [span.name for span in (root, upload, call, deepest)] == [
        "POST /v2",
        "upload",
        "call",
        "deep",
    ]
    assert (root.kind, upload.kind, call.kind) == ("SERVER", "INTERNAL", "CLIENT")
    assert root.parent_id == PARENT_ID
    assert upload.parent_id == call.parent_id == root.span_id
    assert deepest.parent_id == call.span_id
    assert call.attributes == {"rpc.system.name": "grpc"}
    assert len(collector.spans) == 4


def test_without_a_caller_a_trace_begins_here(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    with traced(monkeypatch, variables(collector)) as tracer:
        with tracer.serve("GET /", {}) as one:
            first = one.trace_id
        with tracer.serve("GET /", {"traceparent": "nonsense"}) as two:
            second = two.trace_id

    assert len({first, second, None}) == 3
    assert {span.trace_id for span in collector.spans} == {first, second}
    assert {span.parent_id for span in collector.spans} == {""}


def test_whom_it_calls_is_told_of_the_trace(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    said = {"traceparent": traceparent(), "tracestate": "vendor=word", "baggage": "user=42"}
    with (
        traced(monkeypatch, variables(collector)) as tracer,
        tracer.serve("POST /v2", said),
        step("call") as call,
    ):
        handed_on = call.headers()

    (sent,) = collector.named(TRACE_ID, "call")
    assert handed_on == {
        "traceparent": f"00-{TRACE_ID}-{sent.span_id}-01",
        "tracestate": "vendor=word",
    }


@pytest.mark.parametrize(("length", "is_handed_on"), [(512, True), (513, False)])
def test_what_others_say_of_a_trace_is_handed_on_up_to_a_length(
    monkeypatch: pytest.MonkeyPatch, collector: Collector, length: int, is_handed_on: bool
) -> None:
    half = "v=" + "w" * 254
    state = (half + "," + "x=" + "w" * (length - len(half) - 3))[:length]
    said = CIMultiDict({"TraceParent": traceparent(), "TraceState": state})
    with traced(monkeypatch, variables(collector)) as tracer, tracer.serve("POST /v2", said) as one:
        assert one.trace_id == TRACE_ID
        handed_on = one.headers()

    assert ("tracestate" in handed_on) is is_handed_on


def test_what_the_caller_does_not_sample_is_not_sent_and_whom_it_calls_is_told_so(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    said = {"traceparent": traceparent(sampled=False)}
    with traced(monkeypatch, variables(collector)) as tracer:
        with tracer.serve("POST /v2", said), step("call") as call:
            call.tell({Name.MODEL: "u2netp"})
            call.fail("internal_error", ours=True)
            assert current() is call
            assert call.trace_id is None
            assert not call.is_recorded
            handed_on = call.headers()["traceparent"]
            with joint([call], "batch", {}) as batch:
                assert batch.headers()["traceparent"].endswith("-00")
        assert current() is NO_SPAN

    assert handed_on.startswith(f"00-{TRACE_ID}-")
    assert handed_on.endswith("-00")
    assert collector.raw == []


def test_the_sampler_is_that_of_the_variables(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    env = variables(collector) | {"OTEL_TRACES_SAMPLER": "always_off"}
    with traced(monkeypatch, env) as tracer, tracer.serve("GET /", {}) as span:
        assert span.trace_id is None

    assert collector.raw == []


def test_only_allowed_attributes_are_sent(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    odd = {"url.full": "http://secret", "http.request.header.x-api-key": "secret"}
    with traced(monkeypatch, variables(collector)) as tracer, tracer.serve("GET /", {}) as span:
        span.tell({Name.MODEL: "u2netp", Name.ORIGIN: None, **odd})
        with step("fetch", attributes=odd):
            pass

    assert [each.attributes for each in collector.spans] == [{}, {"mattebox.model": "u2netp"}]
    assert not any(b"secret" in raw for raw in collector.raw)


def test_of_an_error_nothing_is_sent_but_our_code(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    with traced(monkeypatch, variables(collector)) as tracer:
        with pytest.raises(ValueError, match="secret"), tracer.serve("GET /", {}) as span:
            span.fail("bad_request", ours=False)
            with step("decode") as decode:
                decode.fail("internal_error", ours=True)
                raise ValueError("secret")
        assert current() is NO_SPAN

    decoded, served = collector.spans
    assert (served.is_error, served.attributes) == (False, {"error.type": "bad_request"})
    assert (decoded.is_error, decoded.attributes) == (True, {"error.type": "internal_error"})
    assert {each.events for each in collector.spans} == {0}
    assert {each.status_text for each in collector.spans} == {""}
    assert not any(b"secret" in raw for raw in collector.raw)


def test_what_is_done_for_several_traces_is_linked_with_each(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    unsampled = {"traceparent": traceparent("1" * 32, sampled=False)}
    with (
        traced(monkeypatch, variables(collector)) as tracer,
        tracer.serve("none", unsampled) as none,
        tracer.serve("one", {"traceparent": traceparent()}) as one,
        tracer.serve("two", {"traceparent": traceparent(OTHER_TRACE_ID)}) as two,
    ):
        with one.child("left") as left:
            pass
        with joint([none, NO_SPAN, left, one, two], "batch", {Name.BATCH_SIZE: 4}):
            pass

    (first,), (second,) = collector.named(TRACE_ID, "one"), collector.named(OTHER_TRACE_ID, "two")
    (batch,) = collector.named(TRACE_ID, "batch")
    assert batch.parent_id == first.span_id
    assert batch.links == {first.place, second.place}
    assert first.links == second.links == {batch.place}
    assert batch.attributes == {"mattebox.batch.size": 4}


async def test_tasks_are_part_of_the_step_that_made_them(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    meeting = asyncio.Barrier(2)

    async def work(name: str) -> None:
        with step(name):
            await meeting.wait()
            with step(f"{name}'s"):
                await meeting.wait()

    with traced(monkeypatch, variables(collector)) as tracer, tracer.serve("GET /", {}):
        await asyncio.gather(work("one"), work("two"))

    spans = {span.name: span for span in collector.spans}
    for name in ("one", "two"):
        assert spans[name].parent_id == spans["GET /"].span_id
        assert spans[f"{name}'s"].parent_id == spans[name].span_id


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ({}, "tested"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=,deployment=x"}, "tested"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=theirs,deployment=x"}, "theirs"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=x", "OTEL_SERVICE_NAME": "named"}, "named"),
    ],
)
def test_a_service_has_its_own_name_unless_it_is_given_one(
    monkeypatch: pytest.MonkeyPatch, collector: Collector, env: dict[str, str], name: str
) -> None:
    with traced(monkeypatch, variables(collector) | env) as tracer, tracer.serve("GET /", {}):
        pass

    (span,) = collector.spans
    assert span.service == name
    assert "process.command_args" not in span.resource


def test_spans_can_be_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        traced(monkeypatch, {"OTEL_TRACES_EXPORTER": "console"}) as tracer,
        tracer.serve("GET /", {}),
    ):
        pass

    assert json.loads(capsys.readouterr().out)["name"] == "GET /"


@pytest.mark.timeout(25)
@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_collector_that_answers_nothing_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    """The SDK would wait for half a minute, and the exporters for as long as they are told."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = Collector(f"http://127.0.0.1:{silent.getsockname()[1]}")
        env = variables(there, protocol) | {"OTEL_EXPORTER_OTLP_TIMEOUT": "3600"}
        with traced(monkeypatch, env) as tracer, tracer.serve("GET /", {}):
            pass


def test_a_collector_that_is_away_is_told_of_once_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        there = Collector(f"http://127.0.0.1:{gone.getsockname()[1]}")
    log = StringIO()
    env = variables(there) | {"OTEL_BSP_SCHEDULE_DELAY": "1", "OTEL_EXPORTER_OTLP_TIMEOUT": "0.2"}
    with traced(monkeypatch, env, log) as tracer:
        while log.getvalue() == "":
            with tracer.serve("GET /", {}):
                pass
        for _ in range(1000):
            with tracer.serve("GET /", {}):
                pass

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert {line["event"] for line in lines} == {"library_message"}
    assert {line["library"].partition(".")[0] for line in lines} == {"opentelemetry"}
    details = [line["detail"] for line in lines]
    assert len(details) == len(set(details))
    assert there.endpoint.rpartition(":")[2] not in log.getvalue()
