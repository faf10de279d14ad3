import pytest

from gateway.settings import SegmenterSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import ServedGateway, image_form


async def test_a_cut_out_is_answered_with_its_bytes_and_facts(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=b"png bytes", width_px=640, height_px=480)

    reply = await gateway.post(image_form(b"jpeg bytes"))

    assert (reply.status, reply.body) == (200, b"png bytes")
    assert reply.headers["Content-Type"] == "image/png"
    assert reply.headers["Content-Length"] == "9"
    assert reply.headers["Cache-Control"] == "no-store"
    assert (reply.headers["X-Width"], reply.headers["X-Height"]) == ("640", "480")
    assert segmenter.calls[0].image == b"jpeg bytes"


async def test_the_stages_are_told_as_server_timing_in_milliseconds(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(stages_s={"queue": 0.0, "decode": 0.0123, "encode": 1.5})

    reply = await gateway.post(image_form())

    assert reply.headers["Server-Timing"] == "queue;dur=0.0, decode;dur=12.3, encode;dur=1500.0"


@pytest.mark.parametrize(("found", "header"), [(True, "true"), (False, "false")])
async def test_whether_a_subject_was_found_is_told_and_no_error(
    gateway: ServedGateway, segmenter: FakeSegmenter, found: bool, header: str
) -> None:
    segmenter.behaviour = Answer(foreground_found=found)

    reply = await gateway.post(image_form())

    assert (reply.status, reply.headers["X-Foreground-Found"]) == (200, header)


async def test_a_large_answer_arrives_whole(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    image = bytes(range(256)) * (20 * 2**20 // 256) + b"odd end"
    segmenter.behaviour = Answer(image=image)

    reply = await gateway.post(image_form())

    assert reply.body == image


async def test_an_empty_answer_of_the_segmenter_is_passed_on_as_it_is(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=b"")

    reply = await gateway.post(image_form())

    assert (reply.status, reply.headers["Content-Length"]) == (200, "0")


async def test_a_connection_serves_one_request_after_the_other(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    for _ in range(3):
        reply = await gateway.post(image_form())
        assert reply.status == 200
        assert "Connection" not in reply.headers
    assert len(segmenter.calls) == 3


async def test_the_segmenter_gets_the_deadline_of_the_settings(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(
        segmenter=SegmenterSettings(target=segmenter.target, timeout_s=1000)
    )

    await gateway.post(image_form())

    assert 900 < segmenter.calls[0].seconds_left < 1100


async def test_every_finished_request_is_logged_and_counted_once(gateway: ServedGateway) -> None:
    reply = await gateway.post(image_form())

    (line,) = gateway.access_lines()
    assert line["request_id"] == reply.headers["X-Request-Id"]
    assert line["key_fingerprint"].startswith("tok_fp_")
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v2", 200)
    assert (line["code"], line["level"]) == ("ok", "info")
    assert line["bytes_in"] > len(b"an image")
    assert line["bytes_out"] > len(reply.body)
    assert line["duration_ms"] >= 0
    counted = 'requests_total{code="ok",dialect="v2",method="POST",route="/v2",status="200"} 1.0'
    assert f"mattebox_gateway_{counted}" in gateway.metrics()
    assert 'stage_duration_seconds_count{stage="infer"} 1.0' in gateway.metrics()
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()
