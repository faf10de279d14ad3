"""The services start with the variables of their pods, and these say what the overlays promise."""

import pytest

from environment import Settings, SettingsError, variable_names
from gateway.settings import GatewaySettings
from segmenter.settings import EngineKind, SegmenterSettings
from segmenter.sight import Quality
from tests.deploy.manifests.environments import (
    gateway_settings,
    segmenter_settings,
    settings,
    variables,
)
from tests.deploy.manifests.rendering import (
    Object,
    container,
    containers,
    named,
    pod_spec,
    rendered,
    replicas,
    workloads,
)

_KNOWN: dict[str, type[Settings]] = {
    "gateway": GatewaySettings,
    "segmenter": SegmenterSettings,
}


def test_every_variable_is_a_setting_and_parses(every: list[Object]) -> None:
    for name, settings_type in _KNOWN.items():
        found = variables(every, named(every, "Deployment", f"mattebox-{name}"), name)

        ours = {variable for variable in found if not variable.startswith("OTEL_")}
        assert ours <= variable_names(settings_type)
        settings(settings_type, found)


def test_a_variable_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="MATTEBOX_GATEWAY_PORT"):
        settings(GatewaySettings, {"MATTEBOX_GATEWAY_PORT": "tcp://10.0.0.1:80"})


def test_nothing_secret_stands_in_a_map_or_an_argument(every: list[Object]) -> None:
    for workload in workloads(every):
        for one in containers(workload):
            for entry in one.get("env", []):
                secret = any(
                    word in entry["name"] for word in ("PASSWORD", "PEPPER", "DATABASE_URL")
                )
                assert "value" not in entry or not secret or entry["name"].endswith("_FILE")
    for one in every:
        if one["kind"] == "ConfigMap":
            assert not any("://" in text and "@" in text for text in one["data"].values())
    assert not any(one["kind"] == "Secret" for one in every)


def test_the_pepper_is_the_file_that_is_mounted(objects: list[Object]) -> None:
    deployment = named(objects, "Deployment", "mattebox-gateway")
    [mount] = container(deployment, "gateway")["volumeMounts"]
    [volume] = pod_spec(deployment)["volumes"]
    [item] = volume["secret"]["items"]

    assert str(gateway_settings(objects).keys.pepper_file) == f"{mount['mountPath']}/{item['path']}"
    assert gateway_settings(objects).keys.pepper is None
    assert pod_spec(deployment)["securityContext"]["fsGroup"] == 65532


def test_several_gateways_count_together(objects: list[Object]) -> None:
    settings = gateway_settings(objects)
    gateways = replicas(objects, "mattebox-gateway")

    assert settings.limiter.gateways == gateways
    if gateways > 1:
        assert settings.limiter.url.get_secret_value() != "memory://"
        assert settings.dialects.results_url.get_secret_value() != "memory://"


def test_calls_go_to_every_address(objects: list[Object]) -> None:
    assert gateway_settings(objects).segmenter.target == "dns:///mattebox-segmenter:50051"
    assert segmenter_settings(objects).engine.triton_target == "dns:///mattebox-triton:8001"


def test_the_models_that_are_served_are_the_models_that_are_delivered(
    every: list[Object],
) -> None:
    args = container(named(every, "Deployment", "mattebox-triton"), "models")["args"]
    options = args.index("--from")

    assert args[:2] == ["models", "deliver"]
    assert tuple(args[2:options]) == segmenter_settings(every).engine.models
    assert args[options:] == ["--from", "/opt/mattebox/model_repository", "--to", "/models"]


def test_a_gpu_gets_two_batches_and_the_better_quality() -> None:
    settings = segmenter_settings(rendered("gpu"))

    assert settings.quality is Quality.BALANCED
    assert settings.batch.max_running == 2
    assert settings.engine.kind is EngineKind.TRITON
