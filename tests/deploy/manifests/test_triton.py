"""Triton is started with options that the real server knows, and that say what is meant."""

import os
import re
import subprocess
from functools import cache

import pytest

from mattebox.up.triton_wheel import locate, why_not
from tests.deploy.manifests.rendering import ROOT, Object, container, named, rendered

_TIMEOUT_S = 60


def test_the_real_server_knows_every_option(every: list[Object]) -> None:
    known = _known_options()

    assert {option.partition("=")[0] for option in _options(every)} <= known


def test_models_are_loaded_once_and_all_have_to_be_ready(every: list[Object]) -> None:
    options = _options(every)

    assert {
        "--model-repository=/models",
        "--model-control-mode=none",
        "--strict-readiness=true",
        "--exit-on-error=true",
    } <= set(options)
    assert len({option for option in options if "=" in option}) == len(
        [option for option in options if "=" in option]
    )


def test_it_listens_where_its_pod_says(every: list[Object]) -> None:
    triton = container(named(every, "Deployment", "mattebox-triton"), "triton")
    options = dict(re.findall(r"--(\w+)-port=(\d+)", " ".join(triton["args"])))
    addresses = dict(re.findall(r"--(\w+)-address=(\S+)", " ".join(triton["args"])))

    assert {p["name"]: str(p["containerPort"]) for p in triton["ports"]} == options
    assert addresses == dict.fromkeys(options, "0.0.0.0")  # noqa: S104  in its pod


def test_segmenters_have_left_by_the_time_that_it_is_told_to_stop(every: list[Object]) -> None:
    [age_ms] = re.findall(r"--grpc-max-connection-age=(\d+)", " ".join(_options(every)))
    triton = container(named(every, "Deployment", "mattebox-triton"), "triton")
    stop_s = triton["lifecycle"]["preStop"]["sleep"]["seconds"]

    # gRPC lets connections live for up to a tenth more, and names take some seconds to change.
    assert 1.1 * int(age_ms) / 1000 + 3 <= stop_s


def test_a_gpu_takes_all_other_options_of_the_base() -> None:
    on_gpu, on_cpus = _options(rendered("gpu")), _options(rendered("cpu-small"))

    assert set(on_gpu) - set(on_cpus) == {"--allow-gpu-metrics=true"}
    assert {re.split("[=,]", option)[0] for option in set(on_cpus) - set(on_gpu)} == {
        "--allow-gpu-metrics",
        "--backend-config",
        "--pinned-memory-pool-byte-size",
    }


def test_there_is_one_triton_in_all_files_of_a_deployment(every: list[Object]) -> None:
    name, _, tag = container(named(every, "Deployment", "mattebox-triton"), "triton")[
        "image"
    ].partition(":")
    files = [
        file.read_text(errors="ignore") for file in (ROOT / "deploy").rglob("*") if file.is_file()
    ]

    assert {found for text in files for found in re.findall(rf"{name}:([\w.-]+)", text)} <= {tag}


def _options(objects: list[Object]) -> list[str]:
    triton = container(named(objects, "Deployment", "mattebox-triton"), "triton")
    assert triton["args"][0] == "tritonserver"
    options: list[str] = triton["args"][1:]
    return options


@cache
def _known_options() -> frozenset[str]:
    wheel = locate()
    if wheel is None or why_not(wheel) is not None:
        pytest.skip(f"the Triton wheel cannot run here: {why_not(wheel)}")
    done = subprocess.run(
        [wheel.server, "--help"],
        env={**os.environ, "LD_LIBRARY_PATH": wheel.library_path},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    return frozenset(re.findall(r"^\s+(--[a-z0-9-]+)", done.stdout + done.stderr, re.MULTILINE))
