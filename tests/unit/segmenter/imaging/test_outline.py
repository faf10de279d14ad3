import struct

import pytest

from segmenter.imaging.opening import opened
from segmenter.imaging.outline import Outline, OutlineError, read_outline
from segmenter.imaging.sniff import ImageFormat
from tests.unit.segmenter.imaging import samples

JPEG, PNG, WEBP = ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP


@pytest.mark.parametrize(
    ("image_format", "options"),
    [
        (JPEG, {}),
        (JPEG, {"progressive": True}),
        (JPEG, {"comment": "x" * 60_000, "exif": b"Exif\0\0" + bytes(40_000)}),
        (PNG, {}),
        (WEBP, {}),
        (WEBP, {"lossless": True}),
        (WEBP, {"icc_profile": b"makes it an extended file"}),
    ],
)
def test_reads_the_size(image_format: ImageFormat, options: dict[str, object]) -> None:
    data = samples.encoded(samples.picture(300, 7), image_format, **options)

    assert read_outline(data, image_format) == Outline(300, 7, intricate=False)


@pytest.mark.parametrize("image_format", sorted(set(ImageFormat) - {JPEG, PNG, WEBP}))
def test_leaves_other_formats_to_their_decoders(image_format: ImageFormat) -> None:
    assert read_outline(b"whatever", image_format) is None


@pytest.mark.parametrize("image_format", [JPEG, PNG, WEBP])
def test_any_cut_before_the_size_is_an_error(image_format: ImageFormat) -> None:
    data = samples.encoded(samples.picture(), image_format)

    for length in range(24):
        with pytest.raises(OutlineError):
            read_outline(data[:length], image_format)


def test_junk_and_fill_bytes_between_segments_are_skipped() -> None:
    data = samples.encoded(samples.picture(), "JPEG")
    odd = data[:2] + b"junk" + b"\xff\xff\0\xff\xff" + data[2:]

    assert read_outline(odd, JPEG) == read_outline(data, JPEG)


@pytest.mark.parametrize("junk", [b"\0", b"\xff", b"\xff\0"])
def test_junk_is_counted(junk: bytes) -> None:
    data = samples.encoded(samples.picture(), "JPEG")
    first_segment_end = 2 + 2 + int.from_bytes(data[4:6], "big")

    def with_junk(*counts: int) -> bytes:
        first, second = (junk * (count // len(junk)) for count in counts)
        return data[:2] + first + data[2:first_segment_end] + second + data[first_segment_end:]

    assert read_outline(with_junk(65_536, 0), JPEG) == Outline(32, 24, intricate=False)
    assert read_outline(with_junk(60_000, 5536), JPEG) == Outline(32, 24, intricate=False)
    for beyond in (with_junk(65_538, 0), with_junk(60_000, 5538), with_junk(20_000_000, 0)):
        with pytest.raises(OutlineError):
            read_outline(beyond, JPEG)


def test_a_jpeg_without_a_scan_has_no_outline() -> None:
    data = samples.encoded(samples.picture(), "JPEG")
    before_scan = data[: data.index(b"\xff\xda")]

    with pytest.raises(OutlineError):
        read_outline(before_scan + b"\xff\xd9", JPEG)


def test_segments_are_counted() -> None:
    data = samples.encoded(samples.picture(), "JPEG")
    own_segments = data[: data.index(b"\xff\xda")].count(b"\xff")
    comment = b"\xff\xfe\0\x02"

    def with_comments(count: int) -> bytes:
        return data[:2] + comment * count + data[2:]

    assert read_outline(with_comments(4096 - own_segments), JPEG) is not None
    with pytest.raises(OutlineError):
        read_outline(with_comments(4096), JPEG)


def test_a_jpeg_of_many_scans_is_intricate() -> None:
    own = samples.encoded(samples.picture(16, 16), "JPEG", progressive=True).count(b"\xff\xda")

    def outline(scans: int) -> Outline | None:
        return read_outline(samples.jpeg_of_many_scans(16, 16, scans - own), JPEG)

    assert outline(31) == Outline(16, 16, intricate=False)
    assert outline(32) == Outline(16, 16, intricate=True)


def test_a_sequential_jpeg_ends_at_its_only_scan() -> None:
    data = samples.encoded(samples.picture(), "JPEG")
    with_video_behind = data + b"\xff\xda" * 1000

    assert read_outline(with_video_behind, JPEG) == Outline(32, 24, intricate=False)


@pytest.mark.parametrize("progressive", [False, True])
def test_an_arithmetic_jpeg_is_intricate(progressive: bool) -> None:
    data = samples.encoded(samples.picture(), "JPEG", progressive=progressive)
    huffman, arithmetic = (b"\xff\xc2", b"\xff\xca") if progressive else (b"\xff\xc0", b"\xff\xc9")

    outline = read_outline(data.replace(huffman, arithmetic), JPEG)

    assert outline == Outline(32, 24, intricate=True)


def test_a_png_of_very_many_chunks_is_intricate() -> None:
    def outline(chunks: int) -> Outline | None:
        ancillary = samples.png_chunk(b"tEXt", b"") * (chunks - 3)
        return read_outline(samples.png(4, 4, ancillary=ancillary), PNG)

    assert outline(16_383) == Outline(4, 4, intricate=False)
    assert outline(16_384) == Outline(4, 4, intricate=True)


@pytest.mark.parametrize("behind_pixels", [False, True])
def test_a_png_of_far_too_many_chunks_is_refused(behind_pixels: bool) -> None:
    def with_text(chunks: int) -> bytes:
        text = samples.png_chunk(b"tEXt", b"") * (chunks - 3)
        data = samples.png(4, 4, ancillary=b"" if behind_pixels else text)
        return data[:-12] + text + data[-12:] if behind_pixels else data

    assert read_outline(with_text(65_535), PNG) == Outline(4, 4, intricate=True)
    with pytest.raises(OutlineError):
        read_outline(with_text(65_536), PNG)


def test_what_lies_behind_the_end_of_a_png_counts_for_nothing() -> None:
    data = samples.png(4, 4) + bytes(2_000_000)

    assert read_outline(data, PNG) == Outline(4, 4, intricate=False)


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt", b"iTXt"])
def test_chunks_that_unfold_count_as_many(kind: bytes) -> None:
    def outline(chunks: int, length: int) -> Outline | None:
        ancillary = samples.png_chunk(kind, bytes(length)) * chunks
        return read_outline(samples.png(4, 4, ancillary=ancillary), PNG)

    assert outline(31, 4096) == Outline(4, 4, intricate=False)
    assert outline(32, 4096) == Outline(4, 4, intricate=True)
    assert outline(127, 20_000) == Outline(4, 4, intricate=True)
    assert outline(1000, 80) == Outline(4, 4, intricate=False)
    with pytest.raises(OutlineError):
        outline(128, 4096)


@pytest.mark.parametrize(
    ("controls", "stops"),
    [([2], True), ([1 << 31], True), ([1], False), ([0], False), ([(1 << 31) + 1], False),
     ([2, 2], False), ([], False)],
)  # fmt: skip
def test_chunks_of_later_frames_count_only_where_they_are_read(
    controls: list[int], stops: bool
) -> None:
    control = b"".join(samples.png_chunk(b"acTL", struct.pack(">II", n, 0)) for n in controls)
    data = samples.png(4, 4, rows=bytes(13 * 4), ancillary=control)
    frames = samples.png_chunk(b"fcTL", bytes(26)) + samples.png_chunk(b"tEXt", b"") * 70_000
    animated = data[:-12] + frames + data[-12:]

    if stops:
        assert read_outline(animated, PNG) == Outline(4, 4, intricate=False)
        with opened(animated, PNG) as image:
            image.load()
            assert getattr(image, "is_animated", False)
    else:
        with pytest.raises(OutlineError):
            read_outline(animated, PNG)


def test_frames_announced_behind_the_pixels_are_none() -> None:
    data = samples.png(4, 4)
    late = samples.png_chunk(b"acTL", struct.pack(">II", 2, 0)) + samples.png_chunk(b"fcTL", b"")
    text = samples.png_chunk(b"tEXt", b"") * 70_000

    with pytest.raises(OutlineError):
        read_outline(data[:-12] + late + text + data[-12:], PNG)


def test_a_png_must_begin_with_its_header() -> None:
    data = samples.png(4, 4)
    late_header = data[:8] + samples.png_chunk(b"tEXt", b"") + data[8:]

    with pytest.raises(OutlineError):
        read_outline(late_header, PNG)


def test_an_extended_webp_tells_its_canvas() -> None:
    data = bytearray(samples.encoded(samples.picture(), "WEBP", icc_profile=b"extended"))
    data[24:30] = b"\xff\xff\xff\x00\x00\x01"

    assert read_outline(bytes(data), WEBP) == Outline(1 << 24, (1 << 16) + 1, intricate=False)
