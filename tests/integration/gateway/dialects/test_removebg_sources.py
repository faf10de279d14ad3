"""Where remove.bg's dialect takes its pictures from, in every kind of body."""

import base64
import io
from collections.abc import Iterator
from urllib.parse import quote_plus, urlencode

import aiohttp
import pytest

from gateway.settings import FetchSettings
from tests.contract.picture_host import PictureHost, picture_host
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.dialects.removebg import (
    FORM,
    FOUND,
    code,
    in_pieces,
    post,
    post_form,
    post_json,
    told,
)
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import Reply, ServedGateway, multipart

IMAGE = b"an image\xff\xfe\xfb\xef"
BASE64 = base64.b64encode(IMAGE).decode()
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
FILE, TEXT, URL = ("image_file", IMAGE), ("image_file_b64", b"aW1hZ2U="), ("image_url", b"http://x")


@pytest.fixture(autouse=True)
def _found(segmenter: FakeSegmenter) -> None:
    segmenter.behaviour = FOUND


@pytest.fixture
def host() -> Iterator[PictureHost]:
    with picture_host({"/photo.jpg": IMAGE, "/behind.jpg": b"behind"}) as host:
        yield host


@pytest.fixture
async def fetching(serve_gateway: ServeGateway, host: PictureHost) -> ServedGateway:
    return await serve_gateway(fetch=FetchSettings(allow=("127.0.0.1/32",), ports=(host.port,)))


@pytest.mark.parametrize(
    ("file_name", "content_type"),
    [
        (None, None),
        ("image_file", None),
        ("/home/someone/a photo.jpg", "application/octet-stream"),
        ("photo.png", "image/jpg"),
        ("photo.png", "text/html"),
    ],
)
async def test_a_file_is_a_picture_whatever_it_is_called(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    file_name: str | None,
    content_type: str | None,
) -> None:
    form = aiohttp.FormData()
    form.add_field("size", "hd")
    form.add_field("image_file", io.BytesIO(IMAGE), filename=file_name, content_type=content_type)

    reply = await post(gateway, form)

    assert reply.status == 200
    assert segmenter.calls[0].image == IMAGE
    assert segmenter.calls[0].options.max_pixels == 4_000_000


@pytest.mark.parametrize("name", ["image_file_b64", "image_base64", "Image_File_B64"])
@pytest.mark.parametrize(
    "text",
    [
        BASE64,
        f"data:image/jpeg;base64,{BASE64}",
        BASE64.rstrip("="),
        base64.urlsafe_b64encode(IMAGE).decode(),
        f"{BASE64[:6]}\r\n\t{BASE64[6:]}",
    ],
    ids=["plain", "data", "unpadded", "url-safe", "with white space"],
)
@pytest.mark.parametrize("kind", ["multipart", "urlencoded", "json"])
async def test_base64_is_a_picture(
    gateway: ServedGateway, segmenter: FakeSegmenter, kind: str, name: str, text: str
) -> None:
    if kind == "multipart":
        reply = await post_form(gateway, (name, text.encode()))
    elif kind == "urlencoded":
        reply = await post(gateway, urlencode({name: text}).encode(), URLENCODED)
    else:
        reply = await post_json(gateway, **{name: text})

    assert reply.status == 200
    assert segmenter.calls[0].image == IMAGE


async def test_in_urlencoded_base64_a_space_stands_for_a_plus(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    assert "+" in base64.b64encode(b"\xfb\xef\xbe" * 3).decode()
    body = b"image_file_b64=" + base64.b64encode(b"\xfb\xef\xbe" * 3)

    reply = await post(gateway, body, URLENCODED)

    assert reply.status == 200
    assert segmenter.calls[0].image == b"\xfb\xef\xbe" * 3


@pytest.mark.parametrize("is_chunked", [True, False])
async def test_megabytes_of_base64_come_urlencoded(
    gateway: ServedGateway, segmenter: FakeSegmenter, is_chunked: bool
) -> None:
    image = bytes(range(256)) * 12_000
    body = f"size=auto&image_file_b64={quote_plus(base64.b64encode(image).decode())}".encode()
    assert len(body) > 4_000_000

    reply = await post(gateway, in_pieces(body) if is_chunked else io.BytesIO(body), URLENCODED)

    assert reply.status == 200
    assert segmenter.calls[0].image == image
    assert segmenter.calls[0].options.max_pixels == 25_000_000


@pytest.mark.parametrize("kind", ["multipart", "urlencoded", "json"])
async def test_a_url_is_fetched(
    fetching: ServedGateway, segmenter: FakeSegmenter, host: PictureHost, kind: str
) -> None:
    fields = {"image_url": f"{host.url}/photo.jpg", "bg_image_url": f"{host.url}/behind.jpg"}

    reply = await _post_fields(fetching, kind, fields)

    assert reply.status == 200
    assert (segmenter.calls[0].image, segmenter.calls[0].background) == (IMAGE, b"behind")


async def test_chunked_bodies_are_read(gateway: ServedGateway, segmenter: FakeSegmenter) -> None:
    form = multipart(("crop", b"true"), FILE)

    for body, headers in (
        (form, FORM),
        (f'{{"image_file_b64": "{BASE64}", "crop": true}}'.encode(), JSON),
        (urlencode({"image_file_b64": BASE64, "crop": "1"}).encode(), URLENCODED),
    ):
        reply = await post(gateway, in_pieces(body, 7), headers)
        assert reply.status == 200

    assert [call.image for call in segmenter.calls] == [IMAGE] * 3
    assert all(call.options.crop for call in segmenter.calls)


async def test_a_file_behind_the_subject_reaches_the_segmenter(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await post_form(gateway, ("bg_image_file", b"behind"), FILE)

    assert reply.status == 200
    assert (segmenter.calls[0].image, segmenter.calls[0].background) == (IMAGE, b"behind")


async def test_numbers_booleans_and_null_in_json(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await post_json(
        gateway,
        image_file_b64=BASE64,
        image_url=None,
        bg_image_url=None,
        crop=True,
        crop_margin=5,
        shadow_type="drop",
        shadow_opacity=20,
        type_level=2,
        type=None,
        semitransparency=True,
        scale=None,
        add_shadow=False,
        size=None,
    )

    assert reply.status == 200
    options = segmenter.calls[0].options
    assert options.crop
    assert options.crop_margin.top.px == 5
    assert options.shadow.color.alpha == 51
    assert "X-Ignored-Fields" not in reply.headers


@pytest.mark.parametrize("value", [["hd"], {"name": "hd"}, 5])
async def test_lists_and_objects_in_json_are_bad_values(
    gateway: ServedGateway, value: object
) -> None:
    reply = await post_json(gateway, image_file_b64=BASE64, size=value)

    assert code(reply) == "invalid_size"


@pytest.mark.parametrize("value", [True, False, 5])
async def test_a_boolean_is_no_base64(gateway: ServedGateway, value: object) -> None:
    assert code(await post_json(gateway, image_file_b64=value)) == "failed_to_read_image"


@pytest.mark.parametrize("value", [5, True, ["http://x"]])
async def test_a_url_in_json_is_a_text(gateway: ServedGateway, value: object) -> None:
    assert code(await post_json(gateway, image_url=value)) == "invalid_image_url"


async def test_files_have_no_place_in_json(gateway: ServedGateway) -> None:
    reply = await post_json(gateway, image_file_b64=BASE64, image_file="x", bg_image_file="x")

    assert reply.status == 200
    assert reply.headers["X-Ignored-Fields"] == "image_file, bg_image_file"


async def test_empty_fields_are_absent(gateway: ServedGateway, segmenter: FakeSegmenter) -> None:
    names = ["image_file_b64", "image_url", "roi", "crop", "bg_color", "bg_image_url", "size"]

    reply = await post_form(gateway, FILE, ("bg_image_file", b""), *((each, b"") for each in names))

    assert reply.status == 200
    assert segmenter.calls[0].background == b""
    assert "X-Ignored-Fields" not in reply.headers


async def test_of_a_repeated_source_the_last_counts(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await post_form(
        gateway,
        ("image_file", b"first"),
        ("image_file", b"second"),
        ("image_file", b""),
        ("bg_image_file", b"one"),
        ("bg_image_file", b"two"),
        ("size", b"preview"),
        ("size", b"hd"),
    )

    assert reply.status == 200
    call = segmenter.calls[0]
    assert (call.image, call.background) == (b"second", b"two")
    assert call.options.max_pixels == 4_000_000


@pytest.mark.parametrize(
    "parts",
    [[FILE, TEXT], [FILE, URL], [TEXT, URL], [TEXT, ("image_base64", b"aW1hZ2U=")]],
    ids=["file and text", "file and URL", "text and URL", "both names of texts"],
)
async def test_more_than_one_source(gateway: ServedGateway, parts: list[tuple[str, bytes]]) -> None:
    for order in (parts, parts[::-1]):
        reply = await post_form(gateway, *order)
        assert told(reply, 400) == [("multiple_sources", "Multiple image sources given")]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (multipart(("size", b"hd")), FORM),
        (multipart(("image_file", b"")), FORM),
        (b"", FORM),
        (b"", {}),
        (b"size=hd", URLENCODED),
        (b'{"size": "hd"}', JSON),
        (b'{"image_url": null}', JSON),
        (b'{"image_file_b64": ""}', JSON),
    ],
)
async def test_no_source(gateway: ServedGateway, body: bytes, headers: dict[str, str]) -> None:
    reply = await post(gateway, io.BytesIO(body), headers)

    assert told(reply, 400) == [("missing_source", "No image given")]


@pytest.mark.parametrize(
    "parts",
    [
        [("bg_image_file", b"x"), ("bg_image_url", b"http://x")],
        [("bg_image_file", b"x"), ("bg_color", b"red")],
        [("bg_image_url", b"http://x"), ("bg_color", b"red")],
    ],
    ids=["two pictures", "file and colour", "URL and colour"],
)
async def test_more_than_one_background(
    gateway: ServedGateway, parts: list[tuple[str, bytes]]
) -> None:
    for order in ([FILE, *parts], [*parts[::-1], FILE]):
        reply = await post_form(gateway, *order)
        assert told(reply, 400) == [("multiple_bg_sources", "Multiple background sources given")]


async def test_no_colour_beside_a_picture_is_no_second_background(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await post_form(
        gateway, FILE, ("bg_image_file", b"behind"), ("bg_color", b"transparent")
    )

    assert reply.status == 200
    assert segmenter.calls[0].background == b"behind"


@pytest.mark.parametrize("url", ["no url", "ftp://host/x", "http://", "file:///etc/passwd"])
async def test_a_malformed_url(gateway: ServedGateway, url: str) -> None:
    image = await post_form(gateway, ("image_url", url.encode()))
    behind = await post_form(gateway, FILE, ("bg_image_url", url.encode()))

    assert told(image, 400) == [("invalid_image_url", "Invalid image_url")]
    assert told(behind, 400) == [("invalid_bg_image_url", "Invalid bg_image_url")]


@pytest.mark.parametrize("path", ["/missing.jpg", "/status/500", "/status/429"])
async def test_a_picture_that_cannot_be_fetched(
    fetching: ServedGateway, host: PictureHost, path: str
) -> None:
    url = f"{host.url}{path}".encode()

    image = await post_form(fetching, ("image_url", url))
    behind = await post_form(fetching, FILE, ("bg_image_url", url))

    assert told(image, 400) == [
        ("failed_image_download", "Failed to download image from given image_url")
    ]
    assert told(behind, 400) == [("failed_bg_download", "Failed to download background image")]


async def test_a_refused_address_reads_as_any_failed_download(gateway: ServedGateway) -> None:
    url = b"http://127.0.0.1/photo.jpg"

    assert code(await post_form(gateway, ("image_url", url))) == "failed_image_download"
    assert code(await post_form(gateway, FILE, ("bg_image_url", url))) == "failed_bg_download"


async def test_what_is_no_base64_cannot_be_read(gateway: ServedGateway) -> None:
    reply = await post_form(gateway, ("image_file_b64", b"!!!"))

    assert told(reply, 400) == [("failed_to_read_image", "There was an error reading the image")]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (IMAGE, {"Content-Type": "image/jpeg"}),
        (IMAGE, {"Content-Type": "application/octet-stream"}),
        (IMAGE, {"Content-Type": "text/plain"}),
        (b"{", JSON),
        (b"[]", JSON),
        (b"\xff", JSON),
        (b"no form", FORM),
        (multipart(FILE)[:-10], FORM),
        (b"size=hd", {"Content-Type": "multipart/form-data"}),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}),
        (multipart(FILE), FORM | {"Content-Encoding": "gzip"}),
    ],
)
async def test_a_body_that_cannot_be_read(
    gateway: ServedGateway, body: bytes, headers: dict[str, str]
) -> None:
    reply = await post(gateway, io.BytesIO(body), headers)

    assert code(reply) == "invalid_request"


async def _post_fields(gateway: ServedGateway, kind: str, fields: dict[str, str]) -> Reply:
    if kind == "multipart":
        return await post_form(gateway, *((name, each.encode()) for name, each in fields.items()))
    if kind == "urlencoded":
        return await post(gateway, urlencode(fields).encode(), URLENCODED)
    return await post_json(gateway, **fields)
