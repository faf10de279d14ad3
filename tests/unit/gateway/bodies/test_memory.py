"""Bodies are held as often as is said, and freed without help from the garbage collector."""

import base64
import tracemalloc
from urllib.parse import urlencode

import pytest

from gateway.bodies.base64_text import image_of_text
from gateway.bodies.kind import copies
from gateway.bodies.submission import ImageText, Submission
from gateway.settings import CONTRACT_IMAGE_BYTES
from tests.unit.gateway.bodies.served_reader import served_reader
from tests.waiting import until

MULTIPART = "multipart/form-data; boundary=b"
URLENCODED = "application/x-www-form-urlencoded"
JSON = "application/json"
PIECE = bytes(range(256))
IMAGE = PIECE * (12 * 4096)
TEXT = base64.b64encode(IMAGE)
SMALL_TEXT = base64.b64encode(PIECE * (3 * 4096))


async def use(submission: Submission) -> None:
    """Decodes the image, as handlers do."""
    source = submission.take_source()
    if isinstance(source, ImageText):
        await image_of_text(source, CONTRACT_IMAGE_BYTES)


def part(name: str, content: bytes) -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n"


@pytest.mark.usefixtures("counted_memory")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (MULTIPART, part("image_file", IMAGE) + b"--b--"),
        (MULTIPART, part("image_base64", TEXT) + b"--b--"),
        (URLENCODED, b"image_base64=" + TEXT),
        (URLENCODED, urlencode({"image_base64": TEXT}).encode()),
        (JSON, b'{"image":"' + TEXT + b'"}'),
        (JSON, b'{"image":"' + TEXT.replace(b"/", rb"\/").replace(b"+", rb"\u002b") + b'"}'),
        ("image/png", IMAGE),
    ],
    ids=["file", "form", "unescaped", "escaped", "json", "escaped json", "raw"],
)
async def test_reading_and_decoding_hold_no_more_copies_than_is_said(
    content_type: str, body: bytes
) -> None:
    async with served_reader(use=use) as reader:
        before_bytes, _ = tracemalloc.get_traced_memory()
        answer = await reader.submit(body, content_type)
        _, peak_bytes = tracemalloc.get_traced_memory()

    assert isinstance(answer, Submission)
    assert peak_bytes - before_bytes <= copies(answer.kind) * len(body)


@pytest.mark.usefixtures("counted_memory")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (MULTIPART, part("image_file", IMAGE) + b"--b--"),
        (MULTIPART, part("image_base64", TEXT) + b"--b--"),
        (JSON, b'{"image":"' + TEXT + b'"}'),
        ("image/png", IMAGE),
    ],
    ids=["file", "form", "json", "raw"],
)
async def test_bodies_of_unknown_length_hold_no_more_copies(content_type: str, body: bytes) -> None:
    framed = b"".join(
        b"%x\r\n%b\r\n" % (len(piece), piece)
        for piece in (*(body[at : at + 65536] for at in range(0, len(body), 65536)), b"")
    )
    lines = {"Content-Type": content_type, "Transfer-Encoding": "chunked"}
    async with served_reader(use=use) as reader:
        before_bytes, _ = tracemalloc.get_traced_memory()
        answer = await reader.exchange(lines, framed)
        _, peak_bytes = tracemalloc.get_traced_memory()

    assert isinstance(answer, Submission)
    assert peak_bytes - before_bytes <= copies(answer.kind) * len(body)


@pytest.mark.usefixtures("counted_memory")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (MULTIPART, part("image_file", SMALL_TEXT) + b"--b--"),
        (MULTIPART, part("image_file", SMALL_TEXT)),
        (MULTIPART, part("image_base64", SMALL_TEXT + b"*") + b"--b--"),
        (MULTIPART, part("image_base64", SMALL_TEXT) + part("image_url", b"a")),
        (URLENCODED, b"image_base64=" + SMALL_TEXT),
        (URLENCODED, b"image_base64=*" + SMALL_TEXT),
        (URLENCODED, b"image_base64=" + SMALL_TEXT + b"&image_url=a"),
        (URLENCODED, b"note=" + SMALL_TEXT),
        (JSON, b'{"image":"' + SMALL_TEXT + b'"}'),
        (JSON, b'{"image":"' + SMALL_TEXT + b'*"}'),
        (JSON, b'{"image":"' + SMALL_TEXT + b'","image_url":"a"}'),
        (JSON, b'{"image":"' + SMALL_TEXT),
        (JSON, b'{"image":"' + SMALL_TEXT + b'",}'),
        (JSON, b'{"note":"' + SMALL_TEXT + b'"}'),
        ("image/png", SMALL_TEXT),
    ],
)
async def test_a_body_is_freed_whether_it_was_good_or_bad(content_type: str, body: bytes) -> None:
    async with served_reader(use=use) as reader:
        before_bytes, _ = tracemalloc.get_traced_memory()
        await reader.submit(body, content_type)

        await until(
            lambda: tracemalloc.get_traced_memory()[0] < before_bytes + len(SMALL_TEXT) // 2
        )
