"""Requests that say a word in each place where a caller, or a host of pictures, can say one."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.canaries import Canaries

FORM = "multipart/form-data; boundary=b"
PICTURE = b"\x89PNG a picture of"


@dataclass(frozen=True, slots=True)
class Said:
    """A request, as its bytes. ``name`` is its place among the others."""

    name: str
    request: bytes


class Speaker:
    """Makes requests with words of ``canaries``, for a gateway where ``key`` is good."""

    def __init__(self, canaries: Canaries, key: str, host_port: int) -> None:
        self._word = canaries.word
        self._key = key
        self._host = f"127.0.0.1:{host_port}"

    def all(self) -> Iterator[Said]:
        """All of the requests."""
        yield from self._in_request_lines()
        yield from self._in_headers()
        yield from self._in_keys()
        yield from self._in_forms()
        yield from self._in_json()
        yield from self._in_other_bodies()
        yield from self._in_image_urls()

    def _in_request_lines(self) -> Iterator[Said]:
        word = self._word
        for method, place in (
            ("GET", f"/{word('path')}"),
            ("GET", f"/v2/health?{word('query name')}={word('query value')}"),
            ("POST", f"/v2?{word('query name of a post')}={word('query value of a post')}"),
            ("GET", f"/v2/health#{word('fragment')}"),
            ("GET", f"http://ann:{word('password')}@{word('host')}/{word('absolute path')}"),
            ("GET", f"/%63{word('escaped path')}%00%0d%0a{word('after a line break')}"),
            ("CONNECT", f"{word('connect')}:443"),
            ("OPTIONS", f"*{word('asterisk')}"),
            ("PUT", f"/v2?{word('put')}"),
            (word("method"), "/v2"),
        ):
            yield Said(f"{method} {place}", _request(method, place, {}))
        yield Said("version", f"GET / HTTP/{word('version')}\r\n\r\n".encode())
        yield Said("no HTTP", f"{word('no http')}\r\n\r\n".encode())

    def _in_headers(self) -> Iterator[Said]:
        for name in (
            "Accept",
            "Accept-Encoding",
            "Access-Control-Request-Method",
            "Baggage",
            "Connection",
            "Content-Disposition",
            "Content-Encoding",
            "Content-Length",
            "Content-Type",
            "Cookie",
            "Expect",
            "Forwarded",
            "If-None-Match",
            "Origin",
            "Range",
            "Referer",
            "TE",
            "Traceparent",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "User-Agent",
            "X-Forwarded-For",
            "X-Forwarded-Host",
        ):
            value = self._word(f"header {name}")
            yield Said(name, self._post({name: value}, b""))
            yield Said(f"{name} of a form", self._form({name: value}))
        yield Said("host", self._post({"Host": self._word("host")}, b""))
        yield Said("request id", self._form({"X-Request-Id": f"{self._word('request id')} bad"}))
        yield Said("name", self._form({self._word("header name"): self._word("its value")}))
        broken = f"{self._word('no colon')}\r\n"
        yield Said("no colon", f"GET / HTTP/1.1\r\n{broken}\r\n".encode())
        long = self._word("long header") * 1000
        yield Said("long", f"GET / HTTP/1.1\r\nX-A: {long}\r\n\r\n".encode())
        control = f"X-A: {self._word('control character')}\x00"
        yield Said("control", f"GET / HTTP/1.1\r\n{control}\r\n\r\n".encode())

    def _in_keys(self) -> Iterator[Said]:
        word = self._word
        for scheme in ("Bearer", "Token", "Api-Key", "Basic", word("scheme")):
            value = f"{scheme} {word(f'key under {scheme}')}"
            yield Said(scheme, _request("GET", "/v2/account", {"Authorization": value}))
        for key in (
            word("key"),
            f"mb_live_{word('key of the shape')}",
            self._key[:-6] + word("checksum")[:6],
        ):
            yield Said("header", _request("GET", "/v2/account", {"X-Api-Key": key}))
            yield Said("query", _request("GET", f"/v2/account?api_key={key}", {}))
            body = json.dumps({"api_key": key, "image_base64": "AAAA"}).encode()
            yield Said("json", _request("POST", "/v2", {"Content-Type": "application/json"}, body))
        # Good ones, where a careless log would show them.
        yield Said("good query", _request("GET", f"/v2/account?api_key={self._key}", {}))
        body = json.dumps({"api_key": self._key, "image_base64": _text(PICTURE)}).encode()
        yield Said("good json", _request("POST", "/v2", {"Content-Type": "application/json"}, body))

    def _in_forms(self) -> Iterator[Said]:
        word = self._word
        part = (
            f'--b\r\nContent-Disposition: form-data; name="image_file"; filename="{word("file")}"; '
            f"filename*=UTF-8''{word('file*')}; {word('parameter')}={word('parameter value')}\r\n"
            f"Content-Type: image/{word('part type')}; charset={word('part charset')}\r\n"
            f"{word('part header')}: {word('part header value')}\r\n\r\n"
        ).encode()
        picture = PICTURE + word("picture").encode()
        head, tail = word("preamble").encode() + b"\r\n", b"\r\n--b--" + word("epilogue").encode()
        yield Said("part", self._post({"Content-Type": FORM}, head + part + picture + tail))
        yield Said("cut off", self._post({"Content-Type": FORM}, part + picture))
        yield Said("twice", self._post({"Content-Type": FORM}, (part + b"a\r\n") * 2 + b"--b--"))
        for coding in ("base64", "quoted-printable", word("coding")):
            coded = part.replace(b"\r\n\r\n", f"\r\nContent-Transfer-Encoding: {coding}".encode())
            body = coded + b"\r\n\r\n" + picture + tail
            yield Said(coding, self._post({"Content-Type": FORM}, body))
        boundary = word("boundary")
        kind = f"multipart/form-data; boundary={boundary}; {word('type parameter')}=1"
        body = part.replace(b"--b", f"--{boundary}".encode()) + picture
        ended = body + f"\r\n--{boundary}--\r\n".encode()
        yield Said("boundary", self._post({"Content-Type": kind}, ended))
        yield Said("broken boundary", self._post({"Content-Type": kind}, body))
        for name in ("format", "size", "crop", "bg_color", "despill", "channels", "_charset_"):
            yield Said(name, self._form({}, **{name: word(f"field {name}")}))
        yield Said(
            "large", self._post({"Content-Type": "image/png"}, word("large").encode() * 9000)
        )
        yield Said("ignored", self._form({}, note=word("ignored value")))
        yield Said("long", self._form({}, note=word("long value") * 10_000))

    def _in_json(self) -> Iterator[Said]:
        word = self._word
        picture = _text(PICTURE + word("picture in json").encode())
        for members in (
            {"image_base64": picture, "note": {word("deep name"): [word("deep value")]}},
            {"image": picture, "note": word("value")},
            {"image_base64": f"!{word('bad base64')}"},
            {"image_base64": [word("list")]},
            {"image_base64": picture, "format": word("format in json")},
            {"image_base64": picture, "crop": {word("object"): 1}},
            {"image_url": [word("url in a list")]},
            {"image_file": word("file in json")},
        ):
            body = json.dumps(members).encode()
            yield Said("json", self._post({"Content-Type": "application/json"}, body))
        for text in (
            f'{{"{word("unfinished")}',
            f'{{"a": {word("no value")}}}',
            f'{{"a": "\\u12{word("escape")}"}}',
            f'{{"image_base64": "{word("twice")}", "image_base64": "{word("again")}"}}',
            f'["{word("array")}"]',
            "[" * 10_000 + word("deep"),
        ):
            yield Said("broken", self._post({"Content-Type": "application/json"}, text.encode()))
        charset = f"application/json; charset={word('charset')}"
        yield Said("charset", self._post({"Content-Type": charset}, b"{}"))
        kind = {"Content-Type": "application/json"}
        yield Said("bytes", self._post(kind, b"\xff" + word("no utf-8").encode()))

    def _in_other_bodies(self) -> Iterator[Said]:
        word = self._word
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        picture = _text(PICTURE + word("picture in a form").encode())
        for text in (
            f"image_file_b64={picture}&{word('name')}=1",
            f"image_base64=%zz{word('escape')}",
            f"{word('name alone')}",
            f"format={word('format')}&image_base64={picture}",
        ):
            yield Said("urlencoded", self._post(kind, text.encode()))
        raw = PICTURE + word("raw").encode()
        yield Said("raw", self._post({"Content-Type": "image/png"}, raw))
        yield Said("no image", self._post({"Content-Type": f"text/{word('type')}"}, raw))
        chunked = {"Transfer-Encoding": "chunked", "Content-Type": "image/png"}
        for body in (
            f"5;{word('chunk extension')}\r\nabcde\r\n0\r\n{word('trailer')}: 1\r\n\r\n",
            f"{word('chunk size')}\r\n",
            f"3\r\n{word('longer than told')}\r\n",
        ):
            head = self._post(chunked, b"").replace(b"Content-Length: 0\r\n", b"")
            yield Said("chunked", head + body.encode())

    def _in_image_urls(self) -> Iterator[Said]:
        word, host = self._word, self._host
        for url in (
            f"http://{word('user')}:{word('url password')}@{host}/ok",
            f"http://{host}/ok?{word('url query')}#{word('url fragment')}",
            f"http://{host}/{word('missing page')}",
            f"http://{host}/redirect/{word('redirect')}",
            f"http://{host}/headers/{word('headers of a host')}",
            f"http://{host}/status/{word('words of a status')}",
            f"http://{host}/broken/{word('broken answer')}",
            f"http://{host}/short/{word('short answer')}",
            f"https://{host}/{word('no tls')}",
            f"http://127.0.0.2:80/{word('refused address')}",
            f"http://{word('name')}.invalid/",
            f"http://127.0.0.1:{word('port')}/",
            f"{word('scheme')}://{host}/",
            f"http://[{word('address')}]/",
            f"{word('no url')}",
            f"http://{host}/{word('line break')}\r\n{word('smuggled')}",
        ):
            members = json.dumps({"image_url": url}).encode()
            yield Said(url, self._post({"Content-Type": "application/json"}, members))
            yield Said(f"{url} in a form", self._form({}, image_url=url))

    def _form(self, headers: Mapping[str, str], **fields: str) -> bytes:
        texts = dict(fields)
        body = b"".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in texts.items()
        )
        if "image_url" not in texts:
            head = b'--b\r\nContent-Disposition: form-data; name="image_file"\r\n\r\n'
            body += head + PICTURE + b"\r\n"
        return self._post({"Content-Type": FORM, **headers}, body + b"--b--\r\n")

    def _post(self, headers: Mapping[str, str], body: bytes) -> bytes:
        return _request("POST", "/v2", {"X-Api-Key": self._key, **headers}, body)


def _request(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    lines = {"Host": "gateway", "Content-Length": str(len(body)), "Connection": "close", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
