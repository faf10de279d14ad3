import math
from dataclasses import dataclass

from bounds import Lately


@dataclass
class Clock:
    now_s: float = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def test_what_was_noted_is_known_for_a_while() -> None:
    clock = Clock()
    lately: Lately[str] = Lately(5.0, clock)
    assert (lately.get("a"), lately.age_s("a")) == (None, math.inf)

    lately.note("a", "first")
    clock.now_s += 4.9
    assert lately.get("a") == "first"
    lately.note("a", "second")
    clock.now_s += 4.9
    assert (lately.get("a"), round(lately.age_s("a"), 6)) == ("second", 4.9)

    clock.now_s += 0.2
    assert lately.get("a") is None


def test_what_is_long_ago_is_forgotten_and_what_is_not_is_kept() -> None:
    clock = Clock()
    lately: Lately[int] = Lately(5.0, clock)
    for number in range(1_000):
        lately.note(f"key {number}", number)
        clock.now_s += 1

    assert len(lately) == 5
    assert lately.get("key 999") == 999
