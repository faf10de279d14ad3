import sys
from pathlib import Path

import pytest

from mattebox.up import triton_server
from mattebox.up.service import ServicePlan
from mattebox.up.triton_files import TritonFiles
from mattebox.up.triton_server import TritonPorts, TritonSettings
from mattebox.up.triton_wheel import TritonWheel

WHEEL = TritonWheel(
    server=Path("/wheel/tritonserver"),
    python_backend=Path("/wheel/python"),
    stub=Path("/wheel/stub"),
    libraries=Path("/wheel/libs"),
    onnxruntime_backend=Path("/checkout/model.py"),
)
FILES = TritonFiles(Path("/state/backends"), Path("/state/models"))
PORTS = TritonPorts(http=20_001, grpc=20_002, metrics=20_003)


def plan(*, verbose: bool = False) -> ServicePlan:
    settings = TritonSettings(["toy"], threads=3, shm_prefix="mattebox-1-", verbose=verbose)
    return triton_server.plan(WHEEL, FILES, PORTS, settings)


def test_it_listens_on_this_machine_only() -> None:
    command = plan().launch.command

    assert command[0] == "/wheel/tritonserver"
    for server, port in (("http", 20_001), ("grpc", 20_002), ("metrics", 20_003)):
        assert f"--{server}-address=127.0.0.1" in command
        assert f"--{server}-port={port}" in command
    assert PORTS.target == "127.0.0.1:20002"


def test_no_file_of_the_working_directory_can_be_taken_for_its_own() -> None:
    assert plan().launch.folder == Path("/")
    assert "--model-repository=/state/models" in plan().launch.command
    assert "--backend-directory=/state/backends" in plan().launch.command


def test_its_shared_memory_is_named_so_that_it_can_be_removed() -> None:
    launch = plan().launch

    assert launch.shm_prefix == "mattebox-1-"
    assert "--backend-config=python,shm-region-prefix-name=mattebox-1-" in launch.command


@pytest.mark.parametrize(("verbose", "value"), [(False, "false"), (True, "true")])
def test_it_is_quiet_unless_asked(verbose: bool, value: str) -> None:
    assert f"--log-info={value}" in plan(verbose=verbose).launch.command


def test_the_backend_finds_its_packages_and_the_wheels_libraries() -> None:
    env = plan().launch.env

    assert env["MATTEBOX_TRITON_THREADS"] == "3"
    assert env["LD_LIBRARY_PATH"].split(":")[1] == "/wheel/libs"
    site_packages = env["MATTEBOX_SITE_PACKAGES"].split(":")
    assert site_packages
    assert set(site_packages) <= set(sys.path)


def test_settings_of_other_services_and_gpus_are_kept_from_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_PEPPER", "secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("HOME", "/home/of/the/operator")

    env = plan().launch.env

    assert "MATTEBOX_GATEWAY_KEYS_PEPPER" not in env
    assert env["CUDA_VISIBLE_DEVICES"] == ""
    assert env["HOME"] == "/home/of/the/operator"


def test_the_operator_may_tune_the_allocator(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plan().launch.env["MALLOC_ARENA_MAX"] == "1"
    assert plan().launch.env["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"

    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")

    assert plan().launch.env["MALLOC_ARENA_MAX"] == "4"


def test_it_joins_traces_where_the_services_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_TRACES_EXPORTER", raising=False)
    assert not any("trace-config" in argument for argument in plan().launch.command)
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    assert "--trace-config=mode=opentelemetry" in plan().launch.command


def test_it_has_a_name_of_its_own_in_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,a=1")

    env = plan().launch.env

    assert (env["OTEL_SERVICE_NAME"], env["OTEL_RESOURCE_ATTRIBUTES"]) == ("shop-triton", "a=1")
