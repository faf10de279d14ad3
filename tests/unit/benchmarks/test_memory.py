"""The requests among which memory must not grow."""

import io
import re

from benchmarks.load.client import Service
from benchmarks.memory import mixed_bodies
from PIL import Image

SERVICE = Service("http://127.0.0.1:1", "/v2", "image_file")


def parts(body: bytes) -> tuple[str, str]:
    """Reads the format of the file and that of the answer."""
    answer = re.search(rb'name="format"\r\n\r\n(\w+)\r\n', body)
    file = re.search(
        rb'filename="picture"\r\n\r\n(.*)\r\n--mattebox-benchmark--\r\n', body, re.DOTALL
    )
    assert answer is not None
    assert file is not None
    with Image.open(io.BytesIO(file[1])) as picture:
        return str(picture.format), answer[1].decode()


def test_small_pictures_come_in_all_formats_and_large_ones_as_jpeg() -> None:
    found = [parts(body) for body in mixed_bodies(SERVICE, (0.02, 0.05, 3.1))]
    files = [file for file, _ in found]
    assert sorted(files) == sorted(["BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP"] * 2 + ["JPEG"])
    assert {answer for _, answer in found} == {"png", "jpg", "webp", "tiff", "gif"}
    assert len({answer for file, answer in found if file == "WEBP"}) == 2


def test_requests_are_the_same_each_time() -> None:
    assert mixed_bodies(SERVICE, (0.02,)) == mixed_bodies(SERVICE, (0.02,))
