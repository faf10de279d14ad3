"""Runs a RUN of a Dockerfile in the folder of its stage."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT
from tests.deploy.images.dockerfile import DockerfileError
from tests.deploy.images.reading import Step
from tests.deploy.images.sandbox import Inside, Mount, build_line

DOWNLOADS = "cache"
"""The folder for what steps keep from one build to the next."""

_OF_THE_NETWORK = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
"""What leads pip to its index on this machine, beside its own variables and those of proxies."""


def run(step: Step, root: Path, cache: Path) -> None:
    """Runs the step as root, with this machine's way to the package index.

    Raises:
        RuntimeError: it fails; what it printed is told.
    """
    argv = step.instruction.exec_form or ("/bin/sh", "-c", step.instruction.text)
    env = {**_handed_on(), **step.env, "HOME": "/root"}
    mounts = [*_configuration_of_pip(), *_mounts(step, cache)]
    line = build_line(root, argv, Inside(env, step.workdir), mounts)
    done = subprocess.run(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"RUN {step.instruction.text} fails: {done.stdout}")


def options(value: str) -> dict[str, str]:
    """Reads `type=bind,source=…,target=…`."""
    return dict(each.split("=", 1) for each in value.split(","))


def _mounts(step: Step, cache: Path) -> Iterator[Mount]:
    for _, value in step.instruction.flags:
        mount = options(value)
        match mount["type"]:
            case "cache":
                folder = cache / DOWNLOADS / mount["target"].strip("/").replace("/", "-")
                folder.mkdir(parents=True, exist_ok=True)
                yield Mount(folder, mount["target"], writable=True)
            case "bind":
                yield Mount(ROOT / mount["source"], mount["target"])
            case _:
                raise DockerfileError(f"RUN --mount={value} is not understood")


def _handed_on() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PIP_") or name in _OF_THE_NETWORK or name.lower().endswith("_proxy")
    }


def _configuration_of_pip() -> Iterator[Mount]:
    own = Path.home() / ".config" / "pip"
    if own.is_dir():
        yield Mount(own, "/root/.config/pip")
    for folder in os.environ.get("PIP_FIND_LINKS", "").split():
        if Path(folder).is_dir():
            yield Mount(Path(folder), folder)
