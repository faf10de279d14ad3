"""remove-bg-api 0.2.1, which asks for the account first and counts what it is charged."""

import base64
import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client, opened
from tests.contract.pictures import (
    Pixels,
    crop_box,
    encoded,
    photo,
    plain,
)
from tests.contract.real_clients.running import ClientRunner, Finished

pytestmark = pytest.mark.e2e

REMOVE = """
import json, sys
from pathlib import Path
from remove_bg_api import RemoveBg
_, key, method, source, size, data = sys.argv
client = RemoveBg(key)
before = client.account.balance()
given = Path(source).read_bytes() if method == "remove_bg_bytes" else source
if method == "remove_bg_base64":
    given = Path(source).read_text()
answer = getattr(client, method)(given, size=size, data=json.loads(data))
Path("out").write_bytes(answer)
print(before, client.account.balance())
"""
ACCOUNT = """
import json, sys
from remove_bg_api import RemoveBg
account = RemoveBg(sys.argv[1]).account
print(json.dumps([account.get_all_info(), account.get_balance_dict(), account.free_api_calls()]))
"""
LATER = """
import sys
from remove_bg_api import Errors, RemoveBg
_, spent, good = sys.argv
client = RemoveBg(good)
client.change_api_key(spent)
try:
    client.remove_bg_file("photo.jpg")
except Errors.ApiErrorCode429:
    client.change_api_key(good)
    client.remove_bg_file("photo.jpg", out_path="out", raw=False)
"""
NEUTRAL = "null"
SMALL = (612, 408)


@pytest.fixture
def base64_file(clients: ClientRunner) -> str:
    (clients.folder / "base64.txt").write_bytes(
        base64.b64encode(encoded(photo("coffee", 1500, 1000)))
    )
    return "base64.txt"


def result(clients: ClientRunner, finished: Finished, *formats: str) -> Image.Image:
    assert finished.said.split() == ["1000000", "1000000"]
    assert [(e.method, e.path, e.status) for e in finished.exchanges] == [
        ("GET", "/v1.0/account", 200),
        ("POST", "/v1.0/removebg", 200),
    ]
    return opened((clients.folder / "out").read_bytes(), *formats)


@pytest.mark.parametrize("method", ["remove_bg_file", "remove_bg_bytes"])
@pytest.mark.parametrize(("size", "size_px"), [("preview", SMALL), ("full", (900, 600))])
def test_files_and_bytes(
    clients: ClientRunner, service: Client, method: str, size: str, size_px: tuple[int, int]
) -> None:
    finished = clients.code(REMOVE, service.key, method, "large.jpg", size, NEUTRAL)
    image = result(clients, finished, "PNG")
    assert (image.mode, image.size) == ("RGBA", size_px)
    assert 0 < np.array(image)[..., 3].mean() < 255


def test_a_url(clients: ClientRunner, service: Client, large_url: str) -> None:
    finished = clients.code(REMOVE, service.key, "remove_bg_url", large_url, "preview", NEUTRAL)
    image = result(clients, finished, "PNG")
    assert (image.mode, image.size) == ("RGBA", SMALL)
    assert finished.exchanges[1].sent_type == "application/x-www-form-urlencoded"


def test_base64(clients: ClientRunner, service: Client, base64_file: str) -> None:
    method = "remove_bg_base64"
    finished = clients.code(REMOVE, service.key, method, base64_file, "preview", NEUTRAL)
    image = result(clients, finished, "PNG")
    assert (image.mode, image.size) == ("RGBA", SMALL)
    assert finished.exchanges[1].sent_type == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("data", "image_format", "mode"),
    [
        ({"format": "png"}, "PNG", "RGBA"),
        ({"format": "jpg"}, "JPEG", "RGB"),
        ({"format": "webp"}, "WEBP", "RGBA"),
        ({"format": "auto", "bg_color": "0000ff"}, "JPEG", "RGB"),
        ({"channels": "alpha"}, "PNG", "L"),
    ],
    ids=str,
)
def test_its_options_make_the_formats(
    clients: ClientRunner, service: Client, data: dict[str, str], image_format: str, mode: str
) -> None:
    given = json.dumps(data | {"size": "full"})
    finished = clients.code(REMOVE, service.key, "remove_bg_file", "photo.jpg", "", given)
    image = result(clients, finished, image_format)
    assert (image.mode, image.size) == (mode, (300, 200))


def test_a_zip_holds_two_pictures_of_one_size(
    clients: ClientRunner, service: Client, jpeg_rgba_u8: Pixels
) -> None:
    data = json.dumps({"format": "zip", "size": "full"})
    finished = clients.code(REMOVE, service.key, "remove_bg_file", "photo.jpg", "", data)
    assert finished.exit_status == 0, finished.errors
    with zipfile.ZipFile(io.BytesIO((clients.folder / "out").read_bytes())) as archive:
        assert sorted(archive.namelist()) == ["alpha.png", "color.jpg"]
        color = opened(archive.read("color.jpg"), "JPEG")
        alpha = opened(archive.read("alpha.png"), "PNG")
    assert (color.mode, alpha.mode) == ("RGB", "L")
    assert color.size == alpha.size == (300, 200)
    assert (np.array(alpha) == jpeg_rgba_u8[..., 3]).all()


def test_crop_leaves_the_subject(
    clients: ClientRunner, service: Client, jpeg_rgba_u8: Pixels
) -> None:
    data = json.dumps({"format": "png", "size": "full", "crop": True})
    finished = clients.code(REMOVE, service.key, "remove_bg_file", "photo.jpg", "", data)
    image = result(clients, finished, "PNG")
    rows, columns = crop_box(jpeg_rgba_u8[..., 3])
    wanted = (columns.stop - columns.start, rows.stop - rows.start)
    assert np.abs(np.subtract(image.size, wanted)).max() <= 6


def test_the_account(clients: ClientRunner, service: Client) -> None:
    everything, credits_told, free_calls = json.loads(clients.code(ACCOUNT, service.key).said)
    assert everything == {
        "data": {
            "attributes": {
                "credits": {"total": 1000000, "subscription": 1000000, "payg": 0, "enterprise": 0},
                "api": {"free_calls": 0, "sizes": "all"},
            }
        }
    }
    assert credits_told == everything["data"]["attributes"]["credits"]
    assert free_calls == 0


def test_a_bad_key_is_told_by_the_constructor(clients: ClientRunner) -> None:
    finished = clients.code(ACCOUNT, "wrong")
    assert "ApiErrorCode403" in finished.errors
    assert finished.statuses == [403]


@pytest.mark.parametrize(
    "data",
    [{"size": "huge"}, {"format": "gif"}, {"roi": "1 2 3"}, {"channels": "red"}],
    ids=lambda data: next(iter(data)),
)
def test_a_bad_option_is_400(clients: ClientRunner, service: Client, data: dict[str, str]) -> None:
    given = json.dumps(data)
    finished = clients.code(REMOVE, service.key, "remove_bg_file", "photo.jpg", "", given)
    assert "ApiErrorCode400" in finished.errors
    assert finished.statuses == [200, 400]


@pytest.mark.parametrize("name", ["nothing.png", "text.jpg"])
def test_a_picture_without_a_subject_and_none_at_all_are_400(
    clients: ClientRunner, service: Client, name: str
) -> None:
    body = encoded(plain()) if name == "nothing.png" else b"no picture"
    (clients.folder / name).write_bytes(body)
    finished = clients.code(REMOVE, service.key, "remove_bg_file", name, "preview", NEUTRAL)
    assert "ApiErrorCode400" in finished.errors
    assert finished.statuses == [200, 400]


def test_it_is_served_after_the_rate_limit_has_refused_it(
    clients: ClientRunner,
    service: Client,
    with_spent_key: Callable[[Callable[[str], Finished]], Finished],
) -> None:
    finished = with_spent_key(lambda key: clients.code(LATER, key, service.key))
    assert finished.exit_status == 0, finished.errors
    assert finished.statuses == [200, 429, 200]
    opened((clients.folder / "out").read_bytes(), "PNG")
