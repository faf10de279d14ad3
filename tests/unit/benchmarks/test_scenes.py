from dataclasses import fields

from benchmarks import scenes

from segmenter.options import CutOutOptions

MIB = 2**20
OF_SCENES = {"crop_margin", "placement", "background_picture", "shadow", "stroke"}


def test_every_option_of_a_scene_is_measured() -> None:
    plain = CutOutOptions()
    used = {
        field.name
        for options in scenes.OPTIONS.values()
        for field in fields(CutOutOptions)
        if getattr(options, field.name) != getattr(plain, field.name)
    }

    assert used >= OF_SCENES


def test_memory_that_is_let_go_again_is_seen() -> None:
    taken_bytes = scenes.peak_bytes(lambda: bytes(range(256)) * (64 * MIB // 256))

    # The system counts a few pages late.
    assert 60 * MIB <= taken_bytes < 128 * MIB
