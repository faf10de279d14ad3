import pytest

from mattebox.segmenter import v1
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import ServedGateway, image_form, multipart

RGBA = v1.OutputChannels.OUTPUT_CHANNELS_RGBA
ALPHA = v1.OutputChannels.OUTPUT_CHANNELS_ALPHA
PNG = v1.OutputFormat.OUTPUT_FORMAT_PNG


@pytest.mark.parametrize(
    ("fields", "channels"),
    [
        ({}, RGBA),
        ({"channels": "rgba"}, RGBA),
        ({"channels": "alpha"}, ALPHA),
        ({"CHANNELS": " Alpha "}, ALPHA),
        ({"channels": ""}, RGBA),
    ],
)
async def test_channels_choose_between_picture_and_matte(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    fields: dict[str, str],
    channels: v1.OutputChannels,
) -> None:
    reply = await gateway.post(image_form(**fields))

    assert reply.status == 200
    assert segmenter.calls[0].options.channels == channels


@pytest.mark.parametrize("fields", [{}, {"format": "png"}, {"Format": "PNG"}, {"format": " "}])
async def test_png_is_the_format(
    gateway: ServedGateway, segmenter: FakeSegmenter, fields: dict[str, str]
) -> None:
    reply = await gateway.post(image_form(**fields))

    assert reply.status == 200
    assert segmenter.calls[0].options.format == PNG


@pytest.mark.parametrize("value", ["jpeg2", "pn", "png,png", "\u00fc"])
async def test_another_format_is_refused_with_the_list_of_formats(
    gateway: ServedGateway, segmenter: FakeSegmenter, value: str
) -> None:
    reply = await gateway.post(image_form(format=value))

    error = reply.error()
    assert (reply.status, error["code"]) == (400, "bad_request")
    assert error["message"] == "format must be one of ['bmp', 'gif', 'jpg', 'png', 'tiff', 'webp']"
    assert segmenter.calls == []


async def test_all_bad_fields_are_listed(gateway: ServedGateway) -> None:
    reply = await gateway.post(image_form(channels="cmyk", format="bmp2"))

    assert reply.error()["details"]["fields"] == {
        "format": "format must be one of ['bmp', 'gif', 'jpg', 'png', 'tiff', 'webp']",
        "channels": "channels must be one of ['alpha', 'rgba']",
    }


async def test_an_option_given_twice_is_refused(gateway: ServedGateway) -> None:
    body = multipart(("format", b"png"), ("FORMAT", b"png"), ("image_file", b"image"))

    reply = await gateway.post_body(body)

    assert reply.status == 400
    assert reply.error()["details"]["fields"] == {"format": "format must be given only once"}


async def test_options_may_stand_before_and_after_the_image(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    parts = (("format", b"png"), ("image_file", b"image"), ("channels", b"alpha"))

    reply = await gateway.post_body(multipart(*parts))

    assert reply.status == 200
    assert segmenter.calls[0].options.channels == ALPHA


async def test_unknown_fields_are_ignored_and_named(gateway: ServedGateway) -> None:
    body = multipart(
        ("Test_Mode", b"1"),
        ("format", b"png"),
        ("odd name,\u00fc", b"1"),
        ("Test_Mode", b"2"),
        ("empty", b""),
        ("image_file", b"image"),
    )

    reply = await gateway.post_body(body)

    assert reply.status == 200
    assert reply.headers["X-Ignored-Fields"] == "Test_Mode, odd%20name%2C%C3%BC"


async def test_many_long_names_stay_a_short_header(gateway: ServedGateway) -> None:
    notes = ((f"{index}" + "\u00fc" * 1000, b"1") for index in range(31))

    reply = await gateway.post_body(multipart(*notes, ("image_file", b"image")))

    assert reply.status == 200
    assert len(reply.headers["X-Ignored-Fields"]) < 2200


async def test_without_unknown_fields_none_are_named(gateway: ServedGateway) -> None:
    reply = await gateway.post(image_form(format="png"))

    assert "X-Ignored-Fields" not in reply.headers


@pytest.mark.parametrize(
    ("content_type", "value"),
    [
        ("text/plain; charset=UTF-8", b"alpha"),
        ('text/plain; charset="us-ascii"', b"alpha"),
        ("text/plain; charset=ISO-8859-1", b"alpha"),
        ("text/plain", b"alpha"),
        ("nonsense;;=", b"alpha"),
    ],
)
async def test_text_in_usual_charsets_is_read(
    gateway: ServedGateway, segmenter: FakeSegmenter, content_type: str, value: bytes
) -> None:
    reply = await gateway.post_body(_typed_field(content_type, value))

    assert reply.status == 200
    assert segmenter.calls[0].options.channels == ALPHA


@pytest.mark.parametrize(
    ("content_type", "value"),
    [
        ("text/plain; charset=klingon", b"alpha"),
        ("text/plain; charset=utf-16", "alpha".encode("utf-16")),
        ("text/plain; charset=zip", b"alpha"),
        ("text/plain; charset=us-ascii", b"\xff"),
        ("text/plain", b"\xff\xfe"),
    ],
)
async def test_text_in_odd_charsets_is_400_bad_request(
    gateway: ServedGateway, content_type: str, value: bytes
) -> None:
    reply = await gateway.post_body(_typed_field(content_type, value))

    assert (reply.status, reply.error()["code"]) == (400, "bad_request")


def _typed_field(content_type: str, value: bytes) -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="channels"\r\nContent-Type: {content_type}'
    return head.encode() + b"\r\n\r\n" + value + b"\r\n" + multipart(("image_file", b"image"))
