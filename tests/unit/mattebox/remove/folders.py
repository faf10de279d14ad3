"""Folders with pictures in them, for what only looks at names."""

import os
from pathlib import Path

import pytest


def put(*names: str) -> None:
    """Makes empty files in the current folder, with the folders that they are in."""
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def close(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Lets nobody look into folders of a name."""
    scandir = os.scandir

    def guarded(path: Path) -> object:
        if path.name == name:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
