import dataclasses
import io
import sys
from pathlib import Path

import pytest

from environment import read_settings
from gateway.settings import GatewaySettings
from mattebox.up import plans
from mattebox.up.options import EngineChoice, UpOptions
from mattebox.up.plans import Engine
from mattebox.up.ports import Ports

PORTS = Ports(http=8080, grpc=50_051, metrics=9090, segmenter_metrics=9091)
TRITON = Engine("triton", threads=3, triton_target="127.0.0.1:20002")
DATABASE = Path("/state/mattebox.db")
OPTIONS = UpOptions(
    host="127.0.0.1",
    port=8080,
    grpc_port=50_051,
    metrics_port=9090,
    state_dir=Path("state"),
    engine=EngineChoice.AUTO,
    models=("toy", "other"),
    model_repository=Path("/models"),
    ready_file=None,
    threads=None,
    log_level=None,
)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATTEBOX_SEGMENTER_LOG_LEVEL", raising=False)
    monkeypatch.delenv("MATTEBOX_GATEWAY_LOG_LEVEL", raising=False)
    monkeypatch.delenv("MATTEBOX_GATEWAY_DATABASE_URL", raising=False)
    monkeypatch.delenv("MATTEBOX_GATEWAY_HTTP_TLS_CERT", raising=False)
    monkeypatch.delenv("MATTEBOX_SEGMENTER_BATCH_MAX_SIZE", raising=False)
    monkeypatch.delenv("MATTEBOX_SEGMENTER_BATCH_MAX_RUNNING", raising=False)
    monkeypatch.delenv("MATTEBOX_QUALITY", raising=False)
    for name in ("MATTEBOX_SEGMENTER_LOG_FORMAT", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stderr", io.StringIO())


def test_the_segmenter_is_told_where_to_listen_and_what_to_run() -> None:
    env = plans.segmenter(OPTIONS, PORTS, TRITON).launch.env

    settings = {name: value for name, value in env.items() if name.startswith("MATTEBOX_")}
    assert settings == {
        "MATTEBOX_SEGMENTER_GRPC_HOST": "127.0.0.1",
        "MATTEBOX_SEGMENTER_GRPC_PORT": "50051",
        "MATTEBOX_SEGMENTER_METRICS_HOST": "127.0.0.1",
        "MATTEBOX_SEGMENTER_METRICS_PORT": "9091",
        "MATTEBOX_SEGMENTER_ENGINE_KIND": "triton",
        "MATTEBOX_SEGMENTER_ENGINE_TRITON_TARGET": "127.0.0.1:20002",
        "MATTEBOX_SEGMENTER_ENGINE_MODEL_REPOSITORY": "/models",
        "MATTEBOX_SEGMENTER_ENGINE_MODELS": "toy,other",
        "MATTEBOX_SEGMENTER_ENGINE_THREADS": "3",
        "MATTEBOX_SEGMENTER_BATCH_MAX_SIZE": "1",
        "MATTEBOX_SEGMENTER_BATCH_MAX_RUNNING": "4",
    }


@pytest.mark.parametrize("name", ["BATCH_MAX_SIZE", "BATCH_MAX_RUNNING"])
def test_an_operator_may_choose_how_pictures_are_batched(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"MATTEBOX_SEGMENTER_{name}", "8")

    env = plans.segmenter(OPTIONS, PORTS, TRITON).launch.env

    assert env[f"MATTEBOX_SEGMENTER_{name}"] == "8"


def test_the_engine_in_process_has_no_target() -> None:
    env = plans.segmenter(OPTIONS, PORTS, Engine("onnxruntime", threads=3)).launch.env

    assert env["MATTEBOX_SEGMENTER_ENGINE_KIND"] == "onnxruntime"
    assert "MATTEBOX_SEGMENTER_ENGINE_TRITON_TARGET" not in env


def test_the_gateway_is_told_where_to_listen_and_whom_to_ask() -> None:
    env = plans.gateway(OPTIONS, PORTS, DATABASE).launch.env

    settings = {name: value for name, value in env.items() if name.startswith("MATTEBOX_")}
    assert settings == {
        "MATTEBOX_GATEWAY_HTTP_HOST": "127.0.0.1",
        "MATTEBOX_GATEWAY_HTTP_PORT": "8080",
        "MATTEBOX_GATEWAY_METRICS_HOST": "127.0.0.1",
        "MATTEBOX_GATEWAY_METRICS_PORT": "9090",
        "MATTEBOX_GATEWAY_SEGMENTER_TARGET": "127.0.0.1:50051",
        "MATTEBOX_GATEWAY_DATABASE_URL": "sqlite:////state/mattebox.db",
    }


def test_the_operators_database_comes_before_that_of_the_state_directory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_DATABASE_URL", "postgresql://db/mattebox")

    env = plans.gateway(OPTIONS, PORTS, DATABASE).launch.env

    assert env["MATTEBOX_GATEWAY_DATABASE_URL"] == "postgresql://db/mattebox"


def test_each_service_gets_the_operators_settings_for_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MATTEBOX_SEGMENTER_IMAGE_MAX_BYTES", "1000")
    monkeypatch.setenv("MATTEBOX_GATEWAY_HTTP_PORT", "1")
    monkeypatch.setenv("MATTEBOX_GATEWAY_UPLOAD_PARTS", "8")

    segmenter = plans.segmenter(OPTIONS, PORTS, TRITON).launch.env
    gateway = plans.gateway(OPTIONS, PORTS, DATABASE).launch.env

    assert segmenter["MATTEBOX_SEGMENTER_IMAGE_MAX_BYTES"] == "1000"
    assert "MATTEBOX_SEGMENTER_IMAGE_MAX_BYTES" not in gateway
    assert gateway["MATTEBOX_GATEWAY_UPLOAD_PARTS"] == "8"
    assert "MATTEBOX_GATEWAY_UPLOAD_PARTS" not in segmenter
    assert gateway["MATTEBOX_GATEWAY_HTTP_PORT"] == "8080"


def test_the_quality_is_for_the_segmenter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEBOX_QUALITY", "best")

    assert plans.segmenter(OPTIONS, PORTS, TRITON).launch.env["MATTEBOX_QUALITY"] == "best"
    assert "MATTEBOX_QUALITY" not in plans.gateway(OPTIONS, PORTS, DATABASE).launch.env


def test_the_log_level_is_for_all_if_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEBOX_SEGMENTER_LOG_LEVEL", "warning")
    loud = dataclasses.replace(OPTIONS, log_level="debug")

    def levels(options: UpOptions) -> list[str | None]:
        segmenter = plans.segmenter(options, PORTS, TRITON).launch.env
        gateway = plans.gateway(options, PORTS, DATABASE).launch.env
        return [
            segmenter.get("MATTEBOX_SEGMENTER_LOG_LEVEL"),
            gateway.get("MATTEBOX_GATEWAY_LOG_LEVEL"),
        ]

    assert levels(OPTIONS) == ["warning", None]
    assert levels(loud) == ["debug", "debug"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("wishes", "log_format", "colours"),
    [
        ({}, "console", "1"),
        ({"MATTEBOX_SEGMENTER_LOG_FORMAT": "auto"}, "console", "1"),
        ({"MATTEBOX_SEGMENTER_LOG_FORMAT": "json"}, "json", None),
        ({"MATTEBOX_SEGMENTER_LOG_FORMAT": "console"}, "console", "1"),
        ({"NO_COLOR": "1"}, "console", None),
        ({"FORCE_COLOR": "0"}, "console", "0"),
    ],
)
def test_on_a_terminal_lines_are_for_people_unless_the_operator_wants_others(
    monkeypatch: pytest.MonkeyPatch,
    wishes: dict[str, str],
    log_format: str,
    colours: str | None,
) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    for name, value in wishes.items():
        monkeypatch.setenv(name, value)

    env = plans.segmenter(OPTIONS, PORTS, TRITON).launch.env

    assert env["MATTEBOX_SEGMENTER_LOG_FORMAT"] == log_format
    assert env.get("FORCE_COLOR") == colours


def test_elsewhere_the_form_of_lines_is_the_services_own() -> None:
    assert "MATTEBOX_SEGMENTER_LOG_FORMAT" not in plans.segmenter(OPTIONS, PORTS, TRITON).launch.env


def test_linear_algebra_has_no_threads_of_its_own_unless_the_operator_gives_it_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variable = "OPENBLAS_NUM_THREADS"
    assert plans.segmenter(OPTIONS, PORTS, TRITON).launch.env[variable] == "1"

    monkeypatch.setenv(variable, "3")
    assert plans.segmenter(OPTIONS, PORTS, TRITON).launch.env[variable] == "3"


def test_the_segmenters_allocator_gives_memory_back_unless_the_operator_tunes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")

    env = plans.segmenter(OPTIONS, PORTS, TRITON).launch.env

    assert env["MALLOC_ARENA_MAX"] == "1"
    assert env["MALLOC_TRIM_THRESHOLD_"] == "1"
    assert env["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"


def test_the_gateways_allocator_maps_each_upload_by_itself_unless_the_operator_tunes_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")

    env = plans.gateway(OPTIONS, PORTS, tmp_path / "mattebox.db").launch.env

    assert env["MALLOC_MMAP_THRESHOLD_"] == "1048576"
    assert env["MALLOC_TRIM_THRESHOLD_"] == "1"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("photos.example", "http://photos.example:8080"),
    ],
)
def test_the_url_is_one_that_can_be_called(host: str, url: str) -> None:
    assert plans.http_url(dataclasses.replace(OPTIONS, host=host), 8080) == url
    secure = dataclasses.replace(OPTIONS, host=host, tls_cert=Path("c"), tls_key=Path("k"))
    assert plans.http_url(secure, 8080) == url.replace("http:", "https:")


def test_the_operators_certificate_makes_the_url_one_of_https(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_HTTP_TLS_CERT", "/certificate.pem")

    assert plans.http_url(OPTIONS, 8080) == "https://127.0.0.1:8080"


def test_the_gateway_is_told_of_its_certificate() -> None:
    options = dataclasses.replace(OPTIONS, tls_cert=Path("/tls/c.pem"), tls_key=Path("k.pem"))

    env = plans.gateway(options, PORTS, DATABASE).launch.env

    assert env["MATTEBOX_GATEWAY_HTTP_TLS_CERT"] == "/tls/c.pem"
    assert env["MATTEBOX_GATEWAY_HTTP_TLS_KEY"] == str(Path.cwd() / "k.pem")


def test_the_variables_of_opentelemetry_reach_both_services_each_with_its_own_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
    monkeypatch.delenv("OTEL_RESOURCE_ATTRIBUTES", raising=False)

    def named() -> list[str | None]:
        launches = (
            plans.segmenter(OPTIONS, PORTS, TRITON).launch,
            plans.gateway(OPTIONS, PORTS, DATABASE).launch,
        )
        assert {launch.env["OTEL_TRACES_EXPORTER"] for launch in launches} == {"otlp"}
        return [launch.env.get("OTEL_SERVICE_NAME") for launch in launches]

    assert named() == [None, None]
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    assert named() == ["shop-segmenter", "shop-gateway"]
    monkeypatch.delenv("OTEL_SERVICE_NAME")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=store,a=1")
    assert named() == ["store-segmenter", "store-gateway"]
    for plan in (
        plans.segmenter(OPTIONS, PORTS, TRITON),
        plans.gateway(OPTIONS, PORTS, DATABASE),
    ):
        assert plan.launch.env["OTEL_RESOURCE_ATTRIBUTES"] == "a=1"


@pytest.mark.parametrize("value", ["0", "f", "FALSE", "n", "no", "Off"])
def test_a_playground_that_is_switched_off_is_known_of(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    variable = "MATTEBOX_GATEWAY_PLAYGROUND_ENABLED"
    monkeypatch.setenv(variable, value)

    assert not plans.has_playground({variable: value})
    assert not read_settings(GatewaySettings).playground.enabled
    assert plans.has_playground({variable: "true"})
    assert plans.has_playground({})
