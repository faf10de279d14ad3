"""Stage timings."""

import pytest

from segmenter.timings import Stage, StageClock


def test_times_of_one_stage_add_up() -> None:
    clock = StageClock()
    clock.add(Stage.QUEUE, 0.25)
    clock.add(Stage.QUEUE, 0.5)
    assert clock.finish()[Stage.QUEUE] == 0.75


def test_a_measured_block_counts_also_when_it_fails() -> None:
    clock = StageClock()
    with pytest.raises(ZeroDivisionError), clock.measure(Stage.DECODE):
        divmod(1, 0)
    assert clock.finish()[Stage.DECODE] >= 0


def test_only_stages_that_were_met_are_reported_beside_the_total() -> None:
    clock = StageClock()
    with clock.measure(Stage.MATTE):
        pass
    timings = clock.finish()
    assert set(timings) == {Stage.MATTE, Stage.TOTAL}
    assert timings[Stage.TOTAL] >= timings[Stage.MATTE]
