import grpc
import pytest

from tests.integration.gateway.fake_segmenter import Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    ServedGateway,
    image_form,
    multipart,
    read_reply,
)


@pytest.mark.parametrize("path", ["/v2", "/v2/"])
async def test_a_trailing_slash_is_accepted(gateway: ServedGateway, path: str) -> None:
    headers = {"x-api-key": gateway.key}

    reply = await gateway.ask("POST", path, data=image_form(), headers=headers)

    assert reply.status == 200


@pytest.mark.parametrize("name", ["image_file", "IMAGE_FILE", "Image_File"])
async def test_field_names_ignore_case(
    gateway: ServedGateway, segmenter: FakeSegmenter, name: str
) -> None:
    reply = await gateway.post_body(multipart((name, b"image")))

    assert reply.status == 200
    assert segmenter.calls[0].image == b"image"


async def test_the_type_and_name_of_the_file_decide_nothing(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    body = (
        b"--b\r\nContent-Disposition: form-data; name=image_file; filename=notes.txt\r\n"
        b"Content-Type: text/plain; charset=klingon\r\n\r\nimage\r\n--b--"
    )

    reply = await gateway.post_body(body)

    assert (reply.status, segmenter.calls[0].image) == (200, b"image")


@pytest.mark.parametrize(
    "content_type", ["Multipart/Form-Data; Boundary=b", 'multipart/form-data;boundary="b"']
)
async def test_the_content_type_is_read_as_clients_write_it(
    gateway: ServedGateway, content_type: str
) -> None:
    body = multipart(("image_file", b"image"))

    reply = await gateway.post(body, {"Content-Type": content_type})

    assert reply.status == 200


async def test_a_chunked_body_is_read(gateway: ServedGateway, segmenter: FakeSegmenter) -> None:
    body = multipart(("image_file", b"image"))
    half = len(body) // 2
    async with gateway.connection() as (reader, writer):
        content_type = "multipart/form-data; boundary=b"
        writer.write(gateway.head({"Transfer-Encoding": "chunked", "Content-Type": content_type}))
        for chunk in (body[:half], body[half:], b""):
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        reply = await read_reply(reader)

    assert (reply.status, segmenter.calls[0].image) == (200, b"image")


@pytest.mark.parametrize(
    "parts", [(), (("image_file", b""),), (("format", b"png"),), (("image_file", b""),) * 2]
)
async def test_no_image_or_an_empty_one_is_400_missing_image(
    gateway: ServedGateway, segmenter: FakeSegmenter, parts: tuple[tuple[str, bytes], ...]
) -> None:
    reply = await gateway.post_body(multipart(*parts))

    assert (reply.status, reply.error()["code"]) == (400, "missing_image")
    assert segmenter.calls == []


async def test_no_body_at_all_is_400_missing_image(gateway: ServedGateway) -> None:
    reply = await gateway.post(b"")

    assert (reply.status, reply.error()["code"]) == (400, "missing_image")


async def test_two_images_are_400_multiple_sources(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await gateway.post_body(multipart(("image_file", b"one"), ("Image_File", b"two")))

    assert (reply.status, reply.error()["code"]) == (400, "multiple_sources")
    assert segmenter.calls == []


async def test_an_empty_second_image_is_absent(gateway: ServedGateway) -> None:
    reply = await gateway.post_body(multipart(("image_file", b"one"), ("image_file", b"")))

    assert reply.status == 200


NO_IMAGE = Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE")
BROKEN_JPEG = Failure(
    grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE", metadata={"format": "jpeg"}
)


@pytest.mark.parametrize(
    ("content_type", "failure", "code"),
    [
        ("image/jpeg", NO_IMAGE, "invalid_image"),
        ("application/octet-stream", NO_IMAGE, "invalid_image"),
        ("text/plain", NO_IMAGE, "unsupported_media_type"),
        ("multipart/mixed; boundary=b", NO_IMAGE, "unsupported_media_type"),
        ("nonsense", NO_IMAGE, "unsupported_media_type"),
        ("text/plain", BROKEN_JPEG, "invalid_image"),
        ("image/jpeg", BROKEN_JPEG, "invalid_image"),
    ],
)
async def test_a_raw_body_that_is_no_image_is_refused_by_its_type_unless_that_names_an_image(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    content_type: str,
    failure: Failure,
    code: str,
) -> None:
    segmenter.behaviour = failure

    reply = await gateway.post(b"some bytes", {"Content-Type": content_type})

    assert reply.error()["code"] == code
    assert reply.status == (400 if code == "invalid_image" else 415)


async def test_a_raw_body_of_another_type_is_served_if_it_is_an_image(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await gateway.post(b"some bytes", {"Content-Type": "text/plain"})

    assert reply.status == 200
    assert segmenter.calls[0].image == b"some bytes"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "nonsense"])
async def test_a_compressed_body_is_415_unsupported_media_type(
    gateway: ServedGateway, encoding: str
) -> None:
    head = gateway.head(
        {
            "Content-Encoding": encoding,
            "Content-Type": "multipart/form-data; boundary=b",
            "Content-Length": 4,
        }
    )

    reply = await gateway.exchange(head + b"body")

    assert (reply.status, reply.error()["code"]) == (415, "unsupported_media_type")


async def test_every_content_encoding_is_looked_at(gateway: ServedGateway) -> None:
    encodings = b"Content-Encoding: identity\r\nContent-Encoding: gzip\r\n\r\n"
    head = gateway.head({"Content-Length": 4}).removesuffix(b"\r\n") + encodings

    reply = await gateway.exchange(head + b"body")

    assert (reply.status, reply.error()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("file_name", ['"a"b.png"', "my photo.png"])
async def test_a_file_name_may_be_written_badly(
    gateway: ServedGateway, segmenter: FakeSegmenter, file_name: str
) -> None:
    disposition = f'Content-Disposition: form-data; name="image_file"; filename={file_name}'

    reply = await gateway.post_body(f"--b\r\n{disposition}\r\n\r\nimage\r\n--b--".encode())

    assert (reply.status, segmenter.calls[0].image) == (200, b"image")


async def test_identity_is_no_compression(gateway: ServedGateway) -> None:
    reply = await gateway.post(image_form(), {"Content-Encoding": "Identity"})

    assert reply.status == 200


async def test_a_caller_that_waits_for_100_continue_gets_it_when_all_checks_passed(
    gateway: ServedGateway,
) -> None:
    body = multipart(("image_file", b"image"))
    head = gateway.head(
        {
            "Expect": "100-continue",
            "Content-Type": "multipart/form-data; boundary=b",
            "Content-Length": len(body),
        }
    )
    async with gateway.connection() as (reader, writer):
        writer.write(head)
        interim = await read_reply(reader)
        writer.write(body)
        final = await read_reply(reader)

    assert (interim.status, final.status) == (100, 200)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Api-Key": "nonsense", "Content-Length": 10}, 401),
        ({"Content-Length": 50_000_000}, 413),
        ({"Content-Length": 10, "Content-Encoding": "gzip"}, 415),
        ({"Content-Length": 32_000_000, "Content-Type": "image/png"}, 413),
        ({"Content-Length": 10, "Expect": "nonsense"}, 400),
    ],
)
async def test_a_caller_that_waits_for_100_continue_is_refused_without_it(
    gateway: ServedGateway, headers: dict[str, str | int], status: int
) -> None:
    form: dict[str, str | int] = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Expect": "100-continue",
    }

    reply = await gateway.exchange(gateway.head(form | headers))

    assert reply.status == status
    reply.error()


@pytest.mark.parametrize("expectation", ["nonsense", "100-continue, nonsense", ""])
async def test_what_cannot_be_expected_is_refused(
    gateway: ServedGateway, segmenter: FakeSegmenter, expectation: str
) -> None:
    body = multipart(("image_file", b"image"))
    form: dict[str, str | int] = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": len(body),
    }

    reply = await gateway.exchange(gateway.head(form | {"Expect": expectation}) + body)

    error = reply.error()
    assert (reply.status, error["code"]) == (400, "bad_request")
    assert error["message"] == "The Expect header may hold 100-continue only."
    assert segmenter.calls == []
