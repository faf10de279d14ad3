import os
import threading
from pathlib import Path

import pytest

from mattebox.client.cut_out import CutOut
from tests.umasks import umask

CUT_OUT = CutOut(
    image=b"picture",
    media_type="image/png",
    width_px=3,
    height_px=2,
    foreground_found=True,
    request_id="req_1",
    timings_ms={"total": 1.5},
)


def test_a_saved_picture_lies_alone_where_it_should(tmp_path: Path) -> None:
    target = tmp_path / "cut-out.png"
    target.write_bytes(b"a longer one before")

    with umask(0o027):
        CUT_OUT.save(target)

    assert target.read_bytes() == b"picture"
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_a_path_may_be_a_text(tmp_path: Path) -> None:
    CUT_OUT.save(str(tmp_path / "cut-out.png"))

    assert (tmp_path / "cut-out.png").read_bytes() == b"picture"


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder" / "full").mkdir(parents=True)
    missing = tmp_path / "missing" / "cut-out.png"

    for target in (missing, tmp_path / "folder"):
        with pytest.raises(OSError, match=r"folder|missing"):
            CUT_OUT.save(target)
    assert [path.name for path in tmp_path.rglob("*")] == ["folder", "full"]


def test_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    target = tmp_path / "cut-out.png"
    target.write_bytes(b"before")

    with target.open("rb") as reader:
        CUT_OUT.save(target)
        assert reader.read() == b"before"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "cut-out.png", tmp_path / "link.png"
    link.symlink_to(target)

    CUT_OUT.save(link)

    assert link.is_symlink()
    assert target.read_bytes() == b"picture"


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    CUT_OUT.save(pipe)

    reader.join()
    assert read == [b"picture"]
    assert pipe.is_fifo()


def test_what_is_shown_of_it_is_short() -> None:
    assert "picture" not in repr(CUT_OUT)
    assert "width_px=3" in repr(CUT_OUT)
