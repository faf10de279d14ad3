"""The component of Kustomize has the very rules of deploy/monitoring."""

import yaml

from tests.deploy.monitoring import files

_OBJECT = files.COMPONENT / "prometheusrule.yaml"


def test_it_is_up_to_date() -> None:
    made = files.script("make_prometheusrule").text()
    assert _OBJECT.read_text("utf-8") == made, (
        "run: python deploy/monitoring/make_prometheusrule.py"
    )


def test_its_groups_are_those_of_the_rule_files() -> None:
    made = yaml.safe_load(_OBJECT.read_text("utf-8"))
    assert made["kind"] == "PrometheusRule"
    by_name = {group["name"]: group for group in made["spec"]["groups"]}
    assert by_name == {group["name"]: group for group in files.groups()}
    assert len(by_name) == len(made["spec"]["groups"])
