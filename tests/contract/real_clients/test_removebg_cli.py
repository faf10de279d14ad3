"""removebg-cli 1.0.0, a command that tries again and asks for the account after each picture."""

import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from tests.contract.client import Client, opened
from tests.contract.pictures import Pixels, crop_box
from tests.contract.real_clients.running import ClientRunner, Finished

pytestmark = pytest.mark.e2e

WAITING = """
import json, os, sys, time
import requests.adapters, removebg_cli

waits, send = [], requests.adapters.HTTPAdapter.send

def until_it_waits(adapter, request, **options):
    if not waits:
        request.headers["X-Api-Key"] = os.environ["SPENT_KEY"]
    return send(adapter, request, **options)

if "SPENT_KEY" in os.environ:
    requests.adapters.HTTPAdapter.send = until_it_waits
time.sleep = waits.append
try:
    removebg_cli.main()
finally:
    print(json.dumps(waits))
"""
"""Runs the command with a key that is good for something once the command has waited.

No time passes meanwhile: it prints last what it would have waited, in seconds.
"""


def removed(clients: ClientRunner, key: str, *arguments: str) -> Finished:
    """Runs the command; where it ended well, the account was asked for after the picture."""
    finished = clients.command("removebg", *arguments, REMOVE_BG_API_KEY=key)
    if finished.exit_status == 0:
        assert [(e.method, e.path, e.status) for e in finished.exchanges] == [
            ("POST", "/v1.0/removebg", 200),
            ("GET", "/v1.0/account", 200),
        ]
    return finished


def test_a_file_comes_back_beside_it(
    clients: ClientRunner, service: Client, jpeg_rgba_u8: Pixels
) -> None:
    said = removed(clients, service.key, "photo.jpg").said
    image = opened((clients.folder / "photo-nobg.png").read_bytes(), "PNG")
    assert (image.mode, image.size) == ("RGBA", (300, 200))
    assert (np.array(image)[..., 3] == jpeg_rgba_u8[..., 3]).all()
    assert "0 credits" in said
    assert "额度不足" not in said  # "few credits are left"


def test_a_url(clients: ClientRunner, service: Client, large_url: str) -> None:
    assert removed(clients, service.key, large_url).said
    image = opened((clients.folder / "large-nobg.png").read_bytes(), "PNG")
    assert (image.mode, image.size) == ("RGBA", (900, 600))


@pytest.mark.parametrize(
    ("image_format", "written", "mode"),
    [("png", "PNG", "RGBA"), ("jpg", "JPEG", "RGB"), ("webp", "WEBP", "RGBA")],
)
def test_the_formats(
    clients: ClientRunner, service: Client, image_format: str, written: str, mode: str
) -> None:
    assert removed(clients, service.key, "photo.jpg", "-f", image_format, "-o", "out").said
    image = opened((clients.folder / "out").read_bytes(), written)
    assert (image.mode, image.size) == (mode, (300, 200))


def test_a_zip(clients: ClientRunner, service: Client, jpeg_rgba_u8: Pixels) -> None:
    assert removed(clients, service.key, "photo.jpg", "-f", "zip").said
    with zipfile.ZipFile(io.BytesIO((clients.folder / "photo-nobg.zip").read_bytes())) as archive:
        assert sorted(archive.namelist()) == ["alpha.png", "color.jpg"]
        alpha = opened(archive.read("alpha.png"), "PNG")
        color = opened(archive.read("color.jpg"), "JPEG")
    assert color.size == alpha.size == (300, 200)
    assert (np.array(alpha) == jpeg_rgba_u8[..., 3]).all()


@pytest.mark.parametrize(
    ("size", "size_px"),
    [("preview", (612, 408)), ("auto", (900, 600)), ("full", (900, 600)), ("50MP", (900, 600))],
)
def test_the_sizes(
    clients: ClientRunner, service: Client, size: str, size_px: tuple[int, int]
) -> None:
    assert removed(clients, service.key, "large.jpg", "-s", size, "-o", "out.png").said
    assert opened((clients.folder / "out.png").read_bytes(), "PNG").size == size_px


def test_a_cropped_subject_on_a_colour(
    clients: ClientRunner, service: Client, jpeg_rgba_u8: Pixels
) -> None:
    finished = removed(clients, service.key, "photo.jpg", "-c", "-b", "white", "--shadow")
    assert finished.said
    image = opened((clients.folder / "photo-nobg.png").read_bytes(), "PNG")
    rows, columns = crop_box(jpeg_rgba_u8[..., 3])
    wanted = (columns.stop - columns.start, rows.stop - rows.start)
    assert np.abs(np.subtract(image.size, wanted)).max() <= 6
    assert np.array(image.convert("RGBA"))[..., 3].min() == 255
    # Only cars have this shadow, and the command never says that it is one.
    assert "add_shadow" in finished.exchanges[0].headers["X-Ignored-Fields"]


def test_the_account(clients: ClientRunner, service: Client) -> None:
    finished = clients.command("removebg", "--account", REMOVE_BG_API_KEY=service.key)
    assert "1000000" in finished.said
    assert finished.statuses == [200]


@pytest.mark.parametrize("arguments", [("photo.jpg",), ("--account",)])
def test_a_bad_key_ends_it_with_status_1(clients: ClientRunner, arguments: tuple[str, ...]) -> None:
    finished = removed(clients, "wrong", *arguments)
    assert finished.exit_status == 1
    assert finished.statuses == [403]
    assert not (clients.folder / "photo-nobg.png").exists()


def test_it_says_why_a_key_is_bad(clients: ClientRunner) -> None:
    assert "API错误 [403]: API Key invalid" in removed(clients, "wrong", "photo.jpg").output


def test_a_bad_colour_ends_it_with_status_1(clients: ClientRunner, service: Client) -> None:
    finished = removed(clients, service.key, "photo.jpg", "-b", "no-colour")
    assert finished.exit_status == 1
    assert "[400]: Invalid bg_color parameter given" in finished.output
    assert finished.statuses == [400]


def test_it_waits_as_told_by_the_rate_limit_and_is_served(
    clients: ClientRunner,
    service: Client,
    with_spent_key: Callable[[Callable[[str], Finished]], Finished],
) -> None:
    def command(spent: str) -> Finished:
        keys = {"REMOVE_BG_API_KEY": service.key, "SPENT_KEY": spent}
        return clients.code(WAITING, "photo.jpg", **keys)

    finished = with_spent_key(command)
    (waited_s,) = json.loads(finished.said.splitlines()[-1])
    assert finished.statuses == [429, 200, 200]
    assert waited_s == int(finished.exchanges[0].headers["Retry-After"]) >= 1
    assert opened((clients.folder / "photo-nobg.png").read_bytes(), "PNG").size == (300, 200)


def test_it_tries_thrice_where_nothing_is_served(
    clients: ClientRunner, lonely_gateway: Client
) -> None:
    lonely = ClientRunner(lonely_gateway.url, clients.folder)
    finished = lonely.code(WAITING, "photo.jpg", REMOVE_BG_API_KEY=lonely_gateway.key)
    assert finished.exit_status == 1
    assert finished.statuses == [503, 503, 503]
    assert json.loads(finished.output.splitlines()[-1]) == [1, 2]
