"""What stands in for each image. Ours are built out of their Dockerfiles; the others' programs are
those that this machine has, with what their images say of the process: nothing of a manifest's.
"""

import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mattebox.up import triton_files, triton_wheel
from tests.conftest import ROOT
from tests.deploy.images.sandbox import BASE_PATH, Mount
from tests.deploy.images.standing_in import built
from tests.deploy.pods.fields import ManifestError
from tests.postgres import find_binaries

SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True, slots=True)
class StandIn:
    """An image: its files, and what it says of the process."""

    root: Path
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    user: int = 0
    group: int = 0
    workdir: str = "/"
    mounts: tuple[Mount, ...] = ()
    scratch: tuple[str, ...] = ()
    """Folders that the image declares to be volumes."""
    users: Mapping[str, int] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM


Images = Callable[[str, Path], StandIn]
"""What finds the stand-in of an image, and makes its files in a folder."""


def stand_in(image: str, folder: Path) -> StandIn:
    """Finds what stands in for an image, its files made in ``folder`` where they are not yet.

    Raises:
        ManifestError: nothing does, or the image has no tag.
    """
    name, _, tag = image.rpartition(":")
    if not name or tag == "latest":
        raise ManifestError(f"image {image}: which version is not said")
    if name.startswith("mattebox-"):
        return _ours(name)
    if (made := _OTHERS.get(name.removeprefix("docker.io/"))) is None:
        raise ManifestError(f"image {image}: nothing stands in for it")
    return made(folder / name.replace("/", "-"))


def why_not() -> str | None:
    """Says which program that stands in for an image's is not here; None if all are."""
    if (reason := triton_wheel.why_not(triton_wheel.locate())) is not None:
        return reason
    if find_binaries() is None:
        return "PostgreSQL is not installed"
    missing = [name for name in _VALKEY if _valkey_program(name) is None]
    return f"neither valkey-{missing[0]} nor redis-{missing[0]} is installed" if missing else None


def _ours(name: str) -> StandIn:
    image = built(name)
    return StandIn(
        image.root, image.entrypoint, image.cmd, image.env, image.user, image.group, image.workdir
    )


def _triton(folder: Path) -> StandIn:
    """NVIDIA's image: the wheel's server, whose backend for ONNX models is ours."""
    wheel = triton_wheel.locate()
    assert wheel is not None
    root = _root(folder, {"usr/local/bin/entrypoint": "entrypoint.sh"})
    own = root / "opt" / "tritonserver"
    program = own / "bin" / "tritonserver"
    if not program.exists():
        triton_files.put_together(own, wheel, []).models.rmdir()
        program.parent.mkdir()
        shutil.copy(SCRIPTS / "tritonserver.sh", program)
    packages = [path for path in map(Path, sys.path) if path.name == "site-packages"]
    # To a place of their own, which no volume hides.
    places = {
        place: Path("/opt/tritonserver/packages", str(number))
        for number, place in enumerate([*packages, ROOT / "services"])
    }
    for place in places.values():
        (root / place.relative_to("/")).mkdir(parents=True, exist_ok=True)
    (holder,) = (path for path in packages if wheel.server.is_relative_to(path))
    prefix = Path(sys.base_prefix)
    libraries = [prefix / "lib", places[holder] / wheel.libraries.relative_to(holder)]
    return StandIn(
        root,
        entrypoint=("/usr/local/bin/entrypoint",),
        env={
            "PATH": f"/opt/tritonserver/bin:{BASE_PATH}",
            "STAND_IN_PYTHON": str(prefix / "bin"),
            "STAND_IN_SERVER": str(places[holder] / wheel.server.relative_to(holder)),
            "STAND_IN_LIBRARIES": ":".join(map(str, libraries)),
            "STAND_IN_PACKAGES": ":".join(map(str, places.values())),
        },
        workdir="/opt/tritonserver",
        mounts=(
            Mount(prefix, str(prefix)),
            *(Mount(source, str(place)) for source, place in places.items()),
        ),
        users={"triton-server": 1000},
    )


def _postgres(folder: Path) -> StandIn:
    """The official image, as far as its entrypoint's variables go."""
    return StandIn(
        _root(folder, {"usr/local/bin/docker-entrypoint.sh": "postgres.sh"}),
        entrypoint=("docker-entrypoint.sh",),
        cmd=("postgres",),
        env={
            "PATH": f"{BASE_PATH}:{find_binaries()}",
            "LANG": "C.UTF-8",
            "PGDATA": "/var/lib/postgresql/data",
        },
        users={"postgres": 999},
        stop_signal=signal.SIGINT,
    )


def _valkey(folder: Path) -> StandIn:
    """The official image, whose programs Redis has under other names."""
    root = _root(folder, {"usr/local/bin/docker-entrypoint.sh": "entrypoint.sh"})
    for name in _VALKEY:
        program = _valkey_program(name)
        assert program is not None
        link = root / "usr" / "local" / "bin" / f"valkey-{name}"
        if not link.is_symlink():
            link.symlink_to(Path(program).resolve())
    return StandIn(
        root,
        entrypoint=("docker-entrypoint.sh",),
        cmd=("valkey-server",),
        env={"PATH": BASE_PATH},
        workdir="/data",
        scratch=("/data",),
        users={"valkey": 999},
    )


def _valkey_program(name: str) -> str | None:
    return shutil.which(f"valkey-{name}") or shutil.which(f"redis-{name}")


_VALKEY = ("server", "cli")
_OTHERS: Mapping[str, Callable[[Path], StandIn]] = {
    "nvcr.io/nvidia/tritonserver": _triton,
    "postgres": _postgres,
    "valkey/valkey": _valkey,
}


def _root(folder: Path, scripts: Mapping[str, str]) -> Path:
    """Makes a root with these scripts of ours in it."""
    for place, script in scripts.items():
        file = folder / place
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SCRIPTS / script, file)
            file.chmod(0o755)
    return folder
