"""Each step that a picture takes beside the network, on one thread.

    python -m benchmarks.pixels [--megapixels 1.5 12] [--rounds 15]

The network answers once, with MNN or else with ONNX Runtime; what is told is the median of the
rounds in milliseconds. Composing and compressing take turns, block by block, and are told apart.
"""

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from benchmarks.peers import PICTURES
from benchmarks.running import ROOT
from benchmarks.tables import table
from segmenter.imaging import png
from segmenter.imaging.decode import decode
from segmenter.imaging.header import read_header
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.matte import Answer, begun
from segmenter.imaging.model_input import view
from segmenter.imaging.rendering import rendered
from segmenter.inference.networks import open_network
from segmenter.inference.runtimes import CpuRuntime
from segmenter.options import CutOutOptions

_GRAPH = ROOT / "model_repository" / "u2netp" / "1" / "model.onnx"
_NETWORK_PX = 320
_WARM_UP = 3

P = ParamSpec("P")
R = TypeVar("R")


class Steps:
    """The time of each step, round by round."""

    def __init__(self) -> None:
        self._taken_ms: dict[str, list[float]] = defaultdict(list)

    def time(self, name: str, step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Takes a step and notes how long that took."""
        started_s = time.perf_counter()
        made = step(*args, **kwargs)
        self.note(name, time.perf_counter() - started_s)
        return made

    def note(self, name: str, seconds: float) -> None:
        """Notes how long a step took."""
        self._taken_ms[name].append(1000 * seconds)

    def medians_ms(self) -> Mapping[str, float]:
        """Tells the median of each step's rounds, the first ones left out, and their sum."""
        medians = {
            name: statistics.median(values[_WARM_UP:]) for name, values in self._taken_ms.items()
        }
        return {**medians, "all": sum(medians.values())}


def measure(image: bytes, rounds: int) -> Mapping[str, float]:
    """Cuts a picture out so many times; returns the milliseconds of each step."""
    limits = ImageLimits()
    header = read_header(image, limits)
    whole = view(decode(image, header, limits), _NETWORK_PX, _NETWORK_PX)
    network = open_network(_GRAPH, 1, "cpu", CpuRuntime.AUTO)
    answer = Answer(whole.part, network.run(whole.tensor_u8[None])[0], whole.guide_u8)
    network.close()
    steps = Steps()
    for _ in range(_WARM_UP + rounds):
        picture = steps.time("decode", decode, image, header, limits)
        steps.time("network's input", view, picture, _NETWORK_PX, _NETWORK_PX)
        matte = steps.time("matte, by cells", begun, [answer], picture)
        steps.time("matte, by pixels", matte.paint, 0, picture.height_px)
        rows = steps.time("colours, by cells", rendered, picture, matte.matte, CutOutOptions())
        strip = png.encode_strip(rows, 0, rows.height_px)
        steps.note("compose", strip.compose_s)
        steps.note("compress", strip.encode_s)
        steps.time("put together", png.assemble, rows, [strip])
    return steps.medians_ms()


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1.5, 12.0])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    found = {
        f"{megapixels:g} MP, {name}": measure(picture(megapixels), options.rounds)
        for megapixels in options.megapixels
        for name, picture in PICTURES.items()
    }
    steps = list(next(iter(found.values())))
    rows = [[step, *(f"{taken[step]:.1f}" for taken in found.values())] for step in steps]
    print(table(["ms, median", *found], rows))


if __name__ == "__main__":
    main()
