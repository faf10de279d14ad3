import pytest

from gateway.origins import is_origin


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example",
        "http://localhost",
        "http://localhost:3000",
        "https://xn--bcher-kva.example:8443",
        "http://127.0.0.1:65535",
        "http://[::1]:8080",
        "https://a_b.example",
        "https://shop.example:80",
    ],
)
def test_what_browsers_send_is_an_origin(text: str) -> None:
    assert is_origin(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "shop.example",
        "//shop.example",
        "ftp://shop.example",
        "https://",
        "https://shop.example/",
        "https://shop.example/path",
        "https://shop.example?x",
        "https://user@shop.example",
        "https://*.shop.example",
        "https://Shop.example",
        "HTTPS://shop.example",
        "https://shop..example",
        "https://bücher.example",
        "https://shop.example:443",
        "http://shop.example:80",
        "https://shop.example:0",
        "https://shop.example:65536",
        "https://shop.example:08443",
        "https://shop.example\n",
        " https://shop.example",
    ],
)
def test_what_no_browser_sends_is_none(text: str) -> None:
    assert not is_origin(text)
