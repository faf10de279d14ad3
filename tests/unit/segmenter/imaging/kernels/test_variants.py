"""All variants that this machine can run have the same functions, which find the same bits."""

import ctypes
import re
from collections.abc import Callable, Mapping
from ctypes import c_double, c_float, c_int, c_ssize_t, c_void_p
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.kernels import (
    cells,
    colours,
    deflate,
    guided,
    matte,
    png_filter,
    pull_push,
    scaling,
)
from tests.unit.segmenter.imaging.kernels.variants import FOLDER, MODULES, RUN_HERE, bound, use

TYPES = {"ptrdiff_t": c_ssize_t, "int": c_int, "float": c_float, "double": c_double}


def type_of(declared: str) -> Any:
    """Names what ctypes calls the type of a parameter, or of what a function returns."""
    if "*" in declared:
        return c_void_p
    word = declared.removeprefix("const ").split()[0]
    return None if word == "void" else TYPES[word]


def exported() -> dict[str, tuple[Any, list[Any]]]:
    """Reads out of the sources what each function returns and takes."""
    text = "".join(path.read_text() for path in FOLDER.glob("*.c"))
    found = re.findall(r"^EXPORT ([\w ]+?) ?(\w+)\(([^)]*)\)", text, re.MULTILINE)
    return {
        name: (type_of(returned), [type_of(each.strip()) for each in taken.split(",")])
        for returned, name, taken in found
    }


def test_modules_are_those_that_call_a_library() -> None:
    sources = {path.stem for path in FOLDER.glob("*.c")}
    assert {module.__name__.rpartition(".")[2] for module in MODULES} == sources


@pytest.mark.parametrize("variant", RUN_HERE)
def test_a_variant_has_all_functions(variant: str) -> None:
    loaded = ctypes.CDLL(str(FOLDER / f"{variant}.so"))
    assert exported()
    assert [name for name in exported() if not hasattr(loaded, name)] == []


def test_functions_are_called_as_they_are_declared() -> None:
    called = {
        function.__name__: (function.restype, list(function.argtypes))
        for module in MODULES
        for function in bound(module).values()
    }
    assert called == exported()


WIDTH, HEIGHT, CELL = 203, 117, 8


def some_u8(seed: int, *shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def some_f32(seed: int, *shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random(shape, np.float32)


def weighed() -> NDArray[Any]:
    return cells.weighed(some_u8(1, HEIGHT, WIDTH, 4), some_u8(2, HEIGHT, WIDTH), CELL)


def unmixed() -> NDArray[Any]:
    pixels_u8 = some_u8(3, HEIGHT, WIDTH, 4)
    size = (-(-HEIGHT // CELL), -(-WIDTH // CELL), 4)
    weights_u8 = some_u8(4, 256) // np.uint8(2)
    both = some_u8(5, *size), some_u8(6, *size), CELL
    colours.unmix(pixels_u8, some_u8(7, HEIGHT, WIDTH), both, (0, 0), weights_u8)
    return pixels_u8[..., :3]


def covered() -> NDArray[Any]:
    pixels_u8 = some_u8(8, HEIGHT, WIDTH, 4)
    colours.cover(pixels_u8, some_u8(9, HEIGHT, WIDTH) // np.uint8(2))
    return pixels_u8


def fitted() -> NDArray[Any]:
    return guided.fitted(some_f32(10, 3, HEIGHT, WIDTH), some_f32(11, HEIGHT, WIDTH), 1e-4)


def painted() -> NDArray[Any]:
    planes_f32 = some_f32(12, matte.PLANES, 13, 17)
    planes_f32[3] = planes_f32[3] * 255 - 128
    planes_f32[4] *= 64
    planes_f32[5] = 255 - planes_f32[5] * 64
    alpha_u8 = np.zeros((HEIGHT, WIDTH), np.uint8)
    columns, rows = matte.between(WIDTH, 17), matte.between(HEIGHT, 13)
    matte.paint(planes_f32, columns, rows, some_u8(13, HEIGHT, WIDTH, 4), alpha_u8)
    return alpha_u8


def spread() -> NDArray[Any]:
    cells_f32 = some_f32(16, 31, 47, 4) * np.float32(255)
    cells_f32[some_u8(17, 31, 47) < 200] = 0
    return pull_push.pulled_and_pushed(cells_f32)


def reduced() -> NDArray[Any]:
    image = Image.fromarray(some_u8(14, HEIGHT, WIDTH, 3))
    return scaling.reduced(image, 3, 5)[..., :3]


def resized() -> NDArray[Any]:
    return scaling.resized(some_u8(15, HEIGHT, WIDTH, 4), (WIDTH - 0.4, HEIGHT - 0.7), (64, 48))


def predicted() -> NDArray[Any]:
    rows_u8 = some_u8(18, HEIGHT, WIDTH * 3)
    return png_filter.filtered(rows_u8, some_u8(19, WIDTH * 3), 3)


def deflated() -> NDArray[Any]:
    data_u8 = some_u8(20, 9_000) // np.uint8(9) * (some_u8(21, 9_000) < 128)
    data_u8[3_000:4_000] = 0
    return np.frombuffer(deflate.Deflater().block(data_u8), np.uint8)


ANSWERS: Mapping[str, Callable[[], NDArray[Any]]] = {
    "weigh": weighed,
    "unmix": unmixed,
    "deflate_block": deflated,
    "png_paeth": predicted,
    "cover": covered,
    "colour_model": fitted,
    "matte_rows": painted,
    "pull_and_push": spread,
    "reduce": reduced,
    "resize": resized,
}


def test_each_function_is_tried() -> None:
    # How many taps there are shows in what they make.
    assert {*ANSWERS, "bicubic_taps"} == set(exported())


@pytest.mark.skipif(len(RUN_HERE) == 1, reason="this machine runs one variant only")
@pytest.mark.parametrize("name", ANSWERS)
def test_variants_find_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for variant in RUN_HERE:
        use(variant, monkeypatch)
        found.append(ANSWERS[name]())
    one, other = found
    assert len(np.unique(one)) > 16
    assert one.tobytes() == other.tobytes()
