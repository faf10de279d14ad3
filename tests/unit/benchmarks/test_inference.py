from pathlib import Path

import pytest
from benchmarks import inference
from benchmarks.inference import Variant

from tests import toy_network


def test_every_variant_runs_every_round_in_a_process_of_its_own(tmp_path: Path) -> None:
    toy_network.install(tmp_path, "toy")
    variants = [Variant(str(tmp_path), "toy", threads) for threads in (1, 2)]

    rows = inference.measure(variants, rounds=2)

    assert [row.name for row in rows] == ["toy, 1 thread", "toy, 2 threads"]
    for row in rows:
        assert len(row.rounds) == 2
        assert all(each.lone_ms > 0 and each.batch_ms > 0 for each in row.rounds)
        assert row.memory_mib >= 0


def test_a_network_that_is_not_there_ends_it(tmp_path: Path) -> None:
    with pytest.raises((EOFError, ConnectionError)):
        inference.measure([Variant(str(tmp_path), "absent", 1)], rounds=1)
