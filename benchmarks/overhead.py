"""What Mattebox adds to the network's own work, and how it grows with the picture.

    python -m benchmarks.overhead [--rounds 5] [--engine auto]

Four things, on a Mattebox of the benchmark's own: gateway and gRPC, as the time of a request over
HTTP less that of the same pipeline called in process, in turns; everything but inference, as
processor time of that pipeline with the network's answers remembered; the time of 50 megapixels
over that of 12; and the bytes of the PNG over those of Pillow's at level 1.
"""

import io
import statistics
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from benchmarks.in_process import Call, environment_of, in_process
from benchmarks.load.client import Client, mattebox_service
from benchmarks.load.figures import OK, Figure
from benchmarks.load.outcome import Outcome
from benchmarks.load.results import Findings, found, say
from benchmarks.peers import PICTURES
from benchmarks.running import Running, mattebox, rounds_and_engine
from benchmarks.tables import table

_TIMEOUT_S = 120.0
_PAIRS = 20
_WARM_UP = 3
_LARGE_MP = 49.9
"""A little less than the largest answer, 50, at which pictures would be scaled down."""

HOP = "gateway and gRPC over in process, 1.5 MP, ms"
_HTTP, _DIRECT = "1.5 MP over HTTP, ms", "1.5 MP in process, ms"
HOP_WITHIN = "client's clock less the pipeline's own of the same request, 1.5 MP, ms"
GROWTH = "time of 50 MP over that of 12 MP, by pixels"


def but_inference(picture: str) -> str:
    """Names a figure: processor seconds of everything but inference."""
    return f"everything but inference, 12 MP, {picture}: core-s"


def png_bytes(picture: str) -> str:
    """Names a figure: bytes of the PNG over those of Pillow's level 1."""
    return f"PNG over Pillow's level 1, 12 MP, {picture}"


def measure(rounds: int, engine: str) -> Findings:
    """Measures all four."""
    figures: dict[str, Figure] = {}
    with mattebox(engine) as running, TemporaryDirectory(prefix="mattebox-bench-") as folder:
        say("gateway and gRPC")
        rows = _hop(running, Path(folder), rounds)
        figures |= {name: rows[name] for name in (HOP, HOP_WITHIN)}
        say("everything but inference")
        for name, picture in PICTURES.items():
            path = Path(folder) / f"{name}.jpg"
            path.write_bytes(picture(12))
            figures[but_inference(name)] = _but_inference(running, path, rounds)
        say("50 megapixels beside 12")
        large = _large(running, rounds)
        figures[GROWTH] = large["times over pixels"]
        for name, picture in PICTURES.items():
            figures[png_bytes(name)] = Figure.of([_png_ratio(running, picture(12))])
        used = running.engine
    more = {name: figure for name, figure in figures.items() if name not in rows and name != GROWTH}
    lines = [
        [name, figure.text(1 if "ms" in name else 3)]
        for name, figure in (rows | large | more).items()
    ]
    text = table(["what", "median (smallest to largest round)"], lines)
    return found("overhead", figures, text, f"engine {used}; rounds: {rounds}")


def _hop(running: Running, folder: Path, rounds: int) -> dict[str, Figure]:
    """Calls over HTTP and in process, in turns: A B B A."""
    path = folder / "small.jpg"
    path.write_bytes(PICTURES["plain"](1.5))
    service = mattebox_service(running.http, running.api_key)
    body = service.body(path.read_bytes())
    taken_ms: dict[str, list[float]] = {name: [] for name in (_HTTP, _DIRECT, HOP, HOP_WITHIN)}
    environment = environment_of(running.pids["segmenter"])
    with in_process(environment) as direct, Client(service, _TIMEOUT_S) as client:
        for _ in range(_WARM_UP):
            _answered(client, body)
            direct.cut_out(path)
        for _ in range(rounds):
            answers, calls = [], []
            for pair in range(_PAIRS):
                if pair % 2:
                    calls.append(direct.cut_out(path))
                answers.append(_answered(client, body))
                if not pair % 2:
                    calls.append(direct.cut_out(path))
            taken_ms[_HTTP].append(_median_ms([answer.latency_s for answer in answers]))
            taken_ms[_DIRECT].append(_median_ms([call.seconds for call in calls]))
            taken_ms[HOP].append(_median_ms(list(map(_hop_s, answers, calls))))
            taken_ms[HOP_WITHIN].append(
                _median_ms([each.latency_s - each.stages_s["total"] for each in answers])
            )
    return {name: Figure.of(values_ms) for name, values_ms in taken_ms.items()}


def _hop_s(answer: Outcome, call: Call) -> float:
    """Tells how much longer a request took than a call, the network's own time taken off both.

    It is the same network on the same engine, and varies by more than what is looked for.
    """
    return (answer.latency_s - answer.stages_s["infer"]) - (call.seconds - call.infer_s)


def _but_inference(running: Running, picture: Path, rounds: int) -> Figure:
    with in_process(environment_of(running.pids["segmenter"]), replay=True) as direct:
        for _ in range(_WARM_UP):
            direct.cut_out(picture)
        return Figure.of(
            [
                statistics.median(direct.cut_out(picture).cpu_s for _ in range(_WARM_UP))
                for _ in range(rounds)
            ]
        )


def _large(running: Running, rounds: int) -> dict[str, Figure]:
    service = mattebox_service(running.http, running.api_key)
    images = {megapixels: PICTURES["plain"](megapixels) for megapixels in (12.0, _LARGE_MP)}
    bodies = {megapixels: service.body(image) for megapixels, image in images.items()}
    pixels = {megapixels: _pixels(image) for megapixels, image in images.items()}
    seconds: dict[float, list[float]] = {megapixels: [] for megapixels in bodies}
    with Client(service, _TIMEOUT_S) as client:
        for body in bodies.values():
            _answered(client, body)
        for _ in range(rounds):
            taken: dict[float, list[float]] = {megapixels: [] for megapixels in bodies}
            for _ in range(_WARM_UP):
                for megapixels, body in bodies.items():
                    taken[megapixels].append(_answered(client, body).latency_s)
            for megapixels, values in taken.items():
                seconds[megapixels].append(statistics.median(values))
    more_pixels = pixels[_LARGE_MP] / pixels[12.0]
    pairs = zip(seconds[_LARGE_MP], seconds[12.0], strict=True)
    return {
        "12 MP over HTTP, s": Figure.of(seconds[12.0]),
        "50 MP over HTTP, s": Figure.of(seconds[_LARGE_MP]),
        "times over pixels": Figure.of(
            [large_s / small_s / more_pixels for large_s, small_s in pairs]
        ),
    }


def _png_ratio(running: Running, image: bytes) -> float:
    service = mattebox_service(running.http, running.api_key)
    with Client(service, _TIMEOUT_S) as client:
        answer = client.send(service.body(image), keep_body=True)
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(answer.body)) as cut_out:
        cut_out.save(buffer, "PNG", compress_level=1)
    return len(answer.body) / len(buffer.getvalue())


def _answered(client: Client, body: bytes) -> Outcome:
    outcome = client.send(body)
    if outcome.status != str(OK):
        raise SystemExit(f"the service answered {outcome.status}")
    return outcome


def _pixels(image: bytes) -> int:
    with Image.open(io.BytesIO(image)) as opened:
        return opened.width * opened.height


def _median_ms(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) * 1000


def main() -> None:
    """Measures, prints tables, writes JSON."""
    options = rounds_and_engine(__doc__)
    measure(options.rounds, options.engine)


if __name__ == "__main__":
    main()
