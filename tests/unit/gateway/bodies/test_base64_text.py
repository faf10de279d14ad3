import asyncio
import base64
import os
import threading

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.bodies.base64_text import (
    MAX_PREFIX_BYTES,
    PIECE_BYTES,
    decode_image,
    image_of_text,
)
from gateway.bodies.off_loop import INLINE_BYTES
from gateway.bodies.submission import ImageText
from gateway.errors import ApiError, ImageTooLargeError, InvalidBase64Error

LIMIT = 10**9
images = st.binary(min_size=1, max_size=200)
blanks = st.lists(
    st.sampled_from([b"", b"", b" ", b"\n", b"\r\n", b"\t", b"\f", b"\v"]), min_size=1
)


def decoded(text: bytes, limit_bytes: int = LIMIT) -> bytes:
    return decode_image(ImageText("image_base64", text), limit_bytes)


@given(images, blanks, st.booleans(), st.integers(0, 2))
def test_what_was_encoded_is_decoded_however_it_is_written(
    image: bytes, gaps: list[bytes], url_safe: bool, padding_taken: int
) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    text = encode(image)
    for _ in range(padding_taken):
        text = text.removesuffix(b"=")
    spread = b"".join(
        gaps[index % len(gaps)] + text[index : index + 1] for index in range(len(text))
    )

    assert decoded(spread + gaps[0]) == image
    assert decoded(b"data:image/png;base64," + spread) == image


@given(st.binary(max_size=60) | st.text("AQ=-+_/ \n,:;%data", max_size=40).map(str.encode))
@example(b"=")
@example(b"A===")
@example(b"QQ==QQ==")
@example(b"data:;base64,QQ==")
def test_nothing_but_the_right_bytes_or_the_right_error_comes_of_any_text(text: bytes) -> None:
    try:
        image = decoded(text, 20)
    except ApiError as error:
        assert isinstance(error, InvalidBase64Error | ImageTooLargeError)  # noqa: PT017
    else:
        characters = text.rpartition(b",")[2].translate(None, b" \t\r\n\v\f").rstrip(b"=")
        assert (
            base64.urlsafe_b64encode(image).rstrip(b"=")[:-1]
            == characters.translate(bytes.maketrans(b"+/", b"-_"))[:-1]
        )


@pytest.mark.parametrize(
    "text",
    [
        b"aGk=",
        b"aGk",
        b" a G\r\nk\t=\n",
        b"data:image/jpeg;base64,aGk=",
        b"data:image/jpeg;charset=utf-8;name=a.jpg;base64,aGk=",
        b"DATA:;BASE64,aGk",
        b"\n data:image/png; base64 ,\naGk=",
    ],
)
def test_usual_spellings_are_read(text: bytes) -> None:
    assert decoded(text) == b"hi"


def test_both_alphabets_may_be_mixed() -> None:
    assert decoded(b"+-_/") == decoded(b"++//") == base64.b64decode("++//")


@pytest.mark.parametrize(
    "text",
    [
        b"not base64!",
        b"aGk*",
        b"aGk%3D",
        "aGkü".encode(),
        b"aGk\0",
        b"aGk==",
        b"aG=k",
        b"=aGk",
        b"aGk=aGk=",
        b"aGkga",
        b"a",
        b"====",
        b"=",
        b"",
        b" \n",
        b"data:image/png;base64,",
        b"data:image/png;base64, \n",
        b"data:image/png,aGk=",
        b"data:image/png;base64",
        b"data:base64,aGk=",
        b"image/png;base64,aGk=",
        b"data:;base64,data:;base64,aGk=",
        b'\\"aGk',
    ],
)
def test_what_is_no_base64_of_anything_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidBase64Error, match=r"^image_base64 is not valid base64\.$"):
        decoded(text)


def test_the_error_names_the_field() -> None:
    with pytest.raises(InvalidBase64Error, match=r"^image is not"):
        decode_image(ImageText("image", b"*"), LIMIT)


@pytest.mark.parametrize("size_bytes", [10, 11, 12])
@pytest.mark.parametrize("prefix", [b"", b"data:;base64,"])
def test_the_image_has_a_limit_that_the_text_has_not(size_bytes: int, prefix: bytes) -> None:
    text = prefix + base64.b64encode(bytes(size_bytes)).rstrip(b"=") + b" " * 100

    assert decoded(text, size_bytes) == bytes(size_bytes)
    with pytest.raises(ImageTooLargeError):
        decoded(text, size_bytes - 1)


def test_too_much_is_told_before_it_is_decoded() -> None:
    with pytest.raises(ImageTooLargeError):
        decoded(b"*" * 100, 10)


@pytest.mark.parametrize("surplus", [0, 1])
def test_a_prefix_has_a_length(surplus: int) -> None:
    ends = b"data:", b";base64,"
    filling = b"x" * (MAX_PREFIX_BYTES - len(b"".join(ends)) + surplus)
    text = filling.join(ends) + b"aGk="

    if surplus:
        with pytest.raises(InvalidBase64Error):
            decoded(text)
    else:
        assert decoded(text) == b"hi"


@pytest.mark.parametrize("shift", range(-5, 6))
def test_long_text_is_put_together_from_its_pieces(shift: int) -> None:
    image = os.urandom(2 * PIECE_BYTES // 4 * 3 + shift)
    text = base64.b64encode(image)

    assert decoded(text) == image
    assert decoded(b"\n" * (5 + shift) + text + b"\n" * PIECE_BYTES) == image


@pytest.mark.parametrize(
    "text",
    [
        b"QQ==".ljust(2 * PIECE_BYTES) + b"QQ==",
        b"QQ=".ljust(2 * PIECE_BYTES) + b"==",
        b"A" * PIECE_BYTES + b"=" + b"A" * 3,
        b"A" * PIECE_BYTES + b"A",
        b"A" * PIECE_BYTES + b"*",
    ],
)
def test_faults_show_across_pieces(text: bytes) -> None:
    with pytest.raises(InvalidBase64Error):
        decoded(text)


def test_padding_may_lie_in_two_pieces() -> None:
    assert decoded(b"QQ=".ljust(2 * PIECE_BYTES) + b"=") == b"A"


async def test_long_text_leaves_the_event_loop_free() -> None:
    blocked = threading.Event()

    class Text(bytes):
        def count(self, *args: object) -> int:
            assert blocked.wait(20)
            return super().count(*args)  # type: ignore[arg-type]

    image = bytes(INLINE_BYTES)
    running = asyncio.create_task(
        image_of_text(ImageText("image_base64", Text(base64.b64encode(image))), LIMIT)
    )
    await asyncio.sleep(0)
    blocked.set()

    assert await running == image


async def test_errors_come_back_from_long_and_short_text() -> None:
    for text in (b"*", b"*" * (INLINE_BYTES + 1)):
        with pytest.raises(InvalidBase64Error):
            await image_of_text(ImageText("image_base64", text), LIMIT)
