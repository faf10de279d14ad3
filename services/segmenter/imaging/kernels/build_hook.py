"""Builds the kernels when the project is installed, or a wheel of it is made.

Hatchling runs this file by itself, before anything of the project can be imported. The compiler is
Zig's, which comes as a wheel, so that no machine needs one of its own and all take the same.
"""

import hashlib
import importlib.metadata
import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("services/segmenter/imaging/kernels")

# Multiplications and additions are not joined: all processors have to find the same bits.
_FLAGS = [
    *("-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared", "-s", "-fvisibility=hidden"),
    *("-Wall", "-Wextra", "-Werror"),
]

_VARIANTS: Mapping[str, Mapping[str, str]] = {
    "x86_64": {"baseline": "x86_64_v2", "avx2": "x86_64_v3"},
    "aarch64": {"baseline": "generic"},
}
"""By machine: names of variants, and for which processors they are."""

_SYSTEMS: Mapping[str, str] = {"linux": "linux-gnu.2.17", "darwin": "macos"}
"""As the compiler calls them, with the oldest glibc that will do."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatchling finds it by this name."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Builds what is missing or out of date, and has it packed into the wheel."""
        if self.target_name != "wheel":  # sources are built where they are installed
            return
        if not (libraries := build(Path(self.root, FOLDER))):
            self.app.display_warning(
                f"There are no kernels for {sys.platform} on {platform.machine()}: the segmenter"
                " will not run here; all else will."
            )
            return
        build_data["artifacts"] += [f"/{FOLDER}/{library.name}" for library in libraries]
        build_data["pure_python"] = False
        build_data["tag"] = (
            f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
        )


def build(folder: Path) -> list[Path]:
    """Builds each variant for this machine, unless it is there already.

    Returns:
        Their files; none for a machine that is not known.

    Raises:
        RuntimeError: the compiler refused.
    """
    machine = platform.machine().replace("arm64", "aarch64")
    if sys.platform not in _SYSTEMS:
        return []
    target = f"{machine}-{_SYSTEMS[sys.platform]}"
    return [
        _variant(folder, name, [*_FLAGS, "-target", target, f"-mcpu={processor}"])
        for name, processor in _VARIANTS.get(machine, {}).items()
    ]


def _variant(folder: Path, name: str, flags: Sequence[str]) -> Path:
    library, note = folder / f"{name}.so", folder / f"{name}.so.sha256"
    sources = sorted(folder.glob("*.[ch]"))
    digest = hashlib.sha256(repr((flags, importlib.metadata.version("ziglang"))).encode())
    for source in sources:
        digest.update(repr((source.name, source.read_bytes())).encode())
    if library.exists() and note.exists() and note.read_text() == digest.hexdigest():
        return library
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch, library.name)
        _compile([*flags, *map(str, folder.glob("*.c")), "-lm", "-o", str(made)], Path(scratch))
        # Several environments may be set up from one folder at a time.
        made.replace(library)
        made.write_text(digest.hexdigest())
        made.replace(note)
    return library


def _compile(arguments: Sequence[str], scratch: Path) -> None:
    caches = {f"ZIG_{each}_CACHE_DIR": str(scratch / each) for each in ("GLOBAL", "LOCAL")}
    done = subprocess.run(
        [sys.executable, "-m", "ziglang", "cc", *arguments],
        env={**os.environ, **caches},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the kernels could not be built:\n{done.stderr}{done.stdout}")


if __name__ == "__main__":
    build(Path(__file__).parent)
