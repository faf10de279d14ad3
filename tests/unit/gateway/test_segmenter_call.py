from gateway.segmenter_call import CHUNK_BYTES, cut


def test_the_background_is_cut_after_the_image() -> None:
    image, background = b"1" * (CHUNK_BYTES + 1), b"2" * 3

    pieces = list(cut(image, background))

    assert pieces == [b"1" * CHUNK_BYTES, b"1", b"222"]
    assert list(cut(image, b"")) == pieces[:2]
