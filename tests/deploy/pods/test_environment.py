"""The variables of a container, as Kubernetes says they are made."""

from typing import Any

import pytest

from tests.deploy.pods.container_spec import ContainerSpec, Security, read_container
from tests.deploy.pods.environment import Sources, expanded, service_links, variables
from tests.deploy.pods.fields import Fields, ManifestError

SOURCES = Sources(
    config_maps={"settings": {"COLOUR": b"red", "SIZE": b"1", "not a name!": b"x"}},
    secrets={"hidden": {"url": b"postgresql://somewhere", "SIZE": b"2"}},
    fields={"metadata.name": "pod-1"},
    service_links={"WEB_SERVICE_HOST": "10.96.0.20"},
)


def container(**more: Any) -> ContainerSpec:
    return read_container(Fields({"name": "c", "image": "i:1", **more}, "c"), Security())


def test_later_sources_come_before_earlier_ones() -> None:
    of_both = container(
        envFrom=[{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "hidden"}}],
        env=[{"name": "url", "value": "mine"}],
    )

    assert variables(of_both, SOURCES) == {
        "WEB_SERVICE_HOST": "10.96.0.20",
        "COLOUR": "red",
        "SIZE": "2",
        "url": "mine",
    }


def test_a_prefix_stands_before_every_name() -> None:
    prefixed = container(envFrom=[{"prefix": "P_", "configMapRef": {"name": "settings"}}])

    assert variables(prefixed, SOURCES) == {
        **SOURCES.service_links,
        "P_COLOUR": "red",
        "P_SIZE": "1",
    }


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ({"secretKeyRef": {"name": "hidden", "key": "url"}}, "postgresql://somewhere"),
        ({"configMapKeyRef": {"name": "settings", "key": "COLOUR"}}, "red"),
        ({"fieldRef": {"fieldPath": "metadata.name"}}, "pod-1"),
        ({"resourceFieldRef": {"resource": "limits.cpu"}}, "2"),
        ({"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}, "64"),
        ({"resourceFieldRef": {"resource": "requests.memory"}}, str(64 * 2**20)),
    ],
)
def test_one_variable_comes_from_elsewhere(source: dict[str, Any], value: str) -> None:
    limited = container(
        env=[{"name": "N", "valueFrom": source}],
        resources={"limits": {"cpu": "1500m", "memory": "64Mi"}},
    )

    assert variables(limited, SOURCES)["N"] == value


@pytest.mark.parametrize(
    "more",
    [
        {"env": [{"name": "N", "valueFrom": {"secretKeyRef": {"name": "hidden", "key": "no"}}}]},
        {"env": [{"name": "N", "valueFrom": {"secretKeyRef": {"name": "no", "key": "url"}}}]},
        {"env": [{"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "status.no"}}}]},
        {"env": [{"name": "N", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}]},
        {"env": [{"name": "N", "valueFrom": {"fileKeyRef": {}}}]},
        {"env": [{"name": "N", "value": "1", "no": 1}]},
        {"envFrom": [{"configMapRef": {"name": "no"}}]},
        {"envFrom": [{}]},
    ],
)
def test_what_is_not_there_is_an_error(more: dict[str, Any]) -> None:
    with pytest.raises(ManifestError):
        variables(container(**more), SOURCES)


def test_what_may_be_absent_is_left_out() -> None:
    lenient = container(
        env=[
            {
                "name": "N",
                "valueFrom": {"secretKeyRef": {"name": "no", "key": "k", "optional": True}},
            }
        ],
        envFrom=[{"secretRef": {"name": "no", "optional": True}}],
    )

    assert variables(lenient, SOURCES) == SOURCES.service_links


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$(A)-$(B)", "1-2"),
        ("$$(A)", "$(A)"),
        ("$(C) $A ${A}", "$(C) $A ${A}"),
        ("$", "$"),
    ],
)
def test_references_to_variables_are_replaced(text: str, value: str) -> None:
    assert expanded(text, {"A": "1", "B": "2"}) == value


def test_a_variable_knows_only_those_before_it() -> None:
    chained = container(
        env=[
            {"name": "FIRST", "value": "$(SECOND)"},
            {"name": "SECOND", "value": "$(WEB_SERVICE_HOST)"},
        ]
    )

    made = variables(chained, SOURCES)

    assert (made["FIRST"], made["SECOND"]) == ("$(SECOND)", "10.96.0.20")


def test_services_are_told_by_variables() -> None:
    links = service_links({"my-web": ("10.96.0.20", {"http": 80, "admin": 81})})

    assert links["MY_WEB_SERVICE_HOST"] == "10.96.0.20"
    assert links["MY_WEB_SERVICE_PORT"] == "80"
    assert links["MY_WEB_SERVICE_PORT_ADMIN"] == "81"
    assert links["MY_WEB_PORT"] == "tcp://10.96.0.20:80"
    assert links["MY_WEB_PORT_81_TCP_ADDR"] == "10.96.0.20"
