"""Renders what lies in ``deploy/kustomize`` with the real kubectl, and finds objects in it."""

import functools
import json
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

Object = dict[str, Any]

ROOT = Path(__file__).parents[3]
KUSTOMIZE = ROOT / "deploy" / "kustomize"
TOOLS = ROOT / ".venv-deploy" / "bin"
KUBECTL = TOOLS / "kubectl"

OVERLAYS = tuple(sorted(path.name for path in (KUSTOMIZE / "overlays").iterdir()))
COMPONENTS = tuple(sorted(path.name for path in (KUSTOMIZE / "components").iterdir()))
SERVICES = ("mattebox-gateway", "mattebox-segmenter", "mattebox-triton")

_TIMEOUT_S = 60


def tool(name: str) -> Path:
    """The program of `.venv-deploy`; the test is skipped where that has not been made."""
    if not (TOOLS / name).exists():
        pytest.skip(f"{name} is not installed in .venv-deploy (group `deploy` of pyproject.toml)")
    return TOOLS / name


@functools.cache
def rendered_text(folder: Path) -> str:
    """What `kubectl kustomize` makes of a folder. What it warns of fails the test, too."""
    done = subprocess.run(
        [tool(KUBECTL.name), "kustomize", folder],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def parsed(text: str) -> list[Object]:
    """The objects of a rendered text, each time anew."""
    objects: list[Object] = json.loads(_in_json(text))
    return objects


@functools.cache
def _in_json(text: str) -> str:
    # Reading YAML takes long.
    return json.dumps(list(yaml.safe_load_all(text)))


def rendered(overlay: str) -> list[Object]:
    """The objects of an overlay."""
    return parsed(rendered_text(KUSTOMIZE / "overlays" / overlay))


def rendered_beside_a_checkout(folder: Path, text: str) -> list[Object]:
    """The objects of an operator's own kustomization; in ``folder`` a checkout is beside it."""
    (folder / "mattebox").symlink_to(ROOT)
    own = folder / "own"
    own.mkdir()
    (own / "kustomization.yaml").write_text(text)
    return parsed(rendered_text(own))


def of_kind(objects: Iterable[Object], *kinds: str) -> list[Object]:
    """Those of some kinds."""
    return [an_object for an_object in objects if an_object["kind"] in kinds]


def named(objects: Iterable[Object], kind: str, name: str) -> Object:
    """The one object of a kind and name; of a generated map the name without its hash."""
    found = [
        an_object
        for an_object in of_kind(objects, kind)
        if an_object["metadata"]["name"] == name
        or (kind == "ConfigMap" and an_object["metadata"]["name"].rpartition("-")[0] == name)
    ]
    assert len(found) == 1, f"{len(found)} objects {kind}/{name}"
    return found[0]


def workloads(objects: Iterable[Object]) -> list[Object]:
    """Those that make pods."""
    return of_kind(objects, "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def pod_spec(workload: Object) -> Object:
    """The specification of the pods that a workload makes."""
    spec: Object = workload["spec"]["template"]["spec"]
    return spec


def containers(workload: Object, *, init: bool = True) -> list[Object]:
    """The containers of a workload's pods, those that come first included."""
    spec = pod_spec(workload)
    first: Sequence[Object] = spec.get("initContainers", []) if init else []
    return [*first, *spec["containers"]]


def container(workload: Object, name: str) -> Object:
    """The container of that name."""
    return next(one for one in containers(workload) if one["name"] == name)


def replicas(objects: Iterable[Object], deployment: str) -> int:
    """How many pods there are at least: what an autoscaler keeps, or what the Deployment says."""
    objects = list(objects)
    for scaler in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject"):
        spec = scaler["spec"]
        if spec["scaleTargetRef"]["name"] == deployment:
            return int(spec.get("minReplicas") or spec["minReplicaCount"])
    return int(named(objects, "Deployment", deployment)["spec"]["replicas"])
