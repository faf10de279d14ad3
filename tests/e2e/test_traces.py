"""`mattebox up` with the real Triton, whose own spans are in the traces of the services."""

import contextlib
import io
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from mattebox.up import triton_wheel
from tests import toy_network
from tests.canaries import Canaries
from tests.integration.tracing.conftest import Traced, picture
from tests.otlp import Received, http_collector
from tests.running_service import running_service
from tests.traced import traceparent, variables

pytestmark = pytest.mark.e2e

_TRIES = 5
_TRITON_S = 12.0
"""It sends every five seconds."""

METHOD = "inference.GRPCInferenceService/ModelInfer"


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    if (reason := triton_wheel.why_not(triton_wheel.locate())) is not None:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("up")
    toy_network.install(folder / "models", "toy")
    with ExitStack() as stack:
        collector = stack.enter_context(http_collector())
        environment = variables(collector) | {
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=shop,deployment.environment.name=live"
        }
        service = running_service(folder, folder / "models", "triton", environment, ["toy"])
        yield Traced(stack.enter_context(service), collector)


def joined(traced: Traced, send: Callable[[], tuple[int, str]]) -> str:
    """Sends a request until one's trace has come from all three, and gives that trace.

    Triton's exporter drops what it cannot send at its first try.
    """
    for _ in range(_TRIES):
        status, trace_id = send()
        assert status == 200
        traced.whole(trace_id)
        with contextlib.suppress(TimeoutError):
            traced.collector.until(
                partial(_has, trace_id=trace_id, name="InferRequest"), patience_s=_TRITON_S
            )
            # With Triton's in it, all above them belong to it.
            traced.whole(trace_id)
            return trace_id
    raise AssertionError(f"no span of Triton's has come in {_TRIES} traces")


def _has(spans: Sequence[Received], trace_id: str, name: str) -> bool:
    return any((span.trace_id, span.name) == (trace_id, name) for span in spans)


def test_spans_of_triton_are_in_the_trace_of_the_caller(traced: Traced) -> None:
    trace_id = joined(traced, traced.cut_out)
    trace = traced.collector.trace(trace_id)

    assert {span.service for span in trace} == {"shop-gateway", "shop-segmenter", "shop-triton"}
    assert {span.resource["deployment.environment.name"] for span in trace} == {"live"}
    (call,) = traced.collector.named(trace_id, METHOD)
    (served,) = traced.collector.named(trace_id, "InferRequest")
    assert call.kind == "CLIENT"
    assert served.parent_id == call.span_id
    above = {span.span_id: span for span in trace}
    ancestors = []
    span = served
    while span.parent_id in above:
        span = above[span.parent_id]
        ancestors.append((span.kind, span.name.rpartition("/")[2]))
    rpc = "RemoveBackgroundChunked"
    assert ancestors == [
        ("CLIENT", "ModelInfer"),
        ("INTERNAL", "batch"),
        ("INTERNAL", "infer"),
        ("SERVER", rpc),
        ("CLIENT", rpc),
        ("INTERNAL", "segmenter"),
        ("SERVER", "v2"),
    ]
    assert call.attributes["rpc.response.status_code"] == "OK"


def test_triton_traces_nothing_else(traced: Traced) -> None:
    """Neither what is not sampled, nor what the segmenter asks to know whether it is well."""
    unsampled = secrets.token_hex(16)
    headers = {"Content-Type": "image/png", **traced.key}
    said = headers | {"traceparent": traceparent(unsampled, sampled=False)}
    assert traced.send("/v2", picture(), said) == 200
    joined(traced, traced.cut_out)

    assert traced.collector.trace(unsampled) == []
    of_gateway = {span.trace_id for span in traced.collector.spans if span.name == "POST /v2"}
    of_triton = {span.trace_id for span in traced.collector.spans if span.name == "InferRequest"}
    assert of_triton <= of_gateway


def test_the_command_line_of_triton_names_no_address(traced: Traced) -> None:
    pid = traced.running.facts["pids"]["triton"]
    command = Path(f"/proc/{pid}/cmdline").read_text()

    assert "--trace-config=mode=opentelemetry" in command
    assert traced.collector.endpoint not in command


def test_no_span_of_the_three_says_what_was_sent(traced: Traced) -> None:
    canaries = Canaries()
    exif = Image.Exif()
    exif[0x010E] = canaries.word("exif")
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), (250, 10, 10)).save(
        buffer, "JPEG", exif=exif, comment=canaries.word("comment").encode()
    )
    said = {
        "Content-Type": f"image/jpeg; name={canaries.word('name')}",
        "User-Agent": canaries.word("user agent"),
        "Cookie": canaries.word("cookie"),
        "Baggage": f"user={canaries.word('baggage')}",
        **traced.key,
    }
    path = f"/v2?note={canaries.word('query')}"
    joined(traced, lambda: traced.ask(path, buffer.getvalue(), said))

    for raw in traced.collector.raw:
        assert canaries.heard_in(raw) == []
        assert traced.key["x-api-key"].encode() not in raw
