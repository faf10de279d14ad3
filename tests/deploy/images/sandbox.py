"""The lines of `bwrap` that stand in for a container engine: to build in, and to run in.

The machine's own /usr and a few files of its /etc are the distribution of the base image; Python is
a copy of the one that runs here, at /usr/local.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BASE_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"

_SHARED_MEMORY_BYTES = 64 * 2**20
"""What engines give a container at /dev/shm unless they are told otherwise."""

OF_THE_DISTRIBUTION = ("dev", "etc", "proc", "root", "sys", "tmp", "usr")
"""What no image of ours has files in, /usr/local excepted."""

_LINKS = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
_FOLDERS = ("etc", "home", "mnt", "opt", "root", "srv", "tmp", "usr", "var")
_ETC = (
    "group", "hosts", "ld.so.cache", "localtime", "nsswitch.conf", "passwd", "resolv.conf", "ssl",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of this machine inside."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a process is inside."""

    user: int
    group: int
    more_groups: tuple[int, ...] = ()


ROOT_USER = Identity(0, 0)


@dataclass(frozen=True, slots=True)
class Inside:
    """What a process sees of itself inside."""

    env: Mapping[str, str]
    workdir: str
    identity: Identity = ROOT_USER


def why_not() -> str | None:
    """Says in one sentence why nothing can be run so here; None if it can."""
    if shutil.which("bwrap") is None:
        return "bwrap is not installed"
    if Path(sys.base_prefix) == Path("/usr"):
        return "this Python cannot be copied to another place: it is the system's"
    tried = subprocess.run(
        [*_isolation(), *_distribution(), *_links(), "/bin/true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"bwrap cannot run here: {tried.stderr.strip()}" if tried.returncode else None


def build_line(root: Path, argv: Sequence[str], step: Inside, mounts: Sequence[Mount]) -> list[str]:
    """Makes the line that runs a step of a build as root, in a folder that it may write to."""
    # What the engine's base image tells its loader once and for all.
    env = {"LD_LIBRARY_PATH": "/usr/local/lib", **step.env}
    return [
        *_isolation(), "--bind", str(root), "/", *_distribution(), "--ro-bind", "/etc", "/etc",
        "--tmpfs", "/tmp", *_mounted(mounts), *_environment(env), "--chdir", step.workdir, *argv,  # noqa: S108
    ]  # fmt: skip


def run_line(
    root: Path,
    argv: Sequence[str],
    process: Inside,
    mounts: Sequence[Mount],
    tmpfs: Mapping[str, int],
) -> list[str]:
    """Makes the line that runs a program from a read-only folder, as nobody who owns any of it."""
    line = [*_isolation(process.identity), "--as-pid-1"]
    for folder in _folders():
        line += ["--perms", "755", "--dir", folder]
    line += [*_distribution(), *_links(), *_libpython()]
    for name in _ETC:
        line += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for path in _contents(root):
        line += ["--ro-bind", str(root / path), f"/{path}"]
    for target in (*tmpfs, *(mount.target for mount in mounts)):
        for parent in [*reversed(Path(target).parents)][1:]:
            line += ["--perms", "755", "--dir", str(parent)]
    for target, size_bytes in {"/dev/shm": _SHARED_MEMORY_BYTES, **tmpfs}.items():  # noqa: S108
        line += ["--perms", "1777", "--size", str(size_bytes), "--tmpfs", target]
    line += [*_mounted(mounts), "--remount-ro", "/", *_environment(process.env)]
    return [*line, "--chdir", process.workdir, *_becoming(process.identity), *argv]


def _isolation(identity: Identity = ROOT_USER) -> list[str]:
    line = ["bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    if os.geteuid() != 0:
        line += ["--unshare-user", "--uid", str(identity.user), "--gid", str(identity.group)]
    return line


def _becoming(identity: Identity) -> list[str]:
    """Root gives itself up; anybody else's identity is one of the user namespace."""
    if os.geteuid() != 0:
        return []
    groups = ",".join(map(str, identity.more_groups))
    return [
        "/usr/bin/setpriv", "--reuid", str(identity.user), "--regid", str(identity.group),
        *(["--groups", groups] if groups else ["--clear-groups"]), "--no-new-privs",
        "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig", "keep", "--",
    ]  # fmt: skip


def _distribution() -> list[str]:
    line = []
    for path in sorted(Path("/usr").iterdir()):
        if path.name != "local":
            line += ["--ro-bind", str(path), str(path)]
    return [*line, "--proc", "/proc", "--dev", "/dev"]


def _links() -> list[str]:
    line = []
    for name, place in links().items():
        line += ["--symlink", place, f"/{name}"]
    return line


def links() -> dict[str, str]:
    """Where /bin and its like lead."""
    found = {name: Path("/", name) for name in _LINKS}
    return {name: str(path.readlink()) for name, path in found.items() if path.is_symlink()}


def _folders() -> list[str]:
    """What is there in every image, and what leads to the library of Python: open to everybody."""
    to_library = Path(sysconfig.get_config_var("LIBDIR"))
    leading = [*reversed(to_library.parents), to_library][1:]
    return [*(f"/{name}" for name in _FOLDERS), *map(str, leading)]


def _libpython() -> list[str]:
    """The interpreter finds its library where it was built to find it."""
    line = []
    for file in sorted(Path(sysconfig.get_config_var("LIBDIR")).glob("libpython3.*")):
        line += ["--ro-bind", str(file), str(file)]
    return line


def _contents(root: Path) -> list[str]:
    """The folders and files that an image has beside the distribution's."""
    found = ["usr/local"]
    for path in sorted(root.iterdir()):
        is_empty = path.is_dir() and not any(path.iterdir())
        if path.name not in OF_THE_DISTRIBUTION and not path.is_symlink() and not is_empty:
            found.append(path.name)
    return found


def _mounted(mounts: Sequence[Mount]) -> list[str]:
    line = []
    for mount in mounts:
        line += ["--bind" if mount.writable else "--ro-bind", str(mount.source), mount.target]
    return line


def _environment(env: Mapping[str, str]) -> list[str]:
    line = ["--clearenv"]
    for name, value in env.items():
        line += ["--setenv", name, value]
    return line
