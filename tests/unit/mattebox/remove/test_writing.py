import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from mattebox.remove import writing
from mattebox.remove.errors import PictureError, StopJobError


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "c.png"

    writing.write(target, b"cut-out", may_replace=True)

    assert target.read_bytes() == b"cut-out"
    assert list(target.parent.iterdir()) == [target]


def test_others_may_read_it_as_the_user_lets_them(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        writing.write(tmp_path / "c.png", b"cut-out", may_replace=True)
    finally:
        os.umask(before)

    assert (tmp_path / "c.png").stat().st_mode & 0o777 == 0o644


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    source, target = tmp_path / "source.png", tmp_path / "target.png"
    source.write_bytes(b"source")
    target.symlink_to(source)

    writing.write(target, b"cut-out", may_replace=True)

    assert source.read_bytes() == b"source"
    assert target.read_bytes() == b"cut-out"


@pytest.mark.parametrize("failing", ["write", "replace"])
def test_what_fails_on_the_way_leaves_what_stood_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    target = tmp_path / "c.png"
    target.write_bytes(b"old")
    begun: list[Path] = []

    def fail(*_: object) -> None:
        begun.extend(tmp_path.glob(".*.part"))
        raise OSError(errno.EIO, "Input/output error")

    if failing == "replace":
        monkeypatch.setattr(os, "replace", fail)
    else:
        monkeypatch.setattr(Path, "open", lambda path, mode: FailingFile(path, mode, fail))

    with pytest.raises(PictureError, match=r"c\.png cannot be written: Input/output error"):
        writing.write(target, b"new", may_replace=True)

    monkeypatch.undo()
    assert len(begun) == 1
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"old"


class FailingFile:
    """A file that is there, and whose writes fail."""

    def __init__(self, path: Path, mode: str, write: Callable[[bytes], None]) -> None:
        self._file = open(path, mode)  # noqa: PTH123, SIM115 - Path.open is this
        self.write = write

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@pytest.mark.parametrize("number", [None, errno.EPERM, errno.EOPNOTSUPP])
def test_nothing_is_replaced_where_that_is_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None
) -> None:
    """On file systems with hard links, and on those without any."""
    if number is not None:

        def fail(*_: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "link", fail)
    target = tmp_path / "c.png"

    writing.write(target, b"first", may_replace=False)
    with pytest.raises(PictureError) as raised:
        writing.write(target, b"second", may_replace=False)

    assert raised.value.code == "already_there"
    assert target.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Make room"),
        (errno.EDQUOT, "Make room"),
        (errno.EROFS, "Choose a place that can be written to"),
    ],
)
def test_a_full_disk_stops_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", fail)

    with pytest.raises(StopJobError, match=rf"c\.png cannot be written: .+ {advice}"):
        writing.write(tmp_path / "c.png", b"new", may_replace=True)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_is_one_pictures_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PictureError) as raised:
        writing.write(tmp_path / "file" / "c.png", b"new", may_replace=True)

    assert raised.value.code == "cannot_write"


def test_no_target_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    writing.write(None, b"\x89PNG", may_replace=False)

    assert capfdbinary.readouterr().out == b"\x89PNG"
