"""What deploy/kustomize/README.md tells operators to write does what it says."""

import re
from pathlib import Path

import pytest

from tests.deploy.manifests.environments import gateway_settings
from tests.deploy.manifests.rendering import (
    COMPONENTS,
    KUSTOMIZE,
    OVERLAYS,
    Object,
    containers,
    named,
    rendered,
    rendered_beside_a_checkout,
    workloads,
)

_README = (KUSTOMIZE / "README.md").read_text()


@pytest.fixture
def example(tmp_path: Path) -> list[Object]:
    """The overlay of an operator's own, as the manual has it."""
    [text] = re.findall(r"```yaml\n(.*?)```", _README, re.DOTALL)
    return rendered_beside_a_checkout(tmp_path, text)


def test_images_come_from_the_operators_registry(example: list[Object]) -> None:
    images = {one["image"] for workload in workloads(example) for one in containers(workload)}

    ours = {image for image in images if "mattebox" in image}
    assert len(ours) == 3
    assert all(image.startswith("registry.example/mattebox-") for image in ours)


def test_a_setting_is_added_to_those_of_the_overlay(example: list[Object]) -> None:
    before, after = gateway_settings(rendered("ha")), gateway_settings(example)

    assert after.dialects.enabled == ("removebg",)
    assert after.limiter == before.limiter


def test_a_setting_that_changes_rolls_the_pods(example: list[Object]) -> None:
    def map_of(objects: list[Object]) -> str:
        [one] = containers(named(objects, "Deployment", "mattebox-gateway"))
        name: str = one["envFrom"][0]["configMapRef"]["name"]
        return name

    assert map_of(example) != map_of(rendered("ha"))


def test_every_overlay_and_component_is_told_of() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \|", _README, re.MULTILINE)

    assert sorted(told) == sorted([*OVERLAYS, *COMPONENTS])
