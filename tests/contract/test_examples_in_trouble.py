"""The programs in `examples/` where services, connections and files fail them."""

from pathlib import Path

import pytest

from tests.contract.answering_server import answering_server
from tests.contract.test_examples import launched


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    path = tmp_path / "photos" / "photo.jpg"
    path.write_bytes(b"image")
    return path


@pytest.mark.parametrize("name", ["curl_remove.sh", "node_fetch.mjs"])
def test_a_connection_that_breaks_leaves_what_was_there(
    photo: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "out" / "cut-out.png"
    target.parent.mkdir()
    target.write_bytes(b"before")

    with answering_server([200] * 4, b"half of it", missing_bytes=10) as server:
        done = launched(name, {"MATTEBOX_URL": server.url, "MATTEBOX_KEY": "key"}, photo, target)

    assert done.returncode != 0
    assert list(target.parent.iterdir()) == [target]
    assert target.read_bytes() == b"before"


@pytest.mark.parametrize("retry_after", ["86400", "9" * 400, "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_nobody_waits_longer_than_they_want_to(
    photo: Path, tmp_path: Path, retry_after: str
) -> None:
    with answering_server([503, 200], b"picture", retry_after) as server:
        environment = {"MATTEBOX_URL": server.url, "MATTEBOX_KEY": "key"}
        done = launched("node_fetch.mjs", environment, photo, tmp_path / "cut-out.png")

    assert done.returncode == 1
    assert "overloaded" in done.stderr
    assert len(server.asked) == 1


def test_a_date_that_has_passed_is_now(photo: Path, tmp_path: Path) -> None:
    with answering_server([503, 200], b"picture", "Tue, 01 Dec 2020 03:00:00 GMT") as server:
        environment = {"MATTEBOX_URL": server.url, "MATTEBOX_KEY": "key"}
        done = launched("node_fetch.mjs", environment, photo, tmp_path / "cut-out.png")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cut-out.png").read_bytes() == b"picture"


def test_a_folder_is_done_but_for_what_cannot_be_read_or_written(
    photo: Path, tmp_path: Path
) -> None:
    (photo.parent / "unwritten.jpg").write_bytes(b"image")
    (tmp_path / "out" / "unwritten.jpg.png").mkdir(parents=True)
    # It is a file, and nothing can be read at its beginning.
    (photo.parent / "unread.jpg").symlink_to("/proc/self/mem")

    with answering_server([200] * 2, b"picture") as server:
        environment = {"MATTEBOX_URL": server.url, "MATTEBOX_KEY": "key"}
        done = launched("python_folder.py", environment, photo.parent, tmp_path / "out")

    assert (done.returncode, done.stdout) == (1, "1 done, 2 failed\n")
    assert "unread.jpg: " in done.stderr
    assert "unwritten.jpg: " in done.stderr
    assert (tmp_path / "out" / "photo.jpg.png").read_bytes() == b"picture"


def test_two_photos_of_one_name_are_refused_before_one_is_lost(photo: Path, tmp_path: Path) -> None:
    nobody = {"MATTEBOX_GRPC": "127.0.0.1:1"}

    done = launched("python_grpc.py", nobody, tmp_path / "out", photo, "elsewhere/photo.jpg")

    assert done.returncode == 1
    assert "same name" in done.stderr
    assert not (tmp_path / "out").exists()
