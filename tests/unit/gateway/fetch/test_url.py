import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from gateway.errors import URL_CHARACTERS, InvalidImageUrlError
from gateway.fetch.addresses import parse_address
from gateway.fetch.url import (
    canonical_host,
    parse_image_url,
    resolve_redirect,
)

PORTS = (80, 443, 8080)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://a.test", "http://a.test/"),
        ("HTTPS://A.Test/B", "https://a.test/B"),
        ("http://a.test:80/", "http://a.test/"),
        ("http://a.test:/", "http://a.test/"),
        ("http://a.test:443/", "http://a.test:443/"),
        ("https://a.test:8080/", "https://a.test:8080/"),
        ("https://a.test:00443/", "https://a.test/"),
        ("http://a.test?x=1", "http://a.test/?x=1"),
        ("http://a.test/?", "http://a.test/?"),
        ("http://a.test#x", "http://a.test/"),
        ("http://a.test/x#y?z", "http://a.test/x"),
        ("http://a.test./", "http://a.test/"),
        ("http://a_b.test/", "http://a_b.test/"),
        ("http://localhost/", "http://localhost/"),
        ("http://münchen.test/", "http://xn--mnchen-3ya.test/"),
        ("http://a。test/", "http://a.test/"),
        ("http://1.2.3.4/", "http://1.2.3.4/"),
        ("http://1.2.3.4./", "http://1.2.3.4/"),
        ("http://①②⑦.⓪.⓪.①/", "http://127.0.0.1/"),
        ("http://[::1]/", "http://[::1]/"),
        ("http://[0:0::1]:8080/", "http://[::1]:8080/"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://0x7f.test/", "http://0x7f.test/"),
        # What is well encoded stays as it is, for signatures may cover it; the rest is encoded.
        ("http://a.test/a%2fb/%7E~?s=a%2Bb+c%3d", "http://a.test/a%2fb/%7E~?s=a%2Bb+c%3d"),
        ("http://a.test/../a/./b", "http://a.test/../a/./b"),
        ("http://a.test/a b?ü=ß", "http://a.test/a%20b?%C3%BC=%C3%9F"),
        ("http://a.test/100%", "http://a.test/100%25"),
        ("http://a.test/@http://b.test", "http://a.test/@http://b.test"),
    ],
)
def test_urls_are_read(text: str, url: str) -> None:
    parsed = parse_image_url(text, PORTS)

    assert f"{parsed.origin()}{parsed.raw_path_qs}{'?' * url.endswith('?')}" == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.test",
        "//a.test/",
        "/a",
        "http:",
        "http:/a.test",
        "http:a.test",
        "http://",
        "http:///a.test",
        "http://:80/",
        "http://?a.test",
        "file:///etc/passwd",
        "gopher://a.test/",
        "ftp://a.test/",
        "data:image/png;base64,AA==",
        "jar:http://a.test!/",
        " http://a.test/",
        "\thttp://a.test/",
        # Users, and what hides hosts behind them.
        "http://user@a.test/",
        "http://user:word@a.test/",
        "http://@a.test/",
        "http://a.test@b.test/",
        "http://a.test:80@b.test/",
        "http://a.test\\@b.test/",
        "http://a.test\\b",
        "http://a.test/\\b",
        "http:\\\\a.test/",
        # Characters that split lines or hide.
        "http://a.test/\r\nHost: b.test",
        "http://a.test\r\n/",
        "http://a\ttest/",
        "http://a.test/\0",
        "http://a.test/\x7f",
        "http://a.test/\x85",
        "http://a.test/\ud800",
        "http://a\u200bb.test/",
        "http://a\u00adb.test/",
        # Ports.
        "http://a.test:81/",
        "http://a.test:0/",
        "http://a.test:65536/",
        "http://a.test:000080/",
        "http://a.test:-80/",
        "http://a.test:+80/",
        "http://a.test:\uff18\uff10/",
        "http://a.test:80:80/",
        "http://a.test:x/",
        # Hosts.
        "http://a..test/",
        "http://.a.test/",
        "http://a.test../",
        "http://-a.test/",
        "http://a b.test/",
        "http://a%2etest/",
        "http://%31.2.3.4/",
        "http://a*test/",
        "http://a,b.test/",
        "http://xn--a/",
        "http://" + "a" * 64 + ".test/",
        "http://" + "a." * 126 + "ab/",
        "http://㎏\uff0fa.test/",
        # Addresses that every reader reads in its own way.
        "http://2130706433/",
        "http://127.1/",
        "http://127.0.1/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://0X7F.0.0.0x1/",
        "http://127.0.0.0x1/",
        "http://0x/",
        "http://1.2.3/",
        "http://1.2.3.4.5/",
        "http://1.2.3.256/",
        "http://1.2.3.04/",
        "http://a.1/",
        "http://②①③⓪⑦⓪⑥④③③/",
        "http://[::1/",
        "http://::1/",
        "http://[::1]a/",
        "http://a[::1]/",
        "http://[[::1]]/",
        "http://[]/",
        "http://[127.0.0.1]/",
        "http://[::1%lo]/",
        "http://[::1%25lo]/",
        "http://[v1.a]/",
        "http://[::1].test/",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidImageUrlError):
        parse_image_url(text, PORTS)


def test_the_longest_url_is_taken_and_no_longer_one() -> None:
    longest = "http://a.test/".ljust(URL_CHARACTERS, "x")

    assert parse_image_url(longest, PORTS).raw_path == longest.removeprefix("http://a.test")
    with pytest.raises(InvalidImageUrlError):
        parse_image_url(longest + "x", PORTS)


def test_the_longest_url_may_be_another() -> None:
    longest = "http://a.test/".ljust(URL_CHARACTERS + 35, "x")

    assert parse_image_url(longest, PORTS, len(longest)).raw_path.endswith("x")
    with pytest.raises(InvalidImageUrlError):
        parse_image_url(longest + "x", PORTS, len(longest))


def test_the_longest_names_are_taken() -> None:
    label = "a" * 63
    assert canonical_host(f"{label}.test") == f"{label}.test"
    assert len(canonical_host("a." * 126 + "b")) == 253


def test_a_port_that_is_not_allowed_is_told_apart() -> None:
    with pytest.raises(InvalidImageUrlError, match="port"):
        parse_image_url("http://a.test:22/", PORTS)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/x", "https://a.test:8080/x"),
        ("x", "https://a.test:8080/b/x"),
        ("../x?y#z", "https://a.test:8080/x?y"),
        ("?q", "https://a.test:8080/b/c?q"),
        ("#z", "https://a.test:8080/b/c?d"),
        ("", "https://a.test:8080/b/c?d"),
        ("//b.test/x", "https://b.test/x"),
        ("http://b.test", "http://b.test/"),
        ("/..//b.test/", "https://a.test:8080/b.test/"),
        ("/a b", "https://a.test:8080/a%20b"),
    ],
)
def test_redirects_are_resolved(location: str, url: str) -> None:
    base = parse_image_url("https://a.test:8080/b/c?d", PORTS)

    target = resolve_redirect(base, location, PORTS)

    assert f"{target.origin()}{target.raw_path_qs}" == url


@pytest.mark.parametrize(
    "location",
    [
        "http:x",
        "http:/x",
        "https:///x",
        "///x",
        "//",
        "//u@b.test",
        "//b.test:22/",
        "mailto:a",
        "x:y",
        "/\\b.test",
        "\\\\b.test",
        "/a\tb",
        "/a\r\nb",
        "//[::1",
        " http://[::1",
        " http://a\u2100/",
        "/" + "x" * URL_CHARACTERS,
    ],
)
def test_redirects_elsewhere_are_refused(location: str) -> None:
    base = parse_image_url("https://a.test:8080/b/c", PORTS)

    with pytest.raises(InvalidImageUrlError):
        resolve_redirect(base, location, PORTS)


_HOSTILE = st.text(
    st.one_of(
        st.sampled_from("htps:/@.#?[]%\\ \t\r\n0123456789abcdefxX-_:。①２⑦\u200d"),
        st.characters(),
    ),
    max_size=40,
)
_HOSTILE_URL = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "ftp"]),
    _HOSTILE,
    st.sampled_from(["", ":80", ":443", "/", "/x?y#z", "@b.test", "#@b.test", "\\@b.test"]),
    _HOSTILE,
)


@given(st.one_of(_HOSTILE, _HOSTILE_URL))
@example("http://[::1]")
def test_whatever_is_accepted_means_the_same_host_again(text: str) -> None:
    try:
        url = parse_image_url(text, PORTS)
    except InvalidImageUrlError:
        return
    _check_is_one_host(url)


@given(_HOSTILE)
def test_a_redirect_leads_to_one_host_or_nowhere(location: str) -> None:
    base = parse_image_url("http://a.test/b/c", PORTS)
    try:
        url = resolve_redirect(base, location, PORTS)
    except InvalidImageUrlError:
        return
    _check_is_one_host(url)


@given(st.ip_addresses(v=6))
def test_an_address_stays_itself(address: object) -> None:
    host = parse_image_url(f"http://[{address}]/", PORTS).raw_host

    assert host is not None
    assert parse_address(host) == address


def _check_is_one_host(url: URL) -> None:
    again = parse_image_url(str(url), PORTS)
    assert (again.raw_host, again.port, again.scheme) == (url.raw_host, url.port, url.scheme)
    assert again.raw_path_qs == url.raw_path_qs
    assert url.raw_host
    assert url.raw_host.isascii()
    assert url.raw_user is None
    assert url.raw_path_qs.isascii()
    assert not set(url.raw_path_qs) & set("\r\n\t \\#")
