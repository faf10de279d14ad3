"""How much of a green screen's light despill takes back, and what it leaves alone.

    python -m benchmarks.despill [--megapixels 12] [--rounds 5] [--pictures FOLDER]

Every scene is made here, so that its true colours are known: a figure with skin, clothes and hair
lit by the screen behind it, whose light is strongest at the rim (the truth is as much light, but
neutral); and even colours before white, grey and green grounds, which hold no such light. Mattes
are the true ones, and ones grown by a pixel, as networks make them.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.pictures import disc_u8, enlarged_picture, read_rows
from benchmarks.timing import median_ms
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.options import CutOutOptions
from segmenter.scene_options import Colour

Floats = NDArray[np.float32]

_SIDE_PX = 640
_OVERSAMPLED = 4
_SCREENS: Mapping[str, tuple[int, int, int]] = {
    "chroma key green": (0, 177, 64),
    "lit brightly": (90, 215, 100),
    "in shadow": (15, 95, 35),
}
_SPILL_AT_RIM = 0.3
"""Of the screen's light, that the subject reflects; it falls to a third within the reach."""
_SPILL_REACH_PX = 25.0
_BAND_PX = 8

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)

_NEUTRAL_AND_SKIN: Mapping[str, tuple[int, int, int]] = {
    "black": (20, 20, 20),
    "grey": (122, 122, 121),
    "white": (243, 243, 242),
    "dark skin (ColorChecker)": (115, 82, 68),
    "light skin (ColorChecker)": (194, 150, 130),
    "Monk 1": (246, 237, 228),
    "Monk 4": (234, 218, 186),
    "Monk 6": (160, 126, 86),
    "Monk 8": (96, 65, 52),
    "Monk 10": (41, 36, 32),
}
_GREEN: Mapping[str, tuple[int, int, int]] = {
    "green (ColorChecker)": (70, 148, 73),
    "green jacket": (25, 105, 55),
    "leaf": (62, 120, 40),
    "olive": (85, 107, 47),
    "foliage (ColorChecker)": (87, 108, 67),
    "mint": (190, 225, 205),
}
_GROUNDS: Mapping[str, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "green": (0, 177, 64),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo, and what is to come out of it."""

    picture: Picture
    colour_f32: Floats
    """The subject's colours in neutral light, 0..255, float32 [H, W, 3]."""
    alpha_u8: NDArray[np.uint8]


def main() -> None:
    """Measures and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pictures", type=Path, help="a folder to put pictures of it in")
    options = parser.parse_args()
    _print_screens(options.pictures)
    _print_even_colours()
    _print_cost(options.megapixels, options.rounds)


def _print_screens(folder: Path | None) -> None:
    print("mean error over white in the band at the edge, of the channels and of luma, and how far")
    print("green stands above red and blue there: without despill, with it\n")
    print(f"{'screen':<22}{'matte':<8}{'error':>15}{'luma':>15}{'green':>15}")
    for name, screen in _SCREENS.items():
        scene = _figure(screen)
        for kind, alpha_u8 in {"true": scene.alpha_u8, "grown": _grown(scene.alpha_u8)}.items():
            answers = [_answer(scene.picture, alpha_u8, despill=each) for each in (False, True)]
            scores = zip(*(_scores(scene, each) for each in answers), strict=True)
            cells = "".join(f"{f'{before:.1f}, {after:.1f}':>15}" for before, after in scores)
            print(f"{name:<22}{kind:<8}{cells}")
            if folder:
                _save_picture(folder / f"{name.replace(' ', '_')}_{kind}.png", scene, answers)
    print()


def _print_even_colours() -> None:
    print("mean change of opaque pixels, in levels, of even colours before a ground\n")
    print(f"{'':<28}" + "".join(f"{name:>8}" for name in _GROUNDS))
    for name, colour in {**_NEUTRAL_AND_SKIN, **_GREEN}.items():
        changes = "".join(f"{_change(colour, ground):>8.2f}" for ground in _GROUNDS.values())
        print(f"{name:<28}{changes}")
    print()


def _print_cost(megapixels: float, rounds: int) -> None:
    """Prints medians of one thread."""
    picture = enlarged_picture(megapixels)
    alpha_u8 = disc_u8(picture)
    screen = Image.new("RGB", picture.rgb.size, _SCREENS["chroma key green"])
    before_green = Image.composite(picture.rgb, screen, Image.fromarray(alpha_u8))
    print(f"{megapixels:g} megapixels: ms to prepare and compose, without despill and with it\n")
    for name, rgb in {"no screen": picture.rgb, "a screen": before_green}.items():
        steps = [
            partial(_rendered_whole, Picture(rgb, None, None), alpha_u8, despill=despill)
            for despill in (False, True)
        ]
        print(f"{name:<12}" + "".join(f"{median_ms(step, rounds):>8.1f}" for step in steps))


def _figure(screen: tuple[int, int, int]) -> Scene:
    """Draws a head with hair and a shirt, lit by a screen and before it."""
    side = _SIDE_PX * _OVERSAMPLED
    cover, colours = Image.new("L", (side, side)), Image.new("RGB", (side, side), (70, 45, 30))
    unit = side / 100
    random = np.random.default_rng(3)
    for angle in random.uniform(np.pi, 2 * np.pi, 160):
        reach = random.uniform(20, 30)
        end = (50 + reach * np.cos(angle), 32 + reach * np.sin(angle))
        strand = [50 * unit, 32 * unit, end[0] * unit, end[1] * unit]
        ImageDraw.Draw(cover).line(strand, 255, round(0.35 * unit))
    shapes = [((28, 12, 72, 60), (70, 45, 30)), ((34, 16, 66, 62), (205, 160, 138))]
    shapes.append(((14, 58, 86, 140), (182, 184, 188)))
    for box, colour in shapes:
        scaled = [value * unit for value in box]
        ImageDraw.Draw(cover).ellipse(scaled, 255)
        ImageDraw.Draw(colours).ellipse(scaled, colour)
    alpha_u8 = np.asarray(cover.filter(ImageFilter.BoxBlur(1)).reduce(_OVERSAMPLED))
    colour_f32 = np.asarray(colours.reduce(_OVERSAMPLED), np.float32)
    return _scene(colour_f32, alpha_u8, screen, _SPILL_AT_RIM)


def _scene(
    colour_f32: Floats, alpha_u8: NDArray[np.uint8], screen: tuple[int, int, int], spill: float
) -> Scene:
    """Lights a subject with its screen, which it reflects as its colour lets it."""
    around = Image.fromarray(255 - alpha_u8).filter(ImageFilter.GaussianBlur(_SPILL_REACH_PX))
    light_f32 = np.asarray(around, np.float32)[..., None] / 255 * 2 * spill
    screen_f32 = np.array(screen, np.float32)
    reflected_f32 = light_f32 * (0.3 + 0.7 * colour_f32 / 255)
    lit_f32 = (colour_f32 + reflected_f32 * screen_f32).clip(0, 255)
    neutral_f32 = (colour_f32 + reflected_f32 * (screen_f32 @ _LUMA)).clip(0, 255)
    share_f32 = alpha_u8[..., None].astype(np.float32) / 255
    mixed_f32 = share_f32 * lit_f32 + (1 - share_f32) * screen_f32
    rgb = Image.fromarray(np.rint(mixed_f32).astype(np.uint8))
    return Scene(Picture(rgb, None, None), neutral_f32, alpha_u8)


def _grown(alpha_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(alpha_u8).filter(ImageFilter.MaxFilter(3)))


def _answer(picture: Picture, alpha_u8: NDArray[np.uint8], *, despill: bool) -> Floats:
    """Gives the subject over white, float32 [H, W, 3]."""
    options = CutOutOptions(despill=despill, background=Colour(255, 255, 255))
    rows = rendered(picture, Matte(alpha_u8, foreground_found=True), options)
    block_u8 = rows.block(0, rows.height_px)
    return block_u8.reshape(rows.height_px, rows.width_px, 3).astype(np.float32)


def _scores(scene: Scene, answer_f32: Floats) -> tuple[float, float, float]:
    share_f32 = scene.alpha_u8[..., None].astype(np.float32) / 255
    right_f32 = share_f32 * scene.colour_f32 + (1 - share_f32) * 255
    near = Image.fromarray(255 - scene.alpha_u8).filter(ImageFilter.MaxFilter(2 * _BAND_PX + 1))
    band = (np.asarray(near) > 0) & (scene.alpha_u8 > 0)
    difference_f32 = (answer_f32 - right_f32)[band]
    excess_f32 = answer_f32[..., 1] - answer_f32[..., ::2].max(axis=-1)
    return (
        float(np.abs(difference_f32).mean()),
        float(np.abs(difference_f32 @ _LUMA).mean()),
        float(excess_f32[band].clip(0).mean()),
    )


def _change(colour: tuple[int, int, int], ground: tuple[int, int, int]) -> float:
    """Gives what despill changes of a disc of one colour, where it is opaque."""
    y, x = np.mgrid[0:_SIDE_PX, 0:_SIDE_PX] - _SIDE_PX / 2
    inside = (_SIDE_PX * 0.35 - np.hypot(y, x)) / 3 + 0.5
    alpha_u8 = (inside.clip(0, 1) * 255).round().astype(np.uint8)
    even_f32 = np.full((*alpha_u8.shape, 3), colour, np.float32)
    scene = _scene(even_f32, alpha_u8, ground, spill=0)
    before, after = (_answer(scene.picture, alpha_u8, despill=each) for each in (False, True))
    return float(np.abs(after - before)[alpha_u8 == 255].mean())


def _save_picture(path: Path, scene: Scene, answers: list[Floats]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = [np.asarray(scene.picture.rgb), *(each.astype(np.uint8) for each in answers)]
    Image.fromarray(np.hstack(shown)).save(path)


def _rendered_whole(picture: Picture, alpha_u8: NDArray[np.uint8], *, despill: bool) -> None:
    options = CutOutOptions(despill=despill)
    read_rows(rendered(picture, Matte(alpha_u8, foreground_found=True), options))


if __name__ == "__main__":
    main()
