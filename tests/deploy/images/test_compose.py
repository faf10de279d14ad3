"""deploy/compose.yaml: what it starts is boxed in, fits the settings, and fits the images."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

import gateway.settings
import segmenter.settings
from environment import Settings
from environment.reading import SettingsError, read_settings
from tests.conftest import ROOT
from tests.deploy.images.dockerfile import parsed
from tests.deploy.images.reading import Configuration, read

COMPOSE = ROOT / "deploy" / "compose.yaml"
DOT_ENV = ROOT / "deploy" / ".env"
SETTINGS: Mapping[str, type[Settings]] = {
    "gateway": gateway.settings.GatewaySettings,
    "segmenter": segmenter.settings.SegmenterSettings,
}
TRITONS = {"cpu": "triton", "gpu": "triton-gpu"}
KNOWN_KEYS = {
    "cap_drop", "command", "depends_on", "deploy", "environment", "healthcheck", "image",
    "mem_limit", "network_mode", "networks", "pids_limit", "ports", "profiles", "read_only",
    "restart", "security_opt", "stop_grace_period", "tmpfs", "ulimits", "user", "volumes",
}  # fmt: skip


def dot_env() -> dict[str, str]:
    lines = DOT_ENV.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    pattern = r"\$\{(\w+):-([^}]*)\}"
    return re.sub(pattern, lambda found: variables.get(found[1], found[2]), text)


def compose(variables: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(interpolated(COMPOSE.read_text(), variables))
    return found


SERVICES: dict[str, dict[str, Any]] = compose(dot_env())["services"]

each_service = pytest.mark.parametrize("name", SERVICES)
each_of_ours = pytest.mark.parametrize("name", SETTINGS)


def settings_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads a service's settings as it does in its container: unknown variables are errors."""
    for variable, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(variable, str(value))
    return read_settings(SETTINGS[name])


@each_service
def test_only_what_is_known_is_said(name: str) -> None:
    assert set(SERVICES[name]) <= KNOWN_KEYS


@each_service
def test_a_service_is_boxed_in(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["pids_limit"] > 0
    assert not {"privileged", "cap_add", "pid", "ipc", "devices"} & set(service)
    writable = [volume for volume in service.get("volumes", []) if not volume.endswith(":ro")]
    assert writable == {"gateway": ["data:/data"], "models": ["models:/models"]}.get(name, [])


@each_service
def test_an_image_has_a_fixed_tag(name: str) -> None:
    image, tag = SERVICES[name]["image"].rsplit(":", 1)
    project = (ROOT / "pyproject.toml").read_text()
    if image.startswith("mattebox-"):
        assert f'version = "{tag}"' in project
    else:
        assert re.fullmatch(r"\d\d\.\d\d-py3", tag)


def test_only_the_gateways_port_is_published_and_on_the_loopback() -> None:
    assert {name: each["ports"] for name, each in SERVICES.items() if "ports" in each} == {
        "gateway": ["127.0.0.1:8080:8080"]
    }
    networks = compose(dot_env())["networks"]
    assert networks["inside"] == {"internal": True}
    reach_out = [name for name, each in SERVICES.items() if "outside" in each.get("networks", [])]
    assert reach_out == ["gateway"]


@pytest.mark.parametrize("profile", TRITONS)
def test_a_profile_starts_one_triton_by_the_same_name(profile: str) -> None:
    started = [
        name for name, each in SERVICES.items() if profile in each.get("profiles", [profile])
    ]
    assert sorted(started) == sorted(["gateway", "segmenter", "models", TRITONS[profile]])
    triton = SERVICES[TRITONS[profile]]
    assert triton["networks"] == {"inside": {"aliases": ["triton"]}}
    assert triton["user"] == "1000:1000"
    assert ("deploy" in triton) == (profile == "gpu")


def test_what_dot_env_says_is_used() -> None:
    used = set(re.findall(r"\$\{(\w+):-", COMPOSE.read_text()))
    assert set(dot_env()) - {"COMPOSE_PROFILES"} <= used
    assert dot_env()["COMPOSE_PROFILES"] in TRITONS
    assert compose({})["services"] == SERVICES


@each_of_ours
def test_every_variable_is_a_setting_and_every_value_is_taken(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_of(name, monkeypatch)


def test_a_variable_that_is_no_setting_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVICES["gateway"]["environment"], "MATTEBOX_GATEWAY_PROT", "1")
    with pytest.raises(SettingsError, match="MATTEBOX_GATEWAY_PROT"):
        settings_of("gateway", monkeypatch)


def test_targets_and_ports_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    outer = settings_of("gateway", monkeypatch)
    inner = settings_of("segmenter", monkeypatch)

    assert outer.segmenter.target == f"dns:///segmenter:{inner.grpc.port}"
    assert outer.http.port == 8080
    assert (outer.http.host, inner.grpc.host) == ("0.0.0.0", "0.0.0.0")  # noqa: S104
    assert inner.engine.triton_target == "dns:///triton:8001"
    for name, section in (("gateway", outer.metrics), ("segmenter", inner.metrics)):
        url = SERVICES[name]["healthcheck"]["test"][-1]
        assert url == f"http://{section.host}:{section.port}/ready"


@each_of_ours
def test_health_is_asked_by_what_is_in_the_image(name: str) -> None:
    kind, *command, _url = SERVICES[name]["healthcheck"]["test"]
    assert kind == "CMD"
    assert command == ["/opt/mattebox/bin/python", "-m", "telemetry.probe"]


def test_nothing_is_killed_while_it_finishes(monkeypatch: pytest.MonkeyPatch) -> None:
    http = settings_of("gateway", monkeypatch).http
    grpc = settings_of("segmenter", monkeypatch).grpc
    exit_s = int(SERVICES["triton"]["command"][-2].partition("=")[2])
    for name, needs_s in (
        ("gateway", http.drain_delay_s + http.shutdown_timeout_s),
        ("segmenter", grpc.drain_delay_s + grpc.drain_grace_s),
        ("triton", exit_s),
    ):
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= needs_s + 5


def test_connections_have_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    connections = settings_of("gateway", monkeypatch).http.max_connections
    assert SERVICES["gateway"]["ulimits"]["nofile"] >= 2 * connections + 512


@pytest.mark.parametrize(("name", "place"), [("gateway", "/data"), ("models", "/models")])
def test_a_volume_begins_as_a_folder_of_the_images_user(name: str, place: str) -> None:
    file = parsed(ROOT / "deploy" / "docker" / f"{name}.Dockerfile")
    _, steps = read(file.stages[-1].instructions, Configuration(), {}, file.arguments)
    copies = [step.instruction for step in steps if step.instruction.command == "COPY"]
    owners = [each.flag("chown") for each in copies if each.text.split()[-1] == place]
    assert owners == ["65532:65532"]
    assert [volume.split(":")[1] for volume in SERVICES[name]["volumes"]] == [place]


def test_the_models_are_delivered_by_the_images_own_command() -> None:
    file = parsed(ROOT / "deploy" / "docker" / "models.Dockerfile")
    image, _ = read(file.stages[-1].instructions, Configuration(), {}, file.arguments)
    assert tuple(SERVICES["models"]["command"]) == image.cmd
    assert f"--model-repository={image.cmd[-1]}" in SERVICES["triton"]["command"]
