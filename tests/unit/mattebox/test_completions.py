"""What a real shell offers on TAB."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
_PATIENCE_S = 60.0

COMPLETE_AND_SHOW = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
_mattebox_completion mattebox
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def bash() -> str:
    if (program := shutil.which("bash")) is None:
        pytest.skip("bash is not installed")
    return program


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script that `mattebox --show-completion` prints to somebody who uses bash."""
    file = tmp_path_factory.mktemp("completion") / "mattebox.bash"
    file.write_text(shown("bash"))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of an operator's, with two models."""
    for repository in ("model_repository", "srv"):
        for name in ("u2netp", f"u2net-{repository[:3]}"):
            (tmp_path / repository / name).mkdir(parents=True)
            (tmp_path / repository / name / "config.pbtxt").touch()
    return tmp_path


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "TERM": "dumb"}


def shown(shell: str) -> str:
    done = subprocess.run(
        [BIN / "mattebox", "--show-completion", shell],
        capture_output=True,
        text=True,
        check=True,
        env={**environment(), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )
    return done.stdout


def offered(bash: str, script: Path, folder: Path, *words: str) -> set[str]:
    done = subprocess.run(
        [bash, "--norc", "-c", COMPLETE_AND_SHOW, "bash", str(script), *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["mattebox", "mod"], {"models"}),
        (["mattebox", "d"], {"doctor"}),
        (["mattebox", "keys", "r"], {"rotate", "revoke"}),
        (["mattebox", "up", "--metrics"], {"--metrics-port"}),
        (["mattebox", "up", "--engine", ""], {"auto", "triton", "onnxruntime"}),
        (["mattebox", "up", "--log-level", "w"], {"warning"}),
        (["mattebox", "keys", "create", "--mode", ""], {"live", "admin", "synthetic"}),
        (["mattebox", "models", "install", "isnet"], {"isnet-general-use"}),
        (["mattebox", "models", "verify", "u2"], {"u2netp", "u2net-mod"}),
        (["mattebox", "models", "verify", "--repository", "srv", "u2net-"], {"u2net-srv"}),
        (["mattebox", "models", "deliver", "--from", "srv", "u2net-"], {"u2net-srv"}),
        (["mattebox", "up", "--model", "u2netp"], {"u2netp"}),
        (["mattebox", "up", "-m", "u2netp,"], {"u2netp,u2net-mod"}),
        (["mattebox", "up", "--model-repository", "srv", "-m", "u2net-"], {"u2net-srv"}),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else "",
)
def test_bash_offers_commands_options_and_values(
    bash: str, script: Path, folder: Path, words: list[str], found: set[str]
) -> None:
    assert offered(bash, script, folder, *words) == found


@pytest.fixture
def typed(bash: str, script: Path, folder: Path) -> Iterator[int]:
    """An interactive bash on a terminal of its own; what is written to it is typed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(bash, [bash, "--norc", "--noprofile", "-i"], environment())  # noqa: S606
    os.write(terminal, f"PS1='> '; source {script}; echo rea''dy\n".encode())
    await_text(terminal, "ready")
    yield terminal
    os.write(terminal, b"\x15exit\n")
    os.waitpid(pid, 0)
    os.close(terminal)


def await_text(terminal: int, text: str) -> None:
    seen, give_up_s = b"", time.monotonic() + _PATIENCE_S
    while text.encode() not in seen:
        assert select.select([terminal], [], [], give_up_s - time.monotonic())[0], seen
        seen += os.read(terminal, 4096)


def test_the_key_tab_completes_in_an_interactive_bash(typed: int) -> None:
    os.write(typed, b"mattebox mod\t")

    await_text(typed, "mattebox models ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str) -> None:
    script = shown(shell)

    assert f"_MATTEBOX_COMPLETE=complete_{shell}" in script
    if (program := shutil.which(shell)) is not None:
        subprocess.run([program, "-n"], input=script, text=True, check=True)


def test_fish_offers_commands_with_their_purposes(tmp_path: Path) -> None:
    if (fish := shutil.which("fish")) is None:
        pytest.skip("fish is not installed")
    (tmp_path / "mattebox.fish").write_text(shown("fish"))
    done = subprocess.run(
        [fish, "--no-config", "-c", f"source {tmp_path}/mattebox.fish; complete -C 'mattebox mod'"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split()[0] == "models"
