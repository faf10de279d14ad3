"""Bodies and requests that break the rules: always refused in the envelope, never a 5xx."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.settings import UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    ServedGateway,
    image_form,
    multipart,
    read_reply,
    rest,
)

IMAGE = b'Content-Disposition: form-data; name="image_file"\r\n\r\nimage\r\n'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"no boundary at all", id="no boundary"),
        pytest.param(b"--other\r\n" + IMAGE + b"--other--", id="other boundary"),
        pytest.param(b"--b\r\n" + IMAGE, id="no closing boundary"),
        pytest.param(b"--b\r\n" + IMAGE + b"--b", id="half a closing boundary"),
        pytest.param(b"--b\r\n" + IMAGE[:30], id="truncated head"),
        pytest.param(b"--b\r\n" + IMAGE[:-4], id="truncated content"),
        pytest.param(b"--b", id="boundary alone"),
        pytest.param(b"--bx\r\n" + IMAGE + b"--b--", id="boundary followed by text"),
        pytest.param(b"--b\r\n\r\nimage\r\n--b--", id="part without head"),
        pytest.param(
            b"--b\r\nContent-Disposition: form-data\r\n\r\nimage\r\n--b--", id="part without name"
        ),
        pytest.param(
            b'--b\r\nContent-Disposition: form-data; name=""\r\n\r\n\r\n--b--', id="empty name"
        ),
        pytest.param(
            b'--b\r\nContent-Disposition: attachment; name="a"\r\n\r\n\r\n--b--', id="attachment"
        ),
        pytest.param(
            b'--b\r\nContent-Disposition: form-data; name="a"; name="b"\r\n\r\n\r\n--b--',
            id="two names",
        ),
        pytest.param(
            b'--b\r\nContent-Disposition: form-data; name="a\r\n\r\n\r\n--b--', id="open quote"
        ),
        pytest.param(b"--b\r\nno colon\r\n\r\n\r\n--b--", id="head line without colon"),
        pytest.param(b"--b\r\n" + IMAGE[:-9] * 2 + b"\r\n--b--", id="repeated head line"),
        pytest.param(b"--b\n" + IMAGE.replace(b"\r", b"") + b"--b--", id="bare line feeds"),
        pytest.param(
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n" + IMAGE + b"--b--", id="nested"
        ),
        pytest.param(
            b"--b\r\nContent-Transfer-Encoding: base64\r\n" + IMAGE + b"--b--", id="base64 part"
        ),
        pytest.param(
            b"--b\r\nContent-Transfer-Encoding: x\r\n" + IMAGE + b"--b--", id="unknown encoding"
        ),
        pytest.param(b"--b\r\nX-A: " + b"a" * 9000 + b"\r\n" + IMAGE + b"--b--", id="long head"),
        pytest.param(b"preamble\r\n" * 1000 + multipart(("a", b"b")), id="long preamble"),
        pytest.param(b"--b" + b" " * 9000 + b"\r\n" + IMAGE + b"--b--", id="long padding"),
    ],
)
async def test_a_malformed_form_is_400_bad_request(gateway: ServedGateway, body: bytes) -> None:
    reply = await gateway.post_body(body)

    assert (reply.status, reply.error()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "b" * 71,
        "multipart/form-data; boundary=b; boundary=b",
        'multipart/form-data; boundary="b',
        "multipart/form-data; boundary=\u00fc",
    ],
)
async def test_a_boundary_that_is_missing_or_malformed_is_400_bad_request(
    gateway: ServedGateway, content_type: str
) -> None:
    body = multipart(("image_file", b"image"))

    reply = await gateway.post(body, {"Content-Type": content_type})

    assert (reply.status, reply.error()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"preamble\r\n" + multipart(("image_file", b"image")), id="preamble"),
        pytest.param(multipart(("image_file", b"image")) + b"epilogue", id="epilogue"),
        pytest.param(b"--b \t\r\n" + IMAGE + b"--b--", id="padding"),
        pytest.param(b"--b\r\nContent-Encoding: gzip\r\n" + IMAGE + b"--b--", id="part encoding"),
        pytest.param(b"--b\r\nX-Other: 1\r\n" + IMAGE + b"--b--", id="other head line"),
    ],
)
async def test_what_the_rules_allow_is_read(gateway: ServedGateway, body: bytes) -> None:
    reply = await gateway.post_body(body)

    assert reply.status == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 10_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 200 + b"\r\n",
        b"POST /v2 HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /v2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_400_bad_request_and_counted(
    gateway: ServedGateway, request_bytes: bytes
) -> None:
    async with gateway.connection() as (reader, writer):
        writer.write(request_bytes)
        reply = await read_reply(reader)
        assert await rest(reader) == b""

    assert (reply.status, reply.error()["code"]) == (400, "bad_request")
    assert [line["route"] for line in gateway.access_lines()] == ["unparsed"]
    counted = 'requests_total{code="bad_request",dialect="v2",method="OTHER",route="unparsed"'
    assert counted in gateway.metrics()


async def test_a_malformed_chunk_is_400_bad_request(gateway: ServedGateway) -> None:
    head = gateway.head(
        {"Transfer-Encoding": "chunked", "Content-Type": "multipart/form-data; boundary=b"}
    )

    reply = await gateway.exchange(head + b"not hex\r\n--b\r\n")

    assert (reply.status, reply.error()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=b", "image/png"])
@pytest.mark.parametrize("framing", [b"not hex\r\n", b"5\r\nimageXX", b"-1\r\n"])
async def test_a_chunk_that_is_malformed_later_is_400_bad_request_at_once(
    serve_gateway: ServeGateway, content_type: str, framing: bytes
) -> None:
    gateway = await serve_gateway(upload=UploadSettings(read_timeout_s=60, body_timeout_s=60))
    head = gateway.head({"Transfer-Encoding": "chunked", "Content-Type": content_type})

    async with gateway.connection() as (reader, writer):
        writer.write(head + b"3\r\n--b\r\n")
        await gateway.until(lambda: "in_flight_bytes 0.0" not in gateway.metrics())
        writer.write(framing)
        reply = await read_reply(reader)
        assert await rest(reader) == b""

    assert (reply.status, reply.error()["code"]) == (400, "bad_request")
    assert reply.headers["Connection"] == "close"
    (line,) = gateway.access_lines()
    assert line["route"] == "/v2"
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()


async def test_a_malformed_chunk_behind_another_request_leaves_that_one_alone(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    gate = asyncio.Event()
    segmenter.behaviour = Answer(gate=gate)
    first = gateway.head({"Content-Length": 5}) + b"image"
    second = gateway.head({"Transfer-Encoding": "chunked"})

    async with gateway.connection() as (reader, writer):
        writer.write(first + second)
        await segmenter.called.wait()
        writer.write(b"not hex\r\n")
        gate.set()
        replies = [await read_reply(reader), await read_reply(reader)]
        assert await rest(reader) == b""

    assert [reply.status for reply in replies] == [200, 400]


async def test_the_gateway_goes_on_after_malformed_requests(gateway: ServedGateway) -> None:
    await gateway.exchange(b"nonsense\r\n\r\n")
    await gateway.post_body(b"--b")

    reply = await gateway.post(image_form())

    assert reply.status == 200


fragments = st.sampled_from(
    [
        b"--b",
        b"--b--",
        b"--",
        b"\r\n",
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b"Content-Disposition: form-data",
        b"; name=",
        b'"image_file"',
        b"format",
        b"Content-Type: text/plain; charset=",
        b"Content-Transfer-Encoding: ",
        b"\xff\x00",
    ]
)
bodies = st.one_of(
    st.binary(max_size=300),
    st.lists(fragments | st.binary(max_size=8), max_size=25).map(b"".join),
)


@settings(
    deadline=None,  # no timing asserts
    max_examples=150,
    # One gateway for all examples is meant: none may disturb the next.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=bodies)
async def test_whatever_the_body_the_answer_is_no_5xx_and_in_the_envelope(
    gateway: ServedGateway, body: bytes
) -> None:
    reply = await gateway.post_body(body)

    assert reply.status < 500
    if reply.status != 200:
        reply.error()
