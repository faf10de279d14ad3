"""Stands in for a container engine: builds our images into folders, and runs programs in them.

    image = built("mattebox-gateway")
    line = command(image, image.entrypoint, env={…}, mounts=[Mount(folder, "/data", writable=True)])

The line is for `subprocess`: what it starts sees the image's files read-only, as one who owns none
of them, is process 1 of its own, and ends with the process that started it. It shares this
machine's network. Signals go to `main_process` of it, since bwrap does not hand them on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.deploy.images import dockerfile, stages
from tests.deploy.images.sandbox import Identity, Inside, Mount, run_line, why_not

__all__ = ["Image", "Mount", "built", "command", "main_process", "why_not"]

FOLDER = ROOT / "deploy" / "docker"


@dataclass(frozen=True)
class Image:
    """A built image: its files, and what its Dockerfile says of the process."""

    name: str
    root: Path
    """A folder whose contents lie over the distribution of the base image at /."""
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    env: Mapping[str, str]
    user: int
    group: int
    workdir: str
    labels: Mapping[str, str]
    ports: tuple[int, ...]


def built(name: str, *, arguments: Mapping[str, str] | None = None) -> Image:
    """Carries out a Dockerfile's steps, but for those that were carried out before.

    Args:
        name: the image's, as `mattebox-gateway`.
        arguments: values of build arguments in place of their defaults.
    """
    path = FOLDER / f"{name.removeprefix('mattebox-')}.Dockerfile"
    found = stages.build(dockerfile.parsed(path), arguments or {})
    configuration = found.configuration
    user, _, group = configuration.user.partition(":")
    return Image(
        name=name,
        root=found.root,
        entrypoint=configuration.entrypoint,
        cmd=configuration.cmd,
        env=configuration.env,
        user=int(user),
        group=int(group or 0),
        workdir=configuration.workdir,
        labels=configuration.labels,
        ports=configuration.ports,
    )


def command(
    image: Image,
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    mounts: Sequence[Mount] = (),
    tmpfs: Mapping[str, int] | None = None,
    groups: Sequence[int] = (),
) -> list[str]:
    """Makes the line that runs a program as the image would.

    Args:
        image: whose files, environment, user and working directory it gets.
        argv: the program and its arguments, the entrypoint included.
        env: variables beside the image's, or in their place.
        mounts: folders and files of this machine. Inside they keep their owners: one that is
            written to must allow it to the image's user, or to one of the groups.
        tmpfs: empty folders in memory, by their place, with their size in bytes.
        groups: the process's groups beside the image's own, as a pod's `fsGroup`.
    """
    whole_env = {"HOME": "/", **image.env, **(env or {})}
    identity = Identity(image.user, image.group, tuple(groups))
    inside = Inside(whole_env, image.workdir, identity)
    return run_line(image.root, argv, inside, mounts, tmpfs or {})


def main_process(pid: int) -> int | None:
    """The process that a line runs, by the id of its bwrap; None where it has none any more."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return None
    return int(children[0]) if children else None
