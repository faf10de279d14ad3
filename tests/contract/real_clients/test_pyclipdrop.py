"""pyclipdrop 1.0.1, whose parts have types such as `image/jpg` and paths as their names."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client, opened
from tests.contract.pictures import Pixels, differs_on_average_by, encoded, photo
from tests.contract.real_clients.running import ClientRunner, Finished

pytestmark = pytest.mark.e2e

REMOVE = """
import sys
from pyclipdrop import ClipdropClient
_, key, source, handling, output = sys.argv
ClipdropClient(key).remove_background(source, handling or None, output)
"""
HANDLINGS = ["", "return_input_if_non_opaque", "discard_alpha_layer"]
PILLOW = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}


def removed(
    clients: ClientRunner, key: str, source: str, handling: str = "", output: str = "out.png"
) -> tuple[Finished, bytes]:
    """Runs the client, which must be served; returns what it has written too."""
    finished = clients.code(REMOVE, key, source, handling, output)
    assert finished.exit_status == 0, finished.errors
    (exchange,) = finished.exchanges
    assert (exchange.method, exchange.path) == ("POST", "/remove-background/v1")
    assert exchange.status == 200
    assert exchange.headers["Content-Type"] == "image/png"
    assert int(exchange.headers["x-remaining-credits"]) == 1_000_000
    assert int(exchange.headers["x-credits-consumed"]) == 0
    return finished, (clients.folder / output).read_bytes()


def refused(finished: Finished) -> str:
    """Status and text of an answer that the client took for what it is."""
    assert finished.exit_status == 1
    said = finished.errors.splitlines()[-1]
    name = "pyclipdrop.exceptions.APIRequestError: "
    assert said.startswith(name)
    (status,) = finished.statuses
    text = said.removeprefix(name + "The request to the Clipdrop API failed: ")
    return f"{status} {text}"


@pytest.mark.parametrize("suffix", PILLOW)
def test_a_file_keeps_its_size_and_comes_back_as_a_png(
    clients: ClientRunner, service: Client, suffix: str
) -> None:
    large = encoded(photo("coffee", 900, 600), PILLOW[suffix], quality=95)
    (clients.folder / f"large.{suffix}").write_bytes(large)
    # It sends `*/*` whatever the output is called.
    _, body = removed(clients, service.key, f"large.{suffix}", output="out.webp")
    image = opened(body, "PNG")
    assert (image.mode, image.size) == ("RGBA", (900, 600))
    assert np.array(image)[..., 3].max() == 255
    assert np.array(image)[..., 3].min() == 0


def test_a_path_as_a_file_name(clients: ClientRunner, service: Client) -> None:
    _, body = removed(clients, service.key, str(clients.folder / "photo.jpg"))
    assert opened(body, "PNG").size == (300, 200)


def test_a_url_which_the_client_fetches(
    clients: ClientRunner, service: Client, large_url: str
) -> None:
    _, body = removed(clients, service.key, large_url)
    assert opened(body, "PNG").size == (900, 600)


@pytest.mark.parametrize("handling", HANDLINGS)
def test_an_opaque_input_is_cut_out(
    clients: ClientRunner, service: Client, cup: bytes, cup_rgba_u8: Pixels, handling: str
) -> None:
    (clients.folder / "cup.png").write_bytes(cup)
    _, body = removed(clients, service.key, "cup.png", handling)
    assert (np.array(opened(body, "PNG")) == cup_rgba_u8).all()


@pytest.mark.parametrize("handling", HANDLINGS[:2])
def test_a_transparent_png_comes_back_as_it_was(
    clients: ClientRunner, service: Client, half_seen: Image.Image, handling: str
) -> None:
    sent = encoded(half_seen)
    (clients.folder / "half.png").write_bytes(sent)
    _, body = removed(clients, service.key, "half.png", handling)
    assert body == sent


def test_another_transparent_input_comes_back_in_its_pixels(
    clients: ClientRunner, service: Client, half_seen: Image.Image
) -> None:
    sent = encoded(half_seen, "WEBP", lossless=True, exact=True)
    (clients.folder / "half.webp").write_bytes(sent)
    _, body = removed(clients, service.key, "half.webp")
    found_u8, wanted_u8 = np.array(opened(body, "PNG")), np.array(half_seen)
    seen = wanted_u8[..., 3] > 0
    assert (found_u8[..., 3] == wanted_u8[..., 3]).all()
    assert (found_u8[seen] == wanted_u8[seen]).all()


def test_the_alpha_of_a_transparent_input_may_be_discarded(
    clients: ClientRunner, service: Client, half_seen: Image.Image, cup_rgba_u8: Pixels
) -> None:
    (clients.folder / "half.png").write_bytes(encoded(half_seen))
    _, body = removed(clients, service.key, "half.png", "discard_alpha_layer")
    image_u8 = np.array(opened(body, "PNG"))
    # The colours under the alpha are those of the opaque photo.
    assert differs_on_average_by(image_u8, cup_rgba_u8) < 0.5
    assert image_u8[:, :150, 3].max() == 255


def test_a_bad_key(clients: ClientRunner) -> None:
    finished = clients.code(REMOVE, "wrong", "photo.jpg", "", "out.png")
    assert refused(finished) == "403 Invalid or revoked api key"
    assert not (clients.folder / "out.png").exists()


def test_an_unreadable_file(clients: ClientRunner, service: Client) -> None:
    (clients.folder / "text.png").write_bytes(b"no picture")
    said = refused(clients.code(REMOVE, service.key, "text.png", "", "out.png"))
    assert said.startswith("400 ")
    assert len(said) > len("400 ")
    assert "No error message" not in said


def test_it_is_served_after_the_rate_limit_has_refused_it(
    clients: ClientRunner,
    service: Client,
    with_spent_key: Callable[[Callable[[str], Finished]], Finished],
) -> None:
    def client(key: str) -> Finished:
        return clients.code(REMOVE, key, "photo.jpg", "", "out.png")

    finished = with_spent_key(client)
    assert refused(finished) == "429 Too many requests"
    assert int(finished.exchanges[0].headers["Retry-After"]) >= 1
    removed(clients, service.key, "photo.jpg")


def test_its_base_url_may_be_set_instead(clients: ClientRunner, service: Client) -> None:
    arguments = (service.key, "photo.jpg", "", "out.png")
    finished = clients.code(REMOVE, *arguments, BASE_URL=service.url)
    assert finished.exit_status == 0, finished.errors
    assert finished.exchanges[0].url == f"{service.url}/remove-background/v1"
    assert opened((clients.folder / "out.png").read_bytes(), "PNG").size == (300, 200)
