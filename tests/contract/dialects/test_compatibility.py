"""What clients keep that move to the native path, and those that stay on their service's own."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract.client import Client, Reply, opened
from tests.contract.dialects.spoken import SPOKEN
from tests.contract.picture_host import PictureHost
from tests.contract.pictures import HEIGHT_PX, WIDTH_PX, Pixels, crop_box, encoded, photo

pytestmark = pytest.mark.e2e

NATIVE, ACCOUNT = "/v2", "/v2/account"
REMOVE_BG, PHOTOROOM, CLIPDROP, SLAZZER, PICSART = (
    SPOKEN[name].path for name in ("removebg", "photoroom", "clipdrop", "slazzer", "picsart")
)
FILE_FIELDS = {NATIVE: "image_file"} | {
    spoken.path: spoken.file_field for spoken in SPOKEN.values() if spoken.name != "rembg"
}
FULL = {spoken.path: spoken.native for spoken in SPOKEN.values()}
"""What makes a whole PNG where that is not what comes by itself."""

MASKS = {NATIVE: ("channels", "alpha")} | {
    spoken.path: item
    for spoken in SPOKEN.values()
    for item in spoken.mask.items()
    if spoken.path in FILE_FIELDS
}
LARGE = (900, 600)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends one picture in the words of each path, and unwraps the answer."""

    service: Client
    image: bytes

    def __call__(self, path: str, headers: Any = None, **fields: str) -> Reply:
        """Posts the picture as a file; where the answer names a URL, that is followed."""
        files = {FILE_FIELDS[path]: ("photo.jpg", self.image, "image/jpeg")}
        reply = self.service.ask("POST", path, headers=headers, files=files, data=fields)
        if path == PICSART and reply.status == 200:
            url: str = reply.content["data"]["url"]
            assert url.startswith(self.service.url)
            return self.service.ask("GET", url.removeprefix(self.service.url), key=None)
        return reply


@pytest.fixture(scope="module")
def send(service: Client, cup: bytes) -> Sender:
    return Sender(service, cup)


@pytest.fixture(scope="module")
def send_large(service: Client) -> Sender:
    return Sender(service, encoded(photo("coffee", *LARGE), "JPEG"))


@pytest.fixture(scope="module")
def urls(host: PictureHost, cup: bytes) -> Mapping[str, str]:
    host.pages["/cup.png"] = cup
    return {"cup": f"{host.url}/cup.png"}


def ignored(reply: Reply) -> set[str]:
    return set(filter(None, reply.headers.get("X-Ignored-Fields", "").split(", ")))


@pytest.mark.parametrize("path", FILE_FIELDS)
def test_a_form_with_a_file_and_the_key_in_x_api_key(
    send: Sender, cup_rgba_u8: Pixels, path: str
) -> None:
    assert (send(path, **FULL.get(path, {})).rgba_u8 == cup_rgba_u8).all()


def test_remove_bg_shares_fields_and_has_its_own_defaults(send_large: Sender) -> None:
    native, theirs = send_large(NATIVE), send_large(REMOVE_BG)
    assert native.image("PNG").size == LARGE
    assert theirs.image("PNG").size == (612, 408)
    shared = {"crop": "true", "bg_color": "FFFFFF", "format": "png", "size": "full"}
    assert send_large(NATIVE, **shared).image("PNG").size == (
        send_large(REMOVE_BG, **shared).image("PNG").size
    )


@pytest.mark.parametrize("path", FILE_FIELDS)
def test_options_of_other_services_are_ignored_and_named(send: Sender, path: str) -> None:
    reply = send.service.ask(
        "POST",
        path,
        files={FILE_FIELDS[path]: ("photo.jpg", send.image)},
        data={"somebody_elses": "1"},
    )
    assert reply.status == 200
    assert ignored(reply) == {"somebody_elses"}


@pytest.mark.parametrize("path", [NATIVE, REMOVE_BG, PHOTOROOM])
def test_the_documented_example_works_as_it_stands(
    send: Sender, cup_rgba_u8: Pixels, path: str
) -> None:
    reply = send(path, crop="true", bg_color="FFFFFF", format="jpg", size="hd")
    rows, columns = crop_box(cup_rgba_u8[..., 3])
    image = reply.image("JPEG")
    assert image.size == (columns.stop - columns.start, rows.stop - rows.start)
    assert ignored(reply) == set()


@pytest.mark.parametrize("path", MASKS)
def test_masks_first(send: Sender, cup_rgba_u8: Pixels, path: str) -> None:
    name, value = MASKS[path]
    assert (send(path, **{name: value}).mask_u8 == cup_rgba_u8[..., 3]).all()


def test_only_the_native_mask_is_a_png_whatever_the_format(send: Sender) -> None:
    asked = {"channels": "alpha", "format": "jpg"}
    assert send(NATIVE, **asked).image("PNG").mode == "L"
    for path in (REMOVE_BG, PHOTOROOM):
        assert send(path, **asked).image("JPEG").mode == "L"


def test_clipdrop_has_no_masks(send: Sender, cup_rgba_u8: Pixels) -> None:
    reply = send(CLIPDROP, channels="alpha")
    assert (reply.rgba_u8 == cup_rgba_u8).all()
    assert ignored(reply) == {"channels"}


def test_what_remove_bg_has_beyond_the_native_path(send: Sender, urls: Mapping[str, str]) -> None:
    beyond = {"type": "product", "scale": "50%", "bg_image_url": urls["cup"]}
    native = send(NATIVE, **beyond)
    assert native.image("PNG").mode == "RGBA"
    assert ignored(native) == set(beyond)
    theirs = send(REMOVE_BG, format="png", **beyond)
    assert theirs.image("PNG").mode == "RGB"
    assert ignored(theirs) == {"type"}


def test_json_is_for_json_requests_alone_on_the_native_path(send: Sender) -> None:
    accept = {"Accept": "application/json"}
    assert send(NATIVE, accept).image("PNG").size == (WIDTH_PX, HEIGHT_PX)
    content = send(REMOVE_BG, accept).content
    assert opened(base64.b64decode(content["data"]["result_b64"])).size == (WIDTH_PX, HEIGHT_PX)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "webp"),
        ("channels", "alpha"),
        ("bg_color", "#00ff00"),
        ("size", "preview"),
        ("crop", "true"),
        ("despill", "true"),
    ],
)
def test_photorooms_arguments_are_the_native_ones(send: Sender, name: str, value: str) -> None:
    native, theirs = send(NATIVE, **{name: value}), send(PHOTOROOM, **{name: value})
    assert theirs.status == 200
    assert theirs.body == native.body
    assert theirs.headers["Content-Type"] == native.headers["Content-Type"]


@pytest.mark.parametrize("path", [NATIVE, PHOTOROOM])
@pytest.mark.parametrize("name", ["templateId", "shadow.mode", "padding", "position"])
def test_photorooms_editing_is_ignored(send: Sender, path: str, name: str) -> None:
    assert ignored(send(path, **{name: "1"})) == {name}


@pytest.mark.parametrize("path", ["/v1/edit", "/v2/edit", "/v1/templates"])
def test_photorooms_other_paths_are_404(service: Client, path: str) -> None:
    assert service.ask("POST", path).status == 404


def test_on_clipdrops_path_accept_decides_and_on_the_native_one_fields_do(send: Sender) -> None:
    fields = {"format": "jpg", "crop": "true", "bg_color": "red", "size": "preview"}
    theirs = send(CLIPDROP, {"Accept": "image/webp"}, **fields)
    assert theirs.image("WEBP").size == (WIDTH_PX, HEIGHT_PX)
    assert ignored(theirs) == set(fields)
    native = send(NATIVE, {"Accept": "image/webp"}, **fields)
    assert native.image("JPEG").size < (WIDTH_PX, HEIGHT_PX)
    assert ignored(native) == set()


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (NATIVE, ("image_file", "image_url", "image_base64")),
        (SLAZZER, ("source_image_file", "source_image_url", "source_image_base64")),
    ],
    ids=["native", "slazzer"],
)
def test_slazzers_sources_by_their_names_here_and_there(
    send: Sender,
    urls: Mapping[str, str],
    cup_rgba_u8: Pixels,
    path: str,
    fields: tuple[str, str, str],
) -> None:
    file, url, text = fields
    base64_text = base64.b64encode(send.image).decode()
    replies = [
        send.service.ask("POST", path, files={file: ("photo.png", send.image)}),
        send.service.ask("POST", path, files={url: (None, urls["cup"])}),
        send.service.ask("POST", path, files={text: (None, base64_text)}),
    ]
    for reply in replies:
        assert reply.headers["Content-Type"] == "image/png"
        assert (reply.rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize(
    ("path", "colour", "channels"),
    [(NATIVE, "bg_color", "channels"), (SLAZZER, "bg_color_code", "channel")],
    ids=["native", "slazzer"],
)
def test_slazzers_options_by_their_names_here_and_there(
    send: Sender, path: str, colour: str, channels: str
) -> None:
    coloured = send(path, **{colour: "#336699"}).image("PNG")
    assert coloured.convert("RGB").getpixel((0, 0)) == (0x33, 0x66, 0x99)
    assert send(path, **{channels: "alpha"}).image("PNG").mode == "L"


@pytest.mark.parametrize(("value", "name"), [("PNG", "PNG"), ("JPG", "JPEG"), ("WEBP", "WEBP")])
@pytest.mark.parametrize("path", [NATIVE, PICSART])
def test_picsarts_formats_carry_over_in_any_case(
    send: Sender, path: str, value: str, name: str
) -> None:
    for spelt in (value, value.lower()):
        image = send(path, format=spelt, bg_color="FF0000").image(name).convert("RGB")
        corner = image.getpixel((0, 0))
        assert isinstance(corner, tuple)
        assert max(abs(a - b) for a, b in zip(corner, (255, 0, 0), strict=True)) < 8


@pytest.mark.parametrize("path", [NATIVE, PICSART])
def test_picsarts_image_url_carries_over(
    service: Client, urls: Mapping[str, str], path: str
) -> None:
    assert service.ask("POST", path, files={"image_url": (None, urls["cup"])}).status == 200


def test_picsarts_own_key_header_file_field_and_json(service: Client, cup: bytes) -> None:
    files = {"image": ("photo.png", cup)}
    reply = service.ask(
        "POST", PICSART, key=None, headers={"X-Picsart-API-Key": service.key}, files=files
    )
    assert reply.content["status"] == "success"
    assert reply.content["data"]["url"].endswith(".png")


def test_the_native_account_is_no_other(service: Client) -> None:
    assert {"api_key", "usage"} <= set(service.get(ACCOUNT).content)
