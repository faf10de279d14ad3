"""The rules that hold for all dialects alike."""

import base64
import http.client
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import pytest

from tests.contract.client import TIMEOUT_S, Client, Reply, reply_on
from tests.contract.commands import Commands
from tests.contract.dialects.spoken import SPOKEN, Spoken
from tests.contract.pictures import Pixels, differs_on_average_by, encoded, heic, over, photo

pytestmark = pytest.mark.e2e

WHITE = (255, 255, 255, 255)
BOUNDARY = "b0undary"
LARGE_BYTES = 4_000_000
NATIVE_RATE = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
PICSARTS_RATE = (
    "X-Picsart-Ratelimit-Limit",
    "X-Picsart-Ratelimit-Available",
    "X-Picsart-Ratelimit-Reset-Time",
)
MINUTE_S = 60


@pytest.fixture(params=SPOKEN)
def spoken(request: pytest.FixtureRequest) -> Spoken:
    return SPOKEN[request.param]


@pytest.fixture(params=[name for name, spoken in SPOKEN.items() if spoken.text_field])
def with_text(request: pytest.FixtureRequest) -> Spoken:
    """Takes base64 in a field of its own."""
    return SPOKEN[request.param]


@pytest.fixture(params=[name for name, spoken in SPOKEN.items() if spoken.mask])
def with_masks(request: pytest.FixtureRequest) -> Spoken:
    """Has an option for the mask."""
    return SPOKEN[request.param]


@pytest.fixture(params=[name for name, spoken in SPOKEN.items() if spoken.name != "rembg"])
def with_jpegs(request: pytest.FixtureRequest) -> Spoken:
    """Makes JPEGs, by an option or by Accept."""
    return SPOKEN[request.param]


def form(*parts: tuple[str, str, bytes]) -> bytes:
    """A multipart body of names, further words of their heads, and contents."""
    head = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'
    return (
        b"".join(
            f"--{BOUNDARY}\r\n{head.format(name, words)}".encode() + content + b"\r\n"
            for name, words, content in parts
        )
        + f"--{BOUNDARY}--\r\n".encode()
    )


def posted(service: Client, spoken: Spoken, body: Any, content_type: str = "") -> Reply:
    headers = {
        spoken.key_header: service.key,
        "Content-Type": content_type or f"multipart/form-data; boundary={BOUNDARY}",
    }
    return service.ask("POST", spoken.path, key=None, headers=headers, data=body)


def in_pieces(body: bytes) -> Iterator[bytes]:
    """A body without a length, which is sent in chunks."""
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]


def test_it_is_the_native_picture(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, spoken: Spoken
) -> None:
    reply = spoken.picture(service, spoken.send(service, cup, data=dict(spoken.native)))

    assert (reply.rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize("template", ["Bearer {}", "Token {}", "Api-Key {}"])
def test_a_key_may_come_as_authorization(
    service: Client, cup: bytes, spoken: Spoken, template: str
) -> None:
    headers = {spoken.key_header: "", "Authorization": template.format(service.key)}

    assert spoken.send(service, cup, headers=headers).status == 200


def test_a_key_may_come_in_x_api_key(service: Client, cup: bytes, spoken: Spoken) -> None:
    files = {spoken.file_field: ("photo.png", cup)}

    assert service.ask("POST", spoken.path, files=files).status == 200


@pytest.mark.parametrize("name", ["api_key", "apikey", "key", "token"])
def test_a_key_in_the_query_is_none(service: Client, cup: bytes, spoken: Spoken, name: str) -> None:
    path = f"{spoken.path}?{name}={service.key}"
    reply = spoken.send(service, cup, headers={spoken.key_header: ""}, path=path)

    assert spoken.refusal(reply) == spoken.statuses_of_keys[0]


def test_a_bad_key_with_a_bad_body_is_a_bad_key(service: Client, spoken: Spoken) -> None:
    headers = {spoken.key_header: "wrong", "Content-Type": "application/json"}
    reply = service.ask("POST", spoken.path, key=None, headers=headers, data=b"{")

    assert spoken.refusal(reply) == spoken.statuses_of_keys[1]


@pytest.mark.parametrize("key", ["", "wrong"])
def test_an_early_refusal_can_be_read_by_who_sends_on(
    service: Client, spoken: Spoken, key: str
) -> None:
    body = form((spoken.file_field, '; filename="a.jpg"', bytes(LARGE_BYTES)))
    address = urlsplit(service.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, TIMEOUT_S)
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    headers |= {spoken.key_header: key} if key else {}
    try:
        connection.request("POST", spoken.path, body, headers)
        reply = reply_on(connection)
    finally:
        connection.close()

    assert spoken.refusal(reply) == spoken.statuses_of_keys[bool(key)]


@pytest.mark.parametrize("below", ["/nothing/here", "/nothing"])
def test_paths_below_its_own_are_404_in_its_words(
    service: Client, spoken: Spoken, below: str
) -> None:
    reply = spoken.send(service, b"", path=spoken.path + below)

    assert spoken.refusal(reply) == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_405_in_its_words(service: Client, spoken: Spoken, method: str) -> None:
    reply = service.ask(method, spoken.path)

    assert spoken.refusal(reply) == 405
    assert "POST" in reply.headers["Allow"]


def test_a_slash_at_the_end_is_no_redirect(service: Client, cup: bytes, spoken: Spoken) -> None:
    assert spoken.send(service, cup, path=f"{spoken.path}/").status == 200


def test_chunked_bodies_are_read(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, spoken: Spoken
) -> None:
    options = [(name, "", value.encode()) for name, value in spoken.native.items()]
    body = form((spoken.file_field, '; filename="a"', cup), *options)

    reply = spoken.picture(service, posted(service, spoken, in_pieces(body)))

    assert (reply.rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize(
    "words",
    [
        "",
        '; filename="image_file"',
        '; filename="/home/somebody/a photo.jpg"',
        '; filename="a.gif"\r\nContent-Type: application/octet-stream',
        '; filename="a.jpg"\r\nContent-Type: image/jpg',
        '; filename="a.txt"\r\nContent-Type: text/plain',
    ],
    ids=["no name", "no suffix", "a path", "octets", "jpg for a PNG", "text"],
)
def test_neither_name_nor_type_of_a_part_matter(
    service: Client, cup: bytes, spoken: Spoken, words: str
) -> None:
    reply = posted(service, spoken, form((spoken.file_field, words, cup)))

    assert spoken.picture(service, reply).image("PNG").size == (300, 200)


def test_names_have_no_case_and_empty_fields_are_absent(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, spoken: Spoken
) -> None:
    names = {*spoken.native, *spoken.jpeg, *spoken.mask}
    options = [(name.upper(), "", value.encode()) for name, value in spoken.native.items()]
    empty = [(name, "", b"") for name in names]
    body = form(*empty, (spoken.file_field.upper(), '; filename="a"', cup), *options, *empty)

    reply = posted(service, spoken, body)

    assert (spoken.picture(service, reply).rgba_u8 == cup_rgba_u8).all()
    assert "X-Ignored-Fields" not in reply.headers


def test_of_a_repeated_field_the_last_value_counts_without_its_spaces(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, with_masks: Spoken
) -> None:
    ((name, value),) = with_masks.mask.items()
    parts = [(name, "", b"nonsense"), (name, "", f"  {value} ".encode()), (name, "", b"")]
    file = (with_masks.file_field, '; filename="a"', cup)

    reply = posted(service, with_masks, form(*parts, file))

    assert (with_masks.picture(service, reply).mask_u8 == cup_rgba_u8[..., 3]).all()


@pytest.mark.parametrize("way", ["plain", "data", "unpadded", "url-safe", "with white space"])
@pytest.mark.parametrize("kind", ["multipart", "urlencoded"])
def test_base64_in_every_spelling(
    service: Client, cup: bytes, with_text: Spoken, kind: str, way: str
) -> None:
    plain = base64.b64encode(cup).decode()
    text = {
        "plain": plain,
        "data": f"data:image/png;base64,{plain}",
        "unpadded": plain.rstrip("="),
        "url-safe": base64.urlsafe_b64encode(cup).decode(),
        "with white space": f"{plain[:100]}\r\n\t{plain[100:]}",
    }[way]
    name = str(with_text.text_field)
    if kind == "multipart":
        reply = posted(service, with_text, form((name, "", text.encode())))
    else:
        body = urlencode({name: text})
        reply = posted(service, with_text, body, "application/x-www-form-urlencoded")

    assert with_text.picture(service, reply).image("PNG").size == (300, 200)


def test_in_urlencoded_base64_a_space_stands_for_a_plus(
    service: Client, cup: bytes, with_text: Spoken
) -> None:
    text = base64.b64encode(cup).decode()
    assert "+" in text
    body = f"{with_text.text_field}={text}"

    reply = posted(service, with_text, body, "application/x-www-form-urlencoded")

    assert with_text.picture(service, reply).image("PNG").size == (300, 200)


def test_megabytes_of_base64_are_read(service: Client, with_text: Spoken) -> None:
    large = encoded(photo("coffee", 1500, 1000))
    body = urlencode({str(with_text.text_field): base64.b64encode(large).decode()})
    assert len(body) > 2 * 2**20

    reply = posted(service, with_text, body, "application/x-www-form-urlencoded")

    assert with_text.picture(service, reply).status == 200


@pytest.mark.parametrize("name", ["WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIC"])
def test_every_format_of_the_native_path_is_read(
    service: Client, cup_rgba_u8: Pixels, spoken: Spoken, name: str
) -> None:
    image = heic(photo()) if name == "HEIC" else encoded(photo(), name)
    reply = spoken.send(service, image)

    found_u8 = spoken.picture(service, reply).rgba_u8
    assert differs_on_average_by(found_u8[..., 3], cup_rgba_u8[..., 3]) < 8


def test_jpegs_lie_on_white(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, with_jpegs: Spoken
) -> None:
    accept = {} if with_jpegs.jpeg else {"Accept": "image/jpeg"}
    reply = with_jpegs.send(service, cup, data=dict(with_jpegs.jpeg), headers=accept)

    found_u8 = np.array(with_jpegs.picture(service, reply).image("JPEG"))
    assert differs_on_average_by(found_u8, over(cup_rgba_u8, WHITE)[..., :3]) < 2


def test_where_nothing_is_found(service: Client, grey: bytes, spoken: Spoken) -> None:
    reply = spoken.send(service, grey)

    if spoken.name == "removebg":
        assert spoken.refusal(reply) == 400
    else:
        assert reply.headers["X-Foreground-Found"] == "false"
        assert not spoken.picture(service, reply).rgba_u8[..., 3].any()


@pytest.mark.parametrize("image", ["good", "bad"])
def test_every_answer_has_its_id_and_is_not_stored(
    service: Client, cup: bytes, spoken: Spoken, image: str
) -> None:
    body = cup if image == "good" else b"no picture"
    reply = spoken.send(service, body, headers={"X-Request-Id": "my-own-id"})

    assert (reply.status == 200) == (image == "good")
    assert reply.request_id == "my-own-id"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Location" not in reply.headers


def within_a_minute(ask: Callable[[], list[Reply]]) -> list[Reply]:
    """Asks; once more where a minute of the clock has ended meanwhile."""
    while True:
        minute = time.time() // MINUTE_S
        replies = ask()
        if time.time() // MINUTE_S == minute:
            return replies


def test_the_rate_is_told_and_held(
    service: Client, commands: Commands, email: str, cup: bytes, spoken: Spoken
) -> None:
    def thrice() -> list[Reply]:
        key = commands.create_key(email, "--rate", "2/minute").key
        client = Client(service.url, key)
        return [spoken.send(client, cup) for _ in range(3)]

    replies = within_a_minute(thrice)

    assert [reply.status for reply in replies] == [200, 200, 429]
    limit, remaining, reset = PICSARTS_RATE if spoken.name == "picsart" else NATIVE_RATE
    assert [reply.headers[limit] for reply in replies] == ["2", "2", "2"]
    assert [reply.headers[remaining] for reply in replies] == ["1", "0", "0"]
    assert all(reply.headers[reset].isdecimal() for reply in replies)
    assert spoken.refusal(replies[-1]) == 429
    assert 1 <= int(replies[-1].headers["Retry-After"]) <= MINUTE_S + 1
