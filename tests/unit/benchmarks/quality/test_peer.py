"""How answers are asked of the peer, which here is a program that notes what it was asked."""

from pathlib import Path

import pytest
from benchmarks.quality.peer import Peer, cut_out_all

NOTING = """#!/bin/sh
# Called as: python -I script pictures target model modes
ls "$3" >> "$4/asked"
echo '{"rembg": "0", "home": "'$U2NET_HOME'"}' > "$4/versions.json"
"""


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    program = tmp_path / "python"
    program.write_text(NOTING)
    program.chmod(0o755)
    return Peer(program, tmp_path / "home")


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, Path]:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jpg").write_text(name)
    return {f"case-{name}": tmp_path / f"{name}.jpg" for name in ("a", "b")}


def asked(target: Path) -> list[str]:
    return (target / "asked").read_text().split()


def test_pictures_are_handed_over_under_their_names(
    peer: Peer, pictures: dict[str, Path], tmp_path: Path
) -> None:
    versions = cut_out_all(peer, pictures, tmp_path)
    assert asked(tmp_path) == ["case-a.jpg", "case-b.jpg"]
    assert versions == {"rembg": "0", "home": str(tmp_path / "home")}


def test_all_are_asked_for_again_unless_answers_are_kept(
    peer: Peer, pictures: dict[str, Path], tmp_path: Path
) -> None:
    first = cut_out_all(peer, pictures, tmp_path)
    assert cut_out_all(peer, pictures, tmp_path, keep=True) == first
    assert len(asked(tmp_path)) == 2
    cut_out_all(peer, pictures, tmp_path)
    assert len(asked(tmp_path)) == 4


def test_a_picture_that_has_changed_is_asked_for_again(
    peer: Peer, pictures: dict[str, Path], tmp_path: Path
) -> None:
    cut_out_all(peer, pictures, tmp_path)
    pictures["case-b"].write_text("another")
    cut_out_all(peer, pictures, tmp_path, keep=True)
    assert asked(tmp_path) == ["case-a.jpg", "case-b.jpg", "case-b.jpg"]
