import io
import os
import threading
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from mattebox.client.api_errors import ImageTooLargeError
from mattebox.client.sources import MAX_IMAGE_BYTES, read_image, read_image_on_a_thread


class Endless(io.RawIOBase):
    """Gives zeros for ever, and counts them."""

    def __init__(self) -> None:
        self.given_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        self.given_bytes += len(buffer)
        return len(buffer)


class Dripping(io.BytesIO):
    """Gives a byte at a time, as pipes may."""

    def read(self, _: int | None = -1) -> bytes:
        return super().read(1)


def test_bytes_paths_and_files_are_the_same_image(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(b"image")

    for source in (b"image", bytearray(b"image"), memoryview(b"image"), path, Dripping(b"image")):
        assert read_image(source) == b"image"
    with path.open("rb") as stream:
        assert read_image(stream) == b"image"
        assert not stream.closed


def test_an_open_file_is_read_from_where_it_stands() -> None:
    stream = io.BytesIO(b"head image")
    stream.seek(5)

    assert read_image(stream) == b"image"


def test_a_pipe_is_read_to_its_end() -> None:
    reading, writing = os.pipe()

    def write() -> None:
        os.write(writing, bytes(1000))
        os.close(writing)

    writer = threading.Thread(target=write)
    writer.start()
    with open(reading, "rb") as stream:  # noqa: PTH123  a descriptor has no path
        assert read_image(stream) == bytes(1000)
    writer.join()


def test_the_largest_image_is_read_and_not_a_byte_more() -> None:
    assert len(read_image(io.BytesIO(bytes(MAX_IMAGE_BYTES)))) == MAX_IMAGE_BYTES
    for source in (io.BytesIO(bytes(MAX_IMAGE_BYTES + 1)), bytes(MAX_IMAGE_BYTES + 1)):
        with pytest.raises(ImageTooLargeError, match=r"image too large \(>30 MB\)"):
            read_image(source)


def test_what_does_not_end_is_not_read_for_ever() -> None:
    endless = Endless()

    with pytest.raises(ImageTooLargeError):
        read_image(cast("BinaryIO", endless))
    assert endless.given_bytes == MAX_IMAGE_BYTES + 1


@pytest.mark.parametrize("source", ["cup.jpg", None, 3])
def test_what_is_no_image_says_what_one_is(source: object) -> None:
    with pytest.raises(TypeError, match=r"an image is bytes, a pathlib\.Path or a file"):
        read_image(cast("bytes", source))


def test_a_file_of_text_says_how_to_open_it() -> None:
    with pytest.raises(TypeError, match="'rb'"):
        read_image(cast("BinaryIO", io.StringIO("text")))


async def test_files_are_read_on_another_thread() -> None:
    threads = []

    class Noting(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            threads.append(threading.current_thread())
            return super().read(size)

    assert await read_image_on_a_thread(Noting(b"image")) == b"image"
    assert threading.current_thread() not in threads
    assert await read_image_on_a_thread(b"image") == b"image"
