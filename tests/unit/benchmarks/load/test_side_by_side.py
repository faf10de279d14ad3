"""Ratios of two services that took turns."""

from benchmarks.load.figures import Figure, summed_up
from benchmarks.load.outcome import Outcome
from benchmarks.load.processes import Costs
from benchmarks.load.side_by_side import Case, Round, Turn, figure_name, ratios, times_table

CASE = Case(12, clients=4, ours=24, theirs=8)


def turn(seconds: float, cpu_s: float = 20.0) -> Turn:
    """Ten requests one after another, of so many seconds each."""
    outcomes = [
        Outcome("200", number * seconds, number * seconds, (number + 1) * seconds)
        for number in range(10)
    ]
    return Turn(summed_up(outcomes), Costs({"all": cpu_s}, 0.0, 0.0, 10 * seconds))


def test_a_round_sets_both_turns_of_one_against_both_of_the_other() -> None:
    taken = Round((turn(0.5), turn(1.0)), (turn(2.0), turn(4.0)))
    assert taken.throughput_ratio == (2 + 1) / (0.5 + 0.25)
    assert taken.latency_ratio == (2 + 4) / (0.5 + 1)


def test_processor_time_is_set_against_as_many_images() -> None:
    taken = Round((turn(1, cpu_s=4), turn(9, cpu_s=6)), (turn(5, cpu_s=30), turn(1, cpu_s=30)))
    assert taken.cpu_ratio == 6


def test_figures_are_the_medians_of_the_rounds() -> None:
    rounds = [
        Round((turn(1.0), turn(1.0)), (turn(slower), turn(slower))) for slower in (8.0, 2.0, 4.0)
    ]
    found = ratios({(CASE, "plain"): rounds})
    assert found == {
        figure_name(CASE, "plain", "throughput"): Figure(4.0, 2.0, 8.0),
        figure_name(CASE, "plain", "latency"): Figure(4.0, 2.0, 8.0),
        figure_name(CASE, "plain", "cpu"): Figure(1.0, 1.0, 1.0),
    }


def test_the_table_has_a_row_for_each_load() -> None:
    rounds = [Round((turn(1.0), turn(1.0)), (turn(4.0), turn(4.0)))]
    text = times_table({(CASE, "plain"): rounds, (CASE, "detailed"): rounds})
    _, _, plain, detailed = text.splitlines()
    assert plain.startswith("| 12 MP, 4 clients | plain ")
    assert detailed.count("x 4.0") == 2
    assert " 2.00 " in plain  # core-seconds an image
