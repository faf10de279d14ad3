"""Where cut-outs go. What matters most: no source and no other cut-out is ever written over."""

import random
from pathlib import Path

import pytest

from mattebox.remove.inputs import read_arguments
from mattebox.remove.naming import Naming
from mattebox.remove.sources import FileSource, Unreadable
from tests.unit.mattebox.remove.folders import put


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def targets(*arguments: str, out: str | None = None, suffix: str = ".png") -> list[str]:
    folder = None if out is None else Path(out)
    inputs = read_arguments(arguments, folder)
    naming = Naming(inputs, folder, suffix)
    return [
        str(naming.target(source)) for source in inputs.walk() if not isinstance(source, Unreadable)
    ]


def test_a_cut_out_stands_beside_its_source() -> None:
    put("p/a.jpg", "p/q/b.webp", "c.png")

    assert targets("p", "c.png") == ["p/a-cut-out.png", "p/q/b-cut-out.png", "c-cut-out.png"]
    assert targets("c.png", suffix=".webp") == ["c-cut-out.webp"]


def test_a_folder_for_them_keeps_the_tree() -> None:
    put("p/a.jpg", "p/q/b.webp")

    assert targets("p", out="o") == ["o/a.png", "o/q/b.png"]


def test_a_url_goes_into_the_folder_or_here() -> None:
    urls = ["https://a.example/x/cup.jpg", "https://b.example/cup.png"]

    assert targets(*urls, out="o") == ["o/cup.png", "o/cup-2.png"]
    assert targets(*urls) == ["cup-cut-out.png", "cup-2-cut-out.png"]


def test_pictures_that_differ_in_their_endings_keep_them() -> None:
    put("p/a.jpg", "p/a.PNG", "p/b.jpg")

    assert targets("p", out="o") == ["o/a-png.png", "o/a-jpg.png", "o/b.png"]
    # So each has its name whatever else is asked for.
    assert targets("p/a.jpg", out="o") == ["o/a-jpg.png"]
    assert targets("p/a.jpg") == ["p/a-jpg-cut-out.png"]


def test_pictures_of_one_name_in_different_folders_get_numbers() -> None:
    put("p/a.jpg", "q/a.jpg", "r/A.jpg")

    assert targets("p/a.jpg", "q/a.jpg", "r/A.jpg", out="o") == [
        "o/a.png",
        "o/a-2.png",
        "o/A-3.png",
    ]


def test_a_cut_out_among_sources_is_marked() -> None:
    put("p/a.jpg", "p/p/b.jpg")

    assert targets("p", out="p") == ["p/a-cut-out.png", "p/p/b-cut-out.png"]
    # ./p/b.png would be among the sources, ./a.png is not.
    assert targets("p", out=".") == ["a.png", "p/b-cut-out.png"]
    assert targets("p/a.jpg", out="p") == ["p/a-cut-out.png"]


def test_a_cut_out_in_a_folder_left_out_of_the_walk_needs_no_mark() -> None:
    put("p/a.jpg", "p/o/x.png")

    assert targets("p", out="p/o") == ["p/o/a.png"]


def test_a_source_that_is_named_is_not_written_over() -> None:
    put("p/a.jpg", "o/a.png")

    assert targets("p/a.jpg", "o/a.png", out="o") == ["o/a-cut-out.png", "o/a-2-cut-out.png"]
    put("q/b.jpg")
    assert targets("o/a.png", "q/b.jpg", "p/a.jpg", out="q")[0] == "q/a-cut-out.png"


def test_the_same_sources_get_the_same_names_again() -> None:
    put("p/a.jpg", "p/a.gif", "q/a.jpg", "q/b/a.webp")

    arguments = ["p", "q", "q/b/a.webp"]
    assert targets(*arguments, out="o") == targets(*arguments, out="o")


@pytest.mark.parametrize("seed", range(60))
def test_no_source_and_no_other_cut_out_is_written_over(seed: int) -> None:
    chance = random.Random(seed)
    folders = ["p", "p/o", "p/o/p", "p/q", "q", "q/p"]
    names = ["a.jpg", "a.png", "A.webp", "a-2.png", "a-jpg.gif", "a-cut-out.png", "b.jpg"]
    files = sorted({f"{chance.choice(folders)}/{chance.choice(names)}" for _ in range(12)})
    put(*files)
    arguments = chance.sample(files, 2)
    arguments += [folder for folder in chance.sample(folders, 2) if Path(folder).is_dir()]
    arguments += ["https://example.com/a.jpg"]
    out = chance.choice([None, ".", "o", *folders])

    given = targets(*arguments, out=out)

    walked = read_arguments(arguments, None if out is None else Path(out)).walk()
    sources = {each.path.resolve() for each in walked if isinstance(each, FileSource)}
    written = [Path(target).resolve() for target in given]
    assert not sources & set(written)
    assert len({str(path).casefold() for path in written}) == len(written)
