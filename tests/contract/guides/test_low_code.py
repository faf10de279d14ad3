"""The workflow for n8n has the shape that is imported, and its call is one that Mattebox takes."""

import json
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.contract.client import Client
from tests.contract.guides.programs import FOLDER, blocks
from tests.contract.picture_host import PictureHost

PAGE = "low-code-http"
PHOTO = ROOT / "tests" / "data" / "coffee.jpg"
WORKFLOW = json.loads((FOLDER / "n8n-workflow.json").read_text())
NODES: dict[str, dict[str, Any]] = {node["name"]: node for node in WORKFLOW["nodes"]}


def test_the_workflow_has_what_an_import_needs() -> None:
    assert len(NODES) == len(WORKFLOW["nodes"])
    assert len({node["id"] for node in NODES.values()}) == len(NODES)
    for node in NODES.values():
        assert {"id", "name", "type", "typeVersion", "position", "parameters"} <= node.keys()
        assert node["type"].startswith("n8n-nodes-base.")
        assert len(node["position"]) == 2


def test_the_nodes_follow_one_another() -> None:
    order = ["Start"]
    while order[-1] in WORKFLOW["connections"]:
        ((following,),) = WORKFLOW["connections"][order[-1]]["main"]
        assert following["type"] == "main"
        order.append(following["node"])
    assert order == list(NODES)


def test_files_pass_from_node_to_node_under_one_name() -> None:
    read, call, write = (
        NODES[name]["parameters"] for name in ("Read photos", "Mattebox", "Write cut-outs")
    )
    files = [field for field in fields(call) if field["parameterType"] == "formBinaryData"]
    assert [field["inputDataFieldName"] for field in files] == [read["options"]["dataPropertyName"]]
    made = call["options"]["response"]["response"]
    assert made == {"responseFormat": "file", "outputPropertyName": write["dataPropertyName"]}


def test_the_page_shows_the_node_of_the_workflow() -> None:
    assert json.loads(blocks(PAGE)["mattebox-node.json"]) == NODES["Mattebox"]


@pytest.mark.e2e
def test_the_call_of_the_node_is_answered_with_a_cut_out(service: Client) -> None:
    call = NODES["Mattebox"]["parameters"]
    assert call["url"].endswith("/v2")
    assert call["genericAuthType"] == "httpHeaderAuth"
    assert call["contentType"] == "multipart-form-data"
    parts = [
        (field["name"], ("cup.jpg", PHOTO.read_bytes()))
        if field["parameterType"] == "formBinaryData"
        else (field["name"], (None, field["value"]))
        for field in fields(call)
    ]
    reply = service.ask(call["method"], files=parts)
    assert reply.image("WEBP").mode == "RGBA"
    assert "X-Ignored-Fields" not in reply.headers


@pytest.mark.e2e
def test_the_json_of_the_page_is_answered_with_a_cut_out(
    service: Client, host: PictureHost
) -> None:
    request = json.loads(blocks(PAGE)["request.json"])
    host.pages["/low-code.jpg"] = PHOTO.read_bytes()
    request["image_url"] = f"{host.url}/low-code.jpg"
    answer = service.post_json(request)
    assert answer.content["format"] == "webp"
    as_file = service.post_json(request, headers={"Accept": "image/*"})
    assert as_file.image("WEBP").size == (answer.content["width"], answer.content["height"])


def fields(call: dict[str, Any]) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = call["bodyParameters"]["parameters"]
    return listed
