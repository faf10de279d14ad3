"""Where the time of one request goes, stage by stage, as the service itself reports it.

    python -m benchmarks.stages [--requests 9] [--megapixels 1.5 12] [--engine auto]

One client, one request at a time, over HTTP: the picture is uploaded, the full-size PNG comes
back. `wall` is the client's clock; `gateway` is what of it no stage of the segmenter accounts for.
"""

import argparse
import http.client
import json
import statistics
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.pictures import enlarged_jpeg
from benchmarks.running import ROOT, Running, mattebox

STAGES = ("decode", "model_input", "queue", "infer", "matte", "compose", "encode")
_BOUNDARY = "mattebox-benchmark"
_WARM_UP = 2


def main() -> None:
    """Measures, prints a table, writes JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=9, help="counted requests of each size")
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1.5, 12.0])
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    options = parser.parse_args()
    results = {}
    with mattebox(options.engine) as running:
        for megapixels in options.megapixels:
            body = _multipart(enlarged_jpeg(megapixels))
            samples = [_request(running, body) for _ in range(_WARM_UP + options.requests)]
            results[f"{megapixels:g} MP"] = samples[_WARM_UP:]
        engine = running.engine
    _print(engine, results)
    _write({"engine": engine, "milliseconds": results})


def _multipart(image: bytes) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="image_file"; filename="p.jpg"'
    return f"{head}\r\n\r\n".encode() + image + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _request(running: Running, body: bytes) -> dict[str, float]:
    """Sends one picture; gives milliseconds by stage."""
    connection = http.client.HTTPConnection(urlsplit(running.http).netloc, timeout=60)
    started_s = time.perf_counter()
    connection.request(
        "POST",
        "/v2",
        body,
        {
            "x-api-key": running.api_key,
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        },
    )
    response = connection.getresponse()
    response.read()
    wall_ms = (time.perf_counter() - started_s) * 1000
    connection.close()
    if response.status != http.client.OK:
        raise SystemExit(f"the service answered {response.status}")
    timing = dict(_timings(response.headers["Server-Timing"]))
    total_ms = sum(timing.get(stage, 0.0) for stage in STAGES)
    return {**timing, "wall": wall_ms, "gateway": wall_ms - total_ms}


def _timings(header: str) -> list[tuple[str, float]]:
    """Reads `decode;dur=12.3, infer;dur=45.6`."""
    entries = [entry.strip().partition(";dur=") for entry in header.split(",")]
    return [(name, float(duration)) for name, _, duration in entries]


def _print(engine: str, results: dict[str, list[dict[str, float]]]) -> None:
    print(f"engine {engine}; median milliseconds (smallest to largest)\n")
    print(f"{'stage':<12}" + "".join(f"{size:>28}" for size in results))
    for stage in (*STAGES, "gateway", "wall"):
        cells = [_cell([sample.get(stage, 0.0) for sample in each]) for each in results.values()]
        print(f"{stage:<12}" + "".join(f"{cell:>28}" for cell in cells))


def _cell(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def _write(results: dict[str, object]) -> None:
    path = Path(ROOT / "benchmarks" / "results" / "stages.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=2))
    print(f"\nwritten to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
