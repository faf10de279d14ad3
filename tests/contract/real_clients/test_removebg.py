"""removebg 0.04, which sends files as multipart and all else urlencoded."""

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client, opened
from tests.contract.pictures import Pixels, encoded, photo, plain
from tests.contract.real_clients.running import ClientRunner, Finished

pytestmark = pytest.mark.e2e

FILE = """
import sys
from removebg import RemoveBg
_, key, path, size, colour = sys.argv
client = RemoveBg(key, "errors.log")
client.remove_background_from_img_file(path, size=size, bg_color=colour or None)
"""
URL = """
import sys
from removebg import RemoveBg
_, key, url, size, colour = sys.argv
client = RemoveBg(key, "errors.log")
client.remove_background_from_img_url(url, size, "out.png", colour or None)
"""
BASE64 = """
import sys
from pathlib import Path
from removebg import RemoveBg
_, key, path, size, colour = sys.argv
client = RemoveBg(key, "errors.log")
text = Path(path).read_text()
client.remove_background_from_base64_img(text, size, "out.png", colour or None)
"""
ENDPOINT = "https://api.remove.bg/v1.0/removebg"
SMALL = (612, 408)
"""The large photo in 0.25 megapixels."""


def result(finished: Finished, file: Path, *formats: str) -> Image.Image:
    """The picture that a client has written, all of whose requests must have succeeded."""
    assert finished.exit_status == 0, finished.errors
    assert [(e.method, e.url, e.status) for e in finished.exchanges] == [("POST", ENDPOINT, 200)]
    return opened(file.read_bytes(), *formats)


def test_a_file_comes_back_beside_it(
    clients: ClientRunner, service: Client, jpeg_rgba_u8: Pixels
) -> None:
    finished = clients.code(FILE, service.key, "photo.jpg", "regular", "")
    image = result(finished, clients.folder / "photo.jpg_no_bg.png", "PNG")
    assert finished.exchanges[0].sent_type.startswith("multipart/form-data")
    assert image.mode == "RGBA"
    assert (np.array(image)[..., 3] == jpeg_rgba_u8[..., 3]).all()
    assert "X-Ignored-Fields" not in finished.exchanges[0].headers


@pytest.mark.parametrize(
    ("size", "size_px"), [("regular", SMALL), ("hd", (900, 600)), ("4k", (900, 600))]
)
def test_the_size_is_capped(
    clients: ClientRunner, service: Client, size: str, size_px: tuple[int, int]
) -> None:
    finished = clients.code(FILE, service.key, "large.jpg", size, "")
    image = result(finished, clients.folder / "large.jpg_no_bg.png", "PNG")
    assert image.size == size_px


def test_a_url_is_sent_urlencoded(clients: ClientRunner, service: Client, large_url: str) -> None:
    finished = clients.code(URL, service.key, large_url, "regular", "")
    image = result(finished, clients.folder / "out.png", "PNG")
    assert finished.exchanges[0].sent_type == "application/x-www-form-urlencoded"
    assert (image.mode, image.size) == ("RGBA", SMALL)


def test_base64_of_megabytes_is_sent_urlencoded(clients: ClientRunner, service: Client) -> None:
    text = base64.b64encode(encoded(photo("coffee", 1500, 1000)))
    assert len(text) > 2 * 2**20
    (clients.folder / "base64.txt").write_bytes(text)
    finished = clients.code(BASE64, service.key, "base64.txt", "regular", "")
    image = result(finished, clients.folder / "out.png", "PNG")
    assert finished.exchanges[0].sent_type == "application/x-www-form-urlencoded"
    assert (image.mode, image.size) == ("RGBA", SMALL)
    assert 0 < np.array(image)[..., 3].mean() < 255


@pytest.mark.parametrize("colour", ["red", "ff0000", "F00"])
def test_a_background_makes_it_a_jpeg_whatever_the_file_is_called(
    clients: ClientRunner, service: Client, colour: str
) -> None:
    finished = clients.code(FILE, service.key, "photo.jpg", "regular", colour)
    image = result(finished, clients.folder / "photo.jpg_no_bg.png", "JPEG")
    corner = np.array(image)[:4, :4].mean(axis=(0, 1))
    assert np.abs(corner - (255, 0, 0)).max() < 8


def test_a_bad_key_is_403(clients: ClientRunner) -> None:
    finished = clients.code(FILE, "wrong", "photo.jpg", "regular", "")
    assert finished.exit_status == 1
    assert "HTTPError: 403" in finished.errors
    assert finished.statuses == [403]
    assert not (clients.folder / "photo.jpg_no_bg.png").exists()


@pytest.mark.parametrize(("size", "colour"), [("regular", "no-colour"), ("huge", "")])
def test_a_bad_option_is_400(
    clients: ClientRunner, service: Client, size: str, colour: str
) -> None:
    finished = clients.code(FILE, service.key, "photo.jpg", size, colour)
    assert finished.exit_status == 1
    assert "HTTPError: 400" in finished.errors
    assert finished.statuses == [400]


def test_a_picture_of_nothing_is_400(clients: ClientRunner, service: Client) -> None:
    (clients.folder / "grey.png").write_bytes(encoded(plain()))
    finished = clients.code(FILE, service.key, "grey.png", "regular", "")
    assert "HTTPError: 400" in finished.errors


def test_it_is_served_after_the_rate_limit_has_refused_it(
    clients: ClientRunner,
    service: Client,
    with_spent_key: Callable[[Callable[[str], Finished]], Finished],
) -> None:
    finished = with_spent_key(lambda key: clients.code(FILE, key, "photo.jpg", "regular", ""))
    assert "HTTPError: 429" in finished.errors
    assert int(finished.exchanges[0].headers["Retry-After"]) >= 1
    again = clients.code(FILE, service.key, "photo.jpg", "regular", "")
    result(again, clients.folder / "photo.jpg_no_bg.png", "PNG")


def test_its_endpoint_may_be_set_instead(clients: ClientRunner, service: Client) -> None:
    endpoint = f"{service.url}/v1.0/removebg"
    program = f"import removebg.removebg\nremovebg.removebg.API_ENDPOINT = {endpoint!r}\n{FILE}"
    finished = clients.code(program, service.key, "photo.jpg", "regular", "")
    assert finished.exit_status == 0, finished.errors
    assert finished.exchanges[0].url == endpoint
