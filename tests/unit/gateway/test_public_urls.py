import pytest

from gateway.public_urls import is_public_url


@pytest.mark.parametrize(
    "text",
    [
        "https://cut.example",
        "http://cut.example/",
        "https://Cut.Example:8443",
        "http://localhost:1",
        "http://127.0.0.1:65535/a/b/",
        "http://[::1]",
        "http://[2001:db8::1]:8080/a",
        "https://cut_out.example/~me/a%20b/c;d=e,f",
        f"https://{'a' * 63}.example",
    ],
)
def test_a_scheme_a_host_a_port_and_a_path_are_all_it_may_have(text: str) -> None:
    assert is_public_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "http:///",
        "http:///a",
        "https:cut.example",
        "//cut.example",
        "cut.example",
        "ftp://cut.example",
        "HTTPS://cut.example",
        "https://cut.example?",
        "https://cut.example/?a=b",
        "https://cut.example#",
        "https://cut.example/a#b",
        "https://me@cut.example",
        "https://me:secret@cut.example",
        "https://@cut.example",
        "https://cut.example:",
        "https://cut.example:0",
        "https://cut.example:65536",
        "https://cut.example:99999",
        "https://cut.example:8a",
        "https://:8080",
        "https://.",
        "https://cut..example",
        "https://-cut.example",
        "https://cut.example-",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 126}aa",
        "https://b\u00fccher.example",
        "https://cut example",
        "https://cut.example/a b",
        "https://cut.example//a",
        "https://cut.example/\u00e4",
        "https://cut.example/%",
        "https://cut.example/%2",
        "https://cut.example/%zz",
        "https://cut.example\\a",
        'https://cut.example/"',
        "https://cut.example/<a>",
        "https://cut.example\n",
        "https://cut.example/\r\nX-Bad: yes",
        "https://cut.example\r\n",
        "https://cut.\texample",
        "https://cut.example/\x00",
        " https://cut.example",
        "https://[::1",
        "https://[]",
        "https://[::1]a",
        "https://[cut.example]",
        "https://[1:2:3]",
        "https://[:::1]",
        "https://[fe80::1%25eth0]",
    ],
)
def test_anything_more_or_less_is_none(text: str) -> None:
    assert not is_public_url(text)
