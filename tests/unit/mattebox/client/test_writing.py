from pathlib import Path

import pytest

from mattebox.client import write_whole


def test_a_link_is_followed_or_replaced_as_is_asked(tmp_path: Path) -> None:
    target, link = tmp_path / "photo.png", tmp_path / "link.png"
    target.write_bytes(b"photo")
    link.symlink_to(target)

    write_whole(link, b"first")
    assert link.is_symlink()
    assert target.read_bytes() == b"first"

    write_whole(link, b"second", follow_links=False)
    assert not link.is_symlink()
    assert (link.read_bytes(), target.read_bytes()) == (b"second", b"first")
    assert set(tmp_path.iterdir()) == {link, target}


def test_a_link_to_nothing_is_followed_or_replaced_as_is_asked(tmp_path: Path) -> None:
    target, link = tmp_path / "photo.png", tmp_path / "link.png"
    link.symlink_to(target)

    write_whole(link, b"second", follow_links=False)
    assert not target.exists()

    link.unlink()
    link.symlink_to(target)
    write_whole(link, b"first")
    assert target.read_bytes() == b"first"


@pytest.mark.parametrize("follow_links", [True, False])
def test_what_cannot_be_renamed_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, follow_links: bool
) -> None:
    def replace(*_: object) -> None:
        raise OSError("full")

    target = tmp_path / "cut-out.png"
    target.write_bytes(b"before")
    monkeypatch.setattr(Path, "replace", replace)

    with pytest.raises(OSError, match="full"):
        write_whole(target, b"after", follow_links=follow_links)
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"before"
