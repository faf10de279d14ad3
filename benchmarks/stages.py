"""Where the time of one request goes, stage by stage, as the service itself reports it.

    python -m benchmarks.stages [--requests 9] [--megapixels 1.5 12] [--engine auto]

One client, one request at a time, over HTTP: the picture is uploaded, the full-size PNG comes
back. `wall` is the client's clock; `gateway` is what of it no stage of the segmenter accounts for.
"""

import argparse
import json
from pathlib import Path

from benchmarks.load.client import Client, mattebox_service
from benchmarks.load.figures import OK
from benchmarks.load.outcome import Outcome
from benchmarks.pictures import enlarged_jpeg
from benchmarks.running import ROOT, mattebox
from benchmarks.tables import median_and_range

STAGES = ("decode", "model_input", "queue", "infer", "matte", "compose", "encode")
_TIMEOUT_S = 60.0
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
        service = mattebox_service(running.http, running.api_key)
        for megapixels in options.megapixels:
            body = service.body(enlarged_jpeg(megapixels))
            with Client(service, _TIMEOUT_S) as client:
                answers = [client.send(body) for _ in range(_WARM_UP + options.requests)]
            results[f"{megapixels:g} MP"] = [_milliseconds(each) for each in answers[_WARM_UP:]]
        engine = running.engine
    _print(engine, results)
    _write({"engine": engine, "milliseconds": results})


def _milliseconds(answer: Outcome) -> dict[str, float]:
    """Gives the time of each stage, and what of the client's none of them accounts for."""
    if answer.status != str(OK):
        raise SystemExit(f"the service answered {answer.status}")
    stages_ms = {stage: seconds * 1000 for stage, seconds in answer.stages_s.items()}
    wall_ms = answer.latency_s * 1000
    own_ms = sum(stages_ms.get(stage, 0.0) for stage in STAGES)
    return {**stages_ms, "wall": wall_ms, "gateway": wall_ms - own_ms}


def _print(engine: str, results: dict[str, list[dict[str, float]]]) -> None:
    print(f"engine {engine}; median milliseconds (smallest to largest)\n")
    print(f"{'stage':<12}" + "".join(f"{size:>28}" for size in results))
    for stage in (*STAGES, "gateway", "wall"):
        taken = [[sample.get(stage, 0.0) for sample in each] for each in results.values()]
        cells = map(median_and_range, taken)
        print(f"{stage:<12}" + "".join(f"{cell:>28}" for cell in cells))


def _write(results: dict[str, object]) -> None:
    path = Path(ROOT / "benchmarks" / "results" / "stages.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=2))
    print(f"\nwritten to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
