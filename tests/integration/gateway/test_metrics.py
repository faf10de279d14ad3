"""What the gateway counts and tells of itself, each for its cause."""

import asyncio
import platform
import time
from importlib import metadata
from types import ModuleType
from typing import Any

import grpc
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.accounts.keys import KeyTerms
from gateway.settings import AdmissionSettings, HttpSettings
from tests.docs_scripts import docs_script
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import EMAIL, Database, administration
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.gateway_process import client_of, gateway_process, settings_of
from tests.integration.gateway.served_gateway import (
    ServedGateway,
    image_form,
    multipart,
)


async def test_it_tells_what_it_is(gateway: ServedGateway) -> None:
    labels = {"version": metadata.version("mattebox"), "python": platform.python_version()}

    assert gateway.counted("build_info", **labels) == 1


async def test_requests_are_timed_by_route_dialect_and_class(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    await gateway.post(image_form())
    await gateway.ask("POST", "/v2")
    await gateway.ask("POST", "/v1.0/removebg")
    segmenter.behaviour = Failure(grpc.StatusCode.INTERNAL)
    await gateway.post(image_form())

    def timed(**labels: str) -> float:
        return gateway.counted("request_duration_seconds_count", **labels)

    assert timed(route="/v2", dialect="v2", status_class="2xx") == 1
    assert timed(route="/v2", dialect="v2", status_class="4xx") == 1
    assert timed(route="/v2", dialect="v2", status_class="5xx") == 1
    assert timed(route="/v1.0/removebg", dialect="removebg", status_class="4xx") == 1
    assert timed() == 4


async def test_a_client_that_leaves_is_of_no_class(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(gate=asyncio.Event())
    body = multipart(("image_file", b"image"))
    headers: dict[str, str | int] = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": len(body),
    }
    async with gateway.connection() as (_, writer):
        writer.write(gateway.head(headers) + body)
        await segmenter.called.wait()

    await gateway.until(
        lambda: gateway.counted("request_duration_seconds_count", status_class="other") == 1
    )
    assert gateway.counted("requests_total", status="499") == 1


async def test_a_browsers_question_is_of_no_class(gateway: ServedGateway) -> None:
    await gateway.ask("OPTIONS", "/v2")

    timed = "request_duration_seconds_count"
    assert gateway.counted(timed, status_class="other") == gateway.counted(timed) == 1


async def test_the_stages_of_a_picture_are_timed_and_told(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(
        input_width_px=1280, input_height_px=960, width_px=640, height_px=480
    )
    await gateway.post(image_form())

    for stage in ("upload", "segmenter", "delivery", "decode", "infer"):
        assert gateway.counted("stage_duration_seconds_count", stage=stage) == 1
    (line,) = gateway.access_lines()
    assert list(line["stages_ms"]) == ["upload", "segmenter", "decode", "infer", "delivery"]
    assert line["stages_ms"]["infer"] == 200
    assert (line["input_width_px"], line["input_height_px"]) == (1280, 960)
    assert (line["width_px"], line["height_px"], line["format"]) == (640, 480, "png")
    assert "dropped_fields" not in line


async def test_a_request_without_a_picture_has_no_stages(gateway: ServedGateway) -> None:
    await gateway.ask("GET", "/v2/account", headers={"x-api-key": gateway.key})

    (line,) = gateway.access_lines()
    assert not {"stages_ms", "format", "width_px", "input_width_px"} & set(line)
    assert gateway.counted("stage_duration_seconds_count") == 0


async def test_a_request_that_fails_tells_the_stages_that_it_came_to(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE")
    await gateway.post(image_form())

    (line,) = gateway.access_lines()
    assert list(line["stages_ms"]) == ["upload", "segmenter"]
    assert "format" not in line


async def test_it_tells_whether_a_segmenter_serves(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    await gateway.until(lambda: gateway.counted("segmenter_serving") == 1)

    await segmenter.set_ready(ready=False)

    await gateway.until(lambda: gateway.counted("segmenter_serving") == 0)
    assert gateway.counted("ready") == 1


async def test_limits_stand_beside_states(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(
        http=HttpSettings(port=0, max_connections=17),
        admission=AdmissionSettings(budget_bytes=400 * 2**20),
    )

    assert gateway.counted("max_connections") == 17
    assert gateway.counted("budget_bytes") == 400 * 2**20


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (KeyTerms(requests_per_minute=1), "requests_exceeded"),
        (KeyTerms(megapixels_per_minute=1), "megapixels_exceeded"),
    ],
)
async def test_what_the_limiter_decides_is_counted(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    database: Database,
    limits: KeyTerms,
    reason: str,
) -> None:
    segmenter.behaviour = Answer(width_px=1500, height_px=1000)
    async with administration(database) as operator:
        key, _ = await operator.create_key(EMAIL, terms=limits)

    statuses = [(await gateway.post(image_form(), {"x-api-key": key})).status for _ in range(2)]

    assert statuses == [200, 429]
    assert gateway.counted("limiter_decisions_total", decision="allowed") == 1
    assert gateway.counted("limiter_decisions_total", decision=reason) == 1
    assert gateway.counted("limiter_decisions_total") == 2


async def test_a_loop_that_is_held_up_is_told(gateway: ServedGateway) -> None:
    await gateway.ask("GET", "/v2/health")

    time.sleep(0.5)  # noqa: ASYNC251 - it is what holds up the loop that the gateway runs on

    # While it lasts, and when it is over.
    assert gateway.counted("event_loop_lag_seconds") >= 0.4
    await gateway.ask("GET", "/v2/health")
    assert gateway.counted("event_loop_lag_seconds") >= 0.4


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return docs_script("make_metrics")


async def test_what_a_process_serves_is_what_the_page_tells(
    database: Database, segmenter: FakeSegmenter, script: ModuleType
) -> None:
    async with gateway_process(settings_of(database, segmenter.target)) as process:
        port = (await process.logged("metrics_listening"))["port"]
        public = (await process.logged("listening"))["port"]
        async with client_of(public, database.key) as client, client_of(port, "") as operator:
            await client.post(image_form())
            text = (await operator.ask("GET", "/metrics")).body.decode()
    served: dict[str, frozenset[str]] = {}
    for sample in _samples(text):
        served[sample.name] = frozenset(sample.labels)
        for label, value in sample.labels.items():
            assert value in script.values().get((sample.name, label), {value})

    told = script.samples()
    assert served == {name: told[name] for name in told if name.startswith("mattebox_gateway_")}
    assert 'refusals_total{reason="overloaded"} 0.0' in text
    assert 'limiter_decisions_total{decision="requests_exceeded"} 0.0' in text


def _samples(text: str) -> list[Any]:
    return [
        sample
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("mattebox_") and not sample.name.endswith("_created")
    ]
