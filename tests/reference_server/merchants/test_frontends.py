"""Which pages are a merchant's."""

import pytest

from reference_server.merchants.frontends import Frontends, is_web_address, origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example:443/after/paying", "https://shop.example"),
        ("http://SHOP.example:8080/?a=b", "http://shop.example:8080"),
        ("http://[::1]:9106", "http://[::1]:9106"),
        ("http://shop.example:80", "http://shop.example"),
        ("https://user:secret@shop.example/", "https://shop.example"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_a_merchant_has_one_frontend_and_the_last_one_counts() -> None:
    frontends = Frontends("http://server.test:8000")
    frontends.learn("m", "https://old.example")
    frontends.learn("m", "https://new.example/orders")

    assert (frontends.find("m"), frontends.find("n")) == ("https://new.example/orders", None)
    origins = ("https://new.example", "http://server.test:8000", "https://old.example", "null")
    assert [frontends.is_origin(one) for one in origins] == [True, True, False, False]


@pytest.mark.parametrize("url", ["https://shop.example", "http://[::1]:9106/a?b"])
def test_browsers_can_be_sent_to_a_web_address(url: str) -> None:
    assert is_web_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example:99999",
        "http://shop.example:0",
        "http://shop.example:x",
        "http://[::1",
        "javascript:alert(1)",
        "mailto:shop@shop.example",
        "https:///orders",
    ],
)
def test_browsers_can_be_sent_nowhere_else(url: str) -> None:
    assert not is_web_address(url)
