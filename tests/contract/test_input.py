"""By which ways an image arrives, exactly one of them a request."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.client import Client, Reply, base64_of
from tests.contract.pictures import Pixels, encoded, photo

pytestmark = pytest.mark.e2e

BASE64_FIELDS = ["image_base64", "image_file_b64"]


def is_cup(reply: Reply, cup_rgba_u8: Pixels) -> bool:
    """Whether the cut-out is that of the cup, in whatever way it is answered."""
    if reply.headers["Content-Type"] == "image/png":
        return bool((reply.rgba_u8 == cup_rgba_u8).all())
    image = base64.b64decode(reply.content["image"], validate=True)
    return bool((Reply(200, reply.headers, image).rgba_u8 == cup_rgba_u8).all())


# The sources, each by each of its ways.


@pytest.mark.parametrize(
    ("name", "file_name", "part_type"),
    [
        ("image_file", "photo.png", "image/png"),
        ("IMAGE_FILE", "notes.txt", "text/plain"),
        ("Image_File", "", "application/pdf"),
    ],
)
def test_a_file_is_known_by_its_bytes_alone(
    service: Client, cup_reply: Reply, name: str, file_name: str, part_type: str
) -> None:
    reply = service.ask("POST", files={name: (file_name, encoded(photo()), part_type)})
    assert is_cup(reply, cup_reply.rgba_u8)


def test_a_file_without_a_type_of_its_own_is_taken(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    assert is_cup(service.ask("POST", files={"image_file": cup}), cup_rgba_u8)


@pytest.mark.parametrize("name", [*BASE64_FIELDS, "Image_Base64"])
@pytest.mark.parametrize("way", ["post_form", "post_urlencoded", "post_json"])
def test_base64_is_a_source_in_every_kind_of_body(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, way: str, name: str
) -> None:
    reply: Reply = getattr(service, way)({name: base64_of(cup)})
    assert is_cup(reply, cup_rgba_u8)


@pytest.mark.parametrize(
    "spelling",
    ["data URL", "bare data URL", "line breaks", "spaces around", "URL-safe", "without padding"],
)
def test_base64_is_read_as_clients_write_it(
    service: Client, cup_rgba_u8: Pixels, spelling: str
) -> None:
    reply = service.post_json({"image_file_b64": spelt(spelling)})
    assert is_cup(reply, cup_rgba_u8)


def test_a_data_url_is_read_in_forms(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    text = {"image_base64": f"data:image/png;base64,{base64_of(cup)}"}
    assert is_cup(service.post_form(text), cup_rgba_u8)
    assert is_cup(service.post_urlencoded(text), cup_rgba_u8)


def test_the_legacy_image_of_json_is_base64(service: Client, cup: bytes) -> None:
    reply = service.post_json({"image": base64_of(cup)})
    assert (reply.status, set(reply.content)) == (200, {"mask", "width", "height"})


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg", "application/octet-stream"])
def test_the_raw_body_is_a_source(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, content_type: str
) -> None:
    assert is_cup(service.post_raw(cup, content_type), cup_rgba_u8)


def test_the_raw_body_needs_no_type(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    assert is_cup(service.post_raw(cup), cup_rgba_u8)


def test_a_type_of_anything_else_is_no_matter_where_the_body_is_an_image(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    assert is_cup(service.post_raw(cup, "text/plain"), cup_rgba_u8)


def test_a_raw_body_takes_its_options_from_the_query(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    query = {"CHANNELS": "alpha", "nonsense": "1"}
    reply = service.post_raw(cup, "image/png", query)
    assert (reply.mask_u8 == cup_rgba_u8[..., 3]).all()
    assert reply.headers["X-Ignored-Fields"] == "nonsense"


# Exactly one of them.


@pytest.mark.parametrize("fields", [{}, {"format": "png"}, {"image_base64": ""}])
@pytest.mark.parametrize("way", ["post_form", "post_urlencoded", "post_json"])
def test_no_source_is_400_missing_image(service: Client, way: str, fields: dict[str, str]) -> None:
    reply: Reply = getattr(service, way)(fields)
    assert reply.refusal == (400, "missing_image")


@pytest.mark.parametrize("content_type", [None, "image/jpeg", "multipart/form-data; boundary=b"])
def test_an_empty_body_is_400_missing_image(service: Client, content_type: str | None) -> None:
    assert service.post_raw(b"", content_type).refusal == (400, "missing_image")


def test_an_empty_file_is_400_missing_image(service: Client) -> None:
    assert service.post_file(b"").refusal == (400, "missing_image")


def test_a_text_where_the_file_belongs_is_no_image(service: Client) -> None:
    assert service.post_form({"image_file": "a text"}).refusal == (400, "invalid_image")


TEXT = base64_of(encoded(photo(), "JPEG"))
URL = "http://192.0.2.1/photo.jpg"


@pytest.mark.parametrize(
    "second",
    [("image_base64", TEXT), ("image_file_b64", TEXT), ("image_url", URL), ("imageUrl", URL)],
    ids=lambda pair: pair[0],
)
def test_a_file_and_another_source_are_400_multiple_sources(
    service: Client, cup: bytes, second: tuple[str, str]
) -> None:
    reply = service.post_file(cup, dict([second]))
    assert reply.refusal == (400, "multiple_sources")


@pytest.mark.parametrize("way", ["post_form", "post_urlencoded", "post_json"])
@pytest.mark.parametrize(
    "fields",
    [
        {"image_base64": TEXT, "image_file_b64": TEXT},
        {"image_base64": TEXT, "image_url": URL},
        {"image_url": URL, "imageUrl": URL},
    ],
    ids="+".join,
)
def test_two_sources_are_400_multiple_sources(
    service: Client, way: str, fields: dict[str, str]
) -> None:
    reply: Reply = getattr(service, way)(fields)
    assert reply.refusal == (400, "multiple_sources")


@pytest.mark.parametrize("second", [{"image_base64": TEXT}, {"image_url": URL}])
def test_the_legacy_image_is_a_source_like_the_others(
    service: Client, second: dict[str, str]
) -> None:
    assert service.post_json({"image": TEXT, **second}).refusal == (400, "multiple_sources")


def test_two_files_are_400_multiple_sources(service: Client, cup: bytes) -> None:
    files = [("image_file", ("a", cup)), ("IMAGE_FILE", ("b", cup))]
    assert service.ask("POST", files=files).refusal == (400, "multiple_sources")


def test_empty_fields_are_absent(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    empty = {"image_url": "", "image_base64": "", "format": "", "crop": "", "bg_color": ""}
    assert is_cup(service.post_file(cup, empty), cup_rgba_u8)
    members: dict[str, Any] = {**empty, "image": None, "size": None, "image_base64": base64_of(cup)}
    assert is_cup(service.post_json(members), cup_rgba_u8)


@pytest.mark.parametrize("way", ["post_form", "post_urlencoded", "post_json"])
def test_names_of_options_ignore_case(service: Client, cup: bytes, way: str) -> None:
    fields = {"IMAGE_BASE64": base64_of(cup), "Channels": "alpha", "FORMAT": "bmp"}
    reply: Reply = getattr(service, way)(fields)
    assert reply.status == 200
    assert "X-Ignored-Fields" not in reply.headers
    assert reply.headers["Content-Type"] in {"image/png", "application/json"}


# Types, lengths and encodings of bodies.


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/mixed; a=b"])
def test_a_body_of_another_type_that_is_no_image_is_415(service: Client, content_type: str) -> None:
    reply = service.post_raw(b"hello, world", content_type)
    assert reply.refusal == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["image/png", "application/octet-stream", None])
def test_a_raw_body_that_is_no_image_is_400(service: Client, content_type: str | None) -> None:
    assert service.post_raw(b"hello, world", content_type).refusal == (400, "invalid_image")


@pytest.mark.parametrize("kind", ["multipart", "JSON", "urlencoded", "raw"])
def test_chunked_bodies_are_fine(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, kind: str
) -> None:
    content_type, body = body_of(kind, cup)
    reply = service.ask("POST", headers={"Content-Type": content_type}, data=pieces(body))
    assert is_cup(reply, cup_rgba_u8)


@pytest.mark.parametrize("kind", ["multipart", "JSON", "urlencoded", "raw"])
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
def test_an_encoded_body_is_415(service: Client, cup: bytes, kind: str, encoding: str) -> None:
    content_type, body = body_of(kind, cup)
    reply = service.post_raw(body, content_type, headers={"Content-Encoding": encoding})
    assert reply.refusal == (415, "unsupported_media_type")


def test_identity_is_no_encoding(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    headers = {"Content-Encoding": "identity"}
    assert is_cup(service.post_raw(cup, "image/png", headers=headers), cup_rgba_u8)


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json"]
)
def test_json_is_known_by_its_type(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, content_type: str
) -> None:
    body = json.dumps({"image_base64": base64_of(cup)}).encode()
    assert is_cup(service.post_raw(body, content_type), cup_rgba_u8)


def spelt(spelling: str) -> str:
    """The cup in base64, as some clients write it."""
    # A chunk of every byte makes sure that all 64 letters are in it.
    image = encoded(photo()) + bytes(range(256)) * 3 + b"\xff\xfe\xfb\xef"
    text = base64_of(image)
    assert "+" in text
    assert "/" in text
    assert text.endswith("=")
    match spelling:
        case "data URL":
            return f"data:image/png;base64,{text}"
        case "bare data URL":
            return f"data:;base64,{text}"
        case "line breaks":
            return base64.encodebytes(image).decode()
        case "spaces around":
            return f" \t{text[:9]} {text[9:]}\r\n"
        case "URL-safe":
            return base64.urlsafe_b64encode(image).decode()
        case _:
            return text.rstrip("=")


def body_of(kind: str, image: bytes) -> tuple[str, bytes]:
    """Content type and body by which an image is sent."""
    match kind:
        case "multipart":
            head = b'--b\r\nContent-Disposition: form-data; name="image_file"; filename="p"\r\n\r\n'
            return "multipart/form-data; boundary=b", head + image + b"\r\n--b--\r\n"
        case "JSON":
            return "application/json", json.dumps({"image_base64": base64_of(image)}).encode()
        case "urlencoded":
            text = base64.urlsafe_b64encode(image).rstrip(b"=")
            return "application/x-www-form-urlencoded", b"image_base64=" + text
        case _:
            return "image/png", image


def pieces(body: bytes) -> Iterator[bytes]:
    """A body whose length is not told beforehand."""
    third = len(body) // 3
    yield from (body[:third], body[third : 2 * third], body[2 * third :])
