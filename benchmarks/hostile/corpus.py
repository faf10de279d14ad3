"""The hostile and odd files that are kept outside the repository."""

import os
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]
NOT_FOUND = "hostile corpus not found (looked at $MATTEBOX_SHARED/corpus and ../shared/corpus)"


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """One file."""

    name: str
    """Its path in the corpus."""
    data: bytes
    opinion: str
    """What Pillow alone says of it."""


def corpus_folder() -> Path | None:
    """Finds the corpus; None where there is none."""
    candidates = [_ROOT.parent / "shared" / "corpus"]
    if "MATTEBOX_SHARED" in os.environ:
        candidates.insert(0, Path(os.environ["MATTEBOX_SHARED"]) / "corpus")
    return next((each for each in candidates if (each / "MANIFEST.tsv").is_file()), None)


def read_corpus(folder: Path) -> list[CorpusFile]:
    """Reads all files, in the order of their manifest."""
    _, *lines = (folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [CorpusFile(row[0], (folder / row[0]).read_bytes(), row[5]) for row in rows]
