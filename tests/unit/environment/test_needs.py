import pytest

from environment import Section, lacking


class Pair(Section):
    one: str | None = None
    other: int | None = None
    beside: bool | None = None


NEEDS = {"one": ["other"], "other": ["one", "beside"]}


@pytest.mark.parametrize(
    ("section", "problems"),
    [
        (Pair(), []),
        (Pair(beside=False), []),
        (Pair(one="", other=0, beside=False), []),
        (Pair(one="1"), ["A_B_ONE needs A_B_OTHER, which is not set."]),
        (
            Pair(other=0),
            [
                "A_B_OTHER needs A_B_ONE, which is not set.",
                "A_B_OTHER needs A_B_BESIDE, which is not set.",
            ],
        ),
    ],
)
def test_what_is_set_without_what_it_needs_is_named(section: Pair, problems: list[str]) -> None:
    assert list(lacking("A_B_", section, NEEDS)) == problems
