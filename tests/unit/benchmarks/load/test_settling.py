"""What counts as held at rest."""

import pytest
from benchmarks.load.settling import least


@pytest.mark.parametrize(("looks", "held"), [(1, 5), (2, 4), (4, 3)])
def test_what_comes_and_goes_between_looks_is_not_held(looks: int, held: int) -> None:
    seen = iter([5, 4, 6, 3, 2])
    assert least(lambda: next(seen), looks, every_s=0) == held
