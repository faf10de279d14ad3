"""The base image: the distribution is this machine's, Python a copy of the running one."""

import os
import shutil
import sys
from pathlib import Path

from tests.deploy.images.sandbox import links

IMAGE = "python:3.11-slim-bookworm"
FOR_BUILDS = ("pip", "setuptools", "wheel", "_distutils_hack")
"""What the base image brings beside Python itself."""

_LEFT_OUT = {"test", "tests", "idlelib", "idle_test", "turtledemo", "__pycache__"}


def fill(root: Path) -> None:
    """Puts the base image's /usr/local into a folder, and the empty folders every image has."""
    prefix = Path(sys.base_prefix)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    local = root / "usr" / "local"
    (local / "bin").mkdir(parents=True)
    shutil.copy2(prefix / "bin" / version, local / "bin" / version)
    for name in ("python3", "python"):
        (local / "bin" / name).symlink_to(version)
    library = local / "lib" / version
    shutil.copytree(prefix / "lib" / version, library, symlinks=True, ignore=_ignored)
    packages = library / "site-packages"
    packages.mkdir()
    for path in (prefix / "lib" / version / "site-packages").iterdir():
        if path.name.partition("-")[0] in FOR_BUILDS and path.is_dir():
            shutil.copytree(path, packages / path.name)
    (root / "opt").mkdir()
    for file in (prefix / "lib").glob("libpython3.*"):
        shutil.copy2(file, local / "lib" / file.name)
    for name, place in links().items():
        (root / name).symlink_to(place)
    pip = local / "bin" / "pip"
    pip.write_text("#!/usr/local/bin/python3\nfrom pip._internal.cli.main import main\nmain()\n")
    pip.chmod(0o755)


def _ignored(folder: str, names: list[str]) -> set[str]:
    found = _LEFT_OUT & set(names)
    if os.path.basename(folder).startswith("python3"):  # noqa: PTH119 - shutil gives a string
        found |= {name for name in names if name.startswith(("config-", "site-packages"))}
    return found
