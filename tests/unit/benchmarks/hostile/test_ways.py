"""The requests of all ways."""

import base64
import json

from benchmarks.hostile.ways import Way, upload

from gateway.bodies.multipart import MultipartParser, PartData, PartEnd, PartStart

IMAGE = b"\x89PNG\r\n--mattebox"
URL = "http://127.0.0.1:1/x"


def parts(way: Way) -> list[object]:
    request = upload(way, IMAGE, URL)
    parser = MultipartParser(request.content_type.partition("boundary=")[2])
    events = list(parser.feed(request.body))
    parser.close()
    return list(events)


def test_a_file_is_a_part_of_a_form() -> None:
    assert parts(Way.FILE) == [PartStart("image_file", None), PartData(IMAGE), PartEnd()]


def test_a_url_is_a_part_of_a_form() -> None:
    assert parts(Way.URL) == [PartStart("image_url", None), PartData(URL.encode()), PartEnd()]


def test_base64_is_a_member_of_a_json_object() -> None:
    request = upload(Way.BASE64, IMAGE, URL)

    assert request.content_type == "application/json"
    (text,) = json.loads(request.body).values()
    assert base64.b64decode(text) == IMAGE
