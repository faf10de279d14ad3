"""Volumes have the owners and modes that Kubernetes gives them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.pods import namespaces
from tests.deploy.pods.container_spec import ContainerSpec
from tests.deploy.pods.environment import Sources
from tests.deploy.pods.fields import Fields, ManifestError
from tests.deploy.pods.pod_spec import PodSpec, read_pod
from tests.deploy.pods.volumes import Volumes

GROUP = 4_321
SOURCES = Sources(
    config_maps={"settings": {"a": b"1", "b": b"2"}},
    secrets={"hidden": {"pepper": b"x"}},
    fields={"metadata.name": "pod-1"},
    service_links={},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if (reason := namespaces.why_not()) is not None:
        pytest.skip(reason)  # and so no file can be given to another group either
    return tmp_path


@pytest.fixture
def made(folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    volumes = volumes_of(pod(request.param, fsGroup=GROUP), folder)
    (bind,) = volumes.binds(container(request.param))
    yield bind.source
    volumes.remove()


@pytest.mark.parametrize(
    ("made", "modes"),
    [
        ({"configMap": {"name": "settings"}}, {"a": 0o644, "b": 0o644}),
        ({"secret": {"secretName": "hidden", "defaultMode": 0o400}}, {"pepper": 0o440}),
        (
            {"secret": {"secretName": "hidden", "items": [{"key": "pepper", "path": "p/q"}]}},
            {"p/q": 0o644},
        ),
        (
            {
                "projected": {
                    "sources": [
                        {"configMap": {"name": "settings", "items": [{"key": "a", "path": "a"}]}},
                        {"secret": {"name": "hidden"}},
                        {
                            "downwardAPI": {
                                "items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]
                            }
                        },
                    ]
                }
            },
            {"a": 0o644, "pepper": 0o644, "n": 0o644},
        ),
        ({"secret": {"secretName": "no", "optional": True}}, {}),
    ],
    indirect=["made"],
)
def test_files_are_the_groups_to_read(made: Path, modes: dict[str, int]) -> None:
    files = {str(file.relative_to(made)): file for file in made.rglob("*") if file.is_file()}

    assert {name: file.stat().st_mode & 0o777 for name, file in files.items()} == modes
    assert {file.stat().st_gid for file in files.values()} <= {GROUP}


@pytest.mark.parametrize(
    ("made", "mode"),
    [({"emptyDir": {}}, 0o2777), ({"persistentVolumeClaim": {"claimName": "c"}}, 0o2775)],
    indirect=["made"],
)
def test_folders_are_the_groups_to_write(made: Path, mode: int) -> None:
    assert made.stat().st_mode & 0o7777 == mode
    assert made.stat().st_gid == GROUP


@pytest.mark.parametrize("made", [{"emptyDir": {"sizeLimit": "64Ki"}}], indirect=True)
def test_no_more_than_the_limit_fits_in(made: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        (made / "file").write_bytes(os.urandom(2**20))


@pytest.mark.parametrize(
    "source",
    [
        {"secret": {"secretName": "no"}},
        {"secret": {"secretName": "hidden", "items": [{"key": "no", "path": "no"}]}},
        {"emptyDir": {"unknown": 1}},
        {"hostPath": {"path": "/"}},
    ],
)
def test_what_is_not_there_is_an_error(source: dict[str, Any], folder: Path) -> None:
    with pytest.raises(ManifestError):
        volumes_of(pod(source), folder)


def volumes_of(spec: PodSpec, folder: Path) -> Volumes:
    return Volumes(spec, "pod-1", folder / "volumes", folder / "claims", SOURCES)


def pod(source: dict[str, Any], **security: Any) -> PodSpec:
    mounted = {"name": "v", "mountPath": "/v"}
    spec = {
        "automountServiceAccountToken": False,
        "securityContext": security,
        "containers": [{"name": "c", "image": "i:1", "volumeMounts": [mounted]}],
        "volumes": [{"name": "v", **source}],
    }
    return read_pod(Fields({"metadata": {}, "spec": spec}, "pod"))


def container(source: dict[str, Any]) -> ContainerSpec:
    return pod(source).containers[0]
