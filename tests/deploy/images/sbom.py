"""Writes what is in each image as CycloneDX: `python -m tests.deploy.images.sbom FOLDER`.

Out of the environments as they were built; each package with its licences, and with the hashes of
its locked files, one of which was installed.
"""

import json
import re
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.deploy.images import standing_in
from tests.deploy.images.standing_in import Image

TOOLS = ROOT / ".venv-deploy" / "bin"
LOCKS = {
    "mattebox-gateway": ("gateway", "tracing"),
    "mattebox-segmenter": ("segmenter", "tracing"),
    "mattebox-models": ("tool",),
    "mattebox-up": ("runtime",),
}
"""The lock files that each image is made of."""

_SCHEMA_VERSION = "1.6"
_VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
sys.exit(str(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read()) or "") or None)
"""


def main() -> None:
    """Writes a file for each image."""
    if reason := standing_in.why_not():
        sys.exit(f"Images cannot be built here: {reason}.")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in LOCKS:
        path = folder / f"{name}.cdx.json"
        path.write_text(text_of(standing_in.built(name)))
        print(path)  # noqa: T201 - the command's answer


def text_of(image: Image) -> str:
    """Makes the bill of materials of an image, in JSON; the same image gives the same text.

    Raises:
        RuntimeError: what was made is no valid CycloneDX.
    """
    bill = _of_environment(image)
    hashes = _locked_hashes(LOCKS[image.name])
    expressions = _licence_expressions(image)
    for component in bill["components"]:
        name = normal(component["name"])
        if found := hashes.get((name, component["version"])):
            files = {"type": "distribution", "url": component["purl"], "hashes": found}
            component["externalReferences"] = [*component.get("externalReferences", []), files]
        # The newer way to tell a licence, exact where the older ones are words.
        if expression := expressions.get(name):
            component["licenses"] = [{"expression": expression}]
    text = json.dumps(bill, indent=2, sort_keys=True) + "\n"
    _demand_valid(text)
    return text


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _of_environment(image: Image) -> dict[str, Any]:
    """Asks for the packages of an image by a Python that only knows where they are."""
    packages = _packages(image)
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder, "python")
        python.write_text(f"#!/bin/sh\necho '{json.dumps([str(packages)])}'\n")
        python.chmod(0o755)
        command = [str(TOOLS / "cyclonedx-py"), "environment", "--output-reproducible"]
        command += ["--sv", _SCHEMA_VERSION, "--of", "JSON", str(python)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    bill: dict[str, Any] = json.loads(done.stdout)
    bill["metadata"]["component"] = {
        "bom-ref": image.name,
        "type": "container",
        "name": image.name,
        "version": image.labels["org.opencontainers.image.version"],
        "licenses": [{"license": {"id": image.labels["org.opencontainers.image.licenses"]}}],
    }
    return bill


def _packages(image: Image) -> Path:
    (packages,) = image.root.glob("opt/mattebox/lib/python3.*/site-packages")
    return packages


def _licence_expressions(image: Image) -> dict[str, str]:
    packages = distributions(path=[str(_packages(image))])
    key = "License-Expression"
    return {normal(each.name): each.metadata[key] for each in packages if key in each.metadata}


def _locked_hashes(locks: tuple[str, ...]) -> dict[tuple[str, str], list[dict[str, str]]]:
    found = {}
    for lock in locks:
        text = (ROOT / "requirements" / f"{lock}.txt").read_text()
        for block in re.split(r"^(?=[A-Za-z0-9_.-]+==)", text, flags=re.MULTILINE)[1:]:
            name, version = re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", block)[0]
            digests = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
            found[normal(name), version] = [{"alg": "SHA-256", "content": each} for each in digests]
    return found


def _demand_valid(text: str) -> None:
    command = [str(TOOLS / "python"), "-c", _VALIDATE]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"This is no valid CycloneDX: {done.stderr}")


if __name__ == "__main__":
    main()
