"""Requests that two readers could take for different ones, or for more than one: what each gets.

``KEY`` stands for the API key. Each of them is all that a client sends before it closes its side.
"""

from dataclasses import dataclass

from tests.integration.gateway.served_gateway import multipart

MOST_BYTES = 2**20
"""What a gateway has to take at most for these."""

FORM = multipart(("image_file", b"image"))
CHUNKED_FORM = b"%x\r\n%b\r\n0\r\n\r\n" % (len(FORM), FORM)

CHARSET = multipart(("_charset_", b"utf-7"), ("image_file", b"image"))
OLD = b"POST /v2 HTTP/1.0"
H2C = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
WEBSOCKET = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def post(*lines: str | bytes, body: bytes = b"", start: bytes = b"POST /v2 HTTP/1.1") -> bytes:
    """A request with these lines in its head beside those that every good one has."""
    head = [start, b"Host: gateway", b"X-Api-Key: KEY"]
    head.append(b"Content-Type: multipart/form-data; boundary=b")
    head += [line.encode("latin-1") if isinstance(line, str) else line for line in lines]
    return b"\r\n".join([*head, b"", b""]) + body


def get(*lines: str | bytes, start: bytes = b"GET /v2/health/live HTTP/1.1") -> bytes:
    """A request without a body, and without the usual lines of a head."""
    head = [start, *(line.encode("latin-1") if isinstance(line, str) else line for line in lines)]
    return b"\r\n".join([*head, b"", b""])


LIVE = get("Host: a")
GOOD = post(f"Content-Length: {len(FORM)}", body=FORM)
"""What is smuggled: were it run, the segmenter would be called."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A request, the statuses of all answers to it, and how many pictures are cut out for it."""

    name: str
    sent: bytes
    statuses: tuple[int, ...]
    cut_outs: int = 0
    stays: bool = False
    """Whether the client keeps its side open, for answers that come before all of it is there."""


def _framing() -> list[Hostile]:
    """Lengths that contradict each other, or are none."""
    length = f"Content-Length: {len(FORM)}"
    refused = {
        "CL.TE": post("Content-Length: 4", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + GOOD),
        "TE.CL": post("Transfer-Encoding: chunked", "Content-Length: 4", body=b"5c\r\n" + GOOD),
        "CL.TE that agree": post(length, "Transfer-Encoding: chunked", body=CHUNKED_FORM),
        "two lengths": post(length, "Content-Length: 0", body=FORM + GOOD),
        "two lengths that agree": post(length, length, body=FORM),
        "list of lengths": post(f"{length}, 0", body=FORM + GOOD),
        "list of one length": post(f"{length}, {len(FORM)}", body=FORM),
        "length with plus": post(f"Content-Length: +{len(FORM)}", body=FORM),
        "length with minus": post("Content-Length: -1", body=FORM),
        "length with space": post("Content-Length: 1 1", body=FORM),
        "length with underscore": post("Content-Length: 1_1", body=FORM),
        "length in hex": post(f"Content-Length: {len(FORM):#x}", body=FORM),
        "length with point": post(f"Content-Length: {len(FORM)}.0", body=FORM),
        "length with exponent": post("Content-Length: 1e2", body=FORM),
        "length in other digits": post(b"Content-Length: \xb2", body=FORM),
        "length that is empty": post("Content-Length:", body=FORM),
        "length beyond 64 bits": post("Content-Length: 18446744073709551617", body=FORM),
        "length beyond 4300 digits": post("Content-Length: " + "1" * 5000, body=FORM),
    }
    codings = {
        "xchunked": "Transfer-Encoding: xchunked",
        "chunked behind identity": "Transfer-Encoding: identity, chunked",
        "chunked before identity": "Transfer-Encoding: chunked, identity",
        "identity": "Transfer-Encoding: identity",
        "twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "twice, the second other": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "twice in one line": "Transfer-Encoding: chunked, chunked",
        "gzip": "Transfer-Encoding: gzip, chunked",
        "empty": "Transfer-Encoding:",
        "comma": "Transfer-Encoding: ,chunked",
        "quoted": 'Transfer-Encoding: "chunked"',
        "parameter": "Transfer-Encoding: chunked;a=b",
        "vertical tab": "Transfer-Encoding: \x0bchunked",
        "space before colon": "Transfer-Encoding : chunked",
        "tab before colon": "Transfer-Encoding\t: chunked",
        "folded": "Transfer-Encoding:\r\n chunked",
        "underscore": "Transfer_Encoding: chunked",
        "NUL behind": "Transfer-Encoding: chunked\x00",
        "in two lines": "Transfer-Encoding: chun\r\n\tked",
    }
    refused |= {
        f"coding: {name}": post(line, body=CHUNKED_FORM + GOOD) for name, line in codings.items()
    }
    return [Hostile(name, sent, (400,)) for name, sent in refused.items()]


def _understood() -> list[Hostile]:
    """What looks odd, and means one thing to every reader."""
    length = f"Content-Length: {len(FORM)}"
    one = {
        "length with zeros": post(f"Content-Length: 000{len(FORM)}", body=FORM),
        "length with padding": post(f"Content-Length: \t {len(FORM)} \t", body=FORM),
        "CHUNKED": post("tRANSFER-eNCODING: CHUNKED", body=CHUNKED_FORM),
        "chunked behind spaces": post("Transfer-Encoding: \t chunked", body=CHUNKED_FORM),
        "chunk sizes with zeros": post("Transfer-Encoding: chunked", body=b"000" + CHUNKED_FORM),
        "long chunk extension": post(
            "Transfer-Encoding: chunked",
            body=CHUNKED_FORM.replace(b"\r\n", b";a=" + b"a" * 2**20 + b"\r\n", 1),
        ),
        "trailers": post("Transfer-Encoding: chunked", body=CHUNKED_FORM[:-2] + b"X-T: 1\r\n\r\n"),
        "empty lines before": b"\r\n\r\n" + GOOD,
        "charset field": post(f"Content-Length: {len(CHARSET)}", body=CHARSET),
        "kept by HTTP/1.0": post(length, "Connection: keep-alive", body=FORM, start=OLD),
        "whole URL": post(length, body=FORM, start=b"POST http://other/v2 HTTP/1.1"),
        "upgrade to h2c": post(length, *H2C, body=FORM),
        "upgrade to websocket": post(length, *WEBSOCKET, body=FORM),
    }
    two = {
        "two requests": GOOD + GOOD,
        "two spaces": GOOD.replace(b" ", b"  ", 1) + GOOD,
        "two requests in chunks": 2 * post("Transfer-Encoding: chunked", body=CHUNKED_FORM),
    }
    return [
        *(Hostile(name, sent, (200,), 1) for name, sent in one.items()),
        *(Hostile(name, sent, (200, 200), 2) for name, sent in two.items()),
    ]


def _chunks() -> list[Hostile]:
    """Chunks that are none."""
    chunked = "Transfer-Encoding: chunked"
    refused = {
        "negative": b"-5\r\nabcde\r\n0\r\n\r\n",
        "plus": b"+5\r\nabcde\r\n0\r\n\r\n",
        "0x": b"0x5\r\nabcde\r\n0\r\n\r\n",
        "empty": b"\r\nabcde\r\n0\r\n\r\n",
        "space before": b" 5\r\nabcde\r\n0\r\n\r\n",
        "underscore": b"1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
        "not hex": b"five\r\nabcde\r\n0\r\n\r\n",
        "beyond 64 bits": b"10000000000000005\r\nabcde\r\n0\r\n\r\n",
        "of 5,000 digits": b"1" * 5000 + b"\r\nabcde\r\n0\r\n\r\n",
        "too short": b"3\r\nabcde\r\n0\r\n\r\n",
        "too long": b"8\r\nabcde\r\n0\r\n\r\nxx",
        "bare line feed behind size": b"5\nabcde\r\n0\r\n\r\n",
        "bare line feed behind data": b"5\r\nabcde\n0\r\n\r\n",
        "bare carriage return": b"5\rabcde\r\n0\r\n\r\n",
        "line feed in extension": b"5;a\nb\r\nabcde\r\n0\r\n\r\n",
        "NUL in extension": b"5;a=\x00\r\nabcde\r\n0\r\n\r\n",
        "trailer of a megabyte": b"0\r\nX-T: " + b"a" * 2**20 + b"\r\n\r\n",
        "very many trailers": b"0\r\n" + b"X-T: a\r\n" * 10_000 + b"\r\n",
        "trailer without colon": b"0\r\nX-T\r\n\r\n",
    }
    return [
        Hostile(f"chunk: {name}", post(chunked, body=body + GOOD), (400,))
        for name, body in refused.items()
    ]


def _heads() -> list[Hostile]:
    """Heads of which readers make different ones."""
    length = f"Content-Length: {len(FORM)}"
    lines = {
        "bare line feeds": "X-A: 1\nX-B: 2",
        "bare carriage return": "X-A: 1\rX-B: 2",
        "folded": "X-A: 1\r\n 2",
        "folded with tab": "X-A: 1\r\n\t2",
        "NUL in value": "X-A: \x00",
        "control in value": "X-A: \x01",
        "delete in value": "X-A: \x7f",
        "NUL in name": "X\x00A: 1",
        "space in name": "X A: 1",
        "space before colon": "X-A : 1",
        "space before name": " X-A: 1",
        "no name": ": 1",
        "no colon": "X-A",
        "letters beyond ASCII in name": "X-\xc4: 1",
        "parentheses in name": "X(A): 1",
        "line of 8,200 bytes": "X-A: " + "a" * 8200,
        "line of a megabyte": "X-A: " + "a" * 2**20,
        "name of a megabyte": "a" * 2**20 + ": 1",
        "130 lines": "\r\n".join(f"X-{number}: 1" for number in range(130)),
        "second host": "Host: other",
    }
    starts = {
        "HTTP/0.9": b"POST /v2",
        "HTTP/2.0": b"POST /v2 HTTP/2.0",
        "HTTP/1.2": b"POST /v2 HTTP/1.2",
        "HTTP/11": b"POST /v2 HTTP/11",
        "http/1.1": b"POST /v2 http/1.1",
        "ICE": b"POST /v2 ICE/1.0",
        "tabs": b"POST\t/v2\tHTTP/1.1",
        "space behind": b"POST /v2 HTTP/1.1 ",
        "space before": b" POST /v2 HTTP/1.1",
        "no target": b"POST  HTTP/1.1",
        "space in target": b"POST /v2 x HTTP/1.1",
        "NUL in target": b"POST /v2\x00 HTTP/1.1",
        "control in target": b"POST /v2\x01 HTTP/1.1",
        "target of 9,000 bytes": b"POST /v2?" + b"a" * 9000 + b" HTTP/1.1",
        "target of a megabyte": b"POST /v2?" + b"a" * 2**20 + b" HTTP/1.1",
        "unknown method": b"FOO /v2 HTTP/1.1",
        "method in small letters": b"post /v2 HTTP/1.1",
        "method of a megabyte": b"P" * 2**20 + b" /v2 HTTP/1.1",
        "port without host": b"POST http://:80/v2 HTTP/1.1",
        "port beyond all": b"POST http://a:99999/v2 HTTP/1.1",
    }
    return [
        *(
            Hostile(f"head: {name}", post(line, length, body=FORM + GOOD), (400,))
            for name, line in lines.items()
        ),
        *(
            Hostile(f"start: {name}", post(length, body=FORM + GOOD, start=start), (400,))
            for name, start in starts.items()
        ),
    ]


def _others() -> list[Hostile]:
    """What is answered otherwise than by 200 or 400."""
    length = f"Content-Length: {len(FORM)}"
    closed = {
        "nothing": b"",
        "half a start": b"POST /v2 HT",
        "half a head": post()[:-2],
        "body shorter than its length": post(f"Content-Length: {len(FORM) + 1}", body=FORM),
        "chunks without end": post("Transfer-Encoding: chunked", body=CHUNKED_FORM[:-5]),
    }
    return [
        *(Hostile(name, sent, ()) for name, sent in closed.items()),
        Hostile("CONNECT", get("Host: a", start=b"CONNECT a:80 HTTP/1.1") + GOOD, (404, 200), 1),
        Hostile("OPTIONS *", get("Host: a", start=b"OPTIONS * HTTP/1.1") + GOOD, (404, 200), 1),
        Hostile("TRACE", get("Host: a", start=b"TRACE /v2 HTTP/1.1"), (405,)),
        Hostile("GET", get("Host: a", start=b"GET /v2 HTTP/1.1"), (405,)),
        Hostile("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400,)),
        Hostile("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512), (400,)),
        Hostile("no version", b"GET /\r\n\r\n", (400,)),
        Hostile(
            "body longer than its length",
            post(f"Content-Length: {len(FORM) - 9}", body=FORM),
            (400,),
        ),
        Hostile(
            "body of a GET",
            get("Host: a", f"Content-Length: {len(LIVE)}") + LIVE,
            (200,),
        ),
        Hostile("more behind HTTP/1.0", post(length, body=FORM + GOOD, start=OLD), (400,)),
        Hostile(
            "more behind the last", post(length, "Connection: close", body=FORM + GOOD), (400,)
        ),
        Hostile("no host", GOOD.replace(b"Host: gateway\r\n", b""), (400,)),
        Hostile("HTTP/1.0", post(length, body=FORM, start=OLD), (200,), 1),
        Hostile("close", post(length, "Connection: close", body=FORM), (200,), 1),
        Hostile(
            "websocket without a body",
            get("Host: a", *WEBSOCKET, start=b"GET /v2 HTTP/1.1") + GOOD,
            (405, 200),
            1,
        ),
        Hostile(
            "compressed",
            post(length, "Content-Encoding: gzip", body=FORM),
            (415,),
        ),
        Hostile("length beyond all", post(f"Content-Length: {2**62}"), (413,), stays=True),
        Hostile(
            "chunk beyond all",
            post(
                "Transfer-Encoding: chunked",
                body=b"7" + b"f" * 15 + b"\r\n" + FORM + bytes(2 * MOST_BYTES),
            ),
            (413,),
            stays=True,
        ),
        Hostile("expectation", post(length, "Expect: 200-ok", body=FORM), (400,)),
    ]


def _forms() -> list[Hostile]:
    """Well framed bodies whose forms are not what they should be."""
    part = b'--b\r\nContent-Disposition: form-data; name="image_file"\r\n'
    refused = {
        "10,000 parts": multipart(*[("note", b"")] * 10_000, ("image_file", b"image")),
        "two images": multipart(("image_file", b"image"), ("image_file", b"image")),
        "nested": part + b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--",
        "head of a part of half a megabyte": part
        + b"X: "
        + b"a" * (MOST_BYTES // 2)
        + b"\r\n\r\n\r\n--b--",
        "name of half a megabyte": multipart(("n" * (MOST_BYTES // 2), b""), ("image_file", b"i")),
    }
    cut = [FORM[:end] for end in range(len(FORM) - len(b"--\r\n") + 1)]
    return [
        *(
            Hostile(f"form: {name}", post(f"Content-Length: {len(body)}", body=body), (400,))
            for name, body in refused.items()
        ),
        *(
            Hostile(
                f"form: first {len(body)} bytes",
                post(f"Content-Length: {len(body)}", body=body),
                (400,),
            )
            for body in cut
        ),
    ]


ALL = [*_framing(), *_understood(), *_chunks(), *_heads(), *_others(), *_forms()]
