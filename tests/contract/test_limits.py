"""How large images, bodies and fields may be: at each limit, and one past it."""

import pytest

from tests.contract.client import Client, Reply, base64_of
from tests.contract.pictures import padded_jpeg, png_that_claims

pytestmark = pytest.mark.e2e

MIB = 2**20
IMAGE_BYTES = 30 * MIB
TEXT_BYTES = 45 * MIB
FIELD_BYTES = 64 * 1024
TOO_LARGE = ((413, "image_too_large"), "image too large (>30 MB).")
TOO_MANY_PIXELS = ((413, "image_too_large"), "image exceeds 100000000 pixels.")


def said(reply: Reply) -> tuple[tuple[int, str], str]:
    return reply.refusal, reply.error["message"]


def test_an_image_of_thirty_megabytes_is_taken(service: Client) -> None:
    image = padded_jpeg(IMAGE_BYTES)
    replies = [
        service.post_file(image),
        service.post_raw(image, "image/jpeg"),
        service.post_json({"image_base64": base64_of(image)}),
        service.post_form({"image_base64": base64_of(image)}),
    ]
    assert [reply.status for reply in replies] == [200] * 4


def test_an_image_of_one_byte_more_is_413_image_too_large(service: Client) -> None:
    image = padded_jpeg(IMAGE_BYTES + 1)
    replies = [
        service.post_file(image),
        service.post_raw(image, "image/jpeg"),
        service.post_json({"image_base64": base64_of(image)}),
        service.post_form({"image_base64": base64_of(image)}),
        service.post_urlencoded({"image_base64": base64_of(image)}),
    ]
    assert [said(reply) for reply in replies] == [TOO_LARGE] * 5


@pytest.mark.parametrize(("surplus_bytes", "status"), [(0, 200), (1, 413)])
def test_a_text_body_reaches_forty_five_megabytes(
    service: Client, surplus_bytes: int, status: int
) -> None:
    before, after = b'{"image_base64": "', b'"}'
    text = base64_of(padded_jpeg(IMAGE_BYTES)).encode()
    # What is more than that is white space in the text of the image.
    room_bytes = TEXT_BYTES + surplus_bytes - len(before) - len(text) - len(after)
    body = before + text + b" " * room_bytes + after
    reply = service.post_raw(body, "application/json")
    assert reply.status == status
    if status == 413:
        assert reply.error["code"] == "image_too_large"


@pytest.mark.parametrize("way", ["file", "post_form", "post_urlencoded", "post_json"])
def test_another_field_reaches_64_kilobytes(service: Client, cup: bytes, way: str) -> None:
    def sent(length_bytes: int) -> Reply:
        if way == "file":
            return service.post_file(cup, {"note": "n" * length_bytes})
        fields = {"note": "n" * length_bytes, "image_base64": base64_of(cup)}
        reply: Reply = getattr(service, way)(fields)
        return reply

    assert sent(FIELD_BYTES).status == 200
    assert sent(FIELD_BYTES + 1).refusal == (400, "bad_request")


# Pixels: at the limit and past it, each told by the header alone.


@pytest.mark.parametrize(("width_px", "height_px"), [(10_000, 10_000), (100_000, 1_000)])
def test_a_hundred_million_pixels_are_not_too_many(
    service: Client, width_px: int, height_px: int
) -> None:
    # The size is not what is wrong with it: what its header claims does not follow.
    reply = service.post_file(png_that_claims(width_px, height_px))
    assert reply.refusal == (400, "invalid_image")


@pytest.mark.parametrize(("width_px", "height_px"), [(10_001, 10_000), (5_882_353, 17)])
def test_more_pixels_are_413_image_too_large(
    service: Client, width_px: int, height_px: int
) -> None:
    reply = service.post_file(png_that_claims(width_px, height_px))
    assert said(reply) == TOO_MANY_PIXELS
