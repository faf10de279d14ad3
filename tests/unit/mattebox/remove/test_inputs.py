import errno
import glob
import os
from pathlib import Path, PurePath

import pytest

from mattebox.remove.earlier import is_picture
from mattebox.remove.errors import UsageError
from mattebox.remove.inputs import read_arguments
from mattebox.remove.sources import (
    IMAGE_SUFFIXES,
    FileSource,
    StdinSource,
    Unreadable,
    UrlSource,
)
from segmenter.imaging.sniff import ImageFormat
from tests.unit.mattebox.remove.folders import close, put


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def found(*arguments: str, out: str | None = None) -> list[str]:
    """The paths of the files that are found, in order."""
    sources = read_arguments(arguments, None if out is None else Path(out)).walk()
    return [str(source.path) for source in sources if isinstance(source, FileSource)]


def below(*arguments: str) -> list[str]:
    sources = read_arguments(arguments, None).walk()
    return [str(source.below) for source in sources if isinstance(source, FileSource)]


def test_a_folder_is_walked_in_the_order_of_names_its_own_pictures_first() -> None:
    put("p/b.jpg", "p/a/z.png", "p/a.webp", "p/a/deep/x.HEIC", "p/c.jpeg")

    assert found("p") == ["p/a.webp", "p/b.jpg", "p/c.jpeg", "p/a/z.png", "p/a/deep/x.HEIC"]
    assert below("p") == ["a.webp", "b.jpg", "c.jpeg", "a/z.png", "a/deep/x.HEIC"]


def test_what_is_no_picture_hidden_or_a_cut_out_is_left_out() -> None:
    put("p/notes.txt", "p/.hidden.jpg", "p/.git/x.png", "p/a-cut-out.png", "p/.ab.part", "p/a.jpg")
    Path("p/folder.jpg").mkdir()

    assert found("p") == ["p/a.jpg"]


def test_every_format_that_is_read_has_its_endings() -> None:
    assert {f".{each}" for each in ImageFormat} <= IMAGE_SUFFIXES
    assert {".jpg", ".tif", ".heif"} <= IMAGE_SUFFIXES


def test_links_to_folders_are_not_followed_and_those_to_files_are() -> None:
    put("p/a.jpg", "elsewhere/b.jpg")
    Path("p/circle").symlink_to(Path("p").absolute())
    Path("p/link.jpg").symlink_to(Path("elsewhere/b.jpg").absolute())

    assert found("p") == ["p/a.jpg", "p/link.jpg"]


def test_the_folder_of_the_cut_outs_is_no_source_where_it_lies_in_one() -> None:
    put("p/a.jpg", "p/out/a.png", "p/out/deep/b.png", "p/output/c.jpg")

    assert found("p", out="p/out") == ["p/a.jpg", "p/output/c.jpg"]
    assert found("p/**/*", out="p/out") == ["p/a.jpg", "p/output/c.jpg"]


def test_a_folder_is_a_source_where_the_cut_outs_go_into_it() -> None:
    put("p/a.jpg")

    assert found("p", out="p") == found("p", out=".") == ["p/a.jpg"]


def test_a_pattern_finds_pictures_in_order_below_where_it_begins() -> None:
    put("p/b.jpg", "p/a/c.jpg", "p/a/d.png", "p/x.txt", "p/a/c-cut-out.jpg")

    assert found("p/**/*.jpg") == ["p/a/c.jpg", "p/b.jpg"]
    assert below("p/**/*.jpg") == ["a/c.jpg", "b.jpg"]
    assert below("p/a/*") == ["c.jpg", "d.png"]
    assert found("p/?.*") == ["p/b.jpg"]


@pytest.mark.parametrize("argument", ["p", "p/*", "p/**/*.jpg"])
def test_a_link_that_leads_nowhere_fails_alone(argument: str) -> None:
    put("p/a.jpg", "p/z.jpg")
    Path("p/circle.jpg").symlink_to("circle.jpg")
    Path("p/gone.jpg").symlink_to("nothing")
    Path("p/circle").symlink_to("circle")

    sources = list(read_arguments([argument], Path("o")).walk())

    assert [str(each.path) for each in sources if isinstance(each, FileSource)] == [
        "p/a.jpg",
        "p/z.jpg",
    ]
    assert [each for each in sources if isinstance(each, Unreadable)] == [
        Unreadable(Path("p/circle.jpg"), os.strerror(errno.ELOOP)),
        Unreadable(Path("p/gone.jpg"), os.strerror(errno.ENOENT)),
    ]


def test_a_folder_for_cut_outs_that_is_a_circle_breaks_no_walk() -> None:
    put("p/a.jpg")
    Path("circle").symlink_to("circle")

    assert found("p", out="circle") == ["p/a.jpg"]


def test_any_folders_of_a_pattern_are_no_links_to_folders() -> None:
    put("p/a/b.jpg", "elsewhere/c.jpg")
    Path("p/a/circle").symlink_to(Path("p").absolute())
    Path("p/link").symlink_to(Path("elsewhere").absolute())

    assert found("p/**/*.jpg") == ["p/a/b.jpg"]
    assert found("p/**") == ["p/a/b.jpg"]
    # One that is meant by itself is.
    assert found("p/*/*.jpg") == ["p/a/b.jpg", "p/link/c.jpg"]


@pytest.mark.parametrize(
    "pattern",
    [
        *("*.jpg", "*", "**", "**/*", "**/*.png", "p/**/*.jpg", "p/**/q/*", "p/**/**/*.jpg"),
        *("p/a*", "p/[ab].jpg", "p/?.jpg", "p/*/../b.jpg", ".h/*", "p/.x/*.jpg", "none/*"),
        *("{here}/p/*.jpg", "{here}/**/q/*", "p/q/[d].png", "./p/*.jpg", "p/../p/*.jpg"),
    ],
)
def test_a_pattern_matches_what_it_does_elsewhere(pattern: str) -> None:
    put("a.jpg", "p/a.jpg", "p/b.jpg", "p/q/c.jpg", "p/q/d.png", "p/q/q/e.webp", "p/.x/f.jpg")
    put(".h/g.jpg", "p/.i.jpg", "p/a-cut-out.jpg", "p/notes.txt")
    pattern = pattern.format(here=Path.cwd())
    matches = {Path(each) for each in glob.glob(pattern, recursive=True)}  # noqa: PTH207 - the rules
    expected = sorted(str(each) for each in matches if each.is_file() and is_picture(each.name))

    if not expected:
        with pytest.raises(UsageError):
            read_arguments([pattern], None)
    else:
        assert found(pattern) == expected


def test_a_folder_that_a_pattern_may_not_look_into_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put("p/a/x.jpg", "p/b/y.jpg")
    close(monkeypatch, "a")
    first, second = read_arguments(["p/**/*.jpg"], None).walk()

    assert first == Unreadable(Path("p/a"), "Permission denied")
    assert isinstance(second, FileSource)


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        ("a.png a-cut-out.png b.png", "a.png b.png"),
        ("a.jpg a-cut-out.png b.png", "a.jpg b.png"),
        ("a.jpg a.png a-jpg-cut-out.png a-png-cut-out.png", "a.jpg a.png"),
        ("a.jpg a-2-cut-out.webp a-cut-out-cut-out.png a-cut-out.png", "a.jpg"),
        ("a.jpg x-cut-out.png", "a.jpg x-cut-out.png"),
    ],
)
def test_cut_outs_that_a_shell_names_among_their_originals_are_left_out(
    files: str, taken: str
) -> None:
    put(*files.split())

    assert found(*files.split()) == taken.split()


def test_a_cut_out_that_is_named_by_itself_is_taken() -> None:
    put("a.png", "a-cut-out.png", "b.jpg", "b-cut-out.png")

    assert found("a-cut-out.png") == ["a-cut-out.png"]
    with pytest.raises(UsageError, match="cut-outs of an earlier run"):
        read_arguments(["a-cut-out.png", "b-cut-out.png"], None)


def test_several_arguments_keep_the_names_of_folders() -> None:
    put("p/a.jpg", "q/r/b.jpg")
    assert below("p") == ["a.jpg"]
    assert below("p", "q/r/b.jpg") == ["p/a.jpg", "b.jpg"]
    assert below("p", "https://example.com/x.jpg") == ["p/a.jpg"]

    assert below("p", "q/r") == ["p/a.jpg", "r/b.jpg"]
    assert below("p", "q/*/*.jpg") == ["p/a.jpg", "q/r/b.jpg"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called() -> None:
    put("photo", "x-cut-out.png", "[1].jpg")

    assert found("photo", "x-cut-out.png", "[1].jpg") == ["photo", "x-cut-out.png", "[1].jpg"]


def test_what_is_named_twice_is_taken_once() -> None:
    put("a.jpg")

    assert found("a.jpg", "a.jpg") == ["a.jpg"]


def test_urls_and_standard_input_are_told_from_files() -> None:
    inputs = read_arguments(["https://example.com/a.jpg", "HTTP://example.com/b"], None)
    assert [type(source) for source in inputs.walk()] == [UrlSource, UrlSource]
    assert read_arguments(["-"], None).only_one == StdinSource()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.jpg"], "none.jpg: there is no such file or folder"),
        (["p/*.png"], "p/*.png: no picture matches"),
        (["-", "a.jpg"], "nothing beside it"),
        (["a.jpg", ""], "An empty argument"),
        (["http://[bad/x.jpg"], "http://[bad/x.jpg is no URL"),
        (["http://a.example:99999/x.jpg"], "is no URL"),
        (["https://u:secret@:80/x.jpg?secret"], "https://:80/x.jpg is no URL: it has no host"),
        (["x" * 300], "cannot be read: File name too long"),
    ],
)
def test_what_names_nothing_is_wrong_usage(arguments: list[str], told: str) -> None:
    put("a.jpg", "p/x.jpg")

    with pytest.raises(UsageError) as raised:
        read_arguments(arguments, None)

    assert told in str(raised.value)
    assert "secret" not in str(raised.value)


def test_only_a_single_picture_is_the_only_one() -> None:
    put("a.jpg", "b.jpg", "p/c.jpg")

    assert read_arguments(["a.jpg"], None).only_one == FileSource(Path("a.jpg"), PurePath("a.jpg"))
    assert read_arguments(["a.jpg", "b.jpg"], None).only_one is None
    assert read_arguments(["p"], None).only_one is None


def test_a_folder_that_may_not_be_read_is_told_and_the_others_are_walked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put("p/a/x.jpg", "p/b/y.jpg")
    close(monkeypatch, "a")
    first, second = read_arguments(["p"], None).walk()

    assert first == Unreadable(Path("p/a"), "Permission denied")
    assert second == FileSource(Path("p/b/y.jpg"), PurePath("b/y.jpg"))


@pytest.mark.parametrize(
    ("url", "label", "name"),
    [
        ("https://u:secret@x.example/a.jpg?t=secret#x", "https://x.example/a.jpg", "a.jpg"),
        ("https://example.com/", "https://example.com/", "picture"),
        ("https://example.com/a%2F..%2Fb%20c.jpg", None, "a_.._b c.jpg"),
        ("https://example.com/..%2f", None, "_"),
        ("https://example.com/.ssh", None, "ssh"),
        (
            f"https://example.com/{'%E4%B8%80' * 99}.jpg",
            None,
            "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 32 + ".jpg",
        ),
        (f"https://example.com/a.{'b' * 99}", None, "b" * 99),
    ],
)
def test_a_url_tells_no_secrets_and_names_a_file_in_no_other_folder(
    url: str, label: str | None, name: str
) -> None:
    source = UrlSource(url)

    assert source.below == PurePath(name)
    assert label is None or source.label == label
    assert "secret" not in source.label


def test_the_name_of_a_file_does_not_steer_a_terminal() -> None:
    assert FileSource(Path("a\x1b[2Jb\n.jpg"), PurePath("x")).label == "a\ufffd[2Jb\ufffd.jpg"
