"""Where the corpus is looked for, and how it is read."""

from pathlib import Path

import pytest
from benchmarks.hostile.corpus import CorpusFile, corpus_folder, read_corpus

MANIFEST = "file\tsource\tpath\tbytes\tsha256\tPillow\na/b.png\tx\ty\t3\tz\tok: PNG RGB 1x1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus" / "a").mkdir(parents=True)
    (tmp_path / "corpus" / "MANIFEST.tsv").write_text(MANIFEST)
    (tmp_path / "corpus" / "a" / "b.png").write_bytes(b"abc")
    return tmp_path / "corpus"


def test_the_named_folder_comes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEBOX_SHARED", str(folder.parent))

    assert corpus_folder() == folder


def test_a_folder_without_a_manifest_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "MANIFEST.tsv").unlink()
    monkeypatch.setenv("MATTEBOX_SHARED", str(folder.parent))

    assert corpus_folder() != folder


def test_files_come_with_what_is_said_of_them(folder: Path) -> None:
    assert read_corpus(folder) == [CorpusFile("a/b.png", b"abc", "ok: PNG RGB 1x1")]
