"""Words that are said to a service, and looked for in all that it leaves behind."""

import base64
from collections.abc import Iterator
from pathlib import Path

_FIRST = b"cAnArY"
"""What all words begin with."""

_BYTES_OF_FOUR_LETTERS = 3


class Canaries:
    """Gives a word of its own to each place in which one can be said."""

    def __init__(self) -> None:
        self._places: list[str] = []

    def word(self, place: str) -> str:
        """A new word, of letters and digits alone, that stands for ``place``."""
        self._places.append(place)
        return _spelt(len(self._places) - 1)

    def heard_in(self, text: bytes) -> list[str]:
        """The places whose words are in ``text``, as they are, in capitals, hex or base64."""
        lowered = text.lower()
        if not any(form in (text if exact else lowered) for form, exact in _forms(_FIRST)):
            return []
        return [
            place
            for index, place in enumerate(self._places)
            if any(
                form in (text if exact else lowered)
                for form, exact in _forms(_spelt(index).encode())
            )
        ]


def _spelt(index: int) -> str:
    # Long enough that the number is in each of its spellings.
    return f"{_FIRST.decode()}{index:04d}xyz"


def _forms(word: bytes) -> Iterator[tuple[bytes, bool]]:
    """How a word may be spelt, and whether capitals matter in that spelling."""
    yield word.lower(), False
    yield word.hex().encode(), False
    for before in range(_BYTES_OF_FOUR_LETTERS):
        # Letters that belong to neighbours, too, are left out.
        whole = (before + len(word)) // 3 * 4
        yield base64.b64encode(bytes(before) + word)[-(-before * 8 // 6) : whole], True


def left_in(*folders: Path) -> dict[Path, bytes]:
    """The name and content of each file in ``folders``."""
    return {
        path: str(path).encode() + b"\n" + path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
