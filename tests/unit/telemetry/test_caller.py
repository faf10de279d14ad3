import pytest

from telemetry.caller import well_formed_caller


@pytest.mark.parametrize("name", ["a", "tok_fp_0123abcd", "10.0.0.1", "ipv6:::1", "x" * 64])
def test_a_well_formed_name_is_taken(name: str) -> None:
    assert well_formed_caller(name) == name


@pytest.mark.parametrize("name", [None, "", "x" * 65, "two words", "a/b", "a\n", "ä"])
def test_any_other_is_none(name: str | None) -> None:
    assert well_formed_caller(name) is None
