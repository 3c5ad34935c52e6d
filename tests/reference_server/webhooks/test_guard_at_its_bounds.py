"""What the guard refuses where the settings open everything that they can open, and up to where it lets through."""

from ipaddress import ip_network

import pytest

from reference_server.network import Network
from reference_server.webhooks.guard import LOOPBACK, Guard, GuardRefusal, GuardRules, read_ranges

WIDE_OPEN = Guard(Network({}), GuardRules(needs_tls=False, ports=None, open_ranges=read_ranges(LOOPBACK)))


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://shop.example/", "ws://shop.example/", "file://localhost/etc/passwd", "javascript:alert(1)"),
        *("//shop.example/", "shop.example/hook", "http:", "http://", "http:///hook", "http://:80/hook"),
        *("http://shop.example:0/", "http://user@shop.example/", "http://shop.example/#x"),
        *("http://shop.example/_control/clock", "http://127.0.0.1:9100/_control/reset"),
    ],
)
def test_without_tls_and_on_any_port_what_is_no_address_is_refused_all_the_same(url: str) -> None:
    with pytest.raises(GuardRefusal):
        WIDE_OPEN.judge(url)


@pytest.mark.parametrize(("length", "is_let_through"), [(2_048, True), (2_049, False)])
def test_an_address_has_2048_characters_at_most(length: int, *, is_let_through: bool) -> None:
    url = "http://shop.example/".ljust(length, "x")
    if is_let_through:
        assert str(WIDE_OPEN.judge(url).address) == url
    else:
        with pytest.raises(GuardRefusal, match="longer than 2048"):
            WIDE_OPEN.judge(url)


def test_a_network_may_be_named_by_any_address_in_it() -> None:
    assert read_ranges(["10.1.2.3/8", "fd00::1/8"]) == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
