"""What strangers send to the gateway: bodies of all kinds, URLs, and options."""

from collections.abc import Iterator

from gateway.bodies.base64_text import decode_image
from gateway.bodies.form import FormBuilder
from gateway.bodies.gathering import Gatherer
from gateway.bodies.json_body import parse_json
from gateway.bodies.multipart import MultipartError, MultipartParser
from gateway.bodies.submission import Gathered, ImageText
from gateway.bodies.urlencoded import parse_urlencoded
from gateway.bodies.vocabulary import V2
from gateway.errors import ApiError
from gateway.fetch.url import parse_image_url, resolve_redirect
from gateway.options.colour import ColourError, parse_colour
from gateway.options.cut_out import NAMES, read_cut_out_options
from gateway.options.fields import Fields
from gateway.settings import UploadSettings

_LIMITS = UploadSettings(image_bytes=4096, text_bytes=8192, field_bytes=256, parts=8)
_PORTS = frozenset({80, 443})
_PIECES = (1, 2, 3, 7, 64)

_Outcome = Gathered | str


def multipart(data: bytes) -> None:
    """Reads a form, whose first line is its boundary: whole and in pieces, to the same end."""
    boundary, _, body = data.partition(b"\n")
    text = boundary.decode("latin-1")
    whole = _form(text, [body])
    step = _PIECES[len(body) % len(_PIECES)]
    assert _form(text, [body[at : at + step] for at in range(0, len(body), step)]) == whole
    if isinstance(whole, Gathered):
        _use(whole)


def json_body(data: bytes) -> None:
    """Reads a JSON body, and the base64 in it."""
    try:
        gathered = parse_json(data, _LIMITS, Gatherer(V2))
    except ApiError as error:
        _check(error)
        return
    _use(gathered)


def urlencoded(data: bytes) -> None:
    """Reads an urlencoded body, and the base64 in it."""
    try:
        gathered = parse_urlencoded(data, _LIMITS, Gatherer(V2))
    except ApiError as error:
        _check(error)
        return
    _use(gathered)


def image_url(data: bytes) -> None:
    """Reads a URL, and on the second line where it redirects to."""
    first, _, second = data.decode("utf-8", "replace").partition("\n")
    try:
        url = parse_image_url(first, _PORTS)
        # What was read means the same when it is read once more.
        assert parse_image_url(str(url), _PORTS).host == url.host
        url = resolve_redirect(url, second, _PORTS)
    except ApiError as error:
        _check(error)
        return
    assert url.scheme in {"http", "https"}
    assert url.port in _PORTS
    assert url.host
    assert url.user is None


def options(data: bytes) -> None:
    """Reads options, each on a line of its own, and the whole as a colour."""
    text = data.decode("utf-8", "replace")
    lines = [line.partition("=") for line in text.split("\n")]
    try:
        read_cut_out_options(Fields.from_pairs([(name, value) for name, _, value in lines]))
    except ApiError as error:
        _check(error)
    try:
        colour = parse_colour(text)
    except ColourError:
        return
    assert all(0 <= value <= 255 for value in (colour.red, colour.green, colour.blue, colour.alpha))


def form_seeds() -> Iterator[bytes]:
    """Boundaries and forms."""
    head = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    for parts in _FIELDS:
        body = b"".join(head % (name.encode(), value.encode()) for name, value in parts)
        yield b"b\n" + body + b"--b--\r\n"
    typed = b'Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name="a"'
    yield b"b\npreamble\r\n--b  \r\n" + typed + b"\r\n\r\n\r\n--c\r\n--b--epilogue"


def json_seeds() -> Iterator[bytes]:
    """JSON bodies."""
    for parts in _FIELDS:
        members = ", ".join(f'"{name}": "{value}"' for name, value in parts)
        yield f"{{{members}}}".encode()
    yield b'{"crop": true, "size": null, "x": [1e5, {"y": -0.5}]}'
    yield b'{"format": "\\u0070n\\ud83d\\ude00g", "crop": 1}'


def urlencoded_seeds() -> Iterator[bytes]:
    """Urlencoded bodies."""
    for parts in _FIELDS:
        yield "&".join(f"{name}={value}" for name, value in parts).encode()
    yield b"image_base64=%69VBO+Rw0%4B&&=&a=%zz&crop"


def url_seeds() -> Iterator[bytes]:
    """URLs, and where they redirect to."""
    yield b"https://example.com/a%20b?c=d&e#f\n/other/../path?x"
    yield b"HTTP://[2001:db8::1]:80/\n//example.org:443/x"
    yield "http://b\u00fccher.example/\u00e4\nhttps://xn--bcher-kva.example.".encode()
    yield b"http://127.0.0.1\nhttp://0x7f.1/"
    yield b"http://user:secret@example.com:8080/\nftp://example.com/"


def option_seeds() -> Iterator[bytes]:
    """Options and colours."""
    yield "\n".join(f"{name}=true" for name in sorted(NAMES)).encode()
    yield b"format=jpg\nchannels=alpha\nsize=hd\ncrop=1\nbg_color=rgb(1 2 3 / 50%)\ndespill=off"
    yield from (b"#aabbccdd", b"fff", b"hsl(120deg 50% 50%)", b"rebeccapurple", b"rgba(1,2,3,.5)")


_FIELDS = (
    [("image_file", "bytes"), ("format", "png"), ("crop", "true")],
    [("image_base64", "iVBORw0KGgo="), ("bg_color", "#fff")],
    [("image_file_b64", "data:image/png;base64,iVBORw0KGgo"), ("size", "hd")],
    [("image_url", "https://example.com/a.jpg"), ("channels", "alpha")],
    [("image_file", "1"), ("image_url", "2"), ("", "3")],
)


def _form(boundary: str, pieces: list[bytes]) -> _Outcome:
    """Gives what is in a form, or the sentence of its refusal."""
    builder = FormBuilder(_LIMITS, Gatherer(V2))
    try:
        parser = MultipartParser(boundary)
        for piece in pieces:
            for event in parser.feed(piece):
                builder.take(event)
        parser.close()
    except MultipartError:
        return "malformed"
    except ApiError as error:
        _check(error)
        return "refused"
    return builder.finish()


def _use(gathered: Gathered) -> None:
    """Does with a body what is done with one next."""
    try:
        if isinstance(gathered.source, ImageText):
            image = decode_image(gathered.source, _LIMITS.image_bytes)
            assert 0 < len(image) <= _LIMITS.image_bytes
        read_cut_out_options(Fields.from_pairs(gathered.pairs))
    except ApiError as error:
        _check(error)


def _check(error: ApiError) -> None:
    """A refusal is the caller's fault, in a sentence."""
    assert 400 <= error.status < 500
    assert " " in str(error)
    assert str(error).isprintable()
