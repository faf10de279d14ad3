"""That the words would be found, were they anywhere."""

import base64
from pathlib import Path

import pytest

from tests.canaries import Canaries, left_in


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "abcd"])
def test_a_word_is_heard_in_each_spelling(before: str) -> None:
    canaries = Canaries()
    canaries.word("elsewhere")
    text = f"{before}{canaries.word('here')} and more"

    for told in (
        text.encode(),
        text.upper().encode(),
        text.encode().hex().encode(),
        base64.b64encode(text.encode()),
    ):
        assert canaries.heard_in(b"so: " + told) == ["here"]


def test_silence_is_silence() -> None:
    canaries = Canaries()
    canaries.word("here")

    assert canaries.heard_in(b"canary, cAnArY0001xyz") == []


def test_names_of_files_speak_too(tmp_path: Path) -> None:
    canaries = Canaries()
    (tmp_path / canaries.word("name")).write_text(canaries.word("content"))

    (told,) = left_in(tmp_path).values()
    assert canaries.heard_in(told) == ["name", "content"]
