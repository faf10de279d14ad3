"""The bills of materials name all that is in an image, with licences and hashes."""

import json
import re
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.deploy.images import sbom
from tests.deploy.images.standing_in import Image
from tests.deploy.images.test_contents import installed, locked

pytestmark = [
    pytest.mark.skipif(
        not (sbom.TOOLS / "cyclonedx-py").exists(), reason="cyclonedx-py is not installed"
    ),
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def bill(gateway_image: Image) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sbom.text_of(gateway_image))
    return found


def test_it_names_every_package_of_the_image(bill: dict[str, Any], gateway_image: Image) -> None:
    listed = {sbom.normal(each["name"]): each["version"] for each in bill["components"]}
    found = installed(gateway_image)

    assert listed.keys() == found.keys()
    assert {"aiohttp", "sqlalchemy", "opentelemetry-sdk"} <= listed.keys()
    for name, version in listed.items():
        assert found[name] == version


def test_every_package_has_the_hashes_of_its_lock(bill: dict[str, Any]) -> None:
    versions = locked("gateway") | locked("tracing")
    text = "".join(
        (ROOT / f"requirements/{name}.txt").read_text() for name in ("gateway", "tracing")
    )
    locked_hashes = set(re.findall(r"sha256:([0-9a-f]{64})", text))
    for component in bill["components"]:
        name = sbom.normal(component["name"])
        if name == "mattebox":
            continue
        assert component["version"] in versions[name]
        (distribution,) = [each for each in component["externalReferences"] if "hashes" in each]
        hashes = {each["content"] for each in distribution["hashes"]}
        assert hashes
        assert hashes <= locked_hashes


def test_licences_are_told_where_packages_tell_them(bill: dict[str, Any]) -> None:
    without = [each["name"] for each in bill["components"] if not each.get("licenses")]
    assert without == []


def test_it_is_about_the_image(bill: dict[str, Any]) -> None:
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "mattebox-gateway"
    assert bill["metadata"]["component"]["version"] == "0.1.0"
    assert bill["metadata"]["component"]["type"] == "container"


def test_the_same_image_gives_the_same_text(bill: dict[str, Any], gateway_image: Image) -> None:
    text = sbom.text_of(gateway_image)
    assert json.loads(text) == bill
    assert str(ROOT) not in text
