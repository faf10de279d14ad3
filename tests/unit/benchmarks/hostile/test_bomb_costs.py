"""How the costs of bombs are judged."""

import pytest
from benchmarks.hostile.bomb_costs import PICTURE, Cost, Limits, excesses
from benchmarks.hostile.bombs import BOMBS

REFUSED = next(name for name, bomb in BOMBS.items() if bomb.reasons)
READ = next(name for name, bomb in BOMBS.items() if not bomb.reasons)
LIMITS = Limits(took_ms=50, memory_bytes=1000)


@pytest.mark.parametrize(
    ("name", "cost", "broken"),
    [
        (REFUSED, Cost(BOMBS[REFUSED].reasons[0], 50, 1000), 0),
        (REFUSED, Cost(PICTURE, 50, 1000), 1),
        (REFUSED, Cost("INTERNAL_ERROR", 50, 1000), 1),
        (REFUSED, Cost(BOMBS[REFUSED].reasons[0], 50.1, 1000), 1),
        (REFUSED, Cost(BOMBS[REFUSED].reasons[0], 50, 1001), 1),
        (REFUSED, Cost(PICTURE, 51, 1001), 3),
        (READ, Cost(PICTURE, 50, 1000), 0),
        (READ, Cost("INVALID_IMAGE", 50, 1000), 1),
    ],
)
def test_limits_are_held_to_the_digit(name: str, cost: Cost, broken: int) -> None:
    assert len(excesses(name, cost, LIMITS)) == broken


def test_bombs_are_small_beside_what_they_claim_and_always_the_same() -> None:
    for bomb in BOMBS.values():
        data = bomb.make()
        assert data == bomb.make()
        assert len(data) < 30 * 2**20
