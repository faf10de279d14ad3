"""Kernels are built when they are missing or out of date, and only then."""

import ctypes
import importlib.metadata
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from segmenter.imaging.kernels import build_hook
from segmenter.imaging.kernels.build_hook import CustomBuildHook, build

VARIANTS: Mapping[str, Mapping[str, str]] = vars(build_hook)["_VARIANTS"]

SOURCE = """
#include "answer.h"
__attribute__((visibility("default"))) int answer(void) { return ANSWER; }
int not_for_others(void);
int not_for_others(void) { return 1; }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "answer.h").write_text("#define ANSWER 41\n")
    (tmp_path / "answer.c").write_text(SOURCE)
    return tmp_path


class Compiler:
    """Stands in for the real one, which takes seconds: writes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    def __call__(self, arguments: Sequence[str], scratch: Path) -> None:
        assert scratch.is_dir()
        self.asked.append(arguments)
        Path(arguments[-1]).write_text(" ".join(arguments[:-1]))

    def flags(self, beginning: str) -> list[str]:
        return [each for asked in self.asked for each in asked if each.startswith(beginning)]


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Compiler:
    stand_in = Compiler()
    monkeypatch.setattr(build_hook, "_compile", stand_in)
    return stand_in


def on(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)


def answer_of(library: Path, copy: Path) -> int:
    """Asks a library under another name, since the system loads one of a name once."""
    shutil.copy(library, copy)
    answer: int = ctypes.CDLL(str(copy)).answer()
    return answer


def said_by_hook(root: Path, target: str) -> dict[str, Any]:
    """Runs the hook as hatchling does for a target; gives what it says of what is to be packed."""
    parts: Any = None
    data: dict[str, Any] = {"artifacts": []}
    CustomBuildHook(str(root), {}, parts, parts, str(root), target).initialize("standard", data)
    return data


@pytest.mark.slow
def test_it_builds_for_this_machine_and_again_only_after_a_change(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/dev/null")  # where nobody can write
    one_each = {of: {"baseline": each["baseline"]} for of, each in VARIANTS.items()}
    monkeypatch.setattr(build_hook, "_VARIANTS", one_each)
    copies = tmp_path_factory.mktemp("copies")
    (baseline,) = build(folder)
    assert baseline == folder / "baseline.so"
    assert answer_of(baseline, copies / "first.so") == 41
    assert not hasattr(ctypes.CDLL(str(copies / "first.so")), "not_for_others")

    before = baseline.stat()
    build(folder)
    assert (baseline.stat().st_ino, baseline.stat().st_mtime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
    )

    (folder / "answer.h").write_text("#define ANSWER 42\n")
    build(folder)
    assert answer_of(baseline, copies / "second.so") == 42


def test_nothing_is_left_but_libraries_and_their_notes(folder: Path, compiler: Compiler) -> None:
    made = build(folder)

    names = {path.name for path in made}
    assert {path.name for path in folder.iterdir()} == {
        *("answer.c", "answer.h"),
        *names,
        *(f"{name}.sha256" for name in names),
    }
    assert len(compiler.asked) == len(made)


def test_what_is_up_to_date_is_not_built(folder: Path, compiler: Compiler) -> None:
    build(folder)
    compiler.asked.clear()
    build(folder)
    assert compiler.asked == []


def without(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        path.unlink()


CHANGES: Mapping[str, Callable[[Path], object]] = {
    "a source": lambda folder: (folder / "answer.c").write_text(SOURCE + "/* more */\n"),
    "a header": lambda folder: (folder / "answer.h").write_text("#define ANSWER 42\n"),
    "one more": lambda folder: (folder / "other.c").write_text(""),
    "one less": lambda folder: (folder / "answer.c").unlink(),
    "another name": lambda folder: (folder / "answer.c").rename(folder / "response.c"),
    "no library": lambda folder: without(folder, "*.so"),
    "no note": lambda folder: without(folder, "*.sha256"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_out_of_date_is_built_anew(folder: Path, compiler: Compiler, change: str) -> None:
    made = build(folder)
    compiler.asked.clear()

    CHANGES[change](folder)
    assert build(folder) == made
    assert len(compiler.asked) == len(made)
    assert all(path.exists() for path in made)


def test_another_compiler_builds_anew(
    folder: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build(folder)
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "99")
    build(folder)
    assert len(compiler.asked) == 2 * len(made)


def test_all_sources_of_the_folder_are_built(folder: Path, compiler: Compiler) -> None:
    (folder / "other.c").write_text("")
    build(folder)
    for asked in compiler.asked:
        assert {str(folder / "answer.c"), str(folder / "other.c")} <= set(asked)
        assert str(folder / "answer.h") not in asked


def test_an_error_of_the_compiler_is_told_with_its_text(folder: Path) -> None:
    (folder / "answer.c").write_text("int answer(void) { return }\n")
    with pytest.raises(RuntimeError, match=r"(?s)could not be built.*answer\.c:1.*expected"):
        build(folder)
    assert {path.name for path in folder.iterdir()} == {"answer.c", "answer.h"}


@pytest.mark.slow
def test_a_warning_is_an_error(folder: Path) -> None:
    (folder / "answer.c").write_text("int answer(int of) { return 1; }\n")
    with pytest.raises(RuntimeError, match="unused parameter"):
        build(folder)


def test_what_was_built_before_stays_where_the_compiler_refuses(
    folder: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build(folder)
    before = [path.read_bytes() for path in made]
    assert compiler.asked

    def refuses(*_: Any) -> None:
        raise RuntimeError("it does not like it")

    (folder / "answer.c").write_text("")
    monkeypatch.setattr(build_hook, "_compile", refuses)
    with pytest.raises(RuntimeError, match="does not like"):
        build(folder)
    assert [path.read_bytes() for path in made] == before


@pytest.mark.parametrize(
    ("machine", "targets"),
    [
        (("linux", "x86_64"), ["x86_64-linux-gnu.2.17", "x86_64-linux-gnu.2.17"]),
        (("linux", "aarch64"), ["aarch64-linux-gnu.2.17"]),
        (("darwin", "arm64"), ["aarch64-macos"]),
    ],
)
def test_each_machine_gets_its_own(
    machine: tuple[str, str],
    targets: list[str],
    folder: Path,
    compiler: Compiler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on(monkeypatch, *machine)
    build(folder)

    assert [asked[list(asked).index("-target") + 1] for asked in compiler.asked] == targets
    assert all("-ffp-contract=off" in asked for asked in compiler.asked)


def test_x86_gets_a_variant_for_avx2(
    folder: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "linux", "x86_64")
    assert [path.name for path in build(folder)] == ["baseline.so", "avx2.so"]
    assert compiler.flags("-mcpu=") == ["-mcpu=x86_64_v2", "-mcpu=x86_64_v3"]


@pytest.mark.parametrize("machine", [("linux", "s390x"), ("win32", "AMD64")])
def test_other_machines_get_all_but_the_kernels(
    machine: tuple[str, str],
    tmp_path: Path,
    compiler: Compiler,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    on(monkeypatch, *machine)

    assert said_by_hook(tmp_path, "wheel") == {"artifacts": []}
    assert compiler.asked == []
    assert "the segmenter will not run here" in capsys.readouterr().err


def test_an_archive_of_sources_takes_no_compiling(tmp_path: Path, compiler: Compiler) -> None:
    assert said_by_hook(tmp_path, "sdist") == {"artifacts": []}
    assert compiler.asked == []


def test_it_is_a_program_as_well() -> None:
    program = Path(build_hook.__file__)
    done = subprocess.run([sys.executable, str(program)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
