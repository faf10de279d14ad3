import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.options.geometry import Length, Margins, Region
from gateway.options.lengths import (
    MAX_CHARACTERS,
    MAX_PX,
    LengthError,
    margins_css,
    margins_xy,
    parse_length,
    parse_lengths,
    parse_position,
    parse_region,
    parse_share,
)

A, B, C, D = (Length(px=number) for number in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("12px", Length(px=12)),
        ("12PX", Length(px=12)),
        (" 7 ", Length(px=7)),
        ("0", Length()),
        ("0%", Length()),
        ("-3px", Length(px=-3)),
        ("+3", Length(px=3)),
        ("2.6px", Length(px=3)),
        ("2.", Length(px=2)),
        (".5%", Length(share=0.005)),
        ("5%", Length(share=0.05)),
        ("100%", Length(share=1.0)),
        ("150%", Length(share=1.5)),
        ("-10%", Length(share=-0.1)),
        (f"{MAX_PX}px", Length(px=MAX_PX)),
        (f"-{MAX_PX}", Length(px=-MAX_PX)),
    ],
)
def test_a_length_is_pixels_or_a_share(text: str, length: Length) -> None:
    assert parse_length(text) == length


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "px", "%", "5 %", "5 px", "5em", "5%%", "--5", "5-", "1e3", "nan", "inf", "0x5"),
        *("1,5", ".", "+", "\u0665px", "1" * 11, f"{MAX_PX + 1}px", f"-{MAX_PX + 1}"),
    ],
)
def test_anything_else_is_no_length(text: str) -> None:
    with pytest.raises(LengthError):
        parse_length(text)


@pytest.mark.parametrize(
    "text", ["1 2px 3 4", "1,2,3,4", "1, 2,3 ,4", " 1\t2\n3  4 ", "1px 2px,3px , 4px"]
)
def test_lengths_have_spaces_or_commas_between(text: str) -> None:
    assert parse_lengths(text) == [A, B, C, D]
    assert parse_region(text) == Region(A, B, C, D)


@pytest.mark.parametrize("text", ["", ",", "1,", ",1", "1,,2", "1;2", "1 2 x"])
def test_a_list_holds_lengths_and_nothing_between(text: str) -> None:
    with pytest.raises(LengthError):
        parse_lengths(text)


def test_a_list_has_a_longest() -> None:
    longest = "1 " * (MAX_CHARACTERS // 2)

    assert parse_lengths(longest) == [A] * (MAX_CHARACTERS // 2)
    with pytest.raises(LengthError):
        parse_lengths(longest + " ")


@pytest.mark.parametrize("text", ["0 0 100%", "0 0 1 1 1", "1", "a b c d"])
def test_a_region_has_four_edges(text: str) -> None:
    with pytest.raises(LengthError):
        parse_region(text)


def test_units_may_be_mixed_and_left_out() -> None:
    whole = Length(share=1.0)

    assert parse_region("0 0 100% 100%") == Region(Length(), Length(), whole, whole)


@pytest.mark.parametrize(
    ("lengths", "css", "xy"),
    [
        ([A], Margins(A, A, A, A), Margins(A, A, A, A)),
        (
            [A, B],
            Margins(top=A, bottom=A, left=B, right=B),
            Margins(left=A, right=A, top=B, bottom=B),
        ),
        (
            [A, B, C, D],
            Margins(top=A, right=B, bottom=C, left=D),
            Margins(left=A, top=B, right=C, bottom=D),
        ),
    ],
)
def test_margins_have_the_order_of_their_dialect(
    lengths: list[Length], css: Margins, xy: Margins
) -> None:
    assert margins_css(lengths) == css
    assert margins_xy(lengths) == xy


@pytest.mark.parametrize(
    "lengths",
    [[], [A, B, C], [A, B, C, D, A], [Length(px=-1)], [A, Length(share=-0.01)]],
)
def test_other_margins_are_none(lengths: list[Length]) -> None:
    for margins in (margins_css, margins_xy):
        with pytest.raises(LengthError):
            margins(lengths)


@pytest.mark.parametrize(
    ("text", "share"), [("10%", 0.1), ("100%", 1.0), (" 55.5% ", 0.555), ("33%", 0.33)]
)
def test_a_share_is_from_a_tenth_to_all(text: str, share: float) -> None:
    assert parse_share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["9.99%", "100.01%", "0%", "-50%", "50", "50px", "", "%", "half"])
def test_other_shares_are_none(text: str) -> None:
    with pytest.raises(LengthError):
        parse_share(text)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("0%", (0, 0)),
        ("100%", (1, 1)),
        ("25%", (0.25, 0.25)),
        ("0% 100%", (0, 1)),
        ("10%,20%", (0.1, 0.2)),
        (" 10% , 20% ", (0.1, 0.2)),
    ],
)
def test_a_position_is_one_share_or_two(text: str, position: tuple[float, float]) -> None:
    assert parse_position(text) == pytest.approx(position)


@pytest.mark.parametrize("text", ["", "100.01%", "-1%", "1% 2% 3%", "50", "center", "0% 101%"])
def test_other_positions_are_none(text: str) -> None:
    with pytest.raises(LengthError):
        parse_position(text)


@given(st.one_of(st.text(), st.from_regex(r"[-+0-9.]{0,14}(px|%|em)?([ ,]+[0-9]+%?){0,4}")))
def test_nothing_but_its_error_comes_of_any_text(text: str) -> None:
    for parse in (parse_length, parse_share, parse_position, parse_region):
        with contextlib.suppress(LengthError):
            parse(text)
    with contextlib.suppress(LengthError):
        for length in parse_lengths(text):
            assert abs(length.px) <= MAX_PX
            assert math.isfinite(length.share)
            assert not (length.px and length.share)


@given(st.integers(-MAX_PX, MAX_PX), st.sampled_from(["", "px", "PX", "Px"]))
def test_whole_pixels_are_read_as_they_are(px: int, unit: str) -> None:
    assert parse_length(f"{px}{unit}") == Length(px=px)


@given(st.integers(-999_999, 999_999))
def test_shares_are_hundredths(hundredths: int) -> None:
    share = parse_length(f"{hundredths / 100:.2f}%").share

    assert share == pytest.approx(hundredths / 10_000)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.data())
def test_lists_are_read_whatever_stands_between(numbers: list[int], data: st.DataObject) -> None:
    between = st.sampled_from([" ", ",", ", ", " ,", "  ", "\t", " , "])
    text = str(numbers[0]) + "".join(data.draw(between) + str(number) for number in numbers[1:])

    assert parse_lengths(text) == [Length(px=number) for number in numbers]
