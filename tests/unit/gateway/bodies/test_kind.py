import pytest

from gateway.bodies.kind import BodyKind, copies, kind_of_type, most_body_bytes
from gateway.settings import MIB, UploadSettings


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("multipart/form-data; boundary=b", BodyKind.MULTIPART),
        ("Multipart/Form-Data;boundary=b", BodyKind.MULTIPART),
        ("multipart/form-data", BodyKind.MULTIPART),
        ("multipart/mixed; boundary=b", BodyKind.RAW),
        ("application/x-www-form-urlencoded; charset=UTF-8", BodyKind.URLENCODED),
        ("application/json", BodyKind.JSON),
        (" APPLICATION/JSON ;x", BodyKind.JSON),
        ("application/vnd.api+json", BodyKind.JSON),
        ("application/problem+json; charset=utf-8", BodyKind.JSON),
        ("image/svg+json", BodyKind.RAW),
        ("text/json", BodyKind.RAW),
        ("application/json5", BodyKind.RAW),
        ("application/octet-stream", BodyKind.RAW),
        ("image/jpeg", BodyKind.RAW),
        ("the image itself", BodyKind.RAW),
        ("nonsense", BodyKind.RAW),
        ("", BodyKind.RAW),
    ],
)
def test_the_content_type_tells_the_kind(content_type: str, kind: BodyKind) -> None:
    assert kind_of_type(content_type) is kind


@pytest.mark.parametrize(
    ("kind", "most_bytes"),
    [
        (BodyKind.MULTIPART, 45 * MIB + 256 * 1024),
        (BodyKind.URLENCODED, 45 * MIB),
        (BodyKind.JSON, 45 * MIB),
        (BodyKind.RAW, 30 * MIB),
    ],
)
def test_each_kind_has_its_largest_body(kind: BodyKind, most_bytes: int) -> None:
    assert most_body_bytes(kind, UploadSettings()) == most_bytes


def test_a_form_always_has_room_for_an_image_file() -> None:
    limits = UploadSettings(image_bytes=1000, text_bytes=10, slack_bytes=5)

    assert most_body_bytes(BodyKind.MULTIPART, limits) == 1005


@pytest.mark.parametrize("kind", BodyKind)
def test_a_body_is_held_at_least_once(kind: BodyKind) -> None:
    assert copies(kind) >= 1
