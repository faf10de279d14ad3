"""Pods get the time that the services take to end in order, and none is killed before it."""

import re
from collections.abc import Callable

import pytest

from gateway.accounts.store import schema
from gateway.server import LEFT_OVER_S
from tests.deploy.manifests.environments import gateway_settings, segmenter_settings
from tests.deploy.manifests.rendering import Object, container, named, parsed, pod_spec

_SLACK_S = 5
"""For the last write to the database, and to unload."""

_TOO_LONG_S = 30
"""More than that beyond what is needed would only hold up a node that is to be drained."""


def test_the_gateway_has_time_to_drain(objects: list[Object]) -> None:
    http = gateway_settings(objects).http
    needed_s = http.drain_delay_s + http.shutdown_timeout_s + LEFT_OVER_S + _SLACK_S

    assert needed_s <= _grace_s(objects, "mattebox-gateway") <= needed_s + _TOO_LONG_S


def test_the_gateway_is_found_by_nobody_when_its_port_closes(objects: list[Object]) -> None:
    http = gateway_settings(objects).http

    assert http.drain_delay_s > http.keepalive_timeout_s


def test_the_segmenter_has_time_to_drain(objects: list[Object]) -> None:
    grpc = segmenter_settings(objects).grpc
    needed_s = grpc.drain_delay_s + grpc.drain_grace_s + _SLACK_S

    assert grpc.drain_delay_s >= 5
    assert needed_s <= _grace_s(objects, "mattebox-segmenter") <= needed_s + _TOO_LONG_S


def test_gateways_hear_of_new_segmenters_before_the_next_old_one_goes(
    objects: list[Object],
) -> None:
    ready_s = named(objects, "Deployment", "mattebox-segmenter")["spec"]["minReadySeconds"]

    assert ready_s >= segmenter_settings(objects).grpc.drain_delay_s + 3


def test_calls_in_flight_end_before_the_segmenter_does(objects: list[Object]) -> None:
    grpc = segmenter_settings(objects).grpc

    assert grpc.drain_grace_s >= gateway_settings(objects).segmenter.timeout_s


def test_triton_has_time_to_drain(objects: list[Object]) -> None:
    triton = container(named(objects, "Deployment", "mattebox-triton"), "triton")
    [exit_s] = re.findall(r"--exit-timeout-secs=(\d+)", " ".join(triton["args"]))
    stop_s = triton["lifecycle"]["preStop"]["sleep"]["seconds"]
    needed_s = stop_s + int(exit_s) + _SLACK_S

    assert stop_s >= 5
    assert int(exit_s) >= segmenter_settings(objects).grpc.default_deadline_s
    assert needed_s <= _grace_s(objects, "mattebox-triton") <= needed_s + _TOO_LONG_S


@pytest.mark.parametrize("name", ["gateway", "segmenter"])
def test_what_drains_by_itself_is_told_to_stop_at_once(objects: list[Object], name: str) -> None:
    workload = named(objects, "Deployment", f"mattebox-{name}")

    assert "lifecycle" not in container(workload, name)


def test_a_late_database_and_a_new_schema_have_their_time_in_a_rollout(
    objects: list[Object],
) -> None:
    rollout = named(objects, "Deployment", "mattebox-gateway")["spec"]
    needed_s = gateway_settings(objects).database.wait_s + schema.MIGRATION_TIMEOUT_S

    # The rest is to fetch the image, and to be ready for a while.
    assert rollout.get("progressDeadlineSeconds", 600) >= needed_s + 120


def test_triton_has_five_minutes_to_load_models(objects: list[Object]) -> None:
    probe = container(named(objects, "Deployment", "mattebox-triton"), "triton")["startupProbe"]

    assert probe["periodSeconds"] * probe["failureThreshold"] >= 300


def test_postgresql_is_given_time_for_its_last_checkpoint(
    component_text: Callable[[str], str],
) -> None:
    postgres = named(parsed(component_text("postgres")), "StatefulSet", "mattebox-postgres")

    assert pod_spec(postgres)["terminationGracePeriodSeconds"] >= 60


def _grace_s(objects: list[Object], name: str) -> int:
    grace_s: int = pod_spec(named(objects, "Deployment", name))["terminationGracePeriodSeconds"]
    return grace_s
