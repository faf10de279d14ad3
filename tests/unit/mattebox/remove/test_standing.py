"""What may be written where something stands already: nothing, unless it is said."""

import os
from pathlib import Path, PurePath

import pytest

from mattebox.remove.errors import PictureError
from mattebox.remove.outcome import Picture
from mattebox.remove.sources import FileSource, UrlSource
from mattebox.remove.standing import Standing, Way

EARLIER_S, LATER_S = 1e9, 1.1e9


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    source = tmp_path / "a.jpg"
    source.touch()
    return Picture(FileSource(source, PurePath("a.jpg")), tmp_path / "out" / "a.png")


def put(picture: Picture, content: bytes = b"whole") -> Path:
    assert picture.target is not None
    picture.target.parent.mkdir()
    picture.target.write_bytes(content)
    return picture.target


def failure(standing: Standing, picture: Picture) -> PictureError:
    with pytest.raises(PictureError) as raised:
        standing.way(picture)
    return raised.value


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("overwrite", [False, True])
def test_where_nothing_stands_a_cut_out_is_made(
    picture: Picture, resume: bool, overwrite: bool
) -> None:
    way = Standing(resume=resume, overwrite=overwrite).way(picture)

    assert way is (Way.REPLACE if overwrite else Way.CREATE)


def test_what_stands_there_stays_unless_it_is_said(picture: Picture) -> None:
    target = put(picture)

    error = failure(Standing(), picture)

    assert (error.code, str(error)) == ("already_there", f"{target} is there already.")
    assert "--resume" in error.advice
    assert "--overwrite" in error.advice
    assert Standing(overwrite=True).way(picture) is Way.REPLACE
    assert Standing(resume=True).way(picture) is Way.SKIP
    assert Standing(resume=True, overwrite=True).way(picture) is Way.SKIP


def test_an_older_one_is_made_anew_only_where_it_may_be_replaced(picture: Picture) -> None:
    target = put(picture)
    os.utime(target, (EARLIER_S, EARLIER_S))

    error = failure(Standing(resume=True), picture)

    assert error.code == "already_there"
    assert "older than the picture" in str(error)
    assert Standing(resume=True, overwrite=True).way(picture) is Way.REPLACE


def test_a_source_that_was_put_there_with_an_old_date_is_newer_than_its_cut_out(
    picture: Picture,
) -> None:
    target = put(picture)
    os.utime(target, (LATER_S, LATER_S))
    assert isinstance(picture.source, FileSource)
    os.utime(picture.source.path, (EARLIER_S, EARLIER_S))  # as `cp -p` and `mv` leave it

    assert failure(Standing(resume=True), picture).code == "already_there"


def test_a_source_of_the_future_is_not_cut_out_again_and_again(picture: Picture) -> None:
    put(picture)
    assert isinstance(picture.source, FileSource)
    os.utime(picture.source.path, (4e9, 4e9))
    assert picture.target is not None
    picture.target.touch()

    assert Standing(resume=True).way(picture) is Way.SKIP


def test_an_empty_file_holds_nothing_that_could_be_lost(picture: Picture) -> None:
    put(picture, b"")

    assert Standing(resume=True).way(picture) is Way.REPLACE
    assert failure(Standing(), picture).code == "already_there"


def test_a_link_to_nothing_stands_there_too(picture: Picture) -> None:
    target = put(picture)
    target.unlink()
    target.symlink_to("nothing")

    assert failure(Standing(), picture).code == "already_there"
    assert failure(Standing(resume=True), picture).code == "already_there"


def test_a_folder_is_never_replaced(picture: Picture) -> None:
    target = put(picture)
    target.unlink()
    target.mkdir()

    for standing in (Standing(resume=True), Standing(overwrite=True)):
        error = failure(standing, picture)
        assert error.code == "cannot_write"
        assert "is a folder" in str(error)


def test_of_what_is_at_a_url_any_whole_one_will_do(tmp_path: Path) -> None:
    picture = Picture(UrlSource("http://example.com/a.jpg"), tmp_path / "out" / "a.png")
    put(picture)

    assert Standing(resume=True).way(picture) is Way.SKIP


def test_nothing_stands_on_standard_output() -> None:
    assert Standing(resume=True).way(Picture(UrlSource("http://a/a.jpg"), None)) is Way.CREATE


@pytest.mark.parametrize("name", ["x" * 252 + ".png", "\N{SNOWMAN}" * 84 + ".png"])
def test_a_name_that_no_file_can_have_is_told_before_anything_is_asked(
    tmp_path: Path, name: str
) -> None:
    picture = Picture(UrlSource("http://a/a.jpg"), tmp_path / name)

    error = failure(Standing(), picture)

    assert error.code == "cannot_write"
    assert "256 bytes" in str(error)


def test_a_place_that_cannot_be_is_told_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    asked: list[Path] = []

    def access(path: Path, _mode: int) -> bool:
        asked.append(path)
        return path.name != "shut"

    monkeypatch.setattr(os, "access", access)
    (tmp_path / "shut").mkdir()
    standing = Standing()
    source = UrlSource("http://a/a.jpg")

    assert "file is no folder" in str(
        failure(standing, Picture(source, tmp_path / "file" / "a.png"))
    )
    for name in ("a.png", "b.png"):
        error = failure(standing, Picture(source, tmp_path / "shut" / "in" / name))
        assert "shut is not yours to write" in str(error)
    assert asked == [tmp_path / "shut"]  # once for a folder
