"""The control groups that this process is in; of version 2 only."""

from pathlib import Path

MOUNTED = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def groups(cgroups: Path = MOUNTED, own_cgroup: Path = OWN) -> list[Path]:
    """The folders of the process's group and of those around it, the root last."""
    try:
        lines = own_cgroup.read_text().splitlines()
    except OSError:
        lines = []
    inside = next((line[3:] for line in lines if line.startswith("0::")), "/").strip("/")
    if ".." in inside.split("/"):  # beyond what is shown here
        inside = ""
    group = cgroups / inside
    return [group, *(each for each in group.parents if each.is_relative_to(cgroups))]
