"""The OpenAPI document says what the gateway's code does, and all of it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import V2 as V2_BODIES
from gateway.bodies.vocabulary import Role
from gateway.contracts.dialect import Route
from gateway.contracts.v2.account import AccountPage
from gateway.contracts.v2.handlers import V2
from gateway.cut_outs import CutOuts
from gateway.dialects import Dialects
from gateway.errors import ApiError
from gateway.health import Health
from gateway.options import cut_out
from gateway.options.cut_out import CutOutOptions, read_cut_out_options
from gateway.options.fields import Fields
from gateway.reference.document import Document, Operation, read_packaged
from gateway.reference.fields import request_fields, source_names
from gateway.reference.handlers import Reference
from gateway.routes import routes
from gateway.settings import CONTRACT_IMAGE_BYTES, UploadSettings
from telemetry.request_id import choose_request_id, new_request_id

# What the contract gives each operation. Those of POST /v2 are also all that an error can have,
# but 404 and 405, which belong to paths and methods that are no operation.
STATUSES = {
    ("POST", "/v2"): {200, 400, 401, 403, 408, 413, 415, 429, 500, 503, 504},
    ("GET", "/v2/account"): {200, 401, 403, 429, 500, 503},
    ("GET", "/v2/health"): {200, 503},
    ("GET", "/v2/health/live"): {200},
    ("GET", "/v2/health/ready"): {200, 503},
    ("GET", "/health"): {200, 503},
    ("GET", "/"): {200, 503},
    ("GET", "/openapi.json"): {200},
    ("GET", "/docs"): {200},
}
OF_NO_OPERATION = {404, 405}
KINDS = {
    "multipart/form-data": BodyKind.MULTIPART,
    "application/x-www-form-urlencoded": BodyKind.URLENCODED,
    "application/json": BodyKind.JSON,
}
SOURCES = {Role.FILE, Role.TEXT, Role.URL}
DOCUMENT = Document.from_json(read_packaged())
SCHEMAS = DOCUMENT.component("schemas")


@pytest.fixture(scope="module")
def post() -> Operation:
    return next(each for each in DOCUMENT.operations() if each.path == "/v2")


def subclasses(kind: type[ApiError]) -> Iterator[type[ApiError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from subclasses(inner)


def codes_by_status() -> dict[int, set[str]]:
    """The codes of all errors but those that only their subclasses, or one dialect, name."""
    codes = defaultdict(set)
    for kind in subclasses(ApiError):
        if kind.__module__.startswith("gateway.contracts."):
            continue
        if "code" in vars(kind) or not kind.__subclasses__():
            codes[kind.status].add(kind.code)
    return dict(codes)


def route_table() -> list[Route]:
    """The gateway's routes without those of other dialects; nobody calls the handlers."""
    native = V2(object.__new__(CutOuts), object.__new__(AccountPage))
    return routes(Dialects(native), object.__new__(Health), object.__new__(Reference))


def options_of(name: str, value: Any) -> CutOutOptions:
    return read_cut_out_options(Fields.from_pairs([(name, value)]))


def documented_options() -> dict[str, dict[str, Any]]:
    parameters = map(DOCUMENT.resolve, DOCUMENT.component("parameters").values())
    return {
        each["name"]: DOCUMENT.resolve(each["schema"])
        for each in parameters
        if each["in"] == "query"
    }


OPTIONS = documented_options()


def test_the_document_is_valid_openapi() -> None:
    content = json.loads(read_packaged())
    assert list(OpenAPIV31SpecValidator(content).iter_errors()) == []


def test_the_file_is_laid_out_as_every_formatter_lays_it_out() -> None:
    text = read_packaged().decode()
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def test_every_component_is_used_or_belongs_to_no_operation() -> None:
    text = read_packaged().decode()
    components = DOCUMENT.content["components"]
    for kind in ("parameters", "headers", "responses", "schemas"):
        for name in components[kind]:
            if name not in {"NotFound", "MethodNotAllowed"}:
                assert f'"#/components/{kind}/{name}"' in text, (kind, name)


def test_it_has_the_gateways_paths_and_methods() -> None:
    documented = [(each.method, each.path) for each in DOCUMENT.operations()]
    assert sorted(documented) == sorted((route.method, route.path) for route in route_table())


def test_each_operation_lists_exactly_the_statuses_of_the_contract() -> None:
    listed = {
        (each.method, each.path): set(each.content["responses"]) for each in DOCUMENT.operations()
    }
    assert listed == {place: set(map(str, statuses)) for place, statuses in STATUSES.items()}


def test_the_statuses_of_errors_are_those_of_the_gateway() -> None:
    errors = {status for status in STATUSES["POST", "/v2"] if status >= 400}
    assert errors | OF_NO_OPERATION == set(codes_by_status())


def test_the_codes_of_each_status_are_those_of_the_gateway() -> None:
    documented = {}
    for answer in DOCUMENT.component("responses").values():
        failure = DOCUMENT.failure(answer)
        if failure is not None:
            documented[failure.status] = set(failure.codes)
    assert documented == codes_by_status()


def test_every_code_is_explained_once() -> None:
    explained = [choice["const"] for choice in SCHEMAS["ErrorCode"]["oneOf"]]
    assert sorted(explained) == sorted(set().union(*codes_by_status().values()))


def test_answers_under_a_status_tell_that_status() -> None:
    for operation in DOCUMENT.operations():
        for status, answer in DOCUMENT.responses(operation).items():
            failure = DOCUMENT.failure(answer)
            assert failure is None or failure.status == status


def test_the_options_are_the_gateways(post: Operation) -> None:
    fields = request_fields(DOCUMENT, post)
    assert set(OPTIONS) == cut_out.NAMES
    assert {field.name for field in fields if field.is_option} == cut_out.NAMES


@pytest.mark.parametrize(
    ("name", "choices"),
    [("format", cut_out.FORMATS), ("channels", cut_out.CHANNELS), ("size", cut_out.SIZES)],
)
def test_the_choices_are_the_gateways(name: str, choices: dict[str, Any]) -> None:
    assert set(OPTIONS[name]["enum"]) == set(choices)


@pytest.mark.parametrize("name", sorted(name for name in OPTIONS if "enum" in OPTIONS[name]))
def test_every_choice_is_taken_and_the_default_is_what_happens_without(name: str) -> None:
    for value in OPTIONS[name]["enum"]:
        options_of(name, value)
    assert options_of(name, OPTIONS[name]["default"]) == CutOutOptions()


@pytest.mark.parametrize(
    "colour",
    [
        *SCHEMAS["BgColor"]["examples"],
        "fc0",
        "#fc08",
        "ffcc00",
        "#FFCC0080",
        "rebeccapurple",
        "transparent",
        "rgb(255, 204, 0)",
        "rgb(100% 80% 0%)",
        "rgba(255, 204, 0, .5)",
        "hsl(48deg 100% 50% / 0.5)",
        "hsl(0.5turn, 100%, 50%)",
        "hsla(-48, 100%, 50%, 1e-1)",
    ],
)
def test_colours_that_are_taken_match_the_pattern(colour: str) -> None:
    options_of("bg_color", colour)
    assert re.search(SCHEMAS["BgColor"]["pattern"], colour)


@pytest.mark.parametrize("media_type", KINDS)
def test_the_sources_of_each_kind_of_body_are_the_gateways(
    post: Operation, media_type: str
) -> None:
    body = post.content["requestBody"]["content"][media_type]
    documented = set(DOCUMENT.resolve(body["schema"])["properties"])
    for name in source_names(DOCUMENT, post):
        role = V2_BODIES.meaning(name, KINDS[media_type]).role
        assert (name in documented) == (role in SOURCES), name


def test_the_key_may_stand_in_json_alone(post: Operation) -> None:
    for media_type, kind in KINDS.items():
        body = post.content["requestBody"]["content"][media_type]
        fields = DOCUMENT.resolve(body["schema"])["properties"]
        assert ("api_key" in fields) == (V2_BODIES.meaning("api_key", kind).role is Role.API_KEY)


def test_every_field_of_a_body_is_one_that_is_read(post: Operation) -> None:
    names = {field.name for field in request_fields(DOCUMENT, post)}
    assert names == source_names(DOCUMENT, post) | cut_out.NAMES | {"api_key"}


def test_the_answers_have_the_formats_of_the_gateway(post: Operation) -> None:
    content = DOCUMENT.responses(post)[200]["content"]
    types = {cut_out.CONTENT_TYPES[each] for each in cut_out.FORMATS.values()}
    assert set(content) == {*types, "application/json"}
    formats = {output_format.value for output_format in cut_out.FORMATS.values()}
    assert set(SCHEMAS["ImageAnswer"]["properties"]["format"]["enum"]) == formats


def test_the_largest_image_is_the_gateways(post: Operation) -> None:
    assert f"({CONTRACT_IMAGE_BYTES:,} bytes)" in post.content["requestBody"]["description"]


@pytest.mark.parametrize("name", ["MultipartRequest", "FormRequest", "JsonRequest"])
def test_the_most_fields_are_the_gateways(name: str) -> None:
    assert SCHEMAS[name]["maxProperties"] == UploadSettings().parts


@pytest.mark.parametrize("offered", ["a", "a" * 64, "a" * 65, "", "a b", "\u00e9", "A.b_c-9"])
def test_request_ids_are_well_formed_where_the_gateway_keeps_them(offered: str) -> None:
    parameter = DOCUMENT.component("parameters")["RequestId"]
    is_kept = choose_request_id(offered) == offered
    assert is_kept == bool(re.fullmatch(parameter["schema"]["pattern"], offered))
    assert re.fullmatch(parameter["schema"]["pattern"], new_request_id())
