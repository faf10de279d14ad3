"""What docs/operations.md tells operators to write is rendered, and does what it says."""

import re
from pathlib import Path

import pytest
import yaml

from tests.deploy.manifests.rendering import (
    KUSTOMIZE,
    OVERLAYS,
    ROOT,
    containers,
    named,
    rendered,
    rendered_beside_a_checkout,
    rendered_text,
    workloads,
)

_PAGE = (ROOT / "docs" / "operations.md").read_text()
_FIRST, *_FURTHER = re.findall(r"```yaml\n(.*?)```", _PAGE, re.DOTALL)


def test_the_folder_of_ones_own_takes_all_images_from_the_registry(tmp_path: Path) -> None:
    objects = rendered_beside_a_checkout(tmp_path, _FIRST)

    images = {one["image"] for workload in workloads(objects) for one in containers(workload)}
    ours = {image for image in images if "mattebox" in image}
    version = re.search(r" VERSION=(\S+)", _PAGE)
    pushed = re.search(r"for image in (.+); do", _PAGE)
    assert version
    assert pushed
    expected = {f"registry.example/mattebox/{name}:{version[1]}" for name in pushed[1].split()}
    assert ours == expected


@pytest.mark.parametrize("addition", _FURTHER)
def test_additions_to_it_are_rendered(tmp_path: Path, addition: str) -> None:
    added = yaml.safe_load(addition)
    # What others than the smallest have is patched there.
    overlay = "ha" if re.search("Ingress|Autoscaler|HTTPRoute|Gateway,", addition) else "cpu-small"
    first = yaml.safe_load(_FIRST.replace("cpu-small", overlay))
    objects = rendered_beside_a_checkout(tmp_path, yaml.safe_dump(first | added))

    before, text = yaml.safe_dump_all(rendered(overlay)), yaml.safe_dump_all(objects)
    for one in added.get("replicas", ()):
        assert named(objects, "Deployment", one["name"])["spec"]["replicas"] == one["count"]
    for image in added.get("images", ()):
        assert f"{image['newName']}:{image['newTag']}" in text
    for patch in added.get("patches", ()):
        for step in yaml.safe_load(patch["patch"]):
            value = re.compile(rf"\b{step['value']}\b")
            assert len(value.findall(text)) > len(value.findall(before))
    for generated in added.get("configMapGenerator", ()):
        data = named(objects, "ConfigMap", generated["name"])["data"]
        assert [f"{name}={data[name]}" for name in data if f"{name}=" in addition] == sorted(
            generated["literals"]
        )


def test_every_overlay_and_no_other_is_told_of() -> None:
    section = _PAGE.split("## Install on Kubernetes")[1].split("\n## ")[0]

    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)) == list(OVERLAYS)


def test_pods_and_secrets_that_commands_name_exist() -> None:
    objects = [an_object for overlay in OVERLAYS for an_object in rendered(overlay)]
    kinds = {"deploy": "Deployment", "statefulset": "StatefulSet", "service": "Service"}
    existing = {(an_object["kind"], an_object["metadata"]["name"]) for an_object in objects}

    told = re.findall(r" (deploy|statefulset|service)/(mattebox-[a-z]+)", _PAGE)
    assert told
    assert {(kinds[kind], name) for kind, name in told} <= existing
    text = "".join(rendered_text(KUSTOMIZE / "overlays" / overlay) for overlay in OVERLAYS)
    for secret in re.findall(r"create secret [a-z]+ (\S+)", _PAGE):
        assert re.search(rf"\b(secretName|name): {secret}\b", text), secret
