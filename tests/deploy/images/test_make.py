"""`make images`, with an engine that only says what it is told."""

import subprocess

from tests.conftest import ROOT
from tests.deploy.images.test_dockerfiles import FILES


def test_every_image_is_built_from_its_file_with_the_projects_version() -> None:
    command = ["make", "--no-print-directory", "images", "CONTAINER_ENGINE=echo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    lines = done.stdout.splitlines()
    assert len(lines) == len(FILES)
    for path in FILES:
        name = path.name.removesuffix(".Dockerfile")
        options = f"build --file deploy/docker/{path.name} --tag mattebox-{name}:0.1.0 "
        (line,) = [each for each in lines if each.startswith(options)]
        assert "--build-arg VERSION=0.1.0 --build-arg REVISION=" in line
        assert line.endswith(" .")


def test_networks_are_named_to_the_images_that_hold_some() -> None:
    command = ["make", "--no-print-directory", "images", "CONTAINER_ENGINE=echo", "MODELS=a b"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    told = [line for line in done.stdout.splitlines() if " --build-arg MODELS=a b ." in line]
    assert [line.split()[2] for line in told] == [
        f"deploy/docker/{name}.Dockerfile" for name in ("models", "up")
    ]
