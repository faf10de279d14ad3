import os
from pathlib import Path
from typing import Any

import pytest

from mattebox.remove.errors import UsageError
from mattebox.remove.request import (
    OverGrpc,
    OverHttp,
    OwnEngine,
    Request,
    Service,
    choose_service,
    plan,
)

URL, KEY = "http://example.com", "mb_live_x"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jpg").write_bytes(b"a")
    Path("p").mkdir()
    Path("p/b.jpg").write_bytes(b"b")
    Path("notes").touch()


def request(*paths: str, **given: Any) -> Request:
    return Request(paths=paths or ("a.jpg",), **given)


@pytest.mark.parametrize(
    ("given", "environment", "chosen"),
    [
        ({}, {}, OwnEngine(None, None)),
        ({"model": "isnet"}, {}, OwnEngine("isnet", None)),
        ({"model_repository": Path("m")}, {}, OwnEngine(None, Path("m"))),
        ({"url": URL}, {}, OverHttp(URL, None)),
        ({"url": URL, "key": "k"}, {"MATTEBOX_KEY": KEY}, OverHttp(URL, "k")),
        ({}, {"MATTEBOX_URL": URL, "MATTEBOX_KEY": KEY}, OverHttp(URL, KEY)),
        ({}, {"MATTEBOX_URL": "", "MATTEBOX_KEY": KEY}, OwnEngine(None, None)),
        ({"url": URL}, {"MATTEBOX_URL": "http://other", "MATTEBOX_KEY": ""}, OverHttp(URL, None)),
        # What is said on the command line counts more than the environment.
        ({"grpc": "host:1"}, {"MATTEBOX_URL": URL}, OverGrpc("host:1")),
        ({"model": "isnet"}, {"MATTEBOX_URL": URL}, OwnEngine("isnet", None)),
    ],
)
def test_what_makes_the_cut_outs(
    given: dict[str, Any], environment: dict[str, str], chosen: Service
) -> None:
    assert choose_service(request(**given), environment) == chosen


@pytest.mark.parametrize(
    "given",
    [
        {"url": URL, "grpc": "host:1"},
        {"url": URL, "model": "isnet"},
        {"grpc": "host:1", "model_repository": Path("m")},
    ],
)
def test_two_things_that_make_them_are_wrong_usage(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="do not go together"):
        choose_service(request(**given), {})


@pytest.mark.parametrize("given", [{}, {"grpc": "host:1"}, {"model": "isnet"}])
def test_a_key_that_nobody_takes_is_wrong_usage(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--key goes with --url"):
        choose_service(request(key="k", **given), {})


def test_a_key_is_not_shown() -> None:
    asked = request(url=URL, key=KEY)
    assert KEY not in repr(asked) + repr(choose_service(asked, {}))


def targets(*paths: str, **given: Any) -> list[str | None]:
    pictures = plan(request(*paths, **given)).pictures()
    return [None if each.target is None else str(each.target) for each in pictures]


def test_where_cut_outs_go() -> None:
    assert targets("a.jpg") == ["a-cut-out.png"]
    assert targets("a.jpg", out="o") == ["o/a.png"]
    assert targets("a.jpg", out="o", format="webp") == ["o/a.webp"]
    assert targets("a.jpg", out="o/x.webp") == ["o/x.webp"]
    assert targets("a.jpg", out="-") == [None]
    assert targets("-") == [None]
    assert targets("-", out="o") == ["o/stdin.png"]
    assert targets("-", out="x.png") == ["x.png"]


def test_a_folder_that_may_not_be_written_to_is_told_before_anything_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != "p")

    with pytest.raises(UsageError, match="p is not yours to write"):
        plan(request("a.jpg", out="p/deep/er"))


def test_a_mask_is_a_png_whatever_is_asked_for() -> None:
    assert targets("a.jpg", channels="alpha", format="jpg") == ["a-cut-out.png"]


def test_a_folder_may_be_called_as_a_file_is() -> None:
    Path("o.png").mkdir()

    assert targets("p", out="o.png") == ["o.png/b.png"]


@pytest.mark.parametrize(
    ("name", "format_"),
    [("x.png", "png"), ("x.JPG", "jpg"), ("x.jpeg", "jpg"), ("x.tif", "tiff"), ("x.gif", "gif")],
)
def test_the_name_of_a_file_tells_its_format(name: str, format_: str) -> None:
    assert plan(request("a.jpg", out=name)).format == format_


@pytest.mark.parametrize(
    ("paths", "given", "told"),
    [
        (("p",), {"out": ""}, "--out names nothing"),
        (("p",), {"out": "-"}, "--out - takes one cut-out"),
        (("p",), {"out": "x.png"}, "--out x.png takes one cut-out"),
        (("a.jpg", "p/b.jpg"), {"out": "x.png"}, "name a folder"),
        (("a.jpg",), {"out": "-", "as_json": True}, "--json"),
        (("a.jpg",), {"out": "a.jpg"}, "is the picture itself"),
        (("a.jpg",), {"out": "p/../a.jpg"}, "is the picture itself"),
        (("a.jpg",), {"out": "x.png", "format": "webp"}, "end in .webp"),
        (("p",), {"out": "notes"}, "--out notes is a file"),
        (("a.jpg",), {"out": "x.heic"}, "--out x.heic would be a folder"),
        (("a.jpg",), {"out": "x.webp", "channels": "alpha"}, "a mask is always one"),
    ],
)
def test_what_does_not_go_together(
    paths: tuple[str, ...], given: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError) as raised:
        plan(request(*paths, **given))

    assert told in str(raised.value)
