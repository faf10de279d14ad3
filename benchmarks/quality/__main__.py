"""How good our cut-outs are, beside rembg's of the same network.

    python -m benchmarks.quality [--limit 3] [--sets composites pasted] [--keep-rembg] [--docs]

Reads the quality set at $MATTEBOX_SHARED/eval or ../shared/eval. Writes quality.json, a contact
sheet and all answers to benchmarks/results/. Exits 1 where a budget is missed, 2 where something
could not be run. docs/quality.md tells what is measured.
"""

import argparse
import itertools
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality import contact_sheet, documents, ours, pasted, peer, report, tables
from benchmarks.quality.budgets import Verdict, judged
from benchmarks.quality.cases import SETS, Case, masked_cases, quality_set, rgba_u8
from benchmarks.quality.scores import BEST, OURS, Score, Scores, scored
from benchmarks.running import ROOT
from mattebox.models import card, installed
from mattebox.models.errors import ModelError
from segmenter.errors import SegmenterError

_RESULTS = ROOT / "benchmarks" / "results"
_ANSWERS = _RESULTS / "quality"
_REPOSITORY = ROOT / "model_repository"


def main() -> int:
    """Measures, prints tables, writes JSON and a contact sheet; gives the exit code."""
    options = _options()
    folder = quality_set()
    if folder is None:
        print("quality set not found (looked at $MATTEBOX_SHARED/eval and ../shared/eval)")
        return 0
    try:
        return _measure(folder, options)
    except (ModelError, SegmenterError, OSError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality", description=(__doc__ or "").splitlines()[0]
    )
    every = (*SETS, pasted.SET)
    parser.add_argument("--sets", nargs="+", choices=every, default=every)
    parser.add_argument(
        "--limit", type=int, help="so many pictures of each set; budgets are then not judged"
    )
    parser.add_argument("--peer-folder", type=Path, default=_RESULTS / "peers")
    parser.add_argument("--u2netp", type=Path, help="the published network, or its wheel")
    parser.add_argument(
        "--keep-rembg", action="store_true", help="take its answers of an earlier run where it can"
    )
    parser.add_argument("--sheet", choices=["worst", "behind", "all"], default="worst")
    parser.add_argument("--sheet-rows", type=int, default=16)
    parser.add_argument("--docs", action="store_true", help="write docs/quality.md's figures")
    options = parser.parse_args()
    if options.docs and (options.limit or set(options.sets) != set(every)):
        parser.error("--docs needs all pictures of all sets")
    return options


def _measure(folder: Path, options: argparse.Namespace) -> int:
    _demand_model()
    shown = documents.pictures_to_show() if options.docs else {}
    rembg = peer.prepare(options.peer_folder, options.u2netp)
    cases = _cases(folder, options)
    print(f"{len(cases)} pictures; ours, then rembg {peer.VERSION}", flush=True)
    pictures = {case.name: case.image for case in cases}
    costs = ours.cut_out_all(pictures, _REPOSITORY, _ANSWERS)
    peer_versions = peer.cut_out_all(rembg, pictures, _ANSWERS, keep=options.keep_rembg)
    scores = scored(cases, _ANSWERS, pasted.photo_grounds(folder))
    verdicts = [] if options.limit else judged(scores)
    text = tables.all_tables(scores, costs, verdicts)
    note = f"{report.machine()}. {_versions(peer_versions)}"
    print(f"\n{note}\n\n{text}\n")
    (_RESULTS / "quality.json").write_text(report.as_json(scores, costs, verdicts, peer_versions))
    _write_sheet(scores, options)
    if options.docs:
        documents.write_picture(shown, _REPOSITORY, rembg, _ANSWERS / "docs")
        documents.write_figures(text, note)
    return _exit_code(verdicts)


def _demand_model() -> None:
    """Makes sure that ours is the network that rembg is given."""
    condition = installed.condition(card.load(ours.MODEL), _REPOSITORY)
    if condition.state is not installed.State.INSTALLED:
        raise ModelError(condition.problem)


def _cases(folder: Path, options: argparse.Namespace) -> list[Case]:
    everything = [*masked_cases(folder), *pasted.pasted_cases(folder, _ANSWERS / "pasted")]
    by_set = ([case for case in everything if case.set_name == name] for name in options.sets)
    return list(itertools.chain.from_iterable(each[: options.limit] for each in by_set))


def _versions(peer_versions: dict[str, str]) -> str:
    own, theirs = (
        ", ".join(f"{name} {version}" for name, version in versions.items())
        for versions in (report.versions(), peer_versions)
    )
    return f"Ours: {own}. Theirs: {theirs}."


def _write_sheet(scores: Scores, options: argparse.Namespace) -> None:
    rows = [_row(score) for score in _shown(scores, options.sheet)[: options.sheet_rows]]
    path = _RESULTS / "quality.png"
    contact_sheet.contact_sheet(rows, f"rembg {peer.VERSION}").save(path)
    print(f"written: {_RESULTS / 'quality.json'}, {path}")


def _shown(scores: Scores, order: str) -> Sequence[Score]:
    """Chooses our answers for the sheet: the worst, those furthest behind rembg's, or all."""
    found = [score for score in scores.all if score.method == OURS]
    theirs = [score for score in scores.all if score.method == peer.DEFAULT]
    error = {score.case.name: score.figures["mae"] for score in theirs}
    match order:
        case "worst":
            return sorted(found, key=lambda score: -score.figures["mae"])
        case "behind":
            return sorted(found, key=lambda score: error[score.case.name] - score.figures["mae"])
        case _:
            return found


def _row(score: Score) -> contact_sheet.Row:
    case = score.case
    return contact_sheet.Row(
        f"{case.name}   MAE in fast {score.figures['mae']:.4f}",
        case.photo_rgb_u8(),
        rgba_u8(_ANSWERS / peer.DEFAULT / f"{case.name}.png"),
        rgba_u8(_ANSWERS / OURS / f"{case.name}.png"),
        rgba_u8(_ANSWERS / BEST / f"{case.name}.png"),
        case.true_rgba_u8(),
    )


def _exit_code(verdicts: Sequence[Verdict]) -> int:
    missed = [verdict for verdict in verdicts if not verdict.met]
    for verdict in missed:
        budget = verdict.budget
        print(f"missed: {budget.text} ({budget.method}, {budget.set_name}, {budget.figure})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
