"""Whom webhooks are not sent to: every address that is nobody's in the Internet, in every notation (catalogue H04)."""

import asyncio
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.errors import InvalidError
from reference_server.network import Network
from reference_server.webhooks.guard import LOOPBACK, Guard, GuardRefusal, GuardRules, is_outside, read_ranges

STRICT = Guard(Network({}), GuardRules())
OPEN = Guard(
    Network({"http://hooks.test": "127.0.0.1:4012"}),
    GuardRules(needs_tls=False, ports=None, open_ranges=read_ranges(LOOPBACK)),
)

INSIDE = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255"),  # noqa: S104  # addresses to refuse
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[fe80::1]"),
    *("[fc00::1]", "[fd12:3456::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[2002:7f00:1::]", "[2001::1]"),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]", "[100::1]", "[3fff::1]", "[5f00::1]"),
]
NOTATIONS = [
    *("2130706433", "017700000001", "0x7f000001", "0177.0.0.1", "0x7f.0.0.1", "127.1", "127.0.1", "127.0.0.1."),
    *("0", "0x", "1.2.3.4.5", "256.1.1.1", "127.0.0.0x1", "[::1", "::1", "a..b", "-", "[v1.x]", "[fe80::1%25eth0]"),
]


@pytest.mark.parametrize("host", [*INSIDE, *NOTATIONS])
def test_an_address_inside_is_refused_in_whatever_notation(host: str) -> None:
    with pytest.raises(GuardRefusal):
        STRICT.judge(f"https://{host}/hook")


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "[2606:4700::1111]", "[64:ff9b::8.8.8.8]", "shop.example", "xn--4ca.example"]
)
def test_an_address_outside_is_let_through(host: str) -> None:
    assert STRICT.judge(f"https://{host}/hook?x=1").port == 443
    assert STRICT.judge(f"https://{host}:8443/hook").port == 8443


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://shop.example/",
            "https://user@shop.example/",
            "https://user:pass@shop.example/",
            "https://@shop.example",
        ),
        *(
            "https://shop.example:22/",
            "https://shop.example:6379/",
            "https://shop.example:0/",
            "https://shop.example:99999/",
        ),
        *(
            "ftp://shop.example/",
            "file:///etc/passwd",
            "gopher://shop.example/",
            "javascript:alert(1)",
            "",
            "shop.example",
        ),
        *(
            "https://",
            "https:///x",
            "https://shop.example\\@127.0.0.1/",
            "https://shop.example/#x",
            "https://sh op.example/",
        ),
        *("https://shop.example/\r\nX: y", "https://shöp.example/", "https://①②⑦.example/", "https://127。0。0。1/"),
        *("https://%31%32%37.0.0.1/", "https://shop.example/_control/clock", "https://shop.example/%5fcontrol/reset"),
        *("https://shop.example/" + "x" * 2048, "https://shop.example;x/", "https://a,b.example/"),
    ],
)
def test_whatever_else_could_lead_astray_is_refused(url: str) -> None:
    with pytest.raises(GuardRefusal):
        STRICT.judge(url)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_that_pythons_own_registry_calls_private_is_outside(address: IPv4Address | IPv6Address) -> None:
    if is_outside(address):
        behind = address if isinstance(address, IPv4Address) else _behind(address)
        assert behind.is_global
        inside = (behind.is_private, behind.is_loopback, behind.is_link_local, behind.is_reserved)
        assert not any((*inside, behind.is_multicast, behind.is_unspecified))


def _behind(address: IPv6Address) -> IPv4Address | IPv6Address:
    is_nat64 = address in read_ranges(["64:ff9b::/96"])[0]
    return IPv4Address(int(address) & 0xFFFFFFFF) if is_nat64 else address


@given(st.ip_addresses(v=4))
def test_a_way_round_by_ipv6_is_open_only_where_nat64_leads_outside(address: IPv4Address) -> None:
    mapped, translated = ip_address(f"::ffff:{address}"), ip_address(f"64:ff9b::{address}")
    assert not is_outside(mapped)
    assert is_outside(translated) == is_outside(address)


async def test_a_name_that_resolves_inside_is_refused_when_it_is_dialled() -> None:
    with pytest.raises(GuardRefusal):
        await STRICT.resolve("localhost", 443)
    assert await STRICT.resolve("8.8.8.8", 443) == [("8.8.8.8", 443)]


async def test_a_merchant_is_told_at_registration_and_hears_nothing_of_the_inside() -> None:
    with pytest.raises(InvalidError) as told:
        await STRICT.check("https://localhost/hook")
    assert "127.0.0.1" not in told.value.message
    assert told.value.pointer == "/url"


async def test_in_development_this_machine_is_open_and_its_neighbours_are_not() -> None:
    assert await OPEN.check("http://127.0.0.1:9106/hook") == "http://127.0.0.1:9106/hook"
    assert {address for address, _ in await OPEN.resolve("localhost", 80)} <= {"127.0.0.1", "::1"}
    for inside in ("http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::ffff:127.0.0.1]/"):
        with pytest.raises(InvalidError):
            await OPEN.check(inside)


async def test_our_own_peers_are_reached_by_their_names() -> None:
    assert OPEN.judge("http://hooks.test/take").is_ours
    assert await OPEN.resolve("hooks.test", 80) == [("127.0.0.1", 4012)]
    await asyncio.sleep(0)
