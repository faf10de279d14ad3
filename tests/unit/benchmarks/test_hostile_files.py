"""Which cases are sent."""

from collections import Counter

import pytest
from benchmarks.hostile import corpus
from benchmarks.hostile.corpus import CorpusFile
from benchmarks.hostile.ways import Way
from benchmarks.hostile_files import main, mutations, originals
from benchmarks.load.results import NOT_MEASURED

from tests.unit.segmenter.imaging import samples

FILES = [
    CorpusFile(f"folder/{number}.png", samples.png(number, 2), "ok") for number in range(1, 11)
]


def test_without_a_corpus_it_says_where_it_looked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["hostile_files"])
    monkeypatch.setattr(corpus, "corpus_folder", lambda: None)

    assert main() == NOT_MEASURED
    assert "$MATTEBOX_SHARED/corpus and ../shared/corpus" in capsys.readouterr().err


def test_originals_go_by_all_ways() -> None:
    sent = Counter((case.name, case.way) for case in originals(FILES, 6800))

    assert sent == Counter((file.name, way) for file in FILES for way in Way)


def test_fewer_than_all_are_spread_over_the_corpus() -> None:
    assert [case.name for case in originals(FILES, 4)][::3] == [
        "folder/1.png",
        "folder/4.png",
        "folder/7.png",
        "folder/10.png",
    ]


def test_mutations_are_the_same_for_one_seed_and_go_by_the_ways_in_turn() -> None:
    cases = list(mutations(FILES, 30, seed=1))

    assert cases == list(mutations(FILES, 30, seed=1))
    assert cases != list(mutations(FILES, 30, seed=2))
    assert len({case.name for case in cases}) == 30
    assert len({case.way for case in cases}) == 3


def test_every_tenth_mutation_goes_by_two_ways() -> None:
    cases = list(mutations(FILES, 30, seed=1))

    twice = [name for name, count in Counter(case.name for case in cases).items() if count == 2]
    assert len(twice) == 3
    for name in twice:
        first, second = (case for case in cases if case.name == name)
        assert first.image == second.image
        assert first.way != second.way
