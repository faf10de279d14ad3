"""A chart of one request: which stage when, in wall time.

    python -m benchmarks.timeline [--megapixels 12] [--requests 9] [--engine auto]

One client, one request at a time; of several, the one of the median latency is drawn, to
docs/images/timeline.png. The lengths are those of Server-Timing, the order is that of the pipeline;
what of the client's clock no stage accounts for, gateway and wires, stands before the download.
"""

import argparse
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from benchmarks.load.client import Client, mattebox_service
from benchmarks.load.figures import OK
from benchmarks.load.outcome import Outcome
from benchmarks.pictures import plain_jpeg
from benchmarks.running import ROOT, mattebox
from benchmarks.stages import STAGES

_TARGET = ROOT / "docs" / "images" / "timeline.png"
_TIMEOUT_S = 60.0
_WARM_UP = 3

_SCALE = 2  # drawn at twice the size, for sharp screens
_LABELS_PX, _BARS_PX, _VALUES_PX, _ROW_PX, _TOP_PX = 150, 560, 80, 26, 40
_INK, _GREY, _LINE = (34, 34, 34), (110, 110, 110), (222, 222, 222)
_OF_CLIENT, _OF_SEGMENTER, _OF_NETWORK = (150, 160, 175), (37, 110, 190), (222, 128, 38)
_NETWORK = "infer"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a request, milliseconds from its beginning."""

    name: str
    start_ms: float
    length_ms: float


def spans(answer: Outcome) -> list[Span]:
    """Puts the parts of a request one after another, from the first byte out to the last one in."""
    stages_s = answer.stages_s
    upload_s = answer.uploaded_s - answer.sent_s
    download_s = answer.ended_s - answer.headed_s
    served_s = sum(stages_s.get(stage, 0.0) for stage in STAGES)
    # Uploads may still be on their way when the first stage begins; nothing is shorter than none.
    between_s = max(0.0, answer.headed_s - answer.uploaded_s - served_s)
    lengths_s = [("upload", upload_s)]
    # The header of a picture is read before the queue, which is told as part of its decoding.
    lengths_s += [(stage, stages_s.get(stage, 0.0)) for stage in ("queue", *_after("queue"))]
    lengths_s += [("gateway, wires", between_s), ("download", download_s)]
    found, start_ms = [], 0.0
    for name, length_s in lengths_s:
        found.append(Span(name.replace("_", " "), start_ms, length_s * 1000))
        start_ms += length_s * 1000
    return found


def chart(parts: list[Span], title: str) -> Image.Image:
    """Draws the spans, a row each, RGB."""
    end_ms = max(part.start_ms + part.length_ms for part in parts)
    width_px = _LABELS_PX + _BARS_PX + _VALUES_PX
    height_px = _TOP_PX + _ROW_PX * len(parts) + 34
    picture = Image.new("RGB", (width_px * _SCALE, height_px * _SCALE), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(13 * _SCALE)
    draw.text(_scaled(12, 10), title, _INK, font)
    bottom_px = _TOP_PX + _ROW_PX * len(parts)
    step_ms = next(
        step for step in (5, 10, 20, 50, 100, 200, 500, 1000, 5000) if end_ms / step <= 9
    )
    for tick in range(int(end_ms // step_ms) + 1):
        x_px = _x_px(tick * step_ms, end_ms)
        draw.line([_scaled(x_px, _TOP_PX), _scaled(x_px, bottom_px)], _LINE, _SCALE)
        draw.text(_scaled(x_px, bottom_px + 6), f"{tick * step_ms} ms", _GREY, font, anchor="ma")
    for row, part in enumerate(parts):
        top_px = _TOP_PX + _ROW_PX * row
        left_px, right_px = (
            _x_px(at_ms, end_ms) for at_ms in (part.start_ms, part.start_ms + part.length_ms)
        )
        box = [
            _scaled(left_px, top_px + 4),
            _scaled(max(right_px, left_px + 1), top_px + _ROW_PX - 4),
        ]
        middle_px = top_px + _ROW_PX / 2
        draw.rectangle(box, _colour(part.name))
        draw.text(_scaled(_LABELS_PX - 10, middle_px), part.name, _INK, font, anchor="rm")
        draw.text(
            _scaled(right_px + 6, middle_px), f"{part.length_ms:.1f}", _GREY, font, anchor="lm"
        )
    return picture


def _after(stage: str) -> tuple[str, ...]:
    return tuple(each for each in STAGES if each != stage)


def _colour(name: str) -> tuple[int, int, int]:
    if name == _NETWORK:
        return _OF_NETWORK
    return _OF_SEGMENTER if name.replace(" ", "_") in STAGES else _OF_CLIENT


def _x_px(at_ms: float, end_ms: float) -> float:
    return _LABELS_PX + _BARS_PX * at_ms / end_ms


def _scaled(x_px: float, y_px: float) -> tuple[float, float]:
    return x_px * _SCALE, y_px * _SCALE


def measure_and_draw(engine: str, megapixels: float = 12.0, requests: int = 9) -> None:
    """Writes the chart."""
    with mattebox(engine) as running:
        service = mattebox_service(running.http, running.api_key)
        body = service.body(plain_jpeg(megapixels))
        with Client(service, _TIMEOUT_S) as client:
            answers = [client.send(body) for _ in range(_WARM_UP + requests)][_WARM_UP:]
        used = running.engine
    failed = [answer.status for answer in answers if answer.status != str(OK)]
    if failed:
        raise SystemExit(f"the service answered {failed[0]}")
    middle = sorted(answers, key=lambda answer: answer.latency_s)[len(answers) // 2]
    title = (
        f"One request: JPEG of {megapixels:g} megapixels in, full-size PNG out,"
        f" {middle.latency_s * 1000:.0f} ms on the client's clock (engine {used})"
    )
    chart(spans(middle), title).quantize(32).save(_TARGET, optimize=True)
    print(f"written to {_TARGET.relative_to(ROOT)}, {_TARGET.stat().st_size} bytes")


def main() -> None:
    """Reads the options, measures, draws."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12.0)
    parser.add_argument("--requests", type=int, default=9)
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    options = parser.parse_args()
    measure_and_draw(options.engine, options.megapixels, options.requests)


if __name__ == "__main__":
    main()
