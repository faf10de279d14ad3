import errno
from collections.abc import Callable

import pytest

from telemetry.exceptions import told

CANARY = "cAnArY"


class SecretiveError(Exception):
    """One whose text nobody may read."""

    def __str__(self) -> str:
        raise AssertionError("the text was read")


def fail() -> None:
    raise ValueError(CANARY)


def chained() -> None:
    try:
        fail()
    except ValueError as error:
        raise KeyError(CANARY) from error


def meanwhile() -> None:
    try:
        fail()
    except ValueError:
        raise KeyError(CANARY)  # noqa: B904  that is what is tried


def hidden() -> None:
    try:
        fail()
    except ValueError:
        raise KeyError(CANARY) from None


def grouped() -> None:
    raise ExceptionGroup(CANARY, [ValueError(CANARY), SecretiveError(CANARY)])


def annotated() -> None:
    error = ValueError(CANARY)
    error.add_note(CANARY)
    raise error


def of(failing: Callable[[], None]) -> str:
    with pytest.raises(BaseException) as caught:  # noqa: PT011  whatever it is
        failing()
    return told(caught.value)


@pytest.mark.parametrize("failing", [fail, chained, meanwhile, hidden, grouped, annotated])
def test_kinds_and_places_are_told_and_no_text(failing: Callable[[], None]) -> None:
    text = of(failing)

    assert CANARY not in text
    assert "Traceback (most recent call last):" in text
    assert f"in {failing.__name__}" in text


def test_what_led_to_it_comes_first() -> None:
    for failing in (chained, meanwhile):
        kinds = [line for line in of(failing).splitlines() if line.endswith("Error")]
        assert kinds == ["ValueError", "KeyError"]
    assert "ValueError" not in of(hidden).splitlines()


def test_each_of_a_group_is_told() -> None:
    text = of(grouped)

    assert text.count("of which:") == 2
    assert "tests.unit.telemetry.test_exceptions.SecretiveError" in text


def test_of_a_failure_of_the_system_its_meaning_is_told_and_no_path() -> None:
    text = told(OSError(errno.ENOSPC, CANARY, f"/{CANARY}"))

    assert text.endswith("OSError: No space left on device")
    assert told(OSError(CANARY)).endswith("OSError")


def test_a_ring_of_exceptions_has_an_end() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first

    assert told(first).count("Traceback") == 10
