"""Writes every figure as JSON, with what it was measured on."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.quality import intervals, peer
from benchmarks.quality.budgets import Verdict
from benchmarks.quality.intervals import Interval
from benchmarks.quality.ours import Cost
from benchmarks.quality.scores import Scores
from benchmarks.quality.tables import LESS_IS_BETTER
from bounds.cores import available_cores

_PACKAGES = ("mattebox", "mnn", "numpy", "onnxruntime", "pillow")


def versions() -> dict[str, str]:
    """Tells what our own answers were made with."""
    return {"python": platform.python_version()} | {
        name: metadata.version(name) for name in _PACKAGES if _is_installed(name)
    }


def _is_installed(package: str) -> bool:
    return any(metadata.distributions(name=package))


def machine() -> str:
    """Describes the machine in words."""
    return f"{_processor()}, {available_cores()} cores, {platform.system()} {platform.machine()}"


def as_json(
    scores: Scores,
    costs: Mapping[str, Cost],
    verdicts: Sequence[Verdict],
    peer_versions: dict[str, str],
) -> str:
    """Writes every figure of every picture, the summaries and the judgement."""
    facts = {
        "machine": machine(),
        "versions": versions(),
        "rembg": {"versions": peer_versions, "modes": dict(peer.MODES)},
        "costs": {method: asdict(cost) for method, cost in costs.items()},
        "summary": {name: _summary(scores, name) for name in scores.sets()},
        "budgets": [
            {
                "text": verdict.budget.text,
                "method": verdict.budget.method,
                "set": verdict.budget.set_name,
                "figure": verdict.budget.figure,
                "quantity": verdict.budget.quantity.name.lower(),
                "limit": verdict.budget.limit,
                "found": _interval(verdict.found),
                "met": verdict.met,
            }
            for verdict in verdicts
        ],
        "pictures": [
            {
                "set": score.case.set_name,
                "picture": score.case.name,
                "method": score.method,
                "clear": score.clear,
                **score.figures,
            }
            for score in scores.all
        ],
    }
    return json.dumps(facts, indent=1)


def _summary(scores: Scores, set_name: str) -> dict[str, Any]:
    methods = dict.fromkeys(s.method for s in scores.all if s.case.set_name == set_name)
    return {method: _method_summary(scores, set_name, method) for method in methods}


def _method_summary(scores: Scores, set_name: str, method: str) -> dict[str, Any]:
    summary = {}
    for figure in scores.of(set_name, method)[0].figures:
        found = scores.samples(set_name, method, figure)
        theirs = scores.samples(set_name, peer.DEFAULT, figure)
        entry = {"mean": _interval(intervals.mean(found))}
        if figure in LESS_IS_BETTER:
            entry["over_rembg"] = _interval(intervals.ratio_of_means(found, theirs))
        else:
            entry["less_rembg"] = _interval(intervals.mean_difference(found, theirs))
        summary[figure] = entry
    return summary


def _interval(interval: Interval) -> list[float | None]:
    return [interval.value, interval.low, interval.high]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
