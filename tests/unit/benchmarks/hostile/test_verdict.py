"""What answers to hostile files may look like."""

import io
import json

import pytest
from benchmarks.hostile.verdict import ALLOWED_REFUSALS, Reply, digest, limit_s, problems
from PIL import Image


def picture(
    size: tuple[int, int] = (4, 3),
    told: tuple[int, int] = (4, 3),
    mode: str = "RGBA",
    level: int = 6,
) -> Reply:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, "PNG", compress_level=level)
    headers = {"x-width": str(told[0]), "x-height": str(told[1])}
    return Reply(200, buffer.getvalue(), 1.0, headers)


def refusal(http_status: int = 400, **changes: object) -> Reply:
    error = {
        "code": "invalid_image",
        "message": "The PNG image is broken. Send an intact one.",
        "status": 400,
        "request_id": "1",
        "details": {},
    }
    return Reply(http_status, json.dumps({"error": error | changes}).encode(), 1.0)


def test_pictures_and_refusals_of_the_contract_are_right() -> None:
    assert problems(picture()) == []
    for code, status in ALLOWED_REFUSALS.items():
        assert problems(refusal(status, code=code, status=status)) == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(0, b"ConnectionResetError()", 1.0),
        Reply(500, b"", 1.0),
        Reply(503, b"", 1.0),
        Reply(302, b"", 1.0),
        picture(size=(3, 4)),
        picture(mode="L"),
        Reply(200, picture().body[:45], 1.0, picture().headers),
        Reply(200, b"", 1.0),
        Reply(400, b"", 1.0),
        Reply(400, b"[]", 1.0),
        Reply(400, b'{"error": "wrong"}', 1.0),
        refusal(413),
        refusal(code="bad_request"),
        refusal(code="image_url_fetch_failed"),
        refusal(message="broken"),
        refusal(message="The image\nis broken."),
        refusal(message="The image is broken. " * 20),
        refusal(message="cannot identify image file in PIL, see above"),
        refusal(message="No such file: /usr/lib/x"),
        refusal(message="Traceback (most recent call last)"),
        refusal(message="The image is broken: OSError."),
        refusal(details={"cause": "libtiff gave up"}),
    ],
)
def test_anything_else_breaks_a_promise(reply: Reply) -> None:
    assert len(problems(reply)) == 1


def test_pictures_that_say_the_same_are_the_same_however_they_are_compressed() -> None:
    assert digest(picture(level=0)) == digest(picture(level=9))
    assert digest(picture()) != digest(picture(size=(3, 4)))
    assert digest(picture()) != digest(picture(mode="LA"))


def test_refusals_are_the_same_whatever_the_number_of_the_request() -> None:
    assert digest(refusal(request_id="1")) == digest(refusal(request_id="2"))
    assert digest(refusal()) != digest(refusal(code="missing_image"))
    assert digest(refusal()) != digest(refusal(413))


def test_a_refusal_may_take_five_seconds_and_a_picture_what_photos_take_thrice() -> None:
    assert limit_s(refusal(), photo_s_per_megapixel=0.5) == 5.0
    large = Reply(200, b"", 1.0, {"x-width": "2000", "x-height": "1000"})
    assert limit_s(large, photo_s_per_megapixel=0.5) == 5.0 + 3 * 2 * 0.5
