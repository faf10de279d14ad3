"""Fuzzes one target with atheris, from its seeds; what it finds goes to .fuzz/TARGET.

    python -m tests.fuzz decode [--seconds 60] [--seed 1]

What one run learned, the next begins with. Exits with what libFuzzer exits with: 0 where nothing
was found. To look into a finding: python -m tests.fuzz decode --input .fuzz/decode/crash-...
"""

import argparse
import sys
from hashlib import sha256
from pathlib import Path
from random import Random

import atheris

# Instrumented, so that the fuzzer sees where inputs lead.
with atheris.instrument_imports(include=["gateway", "segmenter", "tinycss2"]):
    from tests.fuzz.targets import TARGETS, Target

from benchmarks.hostile.mutations import mutated
from benchmarks.running import ROOT

_FOLDER = ROOT / ".fuzz"
_TIMEOUT_S = 20
_MEMORY_MB = 3000


def main() -> None:
    """Runs until the time is over or something is found; does not return."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="0 takes another each time")
    parser.add_argument("--input", type=Path, help="a file to run on, once")
    options = parser.parse_args()
    target = TARGETS[options.target]
    target.set_up()
    if options.input:
        target.run(options.input.read_bytes())
        return
    folder = _FOLDER / options.target
    arguments = [
        sys.argv[0],
        str(_corpus(target, folder)),
        f"-artifact_prefix={folder}/",
        f"-max_total_time={options.seconds}",
        f"-max_len={target.most_bytes}",
        f"-timeout={_TIMEOUT_S}",
        f"-rss_limit_mb={_MEMORY_MB}",
        f"-seed={options.seed}",
        "-print_final_stats=1",
    ]
    atheris.Setup(arguments, target.run, custom_mutator=_mutate)
    atheris.Fuzz()


def _corpus(target: Target, folder: Path) -> Path:
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for data in target.seeds():
        (corpus / sha256(data).hexdigest()[:32]).write_bytes(data)
    return corpus


def _mutate(data: bytes, most_bytes: int, seed: int) -> bytes:
    """Breaks pictures along their pieces half of the time, and lets libFuzzer do it else."""
    if Random(seed).random() < 0.5:
        return mutated(data, data, seed)[1][:most_bytes]
    return bytes(atheris.Mutate(data, most_bytes))


if __name__ == "__main__":
    main()
